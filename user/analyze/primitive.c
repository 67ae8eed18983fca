// SPDX-License-Identifier: GPL-2.0-only
/* primitive.c - what the functions on a stack say of the wait that they end in.
 *
 * Pure. One table: the bare names of functions (function.h), what kind of wait each stands
 * for, and what people call it. It is read from the inner end of a trace outwards, through
 * the runtime and whatever else the table knows, up to the program's own code. */
#include "analyze/primitive.h"

#include <string.h>

#include "analyze/place.h"
#include "analyze/function.h"

#define FRAMES_MAX 64 /* of runtime; more is no honest stack */

struct known {
	const char *functions;
	enum wait_kind kind; /* WAIT_UNKNOWN: it is built on others, and what they say stands */
	const char *name;    /* NULL: the kind says it all */
	const char *module;  /* only there: the name alone is too common; NULL: anywhere */
	const char *mention; /* only where the whole name, template arguments too, has this */
};

#define NO_KIND WAIT_UNKNOWN

/* The first row that fits counts. */
static const struct known known[] = {
	/* C: glibc old and new, musl */
	{ "__lll_lock_wait* __lll_timedlock_wait* __lll_clocklock_wait* futex_lock_pi* "
	  "__futex_lock_pi* __lock",
	  WAIT_MUTEX },
	{ "pthread_mutex_lock* __pthread_mutex_lock* ___pthread_mutex_lock* "
	  "__pthread_mutex_cond_lock* pthread_mutex_timedlock* __pthread_mutex_timedlock* "
	  "___pthread_mutex_timedlock* pthread_mutex_clocklock* __pthread_mutex_clocklock* "
	  "___pthread_mutex_clocklock* mtx_lock mtx_timedlock __gthread_mutex_lock "
	  "__gthread_recursive_mutex_lock __interceptor_pthread_mutex_lock",
	  WAIT_MUTEX },
	{ "pthread_rwlock_*lock* __pthread_rwlock_*lock* ___pthread_rwlock_*lock*", WAIT_RWLOCK },
	{ "pthread_cond_*wait* __pthread_cond_*wait* ___pthread_cond_*wait* cnd_wait "
	  "cnd_timedwait __interceptor_pthread_cond_*wait*",
	  WAIT_CONDITION },
	{ "sem_wait* sem_timedwait* sem_clockwait* __sem_wait* __sem_timedwait* __new_sem_wait* "
	  "__old_sem_wait* do_futex_wait* __sem_clockwait*",
	  WAIT_SEMAPHORE },
	{ "pthread_barrier_wait* __pthread_barrier_wait* ___pthread_barrier_wait*", WAIT_BARRIER },
	{ "pthread_join* __pthread_join* ___pthread_join* pthread_timedjoin* __pthread_timedjoin* "
	  "___pthread_timedjoin* pthread_clockjoin* __pthread_clockjoin* ___pthread_clockjoin* "
	  "thrd_join __interceptor_pthread_join",
	  WAIT_JOIN },
	{ "pthread_once* __pthread_once* ___pthread_once* call_once", WAIT_FUTEX, "pthread_once" },

	/* C++: libstdc++, libc++ */
	{ "__cxa_guard_acquire __cxxabiv1::__cxa_guard_acquire", WAIT_FUTEX, "C++ static guard" },
	{ "std::mutex::lock", WAIT_MUTEX, "std::mutex" },
	{ "std::recursive_mutex::lock", WAIT_MUTEX, "std::recursive_mutex" },
	{ "std::timed_mutex::*lock* std::__timed_mutex_impl::*", WAIT_MUTEX, "std::timed_mutex" },
	{ "std::recursive_timed_mutex::*lock*", WAIT_MUTEX, "std::recursive_timed_mutex" },
	{ "std::shared_mutex::*lock* std::__shared_mutex_pthread::*lock* "
	  "std::__shared_mutex_base::*lock*",
	  WAIT_RWLOCK, "std::shared_mutex" },
	{ "std::shared_timed_mutex::*lock*", WAIT_RWLOCK, "std::shared_timed_mutex" },
	{ "std::condition_variable::*wait* std::__condvar::wait*", WAIT_CONDITION,
	  "std::condition_variable" },
	{ "std::condition_variable_any::*wait*", WAIT_CONDITION, "std::condition_variable_any" },
	{ "std::__future_base::_State_baseV2::wait* std::__basic_future::wait* std::future::get "
	  "std::future::wait* std::shared_future::get std::shared_future::wait* "
	  "std::__assoc_sub_state::*wait* std::__assoc_state::* std::__atomic_futex_unsigned*::*",
	  WAIT_CONDITION, "std::future" },
	{ "std::__atomic_wait_address*", WAIT_BARRIER, "std::latch", NULL, "std::latch::wait" },
	{ "std::latch::*wait*", WAIT_BARRIER, "std::latch" },
	{ "std::barrier::*wait* std::__barrier_base::*wait*", WAIT_BARRIER, "std::barrier" },
	{ "std::counting_semaphore::*acquire* std::binary_semaphore::*acquire* "
	  "std::__atomic_semaphore::_M_*acquire* std::__platform_semaphore::_M_*acquire* "
	  "std::__atomic_semaphore_base::*acquire*",
	  WAIT_SEMAPHORE, "std::counting_semaphore" },
	{ "std::atomic::wait std::__atomic_base::wait std::__atomic_impl::wait "
	  "std::atomic_flag::wait std::__atomic_float::wait std::atomic_wait* "
	  "std::__atomic_wait_address* std::__detail::__platform_wait* std::__detail::__wait_* "
	  "std::__detail::__waiter*::* std::__libcpp_atomic_wait* std::__libcpp_platform_wait* "
	  "std::__cxx_atomic_wait*",
	  WAIT_FUTEX, "std::atomic" },
	{ "std::thread::join", WAIT_JOIN, "std::thread" },
	{ "std::jthread::join std::jthread::~jthread std::jthread::operator", WAIT_JOIN,
	  "std::jthread" },
	{ "std::call_once", WAIT_FUTEX, "std::once_flag" },

	/* Rust: std since futexes (1.62), and before */
	{ "std::sys::*locks::futex::Mutex::lock* std::sys::*futex_mutex::Mutex::lock* std::sys::*::mutex::futex::Mutex::lock* "
	  "std::sync::*mutex::Mutex::lock* std::sys*::mutex::*::lock* "
	  "std::sys::*pthread_mutex::Mutex::lock* "
	  "std::sys_common::mutex::*::*lock* std::sync::nonpoison::mutex::Mutex::lock*",
	  WAIT_MUTEX, "Rust Mutex" },
	{ "std::sys::*ReentrantLock*::lock std::sync::reentrant_lock::ReentrantLock::lock "
	  "std::sys_common::remutex::*::lock",
	  WAIT_MUTEX, "Rust ReentrantLock" },
	{ "std::sys::*locks::futex::RwLock::* std::sys::*futex_rwlock::RwLock::* std::sys::*::rwlock::*::* "
	  "std::sync::*rwlock::RwLock::read std::sync::*rwlock::RwLock::write "
	  "std::sys_common::rwlock::*",
	  WAIT_RWLOCK, "Rust RwLock" },
	{ "std::sys::*locks::futex::Condvar::wait* std::sys::*futex_condvar::Condvar::wait* std::sys::*::condvar::*::Condvar::*wait* "
	  "std::sync::*condvar::Condvar::wait* std::sys*::condvar::Condvar::wait* "
	  "std::sys::*pthread_condvar::Condvar::wait*",
	  WAIT_CONDITION, "Rust Condvar" },
	{ "std::sync::*barrier::Barrier::wait", WAIT_BARRIER, "Rust Barrier" },
	{ "std::sys::*futex_once::Once::* std::sys::*::once::*::Once::* "
	  "std::sync::*once::Once::* std::sync::*OnceLock::* std::sync::*once_lock::* "
	  "std::sync::*lazy_lock::*",
	  WAIT_FUTEX, "Rust Once" },
	{ "std::sync::mpsc::Receiver::* std::sync::mpmc::Receiver::* std::sync::mpsc::Iter::* "
	  "std::sync::mpsc::IntoIter::* std::sync::mpmc::*::Channel::recv*",
	  NO_KIND, "Rust channel" },
	{ "std::sync::mpsc::Sender::* std::sync::mpsc::SyncSender::* std::sync::mpmc::Sender::* "
	  "std::sync::mpmc::*::Channel::send* std::sync::mpsc::*::Packet::*",
	  NO_KIND, "Rust channel" },
	{ "std::thread::park* std::thread::Thread::park* std::sys::*Parker::park* "
	  "std::sys_common::*Parker::park*",
	  NO_KIND, "Rust park" },
	{ "std::sys::*futex::futex_wait", WAIT_FUTEX },
	{ "std::thread::*JoinHandle::join std::thread::JoinInner::join "
	  "std::thread::*JoinInner::join std::thread::*ScopedJoinHandle::join "
	  "std::sys::*thread::*Thread::join",
	  WAIT_JOIN, "Rust thread" },
	{ "parking_lot::raw_mutex::* parking_lot::mutex::* parking_lot::fair_mutex::* "
	  "parking_lot::raw_fair_mutex::* lock_api::mutex::Mutex::lock*",
	  WAIT_MUTEX, "parking_lot Mutex" },
	{ "parking_lot::raw_rwlock::* parking_lot::rwlock::* lock_api::rwlock::*", WAIT_RWLOCK,
	  "parking_lot RwLock" },
	{ "lock_api::remutex::* parking_lot::remutex::*", WAIT_MUTEX,
	  "parking_lot ReentrantMutex" },
	{ "parking_lot::condvar::*", WAIT_CONDITION, "parking_lot Condvar" },
	{ "parking_lot::once::*", WAIT_FUTEX, "parking_lot Once" },
	{ "parking_lot_core::*", WAIT_FUTEX },
	{ "crossbeam_channel::*", NO_KIND, "crossbeam channel" },
	{ "crossbeam_utils::sync::parker::*", NO_KIND, "crossbeam Parker" },
	{ "crossbeam_utils::sync::wait_group::*", NO_KIND, "crossbeam WaitGroup" },
	{ "tokio::runtime::*park* tokio::park::*", NO_KIND, "tokio park" },

	/* Java */
	{ "ObjectMonitor::wait* ObjectSynchronizer::wait* JVM_MonitorWait", WAIT_CONDITION,
	  "Java notify", "libjvm.so*" },
	{ "ObjectMonitor::enter* ObjectMonitor::Enter* ObjectMonitor::Reenter* "
	  "ObjectMonitor::reenter* ObjectSynchronizer::*enter* SharedRuntime::*monitor_enter* "
	  "InterpreterRuntime::monitorenter*",
	  WAIT_MUTEX, "Java monitor", "libjvm.so*" },
	{ "Parker::park Unsafe_Park", NO_KIND, "Java park", "libjvm.so*" },
	{ "os::PlatformEvent::park* PlatformEvent::park* ParkEvent::park*", NO_KIND, "Java park",
	  "libjvm.so*" },
	{ "Monitor::wait* Monitor::IWait* os::PlatformMonitor::wait* PlatformMonitor::wait*",
	  WAIT_CONDITION, "JVM monitor", "libjvm.so*" },
	{ "Mutex::lock* Monitor::lock* Monitor::ILock*", WAIT_MUTEX, "JVM lock", "libjvm.so*" },
	{ "Semaphore::wait* PosixSemaphore::wait*", WAIT_SEMAPHORE, "JVM semaphore", "libjvm.so*" },

	/* Go */
	{ "runtime.notesleep runtime.notetsleep* runtime.mPark runtime.stopm runtime.stoplockedm "
	  "runtime.futexsleep runtime.futex",
	  WAIT_FUTEX, "Go M" },
	{ "runtime.lock runtime.lock2 runtime.lockWithRank*", WAIT_MUTEX, "Go runtime lock" },
	{ "runtime.semasleep", WAIT_SEMAPHORE, "Go M" },

	/* Python */
	{ "_PySemaphore_* _PyParkingLot_Park", NO_KIND },
	{ "PyThread_acquire_lock* PyThread_acquire_lock_timed* "
	  "_PyMutex_LockTimed* PyMutex_Lock* _PyMutex_LockSlow _PyRecursiveMutex_Lock*",
	  WAIT_MUTEX, "Python lock" },
	{ "PyEvent_Wait* _PyEvent_Wait*", WAIT_CONDITION, "Python event" },
	{ "take_gil* PyEval_RestoreThread PyEval_AcquireThread PyGILState_Ensure "
	  "_PyThreadState_Attach*",
	  WAIT_MUTEX, "Python GIL" },

	/* libraries */
	{ "uv_cond_*wait*", WAIT_CONDITION, "libuv condition" },
	{ "uv_sem_wait* uv__sem_wait* uv__custom_sem_wait*", WAIT_SEMAPHORE, "libuv semaphore" },
	{ "uv_barrier_wait", WAIT_BARRIER, "libuv barrier" },
	{ "uv_mutex_lock", WAIT_MUTEX, "libuv mutex" },
	{ "uv_rwlock_*lock", WAIT_RWLOCK, "libuv rwlock" },
	{ "uv_thread_join", WAIT_JOIN, "libuv thread" },
	{ "g_cond_wait*", WAIT_CONDITION, "GLib GCond" },
	{ "g_mutex_lock* g_rec_mutex_lock*", WAIT_MUTEX, "GLib GMutex" },
	{ "g_rw_lock_*_lock", WAIT_RWLOCK, "GLib GRWLock" },
	{ "g_thread_join g_system_thread_wait", WAIT_JOIN, "GLib GThread" },
	{ "g_async_queue_pop*", NO_KIND, "GLib GAsyncQueue" },
	{ "QMutex::lock* QBasicMutex::lock* QMutexPrivate::wait* QRecursiveMutex::lock* "
	  "QMutex::tryLock* QRecursiveMutex::tryLock*",
	  WAIT_MUTEX, "QMutex" },
	{ "QReadWriteLock::*ock* QReadWriteLockPrivate::*ock*", WAIT_RWLOCK, "QReadWriteLock" },
	{ "QWaitCondition::wait* QWaitConditionPrivate::wait*", WAIT_CONDITION, "QWaitCondition" },
	{ "QSemaphore::acquire* QSemaphore::tryAcquire*", WAIT_SEMAPHORE, "QSemaphore" },
	{ "QThread::wait*", WAIT_JOIN, "QThread" },
	{ "QtLinuxFutex::*", WAIT_FUTEX },
	{ "absl::*Mutex::*Lock* absl::*Mutex::Await*", WAIT_MUTEX, "absl::Mutex" },
	{ "absl::*CondVar::*Wait*", WAIT_CONDITION, "absl::CondVar" },
	{ "absl::*Notification::*Wait*", WAIT_CONDITION, "absl::Notification" },
	{ "absl::*BlockingCounter::Wait*", WAIT_BARRIER, "absl::BlockingCounter" },
	{ "absl::*Mutex::* absl::*synchronization_internal::* AbslInternalPerThreadSemWait*",
	  NO_KIND },
	{ "folly::Baton::*wait*", WAIT_CONDITION, "folly::Baton" },
	{ "folly::SharedMutexImpl::*lock*", WAIT_RWLOCK, "folly::SharedMutex" },
	{ "folly::detail::*utex*", WAIT_FUTEX },
	{ "boost::mutex::lock boost::timed_mutex::*lock* boost::recursive_mutex::lock "
	  "boost::recursive_timed_mutex::*lock*",
	  WAIT_MUTEX, "boost::mutex" },
	{ "boost::shared_mutex::*lock* boost::upgrade_mutex::*lock*", WAIT_RWLOCK,
	  "boost::shared_mutex" },
	{ "boost::condition_variable::*wait* boost::condition_variable_any::*wait*", WAIT_CONDITION,
	  "boost::condition_variable" },
	{ "boost::detail::shared_state_base::*wait* boost::detail::basic_future::*wait*",
	  WAIT_CONDITION, "boost::future" },
	{ "boost::barrier::wait", WAIT_BARRIER, "boost::barrier" },
	{ "boost::thread::*join*", WAIT_JOIN, "boost::thread" },

	/* servers */
	{ "PGSemaphoreLock", WAIT_SEMAPHORE, "PostgreSQL semaphore" },
	{ "LWLockAcquire* LWLockWaitForVar", NO_KIND, "PostgreSQL LWLock" },
	{ "ProcSleep WaitOnLock LockAcquire*", NO_KIND, "PostgreSQL lock" },
	{ "WaitEventSetWait* WaitLatch*", NO_KIND, "PostgreSQL latch" },
	{ "os_event::wait* os_event_wait*", WAIT_CONDITION, "InnoDB event" },
	{ "sync_array_wait_event rw_lock_*_lock_spin* rw_lock_s_lock* rw_lock_x_lock*", NO_KIND,
	  "InnoDB lock" },
	{ "ssux_lock_impl::* srw_lock_impl::* srw_mutex_impl::* pthread_mutex_wrapper::*", NO_KIND,
	  "InnoDB latch" },
	{ "inline_mysql_mutex_lock my_mutex_lock psi_mutex_lock safe_mutex_lock", WAIT_MUTEX },
	{ "inline_mysql_cond_*wait my_cond_*wait psi_cond_*wait safe_cond_*wait", WAIT_CONDITION },
};

static const char *base_name(const char *module)
{
	const char *slash = strrchr(module, '/');

	return slash ? slash + 1 : module;
}

static const struct known *look_up(const struct frame *f)
{
	char name[STACK_NAME_MAX];

	if (!f->function)
		return NULL;
	function_bare(f->function, name, sizeof(name));
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		const struct known *k = &known[i];

		if (function_matches(k->functions, name) &&
		    (!k->module ||
		     (f->module && function_matches(k->module, base_name(f->module)))) &&
		    (!k->mention || strstr(f->function, k->mention)))
			return k;
	}
	return NULL;
}

/* The kind of a wait inside of another. What is built on condition variables, semaphores
 * or futexes is what it is; but a mutex that it takes, or a thread that it joins, is what
 * it waits for. Where nothing more is known than a futex, that adds nothing. */
static enum wait_kind around(enum wait_kind inner, enum wait_kind outer)
{
	if (inner == WAIT_UNKNOWN)
		return outer;
	if (outer == WAIT_UNKNOWN || outer == WAIT_FUTEX)
		return inner;
	if (inner == WAIT_CONDITION || inner == WAIT_SEMAPHORE || inner == WAIT_FUTEX)
		return outer;
	return inner;
}

/* Whether the name of a function outside says rightly what is waited for: a queue that
 * waits for its own mutex does not wait for an element. */
static bool fits(const struct known *k, enum wait_kind kind)
{
	return k->name && (k->kind == kind || (k->kind == NO_KIND && kind != WAIT_MUTEX));
}

bool primitive_find(const struct stacks *s, const struct trace *trace, struct primitive *ret)
{
	const struct known *found[FRAMES_MAX];
	struct primitive p = { .kind = WAIT_UNKNOWN };
	size_t n = 0;

	for (size_t i = 0; trace && i < trace->frames.n && i < FRAMES_MAX; i++) {
		const struct frame *f = stack_frame(s, trace, i);
		const struct known *k = look_up(f);

		if (k) {
			found[n++] = k;
			p.kind = around(p.kind, k->kind);
		} else if (!place_is_runtime(f)) {
			break;
		}
	}
	for (size_t i = 0; i < n; i++)
		if (fits(found[i], p.kind))
			p.name = found[i]->name;
	if (n)
		*ret = p;
	return n;
}
