// SPDX-License-Identifier: GPL-2.0-only
/* wait_call.c - what a system call waits for, by the shape of its arguments.
 *
 * One small function a shape. Soundness: SOURCE_NONE ("only threads can end it") is
 * said only of calls that are understood to the last argument. */
#include "analyze/wait_decode.h"

#include <fcntl.h>
#include <string.h>

#define CLONE_VFORK_FLAG 0x4000ull /* CLONE_VFORK of linux/sched.h */
#define SETLKW 7		   /* F_SETLKW, F_SETLKW64, F_OFD_SETLKW: those of the kernel */
#define SETLKW64 14
#define OFD_SETLKW 38
#define IDTYPE_ALL 0 /* P_ALL, P_PID, P_PGID, P_PIDFD of linux/wait.h */
#define IDTYPE_PID 1
#define IDTYPE_PIDFD 3

static const char *const polls = "one of the descriptors it polls";

static const struct wire_file *file_of(const struct decode *d, int which)
{
	__u8 arg = d->call->fd[which];

	return arg ? world_file(d->w, d->t->head.tid, arg - 1) : NULL;
}

/* ---- calls that their kind explains ---- */

static void decode_plain(struct decode *d)
{
	struct wait *wait = d->wait;

	wait->file = file_of(d, 0);
	wait->object = wait->file ? wait->file->ino : 0;
	switch (d->call->kind) {
	case WAIT_EPOLL:
		decode_set(wait, WAIT_EPOLL, SOURCE_OUTSIDE, polls);
		break;
	case WAIT_SIGNAL:
		decode_set(wait, WAIT_SIGNAL, SOURCE_SIGNAL, NULL);
		break;
	case WAIT_VFORK:
		decode_set(wait, WAIT_VFORK, SOURCE_NONE, NULL);
		break;
	case WAIT_SYSV_SEM:
		decode_unknown(wait, WAIT_SYSV_SEM, "any process may post this System V semaphore");
		break;
	case WAIT_SYSV_MSG:
		decode_unknown(wait, WAIT_SYSV_MSG, "any process may use this System V queue");
		break;
	case WAIT_MQUEUE:
		decode_unknown(wait, WAIT_MQUEUE, "any process may use this message queue");
		break;
	default: /* io_uring, AIO */
		decode_set(wait, d->call->kind, SOURCE_OUTSIDE, "an I/O completion");
	}
	wait_time_apply(d);
}

/* The ipc(2) of i386: number of the call, then first, second, third, pointer, fifth. */
static void decode_ipc(struct decode *d)
{
	struct wait *wait = d->wait;
	__u64 ns;

	switch (d->args[0] & 0xffff) { /* the upper half is a version */
	case 1:			       /* SEMOP and SEMTIMEDOP of linux/ipc.h */
	case 4:
		decode_unknown(wait, WAIT_SYSV_SEM, "any process may post this System V semaphore");
		break;
	case 11: /* MSGSND, MSGRCV */
	case 12:
		decode_unknown(wait, WAIT_SYSV_MSG, "any process may use this System V queue");
		return;
	default:
		decode_unknown(wait, WAIT_UNKNOWN, "an ipc call that is not decoded");
		return;
	}
	if ((d->args[0] & 0xffff) == 4 && d->args[5] &&
	    wait_time_read(d, d->args[5], TIMEOUT_TS, &ns))
		wait_time_limit(wait, wait_time_rest(d, ns));
}

/* ---- many descriptors ---- */

static void decode_polled(struct wait *wait, bool any)
{
	if (any)
		decode_set(wait, WAIT_POLL, SOURCE_OUTSIDE, polls);
	else
		decode_set(wait, WAIT_POLL, SOURCE_SIGNAL, NULL);
}

static void decode_poll(struct decode *d)
{
	decode_polled(d->wait, (__u32)d->args[1]);
	wait_time_apply(d);
}

static void decode_select(struct decode *d)
{
	const __u64 *args = d->args;

	decode_polled(d->wait, (__u32)args[0] && (args[1] || args[2] || args[3]));
	wait_time_apply(d);
}

/* select(2) of i386 has its five arguments in memory. */
static void decode_old_select(struct decode *d)
{
	__u32 args[5];
	__u64 ns;

	decode_polled(d->wait, true);
	if (!wait_memory_read(d, d->args[0], args, sizeof(args)))
		return;
	decode_polled(d->wait, args[0] && (args[1] || args[2] || args[3]));
	if (args[4] && wait_time_read(d, args[4], TIMEOUT_TV, &ns))
		wait_time_limit(d->wait, wait_time_rest(d, ns));
}

/* ---- one or two descriptors ---- */

static void decode_by_file(struct decode *d, enum wait_direction direction)
{
	if (d->wait->kind == WAIT_IO)
		d->wait->kind = WAIT_UNKNOWN; /* stays so if the file is not known */
	wait_file_decide(file_of(d, 0), direction, d->wait);
}

static void decode_read(struct decode *d)
{
	decode_by_file(d, WAIT_READS);
}

static void decode_write(struct decode *d)
{
	decode_by_file(d, WAIT_WRITES);
}

static void decode_vmsplice(struct decode *d)
{
	const struct wire_file *f = file_of(d, 0);
	bool writes = f && (f->flags & O_ACCMODE) != O_RDONLY;

	decode_by_file(d, writes ? WAIT_WRITES : WAIT_READS);
}

static void decode_send(struct decode *d)
{
	bool names = !strcmp(d->call->name, "sendto") ? d->args[4] != 0
						      : strcmp(d->call->name, "send") != 0;

	wait_file_send(file_of(d, 0), names, d->wait);
}

static void decode_accept(struct decode *d)
{
	wait_file_connection(file_of(d, 0), WAIT_READS, "a new connection", d->wait);
}

static void decode_connect(struct decode *d)
{
	wait_file_connection(file_of(d, 0), WAIT_WRITES, "an answer to connect", d->wait);
}

/* The socketcall(2) of i386 (linux/net.h): its descriptor is in memory, where the scan
 * does not look. */
static void decode_socketcall(struct decode *d)
{
	switch (d->args[0]) {
	case 3:
		wait_file_connection(NULL, WAIT_WRITES, "an answer to connect", d->wait);
		break;
	case 5: /* accept, accept4 */
	case 18:
		wait_file_connection(NULL, WAIT_READS, "a new connection", d->wait);
		break;
	default:
		wait_file_decide(NULL, WAIT_READS, d->wait);
	}
}

static void decode_ioctl(struct decode *d)
{
	wait_file_ioctl(file_of(d, 0), d->wait);
}

static void decode_sendfile(struct decode *d)
{
	wait_file_copy(file_of(d, 1), file_of(d, 0), d->wait);
}

static void decode_splice(struct decode *d)
{
	wait_file_copy(file_of(d, 0), file_of(d, 1), d->wait);
}

static void decode_flock(struct decode *d)
{
	wait_file_lock(file_of(d, 0), d->wait);
}

static void decode_disk(struct decode *d)
{
	const struct wire_file *f = file_of(d, 0);

	wait_file_decide(f, WAIT_WRITES, d->wait);
	if (!f || d->wait->source == SOURCE_NONE || d->wait->source == SOURCE_UNKNOWN)
		decode_set(d->wait, WAIT_IO, SOURCE_DEVICE, NULL);
}

static void decode_fcntl(struct decode *d)
{
	__u32 command = d->args[1];

	if (command == SETLKW || command == SETLKW64 || command == OFD_SETLKW) {
		wait_file_lock(file_of(d, 0), d->wait);
		return;
	}
	decode_unknown(d->wait, WAIT_UNKNOWN, "an fcntl command that is not decoded");
	if (d->t->bits & WIRE_UNINTERRUPTIBLE)
		decode_disk(d);
}

/* ---- time and processes ---- */

static void decode_sleep(struct decode *d)
{
	wait_time_sleep(d, false);
}

static void decode_clock_sleep(struct decode *d)
{
	wait_time_sleep(d, true);
}

static void decode_wait(struct decode *d)
{
	__s32 pid = d->args[0];

	decode_set(d->wait, WAIT_CHILD, SOURCE_NONE, NULL);
	d->wait->child = pid > 0 || pid == -1 ? pid : -2;
}

static void decode_waitid(struct decode *d)
{
	struct wait *wait = d->wait;

	decode_set(wait, WAIT_CHILD, SOURCE_NONE, NULL);
	switch (d->args[0]) {
	case IDTYPE_ALL:
		wait->child = -1;
		break;
	case IDTYPE_PID:
		wait->child = d->args[1];
		break;
	case IDTYPE_PIDFD:
		wait->child = 0;
		wait->child_pidfd = (__u32)d->args[1] + 1ull;
		wait->file = file_of(d, 0);
		wait->object = wait->file ? wait->file->peer : 0;
		if (!wait->object)
			decode_unknown(wait, WAIT_CHILD, "its pidfd could not be seen");
		else
			decode_doubt(wait, wait->file);
		break;
	default: /* P_PGID */
		wait->child = -2;
	}
}

static void decode_flags(struct decode *d, __u64 flags)
{
	if (flags & CLONE_VFORK_FLAG)
		decode_set(d->wait, WAIT_VFORK, SOURCE_NONE, NULL);
	else
		decode_unknown(d->wait, WAIT_KERNEL, "the kernel is making a thread or process");
}

static void decode_clone(struct decode *d)
{
	decode_flags(d, d->args[0]);
}

static void decode_clone3(struct decode *d)
{
	__u64 flags; /* the first member of struct clone_args */

	if (wait_memory_read(d, d->args[0], &flags, sizeof(flags)))
		decode_flags(d, flags);
	else
		decode_unknown(d->wait, WAIT_VFORK, "the arguments of clone3 could not be read");
}

static void decode_kernel(struct decode *d)
{
	decode_unknown(d->wait, WAIT_KERNEL, "a wait inside the kernel");
}

void wait_call_decode(struct decode *d)
{
	static void (*const decoders[])(struct decode * d) = {
		[CALL_PLAIN] = decode_plain,
		[CALL_FUTEX] = wait_futex_op,
		[CALL_FUTEX_WAITV] = wait_futex_waitv,
		[CALL_FUTEX_WAIT] = wait_futex_wait,
		[CALL_POLL] = decode_poll,
		[CALL_SELECT] = decode_select,
		[CALL_OLD_SELECT] = decode_old_select,
		[CALL_READ] = decode_read,
		[CALL_WRITE] = decode_write,
		[CALL_SEND] = decode_send,
		[CALL_ACCEPT] = decode_accept,
		[CALL_CONNECT] = decode_connect,
		[CALL_SOCKETCALL] = decode_socketcall,
		[CALL_VMSPLICE] = decode_vmsplice,
		[CALL_IOCTL] = decode_ioctl,
		[CALL_SENDFILE] = decode_sendfile,
		[CALL_SPLICE] = decode_splice,
		[CALL_SLEEP] = decode_sleep,
		[CALL_CLOCK_SLEEP] = decode_clock_sleep,
		[CALL_RESTART] = wait_kernel_restart,
		[CALL_WAIT] = decode_wait,
		[CALL_WAITID] = decode_waitid,
		[CALL_CLONE] = decode_clone,
		[CALL_CLONE3] = decode_clone3,
		[CALL_FLOCK] = decode_flock,
		[CALL_FCNTL] = decode_fcntl,
		[CALL_IPC] = decode_ipc,
		[CALL_OPEN] = wait_kernel_open,
		[CALL_DISK] = decode_disk,
		[CALL_KERNEL] = decode_kernel,
	};
	_Static_assert(sizeof(decoders) / sizeof(*decoders) == CALL_COUNT, "one for each shape");

	decoders[d->call->shape](d);
}
