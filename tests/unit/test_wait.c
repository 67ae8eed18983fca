// SPDX-License-Identifier: GPL-2.0-only
/* test_wait.c - blocked calls without a file: futexes, timeouts, processes, the kernel. */
#include <criterion/criterion.h>
#include <string.h>

#include "wait_case.h"

#define CHECK(cases) wait_case_check(cases, sizeof(cases) / sizeof(*(cases)))
#define NONE SOURCE_NONE
#define TIMER SOURCE_TIMER
#define SIGNAL SOURCE_SIGNAL
#define OUTSIDE SOURCE_OUTSIDE
#define DISK SOURCE_DEVICE
#define UNKNOWN SOURCE_UNKNOWN
#define WORD 0x20000
#define PRIVATE 128u
#define REALTIME 256u
#define KEY WIRE_FUTEX_KEY
#define DSTATE WIRE_UNINTERRUPTIBLE

/* TRAPS 12, 13 */
static const struct wait_case futexes[] = {
	{ "WAIT", .call = "futex", .args = { WORD, PRIVATE, 2 }, .kind = WAIT_FUTEX, .source = NONE,
	  .timeout_ms = -1, .object = WORD },
	{ "WAIT for a minute", .call = "futex", .args = { WORD, PRIVATE, 2, AT_60S },
	  .kind = WAIT_FUTEX, .source = TIMER, .timeout_ms = 50000 },
	{ "WAIT for days", .call = "futex", .args = { WORD, 0, 2, AT_2DAYS }, .kind = WAIT_FUTEX,
	  .source = NONE, .timeout_ms = 172790000 },
	{ "WAIT for ever, by the largest time", .call = "futex", .args = { WORD, 0, 2, AT_FOREVER },
	  .kind = WAIT_FUTEX, .source = NONE },
	{ "WAIT for a second that has passed", .call = "futex", .args = { WORD, 0, 2, AT_PAST },
	  .kind = WAIT_FUTEX, .source = TIMER },
	{ "WAIT, timeout unreadable", .call = "futex", .args = { WORD, 0, 2, NOWHERE },
	  .kind = WAIT_FUTEX, .source = UNKNOWN, .says = "timeout could not be read" },
	{ "WAIT, timeout overwritten", .call = "futex", .args = { WORD, 0, 2, AT_BAD },
	  .kind = WAIT_FUTEX, .source = UNKNOWN, .says = "timeout" },
	{ "WAIT_BITSET", .call = "futex", .args = { WORD, 9 | PRIVATE | REALTIME, 2 },
	  .kind = WAIT_FUTEX, .source = NONE, .timeout_ms = -1, .object = WORD },
	{ "WAIT_BITSET until, monotonic", .call = "futex", .args = { WORD, 9, 0, AT_MONO },
	  .kind = WAIT_FUTEX, .source = TIMER, .timeout_ms = 60000 },
	{ "WAIT_BITSET until, real time", .call = "futex",
	  .args = { WORD, 9 | REALTIME, 0, AT_REAL }, .kind = WAIT_FUTEX, .source = TIMER,
	  .timeout_ms = 60000 },
	{ "WAIT_BITSET until the past", .call = "futex", .args = { WORD, 9 | REALTIME, 0, AT_PAST },
	  .kind = WAIT_FUTEX, .source = TIMER },
	{ "WAIT_BITSET until next year, monotonic", .call = "futex",
	  .args = { WORD, 9, 0, AT_REAL }, .kind = WAIT_FUTEX, .source = NONE },
	{ "LOCK_PI", .call = "futex", .args = { WORD, 6 | PRIVATE, 0 }, .kind = WAIT_FUTEX,
	  .source = NONE, .object = WORD },
	{ "LOCK_PI until: always real time", .call = "futex", .args = { WORD, 6, 0, AT_REAL },
	  .kind = WAIT_FUTEX, .source = TIMER, .timeout_ms = 60000 },
	{ "LOCK_PI2 until, monotonic", .call = "futex", .args = { WORD, 13, 0, AT_MONO },
	  .kind = WAIT_FUTEX, .source = TIMER, .timeout_ms = 60000 },
	{ "LOCK_PI2 until, real time", .call = "futex", .args = { WORD, 13 | REALTIME, 0, AT_REAL },
	  .kind = WAIT_FUTEX, .source = TIMER, .timeout_ms = 60000 },
	{ "WAIT_REQUEUE_PI", .call = "futex", .args = { WORD, 11, 3, 0, 0x30000 },
	  .kind = WAIT_FUTEX, .source = NONE, .object = WORD },
	{ "WAIT_REQUEUE_PI until", .call = "futex", .args = { WORD, 11, 3, AT_MONO, 0x30000 },
	  .kind = WAIT_FUTEX, .source = TIMER, .timeout_ms = 60000 },
	{ "WAKE does not wait", .call = "futex", .args = { WORD, 1, 1 }, .kind = WAIT_UNKNOWN,
	  .source = UNKNOWN, .says = "does not wait" },
	{ "an operation of the future", .call = "futex", .args = { WORD, 77, 1 },
	  .kind = WAIT_UNKNOWN, .source = UNKNOWN },
	{ "flags of the future", .call = "futex", .args = { WORD, 0x10000, 1 },
	  .kind = WAIT_UNKNOWN, .source = UNKNOWN },
	{ "waitv", .call = "futex_waitv", .args = { AT_WAITERS, 2 }, .kind = WAIT_FUTEX,
	  .source = NONE, .timeout_ms = -1, .object = 0x20000 },
	{ "waitv of one", .call = "futex_waitv", .args = { AT_WAITERS, 1 }, .kind = WAIT_FUTEX,
	  .source = NONE, .object = 0x20000 },
	{ "until, in a time namespace", .call = "futex", .args = { WORD, 9, 0, AT_MONO },
	  .bits = WIRE_TIMENS, .kind = WAIT_FUTEX, .source = UNKNOWN,
	  .says = "its timeout could not be read" },
	{ "until, by a clock that all share", .call = "futex_waitv",
	  .args = { AT_WAITERS, 2, 0, AT_REAL, 0 }, .bits = WIRE_TIMENS, .kind = WAIT_FUTEX,
	  .source = TIMER, .timeout_ms = 60000 },
	{ "waitv until, monotonic", .call = "futex_waitv", .args = { AT_WAITERS, 2, 0, AT_MONO, 1 },
	  .kind = WAIT_FUTEX, .source = TIMER, .timeout_ms = 60000 },
	{ "waitv until, real time", .call = "futex_waitv", .args = { AT_WAITERS, 2, 0, AT_REAL, 0 },
	  .kind = WAIT_FUTEX, .source = TIMER, .timeout_ms = 60000 },
	{ "waitv, words unreadable", .call = "futex_waitv", .args = { NOWHERE, 2 },
	  .kind = WAIT_FUTEX, .source = UNKNOWN, .says = "could not be read" },
	{ "waitv of too many", .call = "futex_waitv", .args = { AT_WAITERS, 129 },
	  .kind = WAIT_UNKNOWN, .source = UNKNOWN },
	{ "waitv of none", .call = "futex_waitv", .args = { AT_WAITERS, 0 }, .kind = WAIT_UNKNOWN,
	  .source = UNKNOWN },
	{ "futex_wait", .call = "futex_wait", .args = { WORD, 2, ~0ull, 2 | PRIVATE },
	  .kind = WAIT_FUTEX, .source = NONE, .timeout_ms = -1, .object = WORD },
	{ "futex_wait until", .call = "futex_wait", .args = { WORD, 2, ~0ull, 2, AT_MONO, 1 },
	  .kind = WAIT_FUTEX, .source = TIMER, .timeout_ms = 60000 },
	{ "futex_wait of 64 bits", .call = "futex_wait", .args = { WORD, 2, ~0ull, 3 },
	  .kind = WAIT_UNKNOWN, .source = UNKNOWN },
};

/* TRAPS 14 */
static const struct wait_case keys[] = {
	{ "key of the argument", .call = "futex", .args = { 0x20010, PRIVATE, 2 }, .bits = KEY,
	  .key_word = 0x20000, .key_offset = 0x10, .kind = WAIT_FUTEX, .source = NONE,
	  .object = 0x20010 },
	{ "requeued", .call = "futex", .args = { 0x20010, PRIVATE, 2 }, .bits = KEY,
	  .key_word = 0x31000, .key_offset = 0x40, .kind = WAIT_FUTEX, .source = NONE,
	  .object = 0x31040 },
	{ "requeued in private memory, without the flag", .call = "futex",
	  .args = { 0x20010, 0, 2 }, .bits = KEY, .key_word = 0x31000, .key_offset = 0x42,
	  .kind = WAIT_FUTEX, .source = NONE, .object = 0x31040 },
	{ "shared, where it was", .call = "futex", .args = { 0x20010, 0, 2 }, .bits = KEY,
	  .key_word = 7, .key_offset = 0x11, .kind = WAIT_FUTEX, .source = NONE,
	  .object = 0x20010 },
	{ "shared and requeued", .call = "futex", .args = { 0x20010, 0, 2 }, .bits = KEY,
	  .key_word = 7, .key_offset = 0x41, .kind = WAIT_FUTEX, .source = UNKNOWN,
	  .says = "moved" },
	{ "a PI lock is not requeued", .call = "futex", .args = { 0x20010, 6, 2 }, .bits = KEY,
	  .key_word = 0x31000, .key_offset = 0x40, .kind = WAIT_FUTEX, .source = NONE,
	  .object = 0x20010 },
};

static const struct wait_case limits[] = {
	{ "poll", .call = "poll", .args = { 0x5000, 3, -1ull }, .kind = WAIT_POLL,
	  .source = OUTSIDE, .timeout_ms = -1, .says = "descriptors" },
	{ "poll for a minute", .call = "poll", .args = { 0x5000, 3, 60000 }, .kind = WAIT_POLL,
	  .source = TIMER, .timeout_ms = 50000 },
	{ "poll, upper half of an int is rubbish", .call = "poll",
	  .args = { 0x5000, 3, 0x12345678ffffffff }, .kind = WAIT_POLL, .source = OUTSIDE,
	  .timeout_ms = -1 },
	{ "poll of nothing", .call = "poll", .args = { 0, 0, -1ull }, .kind = WAIT_POLL,
	  .source = SIGNAL },
	{ "poll as a sleep", .call = "poll", .args = { 0, 0, 60000 }, .kind = WAIT_POLL,
	  .source = TIMER, .timeout_ms = 50000 },
	{ "poll for 24 days", .call = "poll", .args = { 0x5000, 3, 0x7fffffff }, .kind = WAIT_POLL,
	  .source = OUTSIDE },
	{ "ppoll", .call = "ppoll", .args = { 0x5000, 3 }, .kind = WAIT_POLL, .source = OUTSIDE },
	{ "ppoll for a minute", .call = "ppoll", .args = { 0x5000, 3, AT_60S }, .kind = WAIT_POLL,
	  .source = TIMER, .timeout_ms = 50000 },
	{ "ppoll, timeout unreadable", .call = "ppoll", .args = { 0x5000, 3, NOWHERE },
	  .kind = WAIT_POLL, .source = OUTSIDE },
	{ "select", .call = "select", .args = { 8, 0x5000 }, .kind = WAIT_POLL, .source = OUTSIDE,
	  .timeout_ms = -1 },
	{ "select for 60.5 s", .call = "select", .args = { 8, 0x5000, 0, 0, AT_TV },
	  .kind = WAIT_POLL, .source = TIMER, .timeout_ms = 50500 },
	{ "select of nothing", .call = "select", .args = { 0 }, .kind = WAIT_POLL,
	  .source = SIGNAL },
	{ "select of no sets", .call = "select", .args = { 8 }, .kind = WAIT_POLL,
	  .source = SIGNAL },
	{ "pselect6 for a minute", .call = "pselect6", .args = { 8, 0x5000, 0, 0, AT_60S },
	  .kind = WAIT_POLL, .source = TIMER, .timeout_ms = 50000 },
	{ "epoll_wait", .call = "epoll_wait", .args = { 4, 0x5000, 10, -1ull }, .kind = WAIT_EPOLL,
	  .source = OUTSIDE, .timeout_ms = -1 },
	{ "epoll_wait for a minute", .call = "epoll_wait", .args = { 4, 0x5000, 10, 60000 },
	  .kind = WAIT_EPOLL, .source = TIMER, .timeout_ms = 50000 },
	{ "epoll_pwait2 for a minute", .call = "epoll_pwait2", .args = { 4, 0x5000, 10, AT_60S },
	  .kind = WAIT_EPOLL, .source = TIMER, .timeout_ms = 50000 },
	{ "nanosleep", .call = "nanosleep", .args = { AT_60S }, .kind = WAIT_SLEEP, .source = TIMER,
	  .timeout_ms = 50000 },
	{ "nanosleep, unreadable", .call = "nanosleep", .args = { NOWHERE }, .kind = WAIT_SLEEP,
	  .source = TIMER, .timeout_ms = -1 },
	{ "sleep infinity", .call = "nanosleep", .args = { AT_FOREVER }, .kind = WAIT_SLEEP,
	  .source = TIMER },
	{ "clock_nanosleep", .call = "clock_nanosleep", .args = { 1, 0, AT_60S },
	  .kind = WAIT_SLEEP, .source = TIMER, .timeout_ms = 50000 },
	{ "clock_nanosleep in a time namespace", .call = "clock_nanosleep",
	  .args = { 1, 1, AT_MONO }, .bits = WIRE_TIMENS, .kind = WAIT_SLEEP, .source = TIMER },
	{ "clock_nanosleep until, monotonic", .call = "clock_nanosleep", .args = { 1, 1, AT_MONO },
	  .kind = WAIT_SLEEP, .source = TIMER, .timeout_ms = 60000 },
	{ "clock_nanosleep until, real time", .call = "clock_nanosleep", .args = { 0, 1, AT_REAL },
	  .kind = WAIT_SLEEP, .source = TIMER, .timeout_ms = 60000 },
	{ "clock_nanosleep until, boot time", .call = "clock_nanosleep", .args = { 7, 1, AT_BOOT },
	  .kind = WAIT_SLEEP, .source = TIMER, .timeout_ms = 60000 },
	{ "clock_nanosleep of CPU time", .call = "clock_nanosleep", .args = { 2, 0, AT_60S },
	  .kind = WAIT_SLEEP, .source = UNKNOWN, .says = "CPU time" },
	{ "pause", .call = "pause", .args = { 0 }, .kind = WAIT_SIGNAL, .source = SIGNAL },
	{ "rt_sigtimedwait", .call = "rt_sigtimedwait", .args = { 0x5000 }, .kind = WAIT_SIGNAL,
	  .source = SIGNAL },
	{ "rt_sigtimedwait for a minute", .call = "rt_sigtimedwait", .args = { 0x5000, 0, AT_60S },
	  .kind = WAIT_SIGNAL, .source = TIMER, .timeout_ms = 50000 },
	{ "semop", .call = "semop", .args = { 1 }, .kind = WAIT_SYSV_SEM, .source = UNKNOWN,
	  .says = "System V" },
	{ "semtimedop", .call = "semtimedop", .args = { 1, 0x5000, 1, AT_60S },
	  .kind = WAIT_SYSV_SEM, .source = TIMER, .timeout_ms = 50000 },
	{ "msgrcv", .call = "msgrcv", .args = { 1 }, .kind = WAIT_SYSV_MSG, .source = UNKNOWN },
	{ "mq_timedreceive", .call = "mq_timedreceive", .args = { 3, 0x5000, 10 },
	  .kind = WAIT_MQUEUE, .source = UNKNOWN },
	{ "mq_timedreceive until", .call = "mq_timedreceive", .args = { 3, 0x5000, 10, 0, AT_REAL },
	  .kind = WAIT_MQUEUE, .source = TIMER, .timeout_ms = 60000 },
	{ "io_uring_enter", .call = "io_uring_enter", .args = { 3 }, .kind = WAIT_IO_URING,
	  .source = OUTSIDE },
	{ "io_getevents for a minute", .call = "io_getevents", .args = { 1, 1, 1, 0x5000, AT_60S },
	  .kind = WAIT_AIO, .source = TIMER, .timeout_ms = 50000 },
};

static const struct wait_case processes[] = {
	{ "vfork", .call = "vfork", .args = { 0 }, .kind = WAIT_VFORK, .source = NONE },
	{ "vfork in state D", .call = "vfork", .args = { 0 }, .bits = DSTATE, .kind = WAIT_VFORK,
	  .source = NONE },
	{ "clone as vfork", .call = "clone", .args = { 0x4100 }, .bits = DSTATE, .kind = WAIT_VFORK,
	  .source = NONE },
	{ "clone of a thread", .call = "clone", .args = { 0x10100 }, .bits = DSTATE,
	  .kind = WAIT_KERNEL, .source = UNKNOWN },
	{ "clone3 as vfork", .call = "clone3", .args = { AT_VFORK, 88 }, .kind = WAIT_VFORK,
	  .source = NONE },
	{ "clone3 of a thread", .call = "clone3", .args = { AT_THREAD, 88 }, .kind = WAIT_KERNEL,
	  .source = UNKNOWN },
	{ "clone3, arguments unreadable", .call = "clone3", .args = { NOWHERE, 88 },
	  .kind = WAIT_VFORK, .source = UNKNOWN },
	{ "execve", .call = "execve", .args = { 0x5000 }, .kind = WAIT_KERNEL, .source = UNKNOWN },
	{ "exit_group", .call = "exit_group", .args = { 0 }, .bits = DSTATE, .kind = WAIT_KERNEL,
	  .source = UNKNOWN },
	{ "running", .bits = WIRE_RUNNABLE, .kind = WAIT_RUNNING, .source = NONE },
	{ "a zombie", .bits = WIRE_ZOMBIE, .kind = WAIT_RUNNING, .source = NONE },
};

/* TRAPS 31 */
static const struct wait_case kernel[] = {
	{ "fault of userfaultfd", .function = "handle_userfault", .where = "[userfaultfd]",
	  .kind = WAIT_PAGE_FAULT, .source = OUTSIDE, .says = "userfaultfd" },
	{ "fault of FUSE", .function = "fuse_wait_on_page", .where = "/mnt/data",
	  .kind = WAIT_PAGE_FAULT, .source = OUTSIDE, .says = "FUSE" },
	{ "fault of NFS", .function = "nfs_wait_bit_killable", .where = "/srv/data",
	  .kind = WAIT_PAGE_FAULT, .source = OUTSIDE, .says = "NFS" },
	{ "fault of a mapped file", .function = "folio_wait_bit_common", .where = "/usr/bin/x",
	  .kind = WAIT_PAGE_FAULT, .source = DISK, .says = "mapped" },
	{ "fault behind the lock of the map", .function = "rwsem_down_read_slowpath",
	  .where = "[heap]", .kind = WAIT_PAGE_FAULT, .source = UNKNOWN },
	{ "outside a call, not known why", .kind = WAIT_KERNEL, .source = UNKNOWN,
	  .says = "outside a system call" },
	{ "outside a call, another function", .function = "ptrace_notify", .kind = WAIT_KERNEL,
	  .source = UNKNOWN },
	{ "a fault in the middle of a call", .call = "futex", .args = { WORD, 0, 2 },
	  .bits = DSTATE, .function = "handle_userfault", .kind = WAIT_PAGE_FAULT,
	  .source = OUTSIDE },
	{ "a supervised call", .call = "connect", .args = { 3 },
	  .function = "seccomp_do_user_notification", .kind = WAIT_KERNEL, .source = OUTSIDE },
	{ "a call that may be supervised", .call = "futex", .args = { WORD, 0, 2 }, .hidden = true,
	  .kind = WAIT_FUTEX, .source = UNKNOWN, .says = "its kernel stack cannot be read" },
	{ "a futex in state D is no futex", .call = "futex", .args = { WORD, 0, 2 }, .bits = DSTATE,
	  .kind = WAIT_KERNEL, .source = UNKNOWN },
	{ "a frozen futex before 6.1", .call = "futex", .args = { WORD, 0, 2 },
	  .bits = DSTATE | WIRE_FROZEN, .kind = WAIT_FUTEX, .source = NONE },
	{ "a call that is not known", .call = "39", .kind = WAIT_UNKNOWN, .source = UNKNOWN,
	  .says = "not decoded" },
	{ "a call that is not known, in state D", .call = "39", .bits = DSTATE, .kind = WAIT_IO,
	  .source = DISK },
	{ "x32", .call = "0x40000000", .kind = WAIT_UNKNOWN, .source = UNKNOWN, .says = "x32" },
	{ "open of a FIFO", .call = "openat", .args = { 3 }, .kind = WAIT_FIFO, .source = OUTSIDE,
	  .says = "FIFO" },
	{ "open of a FIFO, by the stack", .call = "open", .function = "wait_for_partner",
	  .kind = WAIT_FIFO, .source = OUTSIDE },
	{ "open of a file on a slow disk", .call = "openat", .args = { 3 }, .bits = DSTATE,
	  .kind = WAIT_IO, .source = DISK },
	{ "open of a file of FUSE", .call = "openat", .args = { 3 }, .bits = DSTATE,
	  .function = "fuse_simple_request", .kind = WAIT_FUSE, .source = OUTSIDE },
	{ "rename on NFS", .call = "rename", .bits = DSTATE, .function = "rpc_wait_bit_killable",
	  .kind = WAIT_IO, .source = DISK, .says = "file server" },
	{ "sync", .call = "sync", .bits = DSTATE, .kind = WAIT_IO, .source = DISK },
	{ "munmap", .call = "munmap", .bits = DSTATE, .kind = WAIT_KERNEL, .source = UNKNOWN },
};

/* TRAPS 10 */
#define RESTARTED .call = "restart_syscall", .bits = WIRE_RESTARTED
static const struct wait_case restarts[] = {
	{ "nanosleep, monotonic", RESTARTED, .restart = { 1, 0, CASE_MONO + 60 * SECOND },
	  .function = "hrtimer_nanosleep", .kind = WAIT_SLEEP, .source = TIMER,
	  .timeout_ms = 60000 },
	{ "nanosleep, real time", RESTARTED, .restart = { 0, 0, CASE_REAL + 60 * SECOND },
	  .function = "hrtimer_nanosleep_restart", .kind = WAIT_SLEEP, .source = TIMER,
	  .timeout_ms = 60000 },
	{ "sleep of an alarm, boot time", RESTARTED, .restart = { 1, 0, CASE_BOOT + 60 * SECOND },
	  .function = "alarm_timer_nsleep_restart", .kind = WAIT_SLEEP, .source = TIMER,
	  .timeout_ms = 60000 },
	{ "sleep by CPU time", RESTARTED, .restart = { 2, 0, 1 },
	  .function = "posix_cpu_nsleep_restart", .kind = WAIT_SLEEP, .source = UNKNOWN },
	{ "futex", RESTARTED, .restart = { WORD, 2 | 0x42ull << 32, ~0u, CASE_MONO + 60 * SECOND },
	  .function = "futex_wait_restart", .kind = WAIT_FUTEX, .source = TIMER,
	  .timeout_ms = 60000, .object = WORD },
	{ "futex, real time", RESTARTED,
	  .restart = { WORD, 2 | 0x62ull << 32, ~0u, CASE_REAL + 60 * SECOND },
	  .function = "futex_wait_restart", .kind = WAIT_FUTEX, .source = TIMER,
	  .timeout_ms = 60000, .object = WORD },
	{ "futex, real time, before 6.7", RESTARTED,
	  .restart = { WORD, 2 | 0x06ull << 32, ~0u, CASE_REAL + 60 * SECOND },
	  .function = "futex_wait_restart", .kind = WAIT_FUTEX, .source = TIMER,
	  .timeout_ms = 60000 },
	{ "futex for days", RESTARTED,
	  .restart = { WORD, 2 | 0x42ull << 32, ~0u, CASE_MONO + 172800 * SECOND },
	  .function = "futex_wait_restart", .kind = WAIT_FUTEX, .source = NONE,
	  .timeout_ms = 172800000 },
	{ "poll", RESTARTED, .restart = { 0x5000, 3 }, .function = "do_restart_poll",
	  .kind = WAIT_POLL, .source = OUTSIDE, .timeout_ms = -1 },
	{ "poll for a minute", RESTARTED, .restart = { 0x5000, 3 | 1ull << 32, 5060, 0 },
	  .function = "do_restart_poll", .kind = WAIT_POLL, .source = TIMER, .timeout_ms = 60000 },
	{ "poll of nothing", RESTARTED, .restart = { 0x5000, 0 }, .function = "do_restart_poll",
	  .kind = WAIT_POLL, .source = SIGNAL },
	{ "stack unreadable", RESTARTED, .restart = { 1, 2, 3 }, .kind = WAIT_SLEEP,
	  .source = TIMER, .timeout_ms = -1 },
};

static const struct wait_case compat[] = {
	{ "futex", .call = "futex", .args = { WORD, PRIVATE, 2 }, .bits = WIRE_COMPAT,
	  .kind = WAIT_FUTEX, .source = NONE, .object = WORD },
	{ "futex, upper halves are rubbish", .call = "futex",
	  .args = { 0xdead00020000, PRIVATE, 2 }, .bits = WIRE_COMPAT, .kind = WAIT_FUTEX,
	  .source = NONE, .object = WORD },
	{ "futex for a minute", .call = "futex", .args = { WORD, 0, 2, AT_60S_32 },
	  .bits = WIRE_COMPAT, .kind = WAIT_FUTEX, .source = TIMER, .timeout_ms = 50000 },
	{ "futex until", .call = "futex", .args = { WORD, 9 | REALTIME, 2, AT_REAL_32 },
	  .bits = WIRE_COMPAT, .kind = WAIT_FUTEX, .source = TIMER, .timeout_ms = 60000 },
	{ "futex_time64 until", .call = "futex_time64", .args = { WORD, 9, 2, AT_MONO },
	  .bits = WIRE_COMPAT, .kind = WAIT_FUTEX, .source = TIMER, .timeout_ms = 60000 },
	{ "futex_time64, padding is rubbish", .call = "futex_time64",
	  .args = { WORD, 0, 2, AT_PADDED }, .bits = WIRE_COMPAT, .kind = WAIT_FUTEX,
	  .source = TIMER, .timeout_ms = 50500 },
	{ "mq_timedsend_time64 until", .call = "mq_timedsend_time64",
	  .args = { 3, 0x5000, 1, 0, AT_REAL_HALF }, .bits = WIRE_COMPAT, .kind = WAIT_MQUEUE,
	  .source = TIMER, .timeout_ms = 60500 },
	{ "futex_waitv", .call = "futex_waitv", .args = { AT_WAITERS, 2 }, .bits = WIRE_COMPAT,
	  .kind = WAIT_FUTEX, .source = NONE, .object = WORD },
	{ "nanosleep", .call = "nanosleep", .args = { AT_60S_32 }, .bits = WIRE_COMPAT,
	  .kind = WAIT_SLEEP, .source = TIMER, .timeout_ms = 50000 },
	{ "clock_nanosleep_time64 until", .call = "clock_nanosleep_time64",
	  .args = { 1, 1, AT_MONO }, .bits = WIRE_COMPAT, .kind = WAIT_SLEEP, .source = TIMER,
	  .timeout_ms = 60000 },
	{ "_newselect", .call = "_newselect", .args = { 8, 0x5000, 0, 0, AT_TV_32 },
	  .bits = WIRE_COMPAT, .kind = WAIT_POLL, .source = TIMER, .timeout_ms = 50500 },
	{ "select in memory", .call = "select", .args = { AT_SELECT }, .bits = WIRE_COMPAT,
	  .kind = WAIT_POLL, .source = TIMER, .timeout_ms = 50500 },
	{ "select in memory, of nothing", .call = "select", .args = { AT_SELECT_0 },
	  .bits = WIRE_COMPAT, .kind = WAIT_POLL, .source = SIGNAL },
	{ "select in memory that is unreadable", .call = "select", .args = { NOWHERE },
	  .bits = WIRE_COMPAT, .kind = WAIT_POLL, .source = OUTSIDE },
	{ "ipc semop", .call = "ipc", .args = { 1 }, .bits = WIRE_COMPAT, .kind = WAIT_SYSV_SEM,
	  .source = UNKNOWN },
	{ "ipc semtimedop", .call = "ipc", .args = { 4, 1, 1, 0, 0x5000, AT_60S_32 },
	  .bits = WIRE_COMPAT, .kind = WAIT_SYSV_SEM, .source = TIMER, .timeout_ms = 50000 },
	{ "ipc msgrcv, version 1", .call = "ipc", .args = { 12 | 1 << 16 }, .bits = WIRE_COMPAT,
	  .kind = WAIT_SYSV_MSG, .source = UNKNOWN },
	{ "ipc of another kind", .call = "ipc", .args = { 99 }, .bits = WIRE_COMPAT,
	  .kind = WAIT_UNKNOWN, .source = UNKNOWN },
	{ "socketcall accept", .call = "socketcall", .args = { 5, 0x5000 }, .bits = WIRE_COMPAT,
	  .kind = WAIT_SOCKET, .source = OUTSIDE },
	{ "socketcall recv", .call = "socketcall", .args = { 10, 0x5000 }, .bits = WIRE_COMPAT,
	  .kind = WAIT_SOCKET, .source = UNKNOWN, .says = "descriptor" },
	{ "waitpid", .call = "waitpid", .args = { 0xffffffff }, .bits = WIRE_COMPAT,
	  .kind = WAIT_CHILD, .source = NONE },
};

Test(wait, futexes)
{
	CHECK(futexes);
}

Test(wait, requeued_futexes)
{
	CHECK(keys);
}

Test(wait, limits)
{
	CHECK(limits);
}

Test(wait, processes)
{
	CHECK(processes);
}

Test(wait, kernel)
{
	CHECK(kernel);
}

Test(wait, restarted)
{
	CHECK(restarts);
}

Test(wait, callers_of_32_bits)
{
	CHECK(compat);
}

Test(wait, names)
{
	for (int kind = 0; kind < WAIT_KIND_COUNT; kind++)
		cr_expect(wait_kind_name(kind) && *wait_kind_name(kind), "%d", kind);
	cr_expect_str_eq(wait_kind_name(WAIT_FILE_LOCK), "file-lock");
	cr_expect_str_eq(wait_kind_name(WAIT_KIND_COUNT), "unknown");
	for (int source = 0; source <= SOURCE_UNKNOWN; source++)
		cr_expect(*wait_source_name(source), "%d", source);
}

Test(wait, children)
{
	static const struct {
		const char *call;
		__u64 args[2];
		const char *file;
		__s32 child;
		__u64 pidfd, object;
		enum wait_source source;
	} rows[] = {
		{ "wait4", { 77 }, NULL, 77, 0, 0, NONE },
		{ "wait4", { -1ull }, NULL, -1, 0, 0, NONE },
		{ "wait4", { 0xffffffff }, NULL, -1, 0, 0, NONE },
		{ "wait4", { 0 }, NULL, -2, 0, 0, NONE },
		{ "wait4", { -5ull }, NULL, -2, 0, 0, NONE },
		{ "waitid", { 0, 77 }, NULL, -1, 0, 0, NONE },
		{ "waitid", { 1, 77 }, NULL, 77, 0, 0, NONE },
		{ "waitid", { 2, 77 }, NULL, -2, 0, 0, NONE },
		{ "waitid", { 3, 0 }, "pidfd", 0, 1, 815, NONE },
		{ "waitid", { 3, 5 }, NULL, 0, 6, 0, UNKNOWN },
		{ "waitid", { 1, 0 }, "pipe", 0, 0, 0, NONE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct wait_case c = { "child", .call = rows[i].call, .file = { rows[i].file } };
		struct wait wait;

		memcpy(c.args, rows[i].args, sizeof(rows[i].args));
		wait_case_decode(&c, &wait, NULL);
		cr_expect_eq(wait.kind, WAIT_CHILD, "row %zu", i);
		cr_expect_eq(wait.source, rows[i].source, "row %zu", i);
		cr_expect_eq(wait.child, rows[i].child, "row %zu: %d", i, wait.child);
		cr_expect_eq(wait.child_pidfd, rows[i].pidfd, "row %zu", i);
		cr_expect_eq(wait.object, rows[i].object, "row %zu", i);
	}
}
