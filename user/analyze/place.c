// SPDX-License-Identifier: GPL-2.0-only
/* place.c - in whose code is a thread stuck, and where did that code start?
 *
 * Pure. Fed by verdict.c with the traces of a world. What is runtime is told by the module
 * that a frame lies in or, for static binaries, templates and generics, by the function's
 * name; a name that lies makes a wrong place, and nothing else. */
#include "analyze/place.h"

#include <string.h>

#include "analyze/function.h"
#include "base/fnv.h"

/* ---- what is runtime ---- */

/* Base names of files. */
static const char modules[] =
	"libc.so* libc-2.* libc.musl-* libpthread* libm.so* libm-2.* libdl.so* libdl-2.* "
	"librt.so* librt-2.* ld-linux* ld-musl-* ld-*.so* ld.so* ld64.so* "
	"linux-vdso* linux-gate.so* [vdso]* "
	"libstdc++.so* libc++.so* libc++abi.so* libgcc_s* libunwind.so* libstd-*.so "
	"libgomp.so* libomp.so* libiomp5.so* libjvm.so* libjava.so* libjli.so* libcoreclr.so* "
	"libasan.so* libtsan.so* liblsan.so* libubsan.so* libclang_rt.*";

/* Bare names of functions. */
static const char functions[] =
	/* C: how threads start, and what they block in */
	"_start _start_c libc_start_main_stage2 start_thread clone clone3 __clone* __libc_* "
	"__nptl_* call_once "
	"pthread_* __pthread_* ___pthread_* __lll_* sem_wait sem_timedwait sem_clockwait "
	"__sem_* __new_sem_* do_futex_wait futex_wait* futex_abstimed_wait* futex_reltimed_wait* "
	"futex_lock_pi* __futex* __lock mtx_* cnd_* thrd_* __timedwait* __wait syscall __syscall* "
	"__internal_syscall* __restore_rt __kernel_rt_sigreturn _dl_* _IO_* __run_exit_handlers "
	/* C++ */
	"std::* __gnu_cxx::* __cxxabiv1::* __cxa_* __gthread_* _Unwind_* "
	"execute_native_thread_routine* __interceptor_* __sanitizer::* __asan* __tsan* "
	"asan_thread_start* "
	/* Rust */
	"core::* alloc::* __rust_* _rust_* __rustc::* rust_begin_unwind "
	/* Go */
	"runtime.* runtime/* internal/runtime/* sync.* sync/* internal/sync.* "
	/* Java, as perf maps spell it */
	"java.* jdk.internal.* sun.* Ljava/* Ljdk/internal/* Lsun/* Interpreter call_stub "
	"StubRoutines* "
	/* libraries that have locks of their own */
	"parking_lot::* parking_lot_core::* lock_api::* crossbeam_channel::* crossbeam_utils::* "
	"tokio::runtime::* absl::Mutex::* absl::CondVar::* absl::Notification::* "
	"absl::synchronization_internal::* absl::lts_*::Mutex::* absl::lts_*::CondVar::* "
	"absl::lts_*::Notification::* absl::lts_*::synchronization_internal::* "
	"AbslInternalPerThreadSem* boost::mutex::* boost::timed_mutex::* boost::shared_mutex::* "
	"boost::condition_variable* boost::thread::* boost::barrier::* boost::detail::* "
	"boost::unique_lock::* boost::lock_guard::* folly::Baton::* folly::SharedMutexImpl::* "
	"folly::detail::* QMutex::* QBasicMutex::* QRecursiveMutex::* QMutexLocker::* "
	"QReadWriteLock::* QWaitCondition::* QWaitConditionPrivate::* QSemaphore::* "
	"QThread::wait QThreadPrivate::* QtLinuxFutex::* uv_cond_* uv_sem_* uv_mutex_* "
	"uv_rwlock_* uv_barrier_* uv_thread_join uv__thread_* g_cond_* g_mutex_* g_rec_mutex_* "
	"g_rw_lock_* g_thread_join g_thread_proxy g_system_thread_*";

/* System calls as the C library names them, without the underscores and words that it
 * puts before and behind. They are runtime only at the inner end of a trace: a program
 * may have a function of its own with such a name. */
static const char calls[] =
	"accept accept4 clock_nanosleep close connect epoll_pwait epoll_pwait2 epoll_wait fcntl "
	"fdatasync flock fsync getrandom io_getevents ioctl lockf mq_receive mq_send "
	"mq_timedreceive mq_timedsend msgrcv msgsnd nanosleep open openat pause poll ppoll pread "
	"preadv pselect pwrite pwritev read readv recv recvfrom recvmmsg recvmsg select semop "
	"semtimedop send sendfile sendmmsg sendmsg sendto sigsuspend sigtimedwait sigwait "
	"sigwaitinfo sleep splice syscall syscall_cancel syscall_cancel_arch syscall_cp "
	"syscall_cp_asm syscall_cp_c tee usleep vfork vmsplice wait wait3 wait4 waitid waitpid "
	"write writev internal_syscall_cancel";

static bool in_runtime_module(const struct frame *f)
{
	const char *slash = f->module ? strrchr(f->module, '/') : NULL;

	return f->module && function_matches(modules, slash ? slash + 1 : f->module);
}

bool place_is_runtime(const struct frame *f)
{
	char name[STACK_NAME_MAX];

	if (in_runtime_module(f))
		return true;
	if (!f->function)
		return false;
	if (!strncmp(f->function, "__GI_", 5)) /* glibc, linked in */
		return true;
	function_bare(f->function, name, sizeof(name));
	return function_matches(functions, name);
}

/* "__libc_read", "__poll_nocancel", "fcntl64": the C library's function for a call. */
static bool is_call(const struct frame *f)
{
	static const char *const ends[] = { "_nocancel", "_time64", "64" };
	char text[STACK_NAME_MAX], *name = text;
	size_t len;

	if (!f->function)
		return false;
	function_bare(f->function, text, sizeof(text));
	name += strspn(name, "_");
	if (!strncmp(name, "libc_", 5))
		name += 5;
	name += strspn(name, "_");
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		len = strlen(name);
		if (len > strlen(ends[i]) && !strcmp(name + len - strlen(ends[i]), ends[i]))
			name[len - strlen(ends[i])] = '\0';
	}
	return function_matches(calls, name);
}

static bool is_named(const struct frame *f, const char *names)
{
	char name[STACK_NAME_MAX];

	if (!f->function)
		return false;
	function_bare(f->function, name, sizeof(name));
	return function_matches(names, name);
}

static bool same_module(const struct frame *a, const struct frame *b)
{
	return a->module && b->module && !strcmp(a->module, b->module);
}

/* Where a thread begins, outside of what it was started to run. */
static bool is_entry(const struct frame *f)
{
	return f->function
		       ? place_is_runtime(f) &&
				 is_named(f, "_start* start start_c11 start_thread clone clone3 "
					     "__clone* __libc_start_* "
					     "execute_native_thread_routine* "
					     "std::sys::*::thread_start")
		       : in_runtime_module(f);
}

/* ---- the place ---- */

static const struct frame *at(const struct stacks *s, const struct trace *t, size_t i)
{
	return stack_frame(s, t, i);
}

/* How many frames from the inner end on belong to the runtime. */
static size_t inner_end(const struct stacks *s, const struct trace *t)
{
	size_t n = 0;

	while (n < t->frames.n && is_call(at(s, t, n)) &&
	       (!n || same_module(at(s, t, n), at(s, t, 0))))
		n++;
	while (n < t->frames.n && place_is_runtime(at(s, t, n)))
		n++;
	return n;
}

/* Behind the outermost frame that is the program's. */
static size_t outer_end(const struct stacks *s, const struct trace *t, size_t inner, bool is_main)
{
	size_t n = t->frames.n;

	/* The program's own _start has no name in a stripped binary. */
	if (is_main && !t->stop && n > inner + 1 && !at(s, t, n - 1)->function &&
	    in_runtime_module(at(s, t, n - 2)))
		n--;
	while (n > inner && place_is_runtime(at(s, t, n - 1)))
		n--;
	/* musl's start(), in a static binary. */
	if (n > inner && n < t->frames.n && is_named(at(s, t, n - 1), "start start_c11") &&
	    is_named(at(s, t, n), "__clone"))
		n--;
	return n;
}

/* The function that the place called. Where no frame is the program's own, it is the
 * outermost function of the library that blocks. */
static const struct frame *find_blocking(const struct stacks *s, const struct trace *t,
					 size_t inner, size_t outer)
{
	const struct frame *found = NULL;

	for (size_t i = 0; i < inner; i++) {
		const struct frame *f = at(s, t, i);

		if (inner == outer && found && (is_entry(f) || !same_module(f, found)))
			break;
		if (f->function)
			found = f;
	}
	return found;
}

static const struct frame *find_start(const struct stacks *s, const struct trace *t, size_t inner,
				      size_t outer, bool is_main)
{
	for (size_t i = outer; is_main && i > inner; i--)
		if (is_named(at(s, t, i - 1), "main"))
			return at(s, t, i - 1);
	if (outer == inner || (t->stop && !is_entry(at(s, t, t->frames.n - 1))))
		return NULL;
	return at(s, t, outer - 1);
}

/* What is the same at each look at the process and, where a file is mapped, in each of
 * the processes that run it. */
static __u64 add_frame(__u64 hash, const struct frame *f)
{
	if (!f->module)
		return fnv_add(hash, &f->address, sizeof(f->address));
	hash = fnv_add(hash, f->module, strlen(f->module));
	return fnv_add(hash, &f->offset, sizeof(f->offset));
}

void place_find(const struct stacks *s, const struct trace *trace, bool is_main, struct place *ret)
{
	__u64 hash = FNV_START, last = 0;
	struct place p = {};
	size_t inner, outer, hashed = 0;

	*ret = p;
	if (!trace || !trace->frames.n)
		return;
	inner = inner_end(s, trace);
	outer = outer_end(s, trace, inner, is_main);
	p.blocking = find_blocking(s, trace, inner, outer);
	p.start = find_start(s, trace, inner, outer, is_main);
	for (size_t i = inner; i < outer && hashed < PLACE_FRAMES; i++) {
		const struct frame *f = at(s, trace, i);

		if (place_is_runtime(f))
			continue;
		if (p.n < PLACE_FRAMES)
			p.callers[p.n++] = f;
		/* Inlined calls share an address: whether they are known changes nothing. */
		if (hashed && f->address == last)
			continue;
		hash = add_frame(hash, f);
		last = f->address;
		hashed++;
	}
	if (hashed)
		p.hash = hash ? hash : 1;
	*ret = p;
}
