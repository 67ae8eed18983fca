// SPDX-License-Identifier: GPL-2.0-only
/* wait.c - what does a blocked thread wait in?
 *
 * From the registers of its call to kind, object, timeout and source. Read by waker.c
 * and verdict.c. Soundness: a wait is "unknown" until a part (wait_decode.h) has found
 * it to be something else. */
#include "analyze/wait.h"

#include "analyze/wait_decode.h"

#define X32_BIT 0x40000000ll /* __X32_SYSCALL_BIT of asm/unistd.h */

static void start(struct decode *d)
{
	d->narrow = d->t->bits & WIRE_COMPAT;
	for (int i = 0; i < 6; i++)
		d->args[i] = d->narrow ? (__u32)d->t->args[i] : d->t->args[i];
	*d->wait = (struct wait){ .timeout_ns = -1 };
	decode_unknown(d->wait, WAIT_UNKNOWN, "a system call that is not decoded");
}

/* A call that the table does not know. */
static void decode_other(struct decode *d)
{
	if (!d->narrow && (d->t->nr & X32_BIT))
		d->wait->unknown = "a system call of the x32 ABI";
	else if (d->t->bits & WIRE_UNINTERRUPTIBLE)
		decode_set(d->wait, WAIT_IO, SOURCE_DEVICE, NULL);
}

static void decode_call(struct decode *d)
{
	d->call = syscall_find(syscall_abi(d->w->machine, d->narrow), d->t->nr);
	if (d->call) {
		d->wait->syscall = d->call->name;
		d->wait->kind = d->call->kind;
	}
	if (wait_kernel_explains(d))
		return;
	if (!d->call) {
		decode_other(d);
		return;
	}
	wait_call_decode(d);
	/* Freezing makes any sleep uninterruptible (before 6.1). */
	if ((d->t->bits & (WIRE_UNINTERRUPTIBLE | WIRE_FROZEN)) == WIRE_UNINTERRUPTIBLE)
		wait_kernel_uninterruptible(d);
}

int wait_decode(const struct world *w, const struct wire_thread *t, struct mem_wants *wants,
		struct wait *ret)
{
	struct wait wait;
	struct decode d = { .w = w, .t = t, .wants = wants, .wait = &wait };

	start(&d);
	if (t->bits & (WIRE_RUNNABLE | WIRE_ZOMBIE))
		decode_set(&wait, WAIT_RUNNING, SOURCE_NONE, NULL);
	else if (t->bits & WIRE_IN_SYSCALL)
		decode_call(&d);
	else
		wait_kernel_only(&d);
	if (d.err)
		return d.err;
	*ret = wait;
	return 0;
}

bool wait_futexv(const struct world *w, const struct wire_thread *t, __u32 i,
		 struct wait_futex *ret)
{
	const struct syscall_desc *call;
	bool narrow = t->bits & WIRE_COMPAT;

	if (!(t->bits & WIRE_IN_SYSCALL))
		return false;
	call = syscall_find(syscall_abi(w->machine, narrow), t->nr);
	if (!call || call->shape != CALL_FUTEX_WAITV || i >= (__u32)t->args[1])
		return false;
	return wait_futex_word(w, t, narrow ? (__u32)t->args[0] : t->args[0], i, ret);
}

const char *wait_kind_name(enum wait_kind kind)
{
	static const char *const names[] = {
		[WAIT_RUNNING] = "running",
		[WAIT_MUTEX] = "mutex",
		[WAIT_RWLOCK] = "rwlock",
		[WAIT_CONDITION] = "condition",
		[WAIT_SEMAPHORE] = "semaphore",
		[WAIT_BARRIER] = "barrier",
		[WAIT_JOIN] = "join",
		[WAIT_FUTEX] = "futex",
		[WAIT_PIPE] = "pipe",
		[WAIT_FIFO] = "fifo",
		[WAIT_SOCKET] = "socket",
		[WAIT_EVENTFD] = "eventfd",
		[WAIT_TIMERFD] = "timerfd",
		[WAIT_SIGNALFD] = "signalfd",
		[WAIT_INOTIFY] = "inotify",
		[WAIT_TTY] = "tty",
		[WAIT_FUSE] = "fuse",
		[WAIT_CHILD] = "child",
		[WAIT_VFORK] = "vfork",
		[WAIT_FILE_LOCK] = "file-lock",
		[WAIT_SYSV_SEM] = "sysv-sem",
		[WAIT_SYSV_MSG] = "sysv-msg",
		[WAIT_MQUEUE] = "mqueue",
		[WAIT_EPOLL] = "epoll",
		[WAIT_POLL] = "poll",
		[WAIT_SLEEP] = "sleep",
		[WAIT_SIGNAL] = "signal",
		[WAIT_IO_URING] = "io-uring",
		[WAIT_AIO] = "aio",
		[WAIT_IO] = "io",
		[WAIT_PAGE_FAULT] = "page-fault",
		[WAIT_KERNEL] = "kernel",
		[WAIT_UNKNOWN] = "unknown",
	};
	_Static_assert(sizeof(names) / sizeof(*names) == WAIT_KIND_COUNT, "a name for each");

	return (unsigned int)kind < WAIT_KIND_COUNT ? names[kind] : "unknown";
}

const char *wait_source_name(enum wait_source source)
{
	switch (source) {
	case SOURCE_NONE:
		return "other threads";
	case SOURCE_TIMER:
		return "its timeout";
	case SOURCE_SIGNAL:
		return "a signal";
	case SOURCE_OUTSIDE:
		return "the world outside";
	case SOURCE_DEVICE:
		return "a disk, file server or device";
	case SOURCE_UNKNOWN:
		break;
	}
	return "unknown";
}
