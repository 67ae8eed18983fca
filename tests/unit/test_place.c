// SPDX-License-Identifier: GPL-2.0-only
/* test_place.c - what is runtime, whose code the rest is, and where it started. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "analyze/place.h"
#include "stacked.h"

/* ---- what is runtime ---- */

static const struct {
	const char *function, *module;
	bool runtime;
} frames[] = {
	/* by module */
	{ "anything", "/lib/x86_64-linux-gnu/libc.so.6", true },
	{ NULL, "/usr/lib/libc.so.6 (deleted)", true },
	{ NULL, "/lib/x86_64-linux-gnu/libc-2.31.so", true },
	{ NULL, "/lib/libpthread.so.0", true },
	{ NULL, "/lib64/ld-linux-x86-64.so.2", true },
	{ NULL, "/lib/ld-2.31.so", true },
	{ NULL, "/lib/ld-musl-aarch64.so.1", true },
	{ NULL, "/usr/lib/libstdc++.so.6.0.30", true },
	{ NULL, "/usr/lib/libgcc_s.so.1", true },
	{ NULL, "/usr/lib/libc++.so.1", true },
	{ NULL, "/usr/lib/jvm/lib/server/libjvm.so", true },
	{ NULL, "/usr/lib/libtsan.so.2", true },
	{ NULL, "[vdso]", true },
	{ NULL, "/usr/lib/libcurl.so.4", false },
	{ NULL, "/usr/lib/libmagic.so.1", false },
	{ NULL, "/opt/libc.so.6/app", false },
	{ NULL, NULL, false },
	/* by name: C */
	{ "pthread_mutex_lock", "app", true },
	{ "___pthread_cond_wait@@GLIBC_2.3.2", "app", true },
	{ "__new_sem_wait_slow64.constprop.0", "app", true },
	{ "__GI___lll_lock_wait", "app", true },
	{ "__GI_raise", "app", true },
	{ "start_thread", "app", true },
	{ "__libc_start_call_main", "app", true },
	{ "main", "app", false },
	{ "read", "app", false },
	{ "futex", "app", false },
	{ "pthread", "app", false },
	{ "sem_take", "app", false },
	/* C++ */
	{ "std::mutex::lock()", "app", true },
	{ "void std::__invoke_impl<void, void (*)()>(std::__invoke_other, void (*&&)())", "app",
	  true },
	{ "__gnu_cxx::__concurrence_wait_error::what() const", "app", true },
	{ "__cxa_guard_acquire", "app", true },
	{ "std::shared_ptr<int> app::make(std::string)", "app", false },
	{ "stdx::run()", "app", false },
	{ "main::{lambda()#1}::operator()() const", "app", false },
	/* Rust */
	{ "std::sys::sync::mutex::futex::Mutex::lock_contended", "app", true },
	{ "<alloc::boxed::Box<F> as core::ops::function::FnOnce<A>>::call_once", "app", true },
	{ "<T as core::convert::Into<U>>::into", "app", true },
	{ "std::sys::backtrace::__rust_begin_short_backtrace", "app", true },
	{ "<app::Guard as core::ops::drop::Drop>::drop", "app", false },
	{ "app::main::{{closure}}::h0123456789abcdef", "app", false },
	/* Go, Java */
	{ "runtime.futexsleep.abi0", "app", true },
	{ "runtime/internal/syscall.Syscall6", "app", true },
	{ "sync.(*Mutex).Lock", "app", true },
	{ "main.work", "app", false },
	{ "java.util.concurrent.locks.LockSupport.park", NULL, true },
	{ "Interpreter", NULL, true },
	{ "void com.example.Work.run()", NULL, false },
};

Test(place, what_is_runtime)
{
	for (size_t i = 0; i < sizeof(frames) / sizeof(*frames); i++) {
		struct frame f = { .function = (char *)frames[i].function,
				   .module = (char *)frames[i].module };

		cr_expect_eq(place_is_runtime(&f), frames[i].runtime, "%s in %s",
			     frames[i].function, frames[i].module);
	}
}

/* ---- places ---- */

static const char *name_of(const struct frame *f)
{
	return !f ? "-" : f->function ? f->function : "?";
}

/* "blocking: caller, caller; start". In a static buffer. */
static const char *told(const char *trace, bool is_main)
{
	static char text[512];
	struct stacks s = {};
	struct place p;
	FILE *out = fmemopen(text, sizeof(text), "w");
	__u32 number = stacked_trace(&s, trace);

	place_find(&s, &s.traces.v[number], is_main, &p);
	fprintf(out, "%s:", name_of(p.blocking));
	for (size_t i = 0; i < p.n; i++)
		fprintf(out, "%s %s", i ? "," : "", name_of(p.callers[i]));
	fprintf(out, "; %s", name_of(p.start));
	fputc('\0', out);
	fclose(out);
	cr_expect_eq(p.n == 0, p.hash == 0, "%s", trace);
	stack_free(&s);
	return text;
}

#define OUT " <- start_thread in libc.so.6 <- clone3 in libc.so.6"
#define MAIN " <- __libc_start_call_main in libc.so.6 <- __libc_start_main in libc.so.6"

static const struct {
	const char *trace, *told;
	bool is_main;
} traces[] = {
	{ "__lll_lock_wait in libc.so.6 <- pthread_mutex_lock in libc.so.6 <- take in app <- "
	  "work in app" OUT,
	  "pthread_mutex_lock: take, work; work" },
	/* what has no name is not what was called */
	{ "? in libc.so.6 <- read in libc.so.6 <- ? in libc.so.6 <- work in app" OUT,
	  "read: work; work" },
	{ "? in libc.so.6 <- ? in app" OUT, "-: ?; ?" },
	/* the system call is in the program itself */
	{ "work in app" OUT, "-: work; work" },
	{ "syscall in libc.so.6 <- futex in app <- work in app" OUT, "syscall: futex, work; work" },
	/* runtime between frames of the program */
	{ "pthread_cond_wait in libc.so.6 <- a in app <- std::function<void ()>::operator()() const "
	  "in app <- b in app" OUT,
	  "pthread_cond_wait: a, b; b" },
	{ "futex_wait in libc.so.6 <- ^std::mutex::lock() in app <- "
	  "^std::lock_guard<std::mutex>::lock_guard(std::mutex&) in app <- work() in app <- "
	  "void std::__invoke_impl<void, void (*)()>(void (*&&)()) in app <- "
	  "std::thread::_State_impl<int>::_M_run() in app <- ? in libstdc++.so.6" OUT,
	  "std::lock_guard<std::mutex>::lock_guard(std::mutex&): work(); work()" },
	/* a static binary; what it calls the C library's function is a function of its own in
	 * a dynamic one */
	{ "__internal_syscall_cancel in app <- read in app <- work in app <- start_thread in app",
	  "read: work; work" },
	{ "clock_nanosleep in app <- __nanosleep in app <- sleep in app <- work in app <- clone in app",
	  "sleep: work; work" },
	{ "read in libc.so.6 <- wait in app <- work in app" OUT, "read: wait, work; work" },
	{ "__syscall_cp_c in app <- __timedwait_cp in app <- __pthread_cond_timedwait in app <- "
	  "work in app <- start in app <- __clone in app",
	  "__pthread_cond_timedwait: work; work" },
	/* the first thread */
	{ "pause in libc.so.6 <- serve in app <- main in app" MAIN " <- _start in app",
	  "pause: serve, main; main", true },
	{ "pause in libc.so.6 <- ? in app" MAIN " <- ? in app", "pause: ?; ?", true },
	{ "pause in libc.so.6 <- app::main in app <- std::rt::lang_start in app <- main in app" MAIN,
	  "pause: app::main, main; main", true },
	{ "pause in libc.so.6 <- main in app <- cut", "pause: main; main", true },
	/* cut: where it started is known only if its outer end is */
	{ "pause in libc.so.6 <- a in app <- b in app <- cut", "pause: a, b; -" },
	{ "pause in libc.so.6 <- a in app <- qsort in libc.so.6 <- cut", "pause: a; -" },
	{ "pause in libc.so.6 <- a in app <- start_thread in libc.so.6 <- cut", "pause: a; a" },
	{ "pause in libc.so.6 <- a in app <- ? in libc.so.6 <- cut", "pause: a; a" },
	/* nobody's code but the runtime's */
	{ "futex_wait in libc.so.6 <- pthread_cond_wait in libc.so.6 <- Monitor::wait in libjvm.so "
	  "<- run in libjvm.so" OUT,
	  "pthread_cond_wait:; -" },
	{ "futex_wait in app <- pthread_cond_wait in app <- start_thread in app <- clone in app",
	  "pthread_cond_wait:; -" },
	/* a thread that the program made itself */
	{ "syscall in app <- idle in app <- entry in app", "syscall: idle, entry; entry" },
	{ "? <- ? <- ?", "-: ?, ?, ?; ?" },
	{ "pause in libc.so.6 <- 1 in app <- 2 in app <- 3 in app <- 4 in app <- 5 in app <- 6 in app "
	  "<- 7 in app <- 8 in app <- 9 in app" OUT,
	  "pause: 1, 2, 3, 4, 5, 6, 7, 8; 9" },
};

Test(place, whose_code_and_where_it_started)
{
	for (size_t i = 0; i < sizeof(traces) / sizeof(*traces); i++) {
		const char *got = told(traces[i].trace, traces[i].is_main);

		cr_expect_str_eq(got, traces[i].told, "%s\nis  %s\nnot %s", traces[i].trace, got,
				 traces[i].told);
	}
}

Test(place, no_trace_no_place)
{
	struct stacks s = {};
	struct place p = { .hash = 1, .n = 1 };
	__u32 empty;

	place_find(&s, NULL, true, &p);
	cr_expect(p.hash == 0 && p.n == 0 && !p.blocking && !p.start);
	cr_assert_eq(stack_add_trace(&s, NULL, 0, "no registers", &empty), 0);
	p.n = 1;
	place_find(&s, &s.traces.v[empty], true, &p);
	cr_expect(p.hash == 0 && p.n == 0 && !p.blocking && !p.start);
	stack_free(&s);
}

/* ---- which places are the same ---- */

static const struct {
	const char *one, *other;
	bool same;
} pairs[] = {
	/* whatever blocks there, and whoever started it, behind eight callers */
	{ "poll in libc.so.6 <- work in app", "read in libc.so.6 <- work in app", true },
	{ "poll in libc.so.6 <- work in app", "poll in libc.so.6 <- play in app", false },
	{ "poll in libc.so.6 <- work in app", "poll in libc.so.6 <- work in lib", false },
	{ "poll in libc.so.6 <- work in app <- a in app", "poll in libc.so.6 <- work in app",
	  false },
	{ "1 <- 2 <- 3 <- 4 <- 5 <- 6 <- 7 <- 8 <- 9", "1 <- 2 <- 3 <- 4 <- 5 <- 6 <- 7 <- 8",
	  true },
	{ "1 <- 2 <- 3 <- 4 <- 5 <- 6 <- 7 <- 8", "1 <- 2 <- 3 <- 4 <- 5 <- 6 <- 7 <- 9", false },
	/* inlined calls are known at one look and not at another */
	{ "pause in libc.so.6 <- ^a in app <- ^b in app <- work in app", "work in app", true },
	{ "^a <- 1 <- ^b <- 2 <- ^c <- 3 <- ^d <- 4 <- 5 <- 6 <- 7 <- 8",
	  "1 <- 2 <- 3 <- 4 <- 5 <- 6 <- 7 <- 8", true },
	/* as deep as it may be, a recursion is one place */
	{ "f in app <- f in app <- work in app", "f in app <- work in app", true },
};

static __u64 hash_of(const char *trace)
{
	struct stacks s = {};
	__u32 number = stacked_trace(&s, trace);
	struct place p;

	place_find(&s, &s.traces.v[number], false, &p);
	stack_free(&s);
	return p.hash;
}

Test(place, which_are_the_same)
{
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		cr_expect_eq(hash_of(pairs[i].one) == hash_of(pairs[i].other), pairs[i].same,
			     "%s\n%s", pairs[i].one, pairs[i].other);
}

/* Where a library lies in memory is another matter in each process. */
Test(place, the_address_counts_only_where_no_file_is_mapped)
{
	struct frame f = { .address = 0x7f0000001000, .offset = 0x1000, .module = (char *)"lib" };
	struct stacks s = {};
	__u32 number, one, moved, jit, jit_moved;
	struct place a, b;

	stack_add_frame(&s, &f, &number);
	stack_add_trace(&s, &number, 1, NULL, &one);
	f.address += 0x100000;
	stack_add_frame(&s, &f, &number);
	stack_add_trace(&s, &number, 1, NULL, &moved);
	f = (struct frame){ .address = 0x10 };
	stack_add_frame(&s, &f, &number);
	stack_add_trace(&s, &number, 1, NULL, &jit);
	f.address = 0x20;
	stack_add_frame(&s, &f, &number);
	stack_add_trace(&s, &number, 1, NULL, &jit_moved);
	place_find(&s, &s.traces.v[one], false, &a);
	place_find(&s, &s.traces.v[moved], false, &b);
	cr_expect_eq(a.hash, b.hash);
	place_find(&s, &s.traces.v[jit], false, &a);
	place_find(&s, &s.traces.v[jit_moved], false, &b);
	cr_expect_neq(a.hash, b.hash);
	stack_free(&s);
}
