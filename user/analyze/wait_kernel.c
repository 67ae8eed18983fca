// SPDX-License-Identifier: GPL-2.0-only
/* wait_kernel.c - waits that the kernel's stack explains, not the call's arguments.
 *
 * Page faults, file servers, calls that were interrupted and continue. collect/ gives
 * the innermost function that says something, and for faults what is mapped there;
 * either may be missing, and then the wait is unknown. */
#include "analyze/wait_decode.h"

#include <stdint.h>
#include <string.h>

static const struct kernel_wait no_stack;

static const struct kernel_wait *kernel_wait_of(const struct decode *d)
{
	const struct kernel_wait *k = world_kernel_wait(d->w, d->t->head.tid);

	return k ? k : &no_stack;
}

static bool mentions(const struct kernel_wait *k, const char *word)
{
	return strstr(k->function, word) != NULL;
}

static bool asks_file_server(const struct kernel_wait *k)
{
	static const char *const words[] = { "nfs", "rpc_", "p9_", "ceph_", "cifs", "smb" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (mentions(k, words[i]))
			return true;
	return false;
}

static bool asks_fuse(const struct kernel_wait *k)
{
	return mentions(k, "fuse_") && !mentions(k, "fuse_dev_");
}

static bool faults(const struct kernel_wait *k)
{
	return k->where[0] || mentions(k, "userfault") || mentions(k, "_fault");
}

static bool locks_memory(const struct kernel_wait *k)
{
	return mentions(k, "rwsem_down") || mentions(k, "down_read") || mentions(k, "lock_mm");
}

static void decide_fault(const struct kernel_wait *k, struct wait *wait)
{
	if (mentions(k, "userfault") || !strcmp(k->where, "[userfaultfd]"))
		decode_set(wait, WAIT_PAGE_FAULT, SOURCE_OUTSIDE, "a handler of userfaultfd");
	else if (mentions(k, "fuse_"))
		decode_set(wait, WAIT_PAGE_FAULT, SOURCE_OUTSIDE, "the FUSE server");
	else if (asks_file_server(k))
		decode_set(wait, WAIT_PAGE_FAULT, SOURCE_OUTSIDE, "a file server (NFS or another)");
	else if (locks_memory(k))
		decode_unknown(wait, WAIT_PAGE_FAULT, "the lock of its memory map");
	else
		decode_set(wait, WAIT_PAGE_FAULT, SOURCE_DEVICE,
			   k->where[0] == '/' ? "a page of a mapped file" : "a page of memory");
}

bool wait_kernel_explains(struct decode *d)
{
	const struct kernel_wait *k = kernel_wait_of(d);

	if (k->hidden)
		decode_unknown(d->wait, d->wait->kind, "its kernel stack cannot be read");
	else if (faults(k))
		decide_fault(k, d->wait);
	else if (mentions(k, "seccomp"))
		decode_set(d->wait, WAIT_KERNEL, SOURCE_OUTSIDE, "the supervisor of its calls");
	else if (asks_fuse(k))
		decode_set(d->wait, WAIT_FUSE, SOURCE_OUTSIDE, "the FUSE server");
	else if (asks_file_server(k))
		decode_set(d->wait, WAIT_IO, SOURCE_DEVICE, "a file server");
	else
		return false;
	return true;
}

void wait_kernel_only(struct decode *d)
{
	const struct kernel_wait *k = kernel_wait_of(d);

	/* Outside a call there is nothing but a fault that asks a file server. */
	if (faults(k) || asks_fuse(k) || asks_file_server(k))
		decide_fault(k, d->wait);
	else
		decode_unknown(d->wait, WAIT_KERNEL, "a kernel wait outside a system call");
}

/* Interruptible, an open(2) waits for the other end of a FIFO or for a server. */
void wait_kernel_open(struct decode *d)
{
	const struct kernel_wait *k = kernel_wait_of(d);
	bool fifo = mentions(k, "fifo_open") || mentions(k, "wait_for_partner");

	if (!fifo && (k->function[0] || (d->t->bits & WIRE_UNINTERRUPTIBLE)))
		decode_set(d->wait, WAIT_IO, SOURCE_DEVICE, NULL);
	else
		decode_set(d->wait, WAIT_FIFO, SOURCE_OUTSIDE,
			   "another process that opens the FIFO");
}

void wait_kernel_uninterruptible(struct decode *d)
{
	switch (d->wait->kind) {
	case WAIT_VFORK: /* killable, which the scan does not tell from state D */
	case WAIT_IO:
	case WAIT_FUSE:
	case WAIT_PAGE_FAULT:
	case WAIT_KERNEL:
		return;
	default:
		decode_unknown(d->wait, WAIT_KERNEL, "an uninterruptible wait inside the kernel");
	}
}

/* ---- restart_syscall(2) ---- */

/* The block of a sleep: clock and type; where to leave the rest; absolute ns. */
static void restart_sleep(struct decode *d, const struct kernel_wait *k)
{
	const __u64 *block = d->t->restart;
	__u32 clock = block[0];

	decode_set(d->wait, WAIT_SLEEP, SOURCE_TIMER, NULL);
	if (mentions(k, "cpu_nsleep")) {
		decode_unknown(d->wait, WAIT_SLEEP, "it sleeps by a clock of CPU time");
		return;
	}
	if (mentions(k, "alarm")) /* enum alarmtimer_type: realtime, boot time */
		clock = clock ? CLOCK_ID_BOOTTIME : CLOCK_ID_REALTIME;
	wait_time_limit(d->wait, wait_time_left(d, block[2], clock));
}

/* The block of poll(2): descriptors; their number and whether it is timed; absolute
 * seconds and nanoseconds of CLOCK_MONOTONIC. */
static void restart_poll(struct decode *d)
{
	const __u64 *block = d->t->restart;
	__u64 until = block[2] < INT64_MAX / 1000000000ull ? block[2] * 1000000000ull + block[3]
							   : INT64_MAX;

	if ((__u32)block[1])
		decode_set(d->wait, WAIT_POLL, SOURCE_OUTSIDE, "one of the descriptors it polls");
	else
		decode_set(d->wait, WAIT_POLL, SOURCE_SIGNAL, NULL);
	if (block[1] >> 32)
		wait_time_limit(d->wait, wait_time_left(d, until, CLOCK_ID_MONOTONIC));
}

void wait_kernel_restart(struct decode *d)
{
	const struct kernel_wait *k = kernel_wait_of(d);

	/* Whatever it was, only poll(2) continues this way without being timed. */
	decode_set(d->wait, WAIT_SLEEP, SOURCE_TIMER, NULL);
	if (!(d->t->bits & WIRE_RESTARTED))
		return;
	if (mentions(k, "futex"))
		wait_futex_restart(d);
	else if (mentions(k, "nanosleep") || mentions(k, "nsleep"))
		restart_sleep(d, k);
	else if (mentions(k, "poll"))
		restart_poll(d);
}
