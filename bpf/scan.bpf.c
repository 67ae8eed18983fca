// SPDX-License-Identifier: GPL-2.0-only
/* scan.bpf.c - the truth about every thread: one record each, filtered in the kernel.
 *
 * A task iterator, read by collect/feed.c. Emits a wire_thread, then the files that
 * a blocked call names and the locks on them; or, in the other modes, one small record.
 * Kernel threads and workers that run kernel code inside a process are left out. */
#include "compat.bpf.h"
#include "file.bpf.h"
#include "queue.bpf.h"
#include "wire.h"

char LICENSE[] SEC("license") = "GPL";

/* Which calls have descriptors, locks, futexes: native numbers, then 32-bit ones. */
const volatile struct wire_call scan_calls[2 * WIRE_CALLS] = {};
/* enum wire_mode; set by feed.c before each read. */
__u32 scan_mode = WIRE_MODE_FULL;
/* With WIRE_MODE_REGS: threads of this process only, whether they sleep or not; 0: all that
 * sleep. */
__u32 scan_tgid = 0;

#define STACK_WORDS 128 /* of the kernel stack, from its top: futex calls use about 70 */
#define STACK_HITS 16

struct scratch {
	struct wire_thread thread;
	struct wire_file file;
	struct wire_lock lock;
	struct wire_regs user;
	struct compat_call call;
	__u64 regs;
	__u64 frame[COMPAT_FRAME];
	__u64 self;
	__u64 stack[STACK_WORDS];
	__u32 nhits;
	__u32 hits[STACK_HITS];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scan_scratch SEC(".maps");

static __always_inline bool is_kernel_code(__u32 flags)
{
	return flags & (PF_KTHREAD | PF_IO_WORKER | PF_USER_WORKER);
}

/* The iterator's task may be read directly, and so may what it points to: the verifier
 * knows their types, and a load costs no call of a helper. */
static __always_inline __u32 process_bits(struct task_struct *t)
{
	struct signal_struct *signal = t->signal;
	struct list_head list = {};
	__u32 bits = 0;

	if (!signal)
		return 0;
	if (signal->flags & SIGNAL_GROUP_EXIT)
		bits |= WIRE_EXITING;
	if (BPF_CORE_READ_BITFIELD(signal, is_child_subreaper))
		bits |= WIRE_SUBREAPER;
	/* A list_head that is empty points at itself; the hlist_head of
	 * later kernels holds NULL. */
	bpf_probe_read_kernel(&list, sizeof(void *), &signal->posix_timers);
	if (list.next && list.next != &signal->posix_timers)
		bits |= WIRE_TIMERS;
	if (compat_timer_queued(signal))
		bits |= WIRE_ITIMER;
	return bits;
}

static __always_inline __u32 thread_bits(struct task_struct *t, __u32 state, __u32 flags)
{
	__u32 bits = process_bits(t);

	if (state & TASK_STOPPED_OR_TRACED)
		bits |= WIRE_STOPPED;
	if (compat_frozen(t, state, flags))
		bits |= WIRE_FROZEN;
	if (flags & PF_EXITING)
		bits |= WIRE_EXITING;
	if (compat_dumping(t))
		bits |= WIRE_DUMPING;
	if (t->exit_state)
		bits |= WIRE_ZOMBIE;
	else if (!state)
		bits |= WIRE_RUNNABLE;
	if (state & TASK_UNINTERRUPTIBLE)
		bits |= WIRE_UNINTERRUPTIBLE;
	if (t->vfork_done)
		bits |= WIRE_VFORK;
	if (t->ptrace)
		bits |= WIRE_TRACED;
	if (bpf_core_field_exists(t->io_uring) && t->io_uring)
		bits |= WIRE_URING;
	if (compat_other_time(t))
		bits |= WIRE_TIMENS;
	if (bpf_get_current_pid_tgid() >> 32 == (__u32)t->tgid)
		bits |= WIRE_SELF;
	return bits;
}

static __always_inline void read_ids(struct task_struct *t, struct wire_thread *r)
{
	struct pid *pid = t->thread_pid;

	r->head.tid = t->pid;
	r->tgid = t->tgid;
	r->ppid = t->real_parent->tgid;
	if (t->ptrace)
		r->tracer = t->parent->tgid;
	r->ns_tid = t->pid;
	r->ns_tgid = t->tgid;
	r->ns_inum = COMPAT_INIT_PIDNS;
	if (!pid || !pid->level)
		return;
	compat_ns_id(BPF_CORE_READ(t, thread_pid), &r->ns_tid, &r->ns_inum);
	compat_ns_id(BPF_CORE_READ(t, group_leader, thread_pid), &r->ns_tgid, NULL);
}

static __always_inline void read_frame(struct task_struct *t, struct scratch *s)
{
	struct pt_regs *regs = compat_regs(t);

	s->regs = (__u64)regs;
	bpf_probe_read_kernel(s->frame, COMPAT_REGS_SIZE, regs);
}

static __always_inline void read_call(struct task_struct *t, struct scratch *s)
{
	struct wire_thread *r = &s->thread;

	read_frame(t, s);
	compat_call_read(t, s->frame, &s->call);
	r->nr = s->call.nr;
	__builtin_memcpy(r->args, s->call.args, sizeof(r->args));
	if (s->call.compat)
		r->bits |= WIRE_COMPAT;
	if (s->call.nr >= 0)
		r->bits |= WIRE_IN_SYSCALL;
}

static __always_inline void read_restart(struct task_struct *t, struct wire_thread *r)
{
	bpf_probe_read_kernel(r->restart, sizeof(r->restart), &t->restart_block.futex);
	r->bits |= WIRE_RESTARTED;
}

static __always_inline void read_task(struct task_struct *t, struct scratch *s, __u32 state,
				      __u32 flags)
{
	struct wire_thread *r = &s->thread;

	__builtin_memset(r, 0, sizeof(*r));
	r->head.kind = WIRE_THREAD;
	r->head.size = sizeof(*r);
	read_ids(t, r);
	r->state = state;
	r->bits = thread_bits(t, state, flags);
	r->started = t->start_boottime;
	r->arrived = compat_arrived(t);
	r->accounted = t->se.exec_start;
	r->switches = t->nvcsw + t->nivcsw;
	r->mm = (__u64)t->mm;
	r->execs = t->self_exec_id;
	r->files = (__u64)t->files;
	r->tls = compat_tls(t);
	r->cleartid = (__u64)t->clear_child_tid;
	r->fault = compat_fault(t);
	BPF_CORE_READ_INTO(&r->comm, t, comm);
}

/* Marks where on the stack the task's own address lies. The count is kept in memory and
 * not in a register, so that the verifier, which does not follow it there, sees the same
 * state behind both ways and walks the loop once. */
static __always_inline void find_self(struct scratch *s)
{
	volatile __u32 *n = &s->nhits;

	*n = 0;
	for (__u32 i = 0; i < STACK_WORDS; i++) {
		if (s->stack[i] != s->self || *n >= STACK_HITS)
			continue;
		s->hits[*n & (STACK_HITS - 1)] = i;
		++*n;
	}
}

/* Kernels move their stacks about at random (RANDOMIZE_KSTACK_OFFSET), so that a futex_q
 * of an earlier call may still lie there: a live one is linked into its queue, both ways,
 * and has that queue's lock. */
static __always_inline bool is_queued(struct futex_q *q)
{
	struct list_head *link = (void *)q + bpf_core_field_offset(q->list.node_list);
	struct list_head *next = BPF_CORE_READ(q, list.node_list.next);

	if (!next || next == link || !BPF_CORE_READ(q, lock_ptr))
		return false;
	return BPF_CORE_READ(next, prev) == link;
}

/* A key of private memory names the thread's mm; one of a shared file has a number for
 * its inode, and must lie at the word's place in the page. */
static __always_inline bool take_key(struct wire_thread *r, struct futex_q *q)
{
	__u64 id = BPF_CORE_READ(q, key.both.ptr), word = BPF_CORE_READ(q, key.both.word);
	__u32 offset = BPF_CORE_READ(q, key.both.offset);
	bool private = id == r->mm && offset < 4096 && !(word & 4095) && !(offset & 1);
	bool shared = id && !(id >> 48) && offset < 4096 && (offset & 3) == 1 &&
		      offset - 1 == (r->args[0] & 4095);

	if ((!private && !shared) || !is_queued(q))
		return false;
	r->key_id = id;
	r->key_word = word;
	r->key_offset = offset;
	r->bits |= WIRE_FUTEX_KEY;
	return true;
}

/* Copies the kernel stack of a task and marks its own address there; the copy begins at *ret. */
static __always_inline bool read_stack(struct task_struct *t, struct scratch *s, __u64 *ret)
{
	__u64 sp = compat_kernel_sp(t), len = s->regs - sp;

	if (sp >= s->regs)
		return false;
	if (len > sizeof(s->stack))
		len = sizeof(s->stack);
	__builtin_memset(s->stack, 0, sizeof(s->stack));
	if (bpf_probe_read_kernel(s->stack, len, (void *)sp))
		return false;
	find_self(s);
	*ret = sp;
	return true;
}

/* The kernel queues a futex waiter under a key that lives on the waiter's own stack
 * (struct futex_q): it is the only thing that tells where a requeued waiter sleeps and
 * whether other processes can reach it. Found by the back pointer to the task. */
static __always_inline void read_futex_key(struct task_struct *t, struct scratch *s)
{
	__u32 back = bpf_core_field_offset(struct futex_q, task);
	__u64 sp;

	if (!bpf_core_type_exists(struct futex_q) || !read_stack(t, s, &sp))
		return;
	for (__u32 i = 0; i < STACK_HITS && i < s->nhits; i++) {
		struct futex_q *q = (void *)(sp + s->hits[i] * sizeof(__u64) - back);

		if (take_key(&s->thread, q))
			return;
	}
}

/* Likewise for who waits for a lock on a file, or for the process of a pidfd. */
static __always_inline bool waits_apart(struct task_struct *t, struct scratch *s, struct file *file)
{
	__u32 back = bpf_core_field_offset(struct wait_queue_entry, private);
	__u64 sp;

	if (!read_stack(t, s, &sp))
		return false;
	for (__u32 i = 0; i < STACK_HITS && i < s->nhits; i++) {
		__u64 entry = sp + s->hits[i] * sizeof(__u64) - back;

		if (queue_entry_is_for((void *)entry, file, &s->file))
			return true;
	}
	return false;
}

static __always_inline void emit_file(struct seq_file *seq, struct task_struct *t,
				      struct scratch *s, __u32 arg, bool locks)
{
	struct wire_file *r = &s->file;
	struct file *file = file_of(t, s->call.args[arg & 3]);
	volatile __u64 *self = &s->self; /* no pointer, for the verifier */
	struct file_lock_context *ctx;

	if (!file)
		return;
	__builtin_memset(r, 0, sizeof(*r));
	r->head.kind = WIRE_FILE;
	r->head.size = sizeof(*r);
	r->head.tid = s->thread.head.tid;
	r->fd = s->call.args[arg & 3];
	r->arg = arg;
	file_describe(file, r);
	if (locks || file_is_pidfd(r))
		r->queued = waits_apart(t, s, file) ? WIRE_QUEUED : WIRE_QUEUED_ELSEWHERE;
	else
		r->queued = queue_of_file(file, r, *self);
	bpf_seq_write(seq, r, sizeof(*r));
	if (!locks)
		return;
	ctx = BPF_CORE_READ(file, f_inode, i_flctx);
	if (!ctx)
		return;
	__builtin_memset(&s->lock, 0, sizeof(s->lock));
	s->lock.head.kind = WIRE_LOCK;
	s->lock.head.size = sizeof(s->lock);
	s->lock.head.tid = r->head.tid;
	s->lock.inode = r->inode;
	file_locks(seq, (void *)ctx + bpf_core_field_offset(ctx->flc_flock), &s->lock);
	file_locks(seq, (void *)ctx + bpf_core_field_offset(ctx->flc_posix), &s->lock);
}

static __always_inline int emit_tick(struct seq_file *seq, struct task_struct *t, __u32 state)
{
	struct wire_tick r = {};

	r.head.kind = WIRE_TICK;
	r.head.size = sizeof(r);
	r.head.tid = t->pid;
	r.tgid = t->tgid;
	r.state = state;
	r.started = t->start_boottime;
	r.switches = t->nvcsw + t->nivcsw;
	bpf_seq_write(seq, &r, sizeof(r));
	return 0;
}

static __always_inline int emit_regs(struct seq_file *seq, struct task_struct *t, struct scratch *s,
				     __u32 state)
{
	struct wire_regs *r = &s->user;
	bool asleep;

	if (t->exit_state || (scan_tgid ? (__u32)t->tgid != scan_tgid : !state))
		return 0;

	__builtin_memset(r, 0, sizeof(*r));
	r->head.kind = WIRE_REGS;
	r->head.size = sizeof(*r);
	r->head.tid = t->pid;
	r->tgid = t->tgid;
	r->bits = compat_is_compat(t) ? WIRE_COMPAT : 0;
	r->started = t->start_boottime;
	asleep = scan_tgid && state && !compat_has_cpu(t);
	/* One that goes on is counted when it stops: the count must not be older than that. On
	 * arm64 the branch and the call make it unlikely, which is not never. */
	if (asleep)
		bpf_ktime_get_ns();
	r->switches = t->nvcsw + t->nivcsw;
	read_frame(t, s);
	if (asleep) {
		compat_call_read(t, s->frame, &s->call);
		r->bits |= s->call.nr >= 0 ? WIRE_ASLEEP : 0;
	}
	compat_regs_read(s->frame, r->reg);
	bpf_seq_write(seq, r, sizeof(*r));
	return 0;
}

/* Member by member: a compiler may take a constant for what it is in this file, all
 * zeros, unless each of them is read as volatile. */
static __always_inline void copy_call(const volatile struct wire_call *from, struct wire_call *ret)
{
	ret->fd[0] = from->fd[0];
	ret->fd[1] = from->fd[1];
	ret->lock = from->lock;
	ret->futex = from->futex;
	ret->restart = from->restart;
}

static __always_inline void emit_thread(struct seq_file *seq, struct task_struct *t,
					struct scratch *s)
{
	struct wire_call call = {};
	__u64 index;

	index = s->call.nr;
	if (index >= WIRE_CALLS)
		index = 2 * WIRE_CALLS;
	else if (s->thread.bits & WIRE_COMPAT)
		index += WIRE_CALLS;
	barrier_var(index); /* else older verifiers lose its bounds */
	if (index < 2 * WIRE_CALLS)
		copy_call(&scan_calls[index], &call);
	if (call.restart)
		read_restart(t, &s->thread);
	if (call.futex)
		read_futex_key(t, s);
	bpf_seq_write(seq, &s->thread, sizeof(s->thread));
	if (call.fd[0])
		emit_file(seq, t, s, call.fd[0] - 1, call.lock);
	if (call.fd[1])
		emit_file(seq, t, s, call.fd[1] - 1, false);
}

SEC("iter/task")
int scan_threads(struct bpf_iter__task *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct task_struct *t = ctx->task;
	__u32 zero = 0, state, flags;
	struct scratch *s;

	if (!t)
		return 0;
	flags = t->flags;
	if (is_kernel_code(flags))
		return 0;
	state = compat_state(t);
	if (scan_mode == WIRE_MODE_TICKS)
		return emit_tick(seq, t, state);
	s = bpf_map_lookup_elem(&scan_scratch, &zero);
	if (!s)
		return 0;
	if (scan_mode == WIRE_MODE_REGS)
		return emit_regs(seq, t, s, state);
	read_task(t, s, state, flags);
	if (s->thread.bits & (WIRE_ZOMBIE | WIRE_RUNNABLE)) {
		s->thread.nr = -1;
		bpf_seq_write(seq, &s->thread, sizeof(s->thread));
		return 0;
	}
	read_call(t, s);
	s->self = (__u64)t;
	emit_thread(seq, t, s);
	return 0;
}
