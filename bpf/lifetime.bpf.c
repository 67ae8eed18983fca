// SPDX-License-Identifier: GPL-2.0-only
/* lifetime.bpf.c - births, execs and deaths of threads, through a ring buffer.
 *
 * Read by collect/events.c, in batches: the reader is woken when the buffer is half full,
 * and comes by itself at every pass. What finds no room is counted; the next scan repairs
 * it. A birth says by which chain of calls it was made, as a number (site_of); the stack
 * itself is copied once for a number, and only while user space grants a budget. */
#include "compat.bpf.h"
#include "wire.h"

/* Bytes of the buffer that may fill before its reader is woken; set by events.c. */
const volatile __u64 lifetime_wake_at = 0;
__u64 lifetime_lost = 0;
/* Stacks that may still be copied; granted by events.c at each drain. */
__s64 lifetime_stacks_left = 0;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20); /* events.c sets it */
} lifetime_ring SEC(".maps");

/* Sites whose stack was sent, by a number made of all that tells them apart. One that takes the
 * place of another makes that one's stack come again: within the budget, and user space has it. A
 * lookup in a map would cost as much as all the rest. */
#define SITES 8192
__u64 lifetime_sites[SITES] = {};

struct frame_copy {
	__u64 words[COMPAT_FRAME];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct frame_copy);
} lifetime_scratch SEC(".maps");

static __always_inline void *reserve(__u64 size)
{
	void *r = bpf_ringbuf_reserve(&lifetime_ring, size, 0);

	if (!r)
		__sync_fetch_and_add(&lifetime_lost, 1);
	return r;
}

#define ASKS 16 /* threads, of which one asks how full the buffer is */
/* What they can add until then does not fill the other half of a buffer
 * that is larger than this. */
#define LARGE (2 * ASKS * sizeof(struct wire_stack))

static __always_inline void submit(struct wire_head *r)
{
	__u64 flags = BPF_RB_NO_WAKEUP;

	if ((lifetime_wake_at < LARGE || r->tid % ASKS == 0) &&
	    bpf_ringbuf_query(&lifetime_ring, BPF_RB_AVAIL_DATA) >= lifetime_wake_at)
		flags = BPF_RB_FORCE_WAKEUP;
	bpf_ringbuf_submit(r, flags);
}

static __always_inline bool is_kernel_code(struct task_struct *t)
{
	return t->flags & (PF_KTHREAD | PF_IO_WORKER | PF_USER_WORKER);
}

/* A number for the chain of calls that makes a thread: how deep the stack is, counted from
 * where the thread pointer lies, and from where the kernel was called. In all threads with
 * stacks by the C library the same chain has the same number, whichever thread it runs in;
 * two chains with the same number are rare, and share their statistics. */
static __always_inline __u64 site_of(struct task_struct *parent)
{
	__u64 sp, ip, site;

	compat_task_regs(parent, &sp, &ip);
	site = (compat_tls(parent) - sp) * 0x9e3779b97f4a7c15ull ^ ip;
	return site ? site : 1;
}

/* Larger reads fail where the stack ends sooner. */
static __always_inline __u32 read_stack(struct wire_stack *r, __u64 sp)
{
	if (!bpf_probe_read_user(r->bytes, WIRE_STACK_BYTES, (void *)sp))
		return WIRE_STACK_BYTES;
	if (!bpf_probe_read_user(r->bytes, WIRE_STACK_BYTES / 2, (void *)sp))
		return WIRE_STACK_BYTES / 2;
	if (!bpf_probe_read_user(r->bytes, WIRE_STACK_BYTES / 4, (void *)sp))
		return WIRE_STACK_BYTES / 4;
	if (!bpf_probe_read_user(r->bytes, WIRE_STACK_BYTES / 16, (void *)sp))
		return WIRE_STACK_BYTES / 16;
	return 0;
}

/* Whether there was room for it. */
static __always_inline bool send_stack(struct task_struct *parent, struct task_struct *child,
				       __u64 site)
{
	__u32 zero = 0;
	struct frame_copy *copy = bpf_map_lookup_elem(&lifetime_scratch, &zero);
	struct wire_stack *r = copy ? reserve(sizeof(*r)) : NULL;

	if (!r)
		return false;
	bpf_probe_read_kernel(copy->words, COMPAT_REGS_SIZE, compat_regs(parent));
	__builtin_memset(r, 0, offsetof(struct wire_stack, bytes));
	r->head.kind = WIRE_STACK;
	r->head.size = sizeof(*r);
	r->head.tid = child->pid;
	r->tgid = child->tgid;
	r->creator = parent->pid;
	r->creator_tgid = parent->tgid;
	r->creator_started = parent->start_boottime;
	r->bits = compat_is_compat(parent) ? WIRE_COMPAT : 0;
	r->site = site;
	compat_regs_read(copy->words, r->reg);
	r->len = read_stack(r, compat_frame_sp(copy->words));
	submit(&r->head);
	return true;
}

/* Once for a site; a stack that found no room is sent with a later birth. */
static __always_inline void describe_site(struct task_struct *parent, struct task_struct *child,
					  __u64 site)
{
	__u64 tag = (site ^ parent->group_leader->start_boottime ^ (__u64)parent->tgid << 40) *
		    0x9e3779b97f4a7c15ull;
	__u64 *known = &lifetime_sites[tag >> 51]; /* one of SITES */

	if (*known == tag || lifetime_stacks_left <= 0)
		return;
	__sync_fetch_and_add(&lifetime_stacks_left, -1);
	if (send_stack(parent, child, site))
		*known = tag;
}

SEC("?tp_btf/sched_process_fork")
int lifetime_fork(__u64 *args)
{
	struct task_struct *parent = (void *)args[0], *child = (void *)args[1];
	struct wire_birth *r;
	__u64 site = 0;

	if (is_kernel_code(child))
		return 0;
	if (child->tgid == parent->tgid)
		site = site_of(parent);
	r = reserve(sizeof(*r));
	if (!r)
		return 0;
	r->head.kind = WIRE_BIRTH;
	r->head.size = sizeof(*r);
	r->head.tid = child->pid;
	r->tgid = child->tgid;
	r->creator = parent->pid;
	r->creator_tgid = parent->tgid;
	r->pad = 0;
	r->started = child->start_boottime;
	r->creator_started = parent->start_boottime;
	r->site = site;
	submit(&r->head);
	if (site)
		describe_site(parent, child, site);
	return 0;
}

SEC("?tp_btf/sched_process_exec")
int lifetime_exec(__u64 *args)
{
	struct task_struct *t = (void *)args[0];
	struct wire_exec *r = reserve(sizeof(*r));

	if (!r)
		return 0;
	r->head.kind = WIRE_EXEC;
	r->head.size = sizeof(*r);
	r->head.tid = t->pid;
	r->tgid = t->tgid;
	r->old = args[1];
	r->started = t->start_boottime;
	r->time = bpf_ktime_get_boot_ns();
	submit(&r->head);
	return 0;
}

SEC("?tp_btf/sched_process_exit")
int lifetime_exit(__u64 *args)
{
	struct task_struct *t = (void *)args[0];
	struct wire_death *r;

	if (is_kernel_code(t))
		return 0;
	r = reserve(sizeof(*r));
	if (!r)
		return 0;
	r->head.kind = WIRE_DEATH;
	r->head.size = sizeof(*r);
	r->head.tid = t->pid;
	r->tgid = t->tgid;
	r->pad = 0;
	r->started = t->start_boottime;
	r->time = bpf_ktime_get_boot_ns();
	submit(&r->head);
	return 0;
}
