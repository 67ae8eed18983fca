// SPDX-License-Identifier: GPL-2.0-only
/* futex.bpf.c - who wakes the futex words that somebody has waited on for long?
 *
 * The scan knows who waits, and since when; only wakes leave no trace. So nothing runs when
 * a thread waits, and of a wake only this is asked: is the word one of those that user space
 * (collect/events.c) watches? A few bits answer that for nearly all wakes; what is found out
 * stays in the word's entry until user space reads it.
 *
 * One of the hooks is loaded, found by trial: the narrow functions behind futex(2) where the
 * kernel has them (from af8cc9600bbf, 5.16, on none of them is inlined), else do_futex(). */
#include "compat.bpf.h"
#include "wire.h"

/* include/uapi/linux/futex.h */
#define FUTEX_WAKE 1
#define FUTEX_REQUEUE 3
#define FUTEX_CMP_REQUEUE 4
#define FUTEX_WAKE_OP 5
#define FUTEX_UNLOCK_PI 7
#define FUTEX_WAKE_BITSET 10
#define FUTEX_CMP_REQUEUE_PI 12
#define FUTEX_FLAGS (128 | 256) /* FUTEX_PRIVATE_FLAG, FUTEX_CLOCK_REALTIME */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, WIRE_WORDS_MAX);
	__type(key, struct wire_word_key);
	__type(value, struct wire_word);
} futex_words SEC(".maps");

/* Bit wire_word_hash() is set for each watched word. */
__u64 futex_filter[WIRE_WORD_BITS / 64] = {};

/* Wakes of words that only looked like a watched one; also how events.c finds out whether a
 * hook is called at all. */
__u64 futex_misses = 0;

/* Wakes, roughly: CPUs may overwrite each other's counts. By it events.c knows when wakes are
 * too many to be seen for next to nothing. */
__u64 futex_calls = 0;

static __always_inline bool is_worth_a_look(__u64 addr)
{
	__u32 bit = wire_word_hash(addr);

	return futex_filter[bit / 64] >> (bit & 63) & 1;
}

/* now: 0 for a wake that found nobody. */
static __always_inline void note_waker(struct wire_word *w, __u32 tid, __u64 started, __u64 now)
{
	for (int i = 0; i < WIRE_WAKERS; i++) {
		struct wire_waker *k = &w->wakers[i];

		if (!k->tid) {
			k->tid = tid;
			k->started = started;
		}
		if (k->tid == tid && k->started == started) {
			if (now) {
				__sync_fetch_and_add(&k->count, 1);
				k->last = now;
			}
			return;
		}
	}
	__sync_fetch_and_add(&w->others, 1);
}

/* woken: what the call returned. */
static __always_inline void note(struct task_struct *t, __u64 addr, long woken)
{
	struct wire_word_key key = { .mm = (__u64)BPF_CORE_READ(t, mm), .addr = addr };
	struct wire_word *w = bpf_map_lookup_elem(&futex_words, &key);
	__u64 now;

	if (!w)
		__sync_fetch_and_add(&futex_misses, 1);
	if (!w || woken < 0)
		return;
	now = bpf_ktime_get_boot_ns();
	if (!woken) {
		__sync_fetch_and_add(&w->empty, 1);
		w->last_empty = now;
		note_waker(w, BPF_CORE_READ(t, pid), BPF_CORE_READ(t, start_boottime), 0);
		return;
	}
	if (!w->wakes)
		w->first = now;
	else if (now > w->last && now - w->last > w->longest) /* another CPU may be ahead */
		w->longest = now - w->last;
	__sync_fetch_and_add(&w->wakes, 1);
	w->last = now;
	note_waker(w, BPF_CORE_READ(t, pid), BPF_CORE_READ(t, start_boottime), now);
}

static __always_inline void woke(__u64 addr, long woken)
{
	futex_calls++;
	if (is_worth_a_look(addr))
		note((void *)bpf_get_current_task(), addr, woken);
}

/* Whether an operation of futex(2) wakes somebody; second: on its second word too. */
static __always_inline bool is_wake(__u32 op, bool *ret_second)
{
	op &= ~FUTEX_FLAGS;
	*ret_second = op == FUTEX_REQUEUE || op == FUTEX_CMP_REQUEUE || op == FUTEX_WAKE_OP ||
		      op == FUTEX_CMP_REQUEUE_PI;
	return *ret_second || op == FUTEX_WAKE || op == FUTEX_WAKE_BITSET || op == FUTEX_UNLOCK_PI;
}

static __always_inline void called(__u64 addr, __u32 op, __u64 second, long ret)
{
	bool both;

	if (!is_wake(op, &both))
		return;
	woke(addr, ret);
	if (both)
		woke(second, ret);
}

/* ---- fexit ---- */

/* The arguments, then what the call returns. */

SEC("?fexit/futex_wake")
int futex_narrow_wake(__u64 *args)
{
	woke(args[0], (int)compat_func_ret(args, 4));
	return 0;
}

SEC("?fexit/futex_wake_op")
int futex_narrow_wake_op(__u64 *args)
{
	long ret = (int)compat_func_ret(args, 6);

	woke(args[0], ret);
	woke(args[2], ret);
	return 0;
}

/* Its arguments have changed (0f4b5f972216, 6.7), the first three have not; what it returns
 * comes behind the last. That it wakes somebody is assumed. */
SEC("?fentry/futex_requeue")
int futex_narrow_requeue(__u64 *args)
{
	woke(args[0], 1);
	woke(args[2], 1);
	return 0;
}

SEC("?fexit/do_futex")
int futex_wide(__u64 *args)
{
	called(args[0], args[1], args[4], compat_func_ret(args, 7));
	return 0;
}

/* ---- kprobes: the arguments are gone when the call returns ---- */

/* A return that was missed leaves its entry: those go when there is no room. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u64); /* the word */
} futex_pending SEC(".maps");

SEC("?kprobe/futex_wake")
int futex_enter_wake(struct pt_regs *regs)
{
	__u64 addr = COMPAT_PARM(regs, 0);
	__u32 tid = bpf_get_current_pid_tgid();

	futex_calls++;
	if (is_worth_a_look(addr))
		bpf_map_update_elem(&futex_pending, &tid, &addr, BPF_ANY);
	return 0;
}

/* Whoever waits sits in do_futex() too, and takes up what a kretprobe has for those that are
 * under way: the return would be missed. So that it wakes somebody is assumed. */
SEC("?kprobe/do_futex")
int futex_enter_wide(struct pt_regs *regs)
{
	__u64 addr = COMPAT_PARM(regs, 0), second = COMPAT_PARM(regs, 4);

	barrier_var(second); /* else it is read through a sum with regs, which no verifier takes */
	called(addr, COMPAT_PARM(regs, 1), second, 1);
	return 0;
}

/* As with fentry, that they wake somebody is assumed. */
static __always_inline int enter_both(struct pt_regs *regs)
{
	woke(COMPAT_PARM(regs, 0), 1);
	woke(COMPAT_PARM(regs, 2), 1);
	return 0;
}

SEC("?kprobe/futex_wake_op")
int futex_enter_wake_op(struct pt_regs *regs)
{
	return enter_both(regs);
}

SEC("?kprobe/futex_requeue")
int futex_enter_requeue(struct pt_regs *regs)
{
	return enter_both(regs);
}

SEC("?kretprobe/futex_wake")
int futex_leave_wake(struct pt_regs *regs)
{
	__u32 tid = bpf_get_current_pid_tgid();
	__u64 *addr = bpf_map_lookup_elem(&futex_pending, &tid);

	if (!addr)
		return 0;
	note((void *)bpf_get_current_task(), *addr, (int)COMPAT_RETURN(regs));
	bpf_map_delete_elem(&futex_pending, &tid);
	return 0;
}

/* ---- the tracepoint that ends every system call of the host ---- */

SEC("?tp_btf/sys_exit")
int futex_sys_exit(__u64 *args)
{
	struct pt_regs *regs = (void *)args[0];
	__s64 nr = compat_exit_nr(regs);

	if (nr == COMPAT_NR_FUTEX || nr == COMPAT_NR_FUTEX_COMPAT || nr == COMPAT_NR_FUTEX_TIME64)
		called(compat_exit_arg(regs, 0), compat_exit_arg(regs, 1), compat_exit_arg(regs, 4),
		       (long)args[1]);
	else if (nr == COMPAT_NR_FUTEX_WAKE)
		woke(compat_exit_arg(regs, 0), (long)args[1]);
	return 0;
}
