// SPDX-License-Identifier: GPL-2.0-only
/* wait_futex.c - which words a futex call sleeps on, and until when.
 *
 * What kind of lock the words belong to is read from their surroundings in futex.c.
 * Semantics: futex(2), kernel/futex/ of the kernel. */
#include "analyze/wait_decode.h"

#include <linux/futex.h>

#define FUTEX2_SIZE_IS_U32(flags) (((flags)&3) == 2)

/* struct futex_waitv of linux/futex.h (5.16). */
struct waiter {
	__u64 val;
	__u64 addr;
	__u32 flags;
	__u32 reserved;
};

_Static_assert(sizeof(struct waiter) == 24, "struct futex_waitv");

static void set_word(struct decode *d, struct wait_futex word)
{
	struct wait *wait = d->wait;

	decode_set(wait, WAIT_FUTEX, SOURCE_NONE, NULL);
	wait->futex = word;
	wait->object = word.addr;
	wait->nfutexes = 1;
}

/* The kernel's queue key tells where a waiter sleeps after FUTEX_CMP_REQUEUE has moved
 * it. A key is page and offset of the page; bits 0 and 1 of the offset say how shared. */
static void follow_key(struct decode *d)
{
	const struct wire_thread *t = d->t;
	struct wait *wait = d->wait;
	__u64 offset = t->key_offset & ~3ull, addr = t->key_word + offset;

	if (!(t->bits & WIRE_FUTEX_KEY))
		return;
	if (t->key_offset & 1) {
		wait->requeued = offset % 4096 != wait->futex.addr % 4096;
		if (wait->requeued)
			decode_unknown(wait, WAIT_FUTEX,
				       "it was moved to another futex in shared memory");
		return;
	}
	if (addr == wait->futex.addr)
		return;
	wait->requeued = true;
	wait->futex.addr = wait->object = addr;
	/* It has become a waiter for a lock that the kernel hands over. */
	if (wait->futex.op == FUTEX_WAIT_REQUEUE_PI)
		wait->futex.op = FUTEX_LOCK_PI;
}

/* Limits the wait; timeout is where the caller's is, or 0. */
static void apply_timeout(struct decode *d, __u64 timeout, bool relative, enum clock clock)
{
	__u64 ns;

	if (!timeout)
		return;
	if (!wait_time_read(d, timeout, d->call->timeout, &ns) ||
	    (!relative && wait_time_foreign(d, clock)))
		wait_time_unread(d->wait);
	else
		wait_time_limit(d->wait,
				relative ? wait_time_rest(d, ns) : wait_time_left(d, ns, clock));
}

static bool op_waits(__u32 op)
{
	return op == FUTEX_WAIT || op == FUTEX_WAIT_BITSET || op == FUTEX_LOCK_PI ||
	       op == FUTEX_LOCK_PI2 || op == FUTEX_WAIT_REQUEUE_PI;
}

void wait_futex_op(struct decode *d)
{
	__u32 flags = d->args[1], op = flags & FUTEX_CMD_MASK;
	bool locks = op == FUTEX_LOCK_PI || op == FUTEX_LOCK_PI2;
	struct wait_futex word = {
		.addr = d->args[0],
		.val = locks ? 0 : d->args[2],
		.op = op,
		.private_ = flags & FUTEX_PRIVATE_FLAG,
		.clock_realtime = (flags & FUTEX_CLOCK_REALTIME) || op == FUTEX_LOCK_PI,
	};

	if (!op_waits(op)) {
		decode_unknown(d->wait, WAIT_UNKNOWN, "a futex operation that does not wait");
		return;
	}
	set_word(d, word);
	if (!locks)
		follow_key(d);
	wait_memory_window(d, d->wait->futex.addr);
	apply_timeout(d, d->args[3], op == FUTEX_WAIT,
		      word.clock_realtime ? CLOCK_ID_REALTIME : CLOCK_ID_MONOTONIC);
}

/* futex_wait(addr, val, mask, flags, timeout, clock), 6.7 */
void wait_futex_wait(struct decode *d)
{
	__u32 flags = d->args[3];
	struct wait_futex word = {
		.addr = d->args[0],
		.val = d->args[1],
		.op = FUTEX_WAIT_BITSET,
		.private_ = flags & FUTEX_PRIVATE_FLAG,
		.clock_realtime = (__u32)d->args[5] == CLOCK_ID_REALTIME,
	};

	if (!FUTEX2_SIZE_IS_U32(flags)) {
		decode_unknown(d->wait, WAIT_UNKNOWN, "a futex of a size that is not decoded");
		return;
	}
	set_word(d, word);
	follow_key(d);
	wait_memory_window(d, d->wait->futex.addr);
	apply_timeout(d, d->args[4], false, (enum clock)(__u32)d->args[5]);
}

bool wait_futex_word(const struct world *w, const struct wire_thread *t, __u64 waiters, __u32 i,
		     struct wait_futex *ret)
{
	struct waiter waiter;

	if (!memory_copy(&w->memory, t->mm, waiters + i * sizeof(waiter), &waiter, sizeof(waiter)))
		return false;
	*ret = (struct wait_futex){
		.addr = waiter.addr,
		.val = waiter.val,
		.op = FUTEX_WAIT,
		.private_ = waiter.flags & FUTEX_PRIVATE_FLAG,
	};
	return true;
}

/* futex_waitv(waiters, n, flags, timeout, clock), 5.16 */
void wait_futex_waitv(struct decode *d)
{
	__u32 n = d->args[1];
	struct wait *wait = d->wait;
	struct wait_futex first, word;
	bool private_ = true;

	if (!n || n > WAIT_FUTEX_MAX) {
		decode_unknown(wait, WAIT_UNKNOWN, "a futex call of a form that is not decoded");
		return;
	}
	decode_unknown(wait, WAIT_FUTEX, "the futexes that it waits for could not be read");
	wait_memory_want(d, d->args[0], n * sizeof(struct waiter));
	for (__u32 i = 0; i < n; i++) {
		if (!wait_futex_word(d->w, d->t, d->args[0], i, &word))
			return;
		private_ &= word.private_;
		if (!i)
			first = word;
		else
			wait_memory_want(d, word.addr, sizeof(__u32));
	}
	first.private_ = private_;
	first.clock_realtime = (__u32)d->args[4] == CLOCK_ID_REALTIME;
	set_word(d, first);
	wait->nfutexes = n;
	wait_memory_window(d, first.addr);
	apply_timeout(d, d->args[3], false, (enum clock)(__u32)d->args[4]);
}

/* Flags of the restart block: kernel/futex/futex.h; "futex: Flag conversion" (6.7) moved them. */
#define RESTART_SHARED_OLD 0x01u
#define RESTART_REALTIME_OLD 0x02u
#define RESTART_SHARED 0x10u
#define RESTART_REALTIME 0x20u
#define RESTART_TIMEOUT 0x40u

/* The block: addr; val, flags; bitset; absolute time. Only a timed wait has one. */
void wait_futex_restart(struct decode *d)
{
	const __u64 *block = d->t->restart;
	__u32 flags = block[1] >> 32;
	bool new_flags = flags & RESTART_TIMEOUT;
	bool shared = flags & (new_flags ? RESTART_SHARED : RESTART_SHARED_OLD);
	bool realtime = flags & (new_flags ? RESTART_REALTIME : RESTART_REALTIME_OLD);
	struct wait_futex word = {
		.addr = block[0],
		.val = (__u32)block[1],
		.op = FUTEX_WAIT_BITSET,
		.private_ = !shared,
		.clock_realtime = realtime,
	};

	set_word(d, word);
	follow_key(d);
	wait_memory_window(d, d->wait->futex.addr);
	wait_time_limit(d->wait, wait_time_left(d, block[3],
						realtime ? CLOCK_ID_REALTIME : CLOCK_ID_MONOTONIC));
}
