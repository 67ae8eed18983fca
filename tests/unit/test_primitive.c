// SPDX-License-Identifier: GPL-2.0-only
/* test_primitive.c - what the functions on a stack say of a wait.
 *
 * Those of glibc 2.36, libstdc++ 12 and Rust 1.95 are spelled as gdb prints them. */
#include <criterion/criterion.h>
#include <string.h>

#include "analyze/primitive.h"
#include "stacked.h"

#define C " in libc.so.6 <- "
#define WORK "work in app"
#define LOCK "futex_wait" C "__lll_lock_wait" C "___pthread_mutex_lock" C
#define COND "__futex_abstimed_wait_common" C "___pthread_cond_wait" C
#define SEM "do_futex_wait.constprop.0" C "__new_sem_wait_slow64.constprop.0" C
#define RUST "syscall" C "std::sys::pal::unix::futex::futex_wait in app <- "

struct row {
	const char *trace;
	enum wait_kind kind; /* WAIT_KIND_COUNT: nothing is known */
	const char *name;
};

#define NOTHING WAIT_KIND_COUNT

static const struct row c[] = {
	{ LOCK WORK, WAIT_MUTEX },
	{ "__lll_lock_wait" C "__GI___pthread_mutex_lock" C WORK, WAIT_MUTEX },
	{ "__pthread_mutex_lock_full" C "pthread_mutex_lock@@GLIBC_2.2.5" C WORK, WAIT_MUTEX },
	{ "__lll_lock_wait" C "__pthread_mutex_cond_lock" C "___pthread_cond_wait" C WORK,
	  WAIT_MUTEX },
	{ "___pthread_mutex_clocklock64" C WORK, WAIT_MUTEX },
	{ "__lll_lock_wait_private" C "_IO_fputs" C WORK, WAIT_MUTEX },
	{ "__futex_abstimed_wait64" C "___pthread_rwlock_rdlock" C WORK, WAIT_RWLOCK },
	{ "__pthread_rwlock_wrlock_full64" C WORK, WAIT_RWLOCK },
	{ "pthread_rwlock_timedrdlock" C WORK, WAIT_RWLOCK },
	{ COND WORK, WAIT_CONDITION },
	{ "pthread_cond_timedwait@@GLIBC_2.3.2" C WORK, WAIT_CONDITION },
	{ "___pthread_cond_clockwait64" C WORK, WAIT_CONDITION },
	{ SEM WORK, WAIT_SEMAPHORE },
	{ "sem_clockwait" C WORK, WAIT_SEMAPHORE },
	{ "futex_wait" C "___pthread_barrier_wait" C WORK, WAIT_BARRIER },
	{ "__pthread_clockjoin_ex" C WORK, WAIT_JOIN },
	{ "__pthread_timedjoin_ex" C "pthread_join" C WORK, WAIT_JOIN },
	{ LOCK "__mtx_lock" C WORK, WAIT_MUTEX },
	{ "thrd_join" C WORK, WAIT_JOIN },
	{ "futex_wait_simple" C "__pthread_once_slow" C WORK, WAIT_FUTEX, "pthread_once" },
	/* musl */
	{ "__timedwait_cp in app <- __pthread_cond_timedwait in app <- " WORK, WAIT_CONDITION },
	{ "__timedwait in app <- __pthread_mutex_timedlock in app <- " WORK, WAIT_MUTEX },
	{ "__timedwait_cp in app <- sem_timedwait in app <- " WORK, WAIT_SEMAPHORE },
	{ "__wait in app <- pthread_barrier_wait in app <- " WORK, WAIT_BARRIER },
	/* the kernel was called by somebody else */
	{ "syscall" C WORK, NOTHING },
	{ "poll" C WORK, NOTHING },
	{ "? <- ?", NOTHING },
	{ WORK " <- pthread_mutex_lock" C WORK, NOTHING },
	{ "poll" C "my_handler in app <- __restore_rt" C COND WORK, NOTHING },
};

static const struct row cxx[] = {
	{ LOCK
	  "^std::mutex::lock in app <- ^std::lock_guard<std::mutex>::lock_guard in app <- " WORK,
	  WAIT_MUTEX, "std::mutex" },
	{ LOCK "std::recursive_mutex::lock() in app <- " WORK, WAIT_MUTEX, "std::recursive_mutex" },
	{ "pthread_rwlock_wrlock" C "std::__shared_mutex_pthread::lock() in app <- "
	  "std::shared_mutex::lock() in app <- " WORK,
	  WAIT_RWLOCK, "std::shared_mutex" },
	{ COND
	  "std::condition_variable::wait(std::unique_lock<std::mutex>&) in libstdc++.so.6 <- " WORK,
	  WAIT_CONDITION, "std::condition_variable" },
	{ COND
	  "void std::condition_variable::wait<f()::{lambda()#1}>(std::unique_lock<std::mutex>&) "
	  "in app <- " WORK,
	  WAIT_CONDITION, "std::condition_variable" },
	{ COND
	  "std::__1::condition_variable::wait(std::__1::unique_lock<std::__1::mutex>&) in app <- "
	  "std::__1::__assoc_sub_state::__sub_wait(std::__1::unique_lock<std::__1::mutex>&) in "
	  "app <- " WORK,
	  WAIT_CONDITION, "std::future" },
	{ LOCK
	  "std::condition_variable::wait(std::unique_lock<std::mutex>&) in libstdc++.so.6 <- " WORK,
	  WAIT_MUTEX },
	{ "syscall" C "std::__atomic_futex_unsigned_base::_M_futex_wait_until(unsigned int*) in "
	  "libstdc++.so.6 <- std::__future_base::_State_baseV2::wait() in app <- "
	  "std::future<int>::get() in app <- " WORK,
	  WAIT_CONDITION, "std::future" },
	/* the state of std::async joins its thread */
	{ "__pthread_clockjoin_ex" C
	  "std::thread::join() in libstdc++.so.6 <- __pthread_once_slow" C
	  "std::__future_base::_State_baseV2::wait() in app <- " WORK,
	  WAIT_JOIN, "std::thread" },
	{ "syscall" C "void std::__detail::__platform_wait<int>(int const*, int) in app <- "
	  "std::latch::wait() const in app <- " WORK,
	  WAIT_BARRIER, "std::latch" },
	{ "syscall" C "void std::__detail::__platform_wait<int>(int const*, int) in app <- "
	  "std::barrier<std::__empty_completion>::arrive_and_wait() in app <- " WORK,
	  WAIT_BARRIER, "std::barrier" },
	{ "syscall" C "void std::__detail::__platform_wait<int>(int const*, int) in app <- "
	  "std::__atomic_semaphore::_M_acquire() in app <- " WORK,
	  WAIT_SEMAPHORE, "std::counting_semaphore" },
	{ "syscall" C "void std::__detail::__platform_wait<int>(int const*, int) in app <- "
	  "std::__atomic_base<int>::wait(int, std::memory_order) const in app <- " WORK,
	  WAIT_FUTEX, "std::atomic" },
	/* std::latch::wait() itself left no frame */
	{ "syscall" C "void std::__detail::__platform_wait<int>(int const*, int) in app <- "
	  "void std::__atomic_wait_address<int, std::latch::wait() const::{lambda()#1}>(int const*, "
	  "std::latch::wait() const::{lambda()#1}) in app <- ? in libstdc++.so.6",
	  WAIT_BARRIER, "std::latch" },
	{ "syscall" C "__cxa_guard_acquire in libstdc++.so.6 <- " WORK, WAIT_FUTEX,
	  "C++ static guard" },
};

static const struct row rust[] = {
	{ RUST "std::sys::sync::mutex::futex::Mutex::lock_contended in app <- "
	       "std::sync::poison::mutex::Mutex<T>::lock::h30a0efa3f91217a5 in app <- " WORK,
	  WAIT_MUTEX, "Rust Mutex" },
	{ "syscall" C "std::sys::unix::futex::futex_wait in app <- "
	  "std::sys::unix::locks::futex_mutex::Mutex::lock_contended in app <- " WORK,
	  WAIT_MUTEX, "Rust Mutex" },
	{ "syscall" C "std::sys::unix::locks::futex::Mutex::lock_contended in app <- " WORK,
	  WAIT_MUTEX, "Rust Mutex" },
	{ LOCK "std::sys_common::mutex::MovableMutex::raw_lock in app <- "
	       "std::sync::mutex::Mutex<T>::lock in app <- " WORK,
	  WAIT_MUTEX, "Rust Mutex" },
	{ RUST "std::sys::sync::rwlock::futex::RwLock::read_contended in app <- " WORK, WAIT_RWLOCK,
	  "Rust RwLock" },
	{ RUST "std::sys::sync::condvar::futex::Condvar::wait_optional_timeout in app <- "
	       "std::sync::poison::condvar::Condvar::wait in app <- " WORK,
	  WAIT_CONDITION, "Rust Condvar" },
	/* woken, it waits for the lock */
	{ RUST "std::sys::sync::mutex::futex::Mutex::lock_contended in app <- "
	       "std::sys::sync::condvar::futex::Condvar::wait_optional_timeout in app <- "
	       "std::sync::poison::condvar::Condvar::wait in app <- " WORK,
	  WAIT_MUTEX, "Rust Mutex" },
	{ RUST "std::sys::sync::condvar::futex::Condvar::wait in app <- "
	       "std::sync::barrier::Barrier::wait in app <- " WORK,
	  WAIT_BARRIER, "Rust Barrier" },
	{ RUST "std::sys::sync::once::futex::Once::call in app <- "
	       "std::sync::once_lock::OnceLock<T>::get_or_init in app <- " WORK,
	  WAIT_FUTEX, "Rust Once" },
	{ RUST "std::sys::sync::thread_parking::futex::Parker::park in app <- "
	       "std::thread::park in app <- " WORK,
	  WAIT_FUTEX, "Rust park" },
	{ RUST
	  "std::sys::sync::thread_parking::futex::Parker::park in app <- "
	  "std::thread::park in app <- std::sync::mpmc::context::Context::wait_until in app <- "
	  "std::sync::mpmc::list::Channel<T>::recv in app <- "
	  "std::sync::mpsc::Receiver<T>::recv in app <- " WORK,
	  WAIT_FUTEX, "Rust channel" },
	{ RUST "std::thread::park in app <- std::sync::mpsc::SyncSender<T>::send in app <- " WORK,
	  WAIT_FUTEX, "Rust channel" },
	{ "__pthread_clockjoin_ex" C "std::sys::thread::unix::Thread::join in app <- "
	  "std::thread::JoinHandle<T>::join in app <- " WORK,
	  WAIT_JOIN, "Rust thread" },
	{ "syscall" C "<parking_lot_core::thread_parker::imp::ThreadParker as "
	  "parking_lot_core::thread_parker::ThreadParkerT>::park in app <- "
	  "parking_lot::raw_mutex::RawMutex::lock_slow in app <- " WORK,
	  WAIT_MUTEX, "parking_lot Mutex" },
	{ RUST "std::thread::park in app <- crossbeam_channel::flavors::list::Channel<T>::recv in "
	       "app <- " WORK,
	  WAIT_FUTEX, "crossbeam channel" },
	{ "epoll_wait" C "tokio::runtime::park::CachedParkThread::park in app <- " WORK,
	  WAIT_UNKNOWN, "tokio park" },
};

#define JVM " in /usr/lib/jvm/lib/server/libjvm.so <- "

static const struct row others[] = {
	{ COND "Parker::park(bool, long)" JVM "Unsafe_Park" JVM "Interpreter", WAIT_CONDITION,
	  "Java park" },
	{ COND "os::PlatformEvent::park()" JVM "ObjectMonitor::enter(JavaThread*)" JVM "?",
	  WAIT_MUTEX, "Java monitor" },
	{ COND "os::PlatformEvent::park()" JVM "ObjectMonitor::wait(long, bool, JavaThread*)" JVM
	       "?",
	  WAIT_CONDITION, "Java notify" },
	{ COND "Monitor::wait(long)" JVM "?", WAIT_CONDITION, "JVM monitor" },
	/* a class of the program's has that name */
	{ COND "Monitor::wait(long) in app <- " WORK, WAIT_CONDITION },
	{ "runtime.futex.abi0 in app <- runtime.futexsleep in app <- runtime.notesleep in app <- "
	  "runtime.mPark in app <- runtime.mcall in app",
	  WAIT_FUTEX, "Go M" },
	{ SEM "PyThread_acquire_lock_timed in python3 <- acquire_timed in python3", WAIT_MUTEX,
	  "Python lock" },
	{ COND "take_gil in python3 <- PyEval_RestoreThread in python3", WAIT_MUTEX, "Python GIL" },
	{ SEM "_PySemaphore_Wait in python3 <- _PyParkingLot_Park in python3 <- "
	      "_PyMutex_LockTimed in python3",
	  WAIT_MUTEX, "Python lock" },
	{ COND "uv_cond_wait in node <- worker in node", WAIT_CONDITION, "libuv condition" },
	{ "syscall" C "g_cond_wait in libglib-2.0.so.0 <- g_async_queue_pop_intern_unlocked in "
	  "libglib-2.0.so.0 <- g_async_queue_pop in libglib-2.0.so.0 <- " WORK,
	  WAIT_CONDITION, "GLib GAsyncQueue" },
	{ "syscall" C "QtLinuxFutex::futexWait(int&) in libQt6Core.so.6 <- "
	  "QBasicMutex::lockInternal() in libQt6Core.so.6 <- " WORK,
	  WAIT_MUTEX, "QMutex" },
	{ COND "QWaitCondition::wait(QMutex*, unsigned long) in libQt5Core.so.5 <- "
	       "QSemaphore::acquire(int) in libQt5Core.so.5 <- " WORK,
	  WAIT_SEMAPHORE, "QSemaphore" },
	{ "syscall" C "absl::lts_20220623::synchronization_internal::Waiter::Wait(int) in app <- "
	  "AbslInternalPerThreadSemWait_lts_20220623 in app <- "
	  "absl::lts_20220623::Mutex::LockSlowLoop(int) in app <- "
	  "absl::lts_20220623::Mutex::Lock() in app <- " WORK,
	  WAIT_MUTEX, "absl::Mutex" },
	{ "syscall" C "absl::Mutex::Block(int) in app <- absl::CondVar::WaitCommon(int) in app <- "
	  "absl::CondVar::Wait(absl::Mutex*) in app <- " WORK,
	  WAIT_CONDITION, "absl::CondVar" },
	{ SEM "PGSemaphoreLock in postgres <- LWLockAcquire in postgres <- work in postgres",
	  WAIT_SEMAPHORE, "PostgreSQL LWLock" },
	{ "epoll_wait" C "WaitEventSetWaitBlock in postgres <- WaitEventSetWait in postgres <- "
	  "WaitLatch in postgres <- work in postgres",
	  WAIT_UNKNOWN, "PostgreSQL latch" },
	{ COND "os_event::wait() in mariadbd <- work in mariadbd", WAIT_CONDITION, "InnoDB event" },
};

static void check(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct primitive p = { .kind = NOTHING };
		struct stacks s = {};
		__u32 trace = stacked_trace(&s, rows[i].trace);

		cr_expect_eq(primitive_find(&s, &s.traces.v[trace], &p), rows[i].kind != NOTHING,
			     "%s", rows[i].trace);
		cr_expect_eq(p.kind, rows[i].kind, "%s\nis a %s", rows[i].trace,
			     wait_kind_name(p.kind));
		cr_expect_str_eq(p.name ? p.name : "", rows[i].name ? rows[i].name : "",
				 "%s\nis a %s", rows[i].trace, p.name);
		stack_free(&s);
	}
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof(*rows))

Test(primitive, c_libraries)
{
	CHECK(c);
}

Test(primitive, cxx)
{
	CHECK(cxx);
}

Test(primitive, rust)
{
	CHECK(rust);
}

Test(primitive, other_languages_and_libraries)
{
	CHECK(others);
}

Test(primitive, no_trace)
{
	struct stacks s = {};
	struct primitive p = { .kind = WAIT_JOIN };

	cr_expect_not(primitive_find(&s, NULL, &p));
	cr_expect_eq(p.kind, WAIT_JOIN);
}
