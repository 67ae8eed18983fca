/* SPDX-License-Identifier: GPL-2.0-only */
/* compat.bpf.h - every difference between kernels and architectures, in one place.
 *
 * Members are detected in the running kernel's BTF, versions are never compared;
 * each difference names the commit and the version that made it. */
#pragma once

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/* include/linux/sched.h */
#define TASK_INTERRUPTIBLE 0x1
#define TASK_UNINTERRUPTIBLE 0x2
#define TASK_STOPPED_OR_TRACED 0xc
#define TASK_FROZEN 0x8000 /* f5d39b020809 (6.1): TASK_FROZEN took a bit of its own */
#define PF_EXITING 0x4
#define PF_IO_WORKER 0x10     /* 3bfe6106693b (5.12): io_uring workers are user threads */
#define PF_USER_WORKER 0x4000 /* 54e6842d0775 (6.4): so are vhost's */
#define PF_FROZEN 0x10000     /* before 6.1 */
#define PF_KTHREAD 0x200000
#define SIGNAL_GROUP_EXIT 0x4

/* 2f064a59a11f (5.14): task_struct.state became __state. */
static __always_inline __u32 compat_state(struct task_struct *t)
{
	struct task_struct___v513 *old = (void *)t;

	if (bpf_core_field_exists(t->__state))
		return t->__state;
	return old->state;
}

/* Kernels for one CPU have no such member (CONFIG_SMP): there, whoever asks has it. */
static __always_inline bool compat_has_cpu(struct task_struct *t)
{
	return bpf_core_field_exists(t->on_cpu) && t->on_cpu;
}

/* 0258b5fd7c71 (5.16): core_state moved from mm_struct to signal_struct. */
static __always_inline bool compat_dumping(struct task_struct *t)
{
	struct mm_struct___v515 *mm = (void *)t->mm;

	if (bpf_core_field_exists(struct signal_struct, core_state))
		return t->signal->core_state;
	return mm && mm->core_state;
}

/* 76f969e8948d (5.2): the cgroup freezer keeps a bit; suspend and the older freezer use a
 * flag (which user threads never have for another reason) or, from 6.1 on, a state. */
static __always_inline bool compat_frozen(struct task_struct *t, __u32 state, __u32 flags)
{
	if ((state & TASK_FROZEN) || (flags & PF_FROZEN))
		return true;
	return bpf_core_field_exists(t->frozen) && BPF_CORE_READ_BITFIELD(t, frozen);
}

/* 22f011be7aaa (7.x): hrtimer.state, of which the lowest bit said so, became booleans. */
static __always_inline bool compat_timer_queued(struct signal_struct *signal)
{
	struct signal_struct___v7 *new = (void *)signal;

	if (bpf_core_field_exists(new->real_timer.is_queued))
		return new->real_timer.is_queued;
	if (bpf_core_field_exists(signal->real_timer.state))
		return signal->real_timer.state & 1;
	return false;
}

#define COMPAT_INIT_PIDNS 0xeffffffcu /* PROC_PID_INIT_INO of include/linux/proc_ns.h */

/* The id of a thread in its own, innermost pid namespace, and that namespace. The array
 * of ids has as many elements as there are levels, which no type says. pid must come
 * from BPF_CORE_READ(): older verifiers take no sums with the pointers they know. */
static __always_inline void compat_ns_id(struct pid *pid, __u32 *ret_id, __u32 *ret_inum)
{
	__u64 level = BPF_CORE_READ(pid, level) & 31; /* MAX_PID_NS_LEVEL is 32 */
	struct upid *upid = (void *)pid + bpf_core_field_offset(pid->numbers) +
			    level * bpf_core_type_size(struct upid);

	*ret_id = BPF_CORE_READ(upid, nr);
	if (ret_inum)
		*ret_inum = BPF_CORE_READ(upid, ns, ns.inum);
}

#define INIT_TIMENS 0xeffffffau /* PROC_TIME_INIT_INO of linux/proc_ns.h */

/* 769071ac9f20 (5.6): time namespaces; NULL without CONFIG_TIME_NS, and at the end of a thread. */
static __always_inline bool compat_other_time(struct task_struct *t)
{
	__u32 inum;

	if (!bpf_core_field_exists(struct nsproxy, time_ns))
		return false;
	inum = BPF_CORE_READ(t, nsproxy, time_ns, ns.inum);
	return inum && inum != INIT_TIMENS;
}

/* sched_info is only there with CONFIG_SCHED_INFO. */
static __always_inline __u64 compat_arrived(struct task_struct *t)
{
	if (bpf_core_field_exists(t->sched_info.last_arrival))
		return t->sched_info.last_arrival;
	return 0;
}

/* 90ee6ed776c0 (6.13): f_count became f_ref, which counts from zero. */
static __always_inline __u64 compat_file_refs(struct file *f)
{
	struct file___v613 *new = (void *)f;

	if (bpf_core_field_exists(new->f_ref))
		return BPF_CORE_READ(new, f_ref.refcnt.counter) + 1;
	if (bpf_core_field_exists(f->f_count))
		return BPF_CORE_READ(f, f_count.counter);
	return 0;
}

/* cb12fd8e0dab (6.9): a pidfd got an inode, and its pid moved there. */
#define PID_FS_MAGIC 0x50494446
static __always_inline struct pid *compat_pidfd(struct file *f, __u64 magic)
{
	if (magic == PID_FS_MAGIC)
		return BPF_CORE_READ(f, f_inode, i_private);
	return BPF_CORE_READ(f, private_data);
}

/* a69ce85ec9af (6.9): what locks and leases share moved to file_lock_core. */
struct compat_lock {
	struct list_head *next;
	void *owner;
	struct file *file;
	__u32 flags;
	__u32 type;
	__u32 pid;
	__u64 start;
	__u64 end;
};

static __always_inline void compat_lock_read(struct list_head *link, struct compat_lock *ret)
{
	struct list_head at;

	bpf_probe_read_kernel(&at, sizeof(at), link);
	ret->next = at.next;
	if (bpf_core_field_exists(struct file_lock, c)) {
		struct file_lock *l =
			(void *)((__u64)link - bpf_core_field_offset(struct file_lock, c.flc_list));

		ret->owner = BPF_CORE_READ(l, c.flc_owner);
		ret->file = BPF_CORE_READ(l, c.flc_file);
		ret->flags = BPF_CORE_READ(l, c.flc_flags);
		ret->type = BPF_CORE_READ(l, c.flc_type);
		ret->pid = BPF_CORE_READ(l, c.flc_pid);
		ret->start = BPF_CORE_READ(l, fl_start);
		ret->end = BPF_CORE_READ(l, fl_end);
	} else {
		struct file_lock___v68 *l =
			(void *)((__u64)link -
				 bpf_core_field_offset(struct file_lock___v68, fl_list));
		struct file_lock *range = (void *)l;

		ret->owner = BPF_CORE_READ(l, fl_owner);
		ret->file = BPF_CORE_READ(l, fl_file);
		ret->flags = BPF_CORE_READ(l, fl_flags);
		ret->type = BPF_CORE_READ(l, fl_type);
		ret->pid = BPF_CORE_READ(l, fl_pid);
		ret->start = BPF_CORE_READ(range, fl_start);
		ret->end = BPF_CORE_READ(range, fl_end);
	}
}

/* The file of a lock, given by the head of the queue that it has for who waits for it. */
static __always_inline struct file *compat_lock_file(__u64 head)
{
	if (bpf_core_field_exists(struct file_lock, c)) {
		head -= bpf_core_field_offset(struct file_lock, c.flc_wait.head);
		return BPF_CORE_READ((struct file_lock *)head, c.flc_file);
	}
	head -= bpf_core_field_offset(struct file_lock___v68, fl_wait.head);
	return BPF_CORE_READ((struct file_lock___v68 *)head, fl_file);
}

/* The same numbers on all architectures, native or not. */
#define COMPAT_NR_FUTEX_TIME64 422 /* 32-bit */
#define COMPAT_NR_FUTEX_WAKE 454

#define COMPAT_THREAD_SIZE 16384 /* x86_64, arm64 with 4 KiB pages */

/* dd6e10fbd9fb (5.15): bpf_task_pt_regs(). Before, the registers are found where
 * task_pt_regs() of asm/processor.h has them: at the top of the kernel stack. */
static __always_inline struct pt_regs *compat_regs(struct task_struct *t)
{
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return (struct pt_regs *)bpf_task_pt_regs(t);
	return BPF_CORE_READ(t, stack) + COMPAT_THREAD_SIZE - bpf_core_type_size(struct pt_regs);
}

/* f92c1e183604 (5.17): bpf_get_func_ret(). Before, what a function returns stands behind its
 * arguments, of which there are n; futex_wake() has got one more since (7.x). */
static __always_inline long compat_func_ret(__u64 *args, int n)
{
	__u64 ret = 0;

	if (!bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_func_ret))
		return args[n];
	bpf_get_func_ret(args, &ret);
	return ret;
}

#define COMPAT_FRAME 48 /* words; arm64's pt_regs has 42 */

/* Never more than the room for it, whatever the kernel's BTF says. */
#define COMPAT_REGS_SIZE                                                                           \
	(bpf_core_type_size(struct pt_regs) <= COMPAT_FRAME * sizeof(__u64)                        \
		 ? bpf_core_type_size(struct pt_regs)                                              \
		 : COMPAT_FRAME * sizeof(__u64))

/* A register in a copy of the saved ones: the kernel's layout, not vmlinux.h's. */
#define COMPAT_REG(frame, reg)                                                                     \
	(*(typeof(((struct pt_regs *)0)->reg) *)((void *)(frame) +                                 \
						 bpf_core_field_offset(struct pt_regs, reg)))

/* Registers of a system call and of the thread, as the architecture keeps them. */
struct compat_call {
	__s64 nr;
	__u64 args[6];
	bool compat; /* a 32-bit call */
};

#ifdef __TARGET_ARCH_x86
#define TS_COMPAT 0x2 /* arch/x86/include/asm/thread_info.h */

static __always_inline bool compat_is_compat(struct task_struct *t)
{
	return t->thread_info.status & TS_COMPAT;
}

static __always_inline void compat_call_read(struct task_struct *t, __u64 *frame,
					     struct compat_call *ret)
{
	ret->nr = COMPAT_REG(frame, orig_ax);
	ret->compat = compat_is_compat(t);
	ret->args[0] = ret->compat ? COMPAT_REG(frame, bx) : COMPAT_REG(frame, di);
	ret->args[1] = ret->compat ? COMPAT_REG(frame, cx) : COMPAT_REG(frame, si);
	ret->args[2] = COMPAT_REG(frame, dx);
	ret->args[3] = ret->compat ? COMPAT_REG(frame, si) : COMPAT_REG(frame, r10);
	ret->args[4] = ret->compat ? COMPAT_REG(frame, di) : COMPAT_REG(frame, r8);
	ret->args[5] = ret->compat ? COMPAT_REG(frame, bp) : COMPAT_REG(frame, r9);
}

/* In the order of wire_regs. */
static __always_inline void compat_regs_read(__u64 *frame, __u64 *reg)
{
	reg[0] = COMPAT_REG(frame, ax);
	reg[1] = COMPAT_REG(frame, dx);
	reg[2] = COMPAT_REG(frame, cx);
	reg[3] = COMPAT_REG(frame, bx);
	reg[4] = COMPAT_REG(frame, si);
	reg[5] = COMPAT_REG(frame, di);
	reg[6] = COMPAT_REG(frame, bp);
	reg[7] = COMPAT_REG(frame, sp);
	reg[8] = COMPAT_REG(frame, r8);
	reg[9] = COMPAT_REG(frame, r9);
	reg[10] = COMPAT_REG(frame, r10);
	reg[11] = COMPAT_REG(frame, r11);
	reg[12] = COMPAT_REG(frame, r12);
	reg[13] = COMPAT_REG(frame, r13);
	reg[14] = COMPAT_REG(frame, r14);
	reg[15] = COMPAT_REG(frame, r15);
	reg[16] = COMPAT_REG(frame, ip);
}

/* Of a copy of the saved registers. */
static __always_inline __u64 compat_frame_sp(const __u64 *frame)
{
	return COMPAT_REG(frame, sp);
}

/* pt_regs has sp on both. */
#define COMPAT_IP ip

/* At a kprobe: argument 0, 1, 2 or 4 of the function, by the C calling convention; and what it
 * returns. */
#define COMPAT_PARM(regs, i)                                                                       \
	((i) == 0 ? (regs)->di : (i) == 1 ? (regs)->si : (i) == 2 ? (regs)->dx : (regs)->r8)
#define COMPAT_RETURN(regs) ((long)(regs)->ax)

/* At the end of a system call, which leaves its arguments where they are. */
static __always_inline __s64 compat_exit_nr(struct pt_regs *regs)
{
	return (int)regs->orig_ax;
}

static __always_inline bool compat_exit_is_compat(void)
{
	struct task_struct *t = (void *)bpf_get_current_task();

	return BPF_CORE_READ(t, thread_info.status) & TS_COMPAT;
}

/* Argument 0, 1 or 4. */
static __always_inline __u64 compat_exit_arg(struct pt_regs *regs, int i)
{
	if (compat_exit_is_compat())
		return (__u32)(i == 0 ? regs->bx : i == 1 ? regs->cx : regs->di);
	return i == 0 ? regs->di : i == 1 ? regs->si : regs->r8;
}

#define COMPAT_NR_FUTEX 202
#define COMPAT_NR_FUTEX_COMPAT 240

static __always_inline __u64 compat_kernel_sp(struct task_struct *t)
{
	return t->thread.sp;
}

static __always_inline __u64 compat_tls(struct task_struct *t)
{
	return t->thread.fsbase;
}

static __always_inline __u64 compat_fault(struct task_struct *t)
{
	return t->thread.cr2;
}
#endif

#ifdef __TARGET_ARCH_arm64
#define TIF_32BIT 22 /* arch/arm64/include/asm/thread_info.h */

static __always_inline bool compat_is_compat(struct task_struct *t)
{
	return t->thread_info.flags & (1ul << TIF_32BIT);
}

static __always_inline void compat_call_read(struct task_struct *t, __u64 *frame,
					     struct compat_call *ret)
{
	ret->nr = COMPAT_REG(frame, syscallno);
	ret->compat = compat_is_compat(t);
	ret->args[0] = COMPAT_REG(frame, orig_x0);
	ret->args[1] = COMPAT_REG(frame, regs[1]);
	ret->args[2] = COMPAT_REG(frame, regs[2]);
	ret->args[3] = COMPAT_REG(frame, regs[3]);
	ret->args[4] = COMPAT_REG(frame, regs[4]);
	ret->args[5] = COMPAT_REG(frame, regs[5]);
}

/* In the order of wire_regs. */
static __always_inline void compat_regs_read(__u64 *frame, __u64 *reg)
{
	__builtin_memcpy(reg, &COMPAT_REG(frame, regs), 31 * sizeof(*reg));
	reg[31] = COMPAT_REG(frame, sp);
	reg[32] = COMPAT_REG(frame, pc);
}

/* Of a copy of the saved registers. */
static __always_inline __u64 compat_frame_sp(const __u64 *frame)
{
	return COMPAT_REG(frame, sp);
}

/* pt_regs has sp on both. */
#define COMPAT_IP pc

/* At a kprobe: an argument of the function, and what it returns. */
#define COMPAT_PARM(ctx, i) ((ctx)->regs[i])
#define COMPAT_RETURN(ctx) ((long)(ctx)->regs[0])

/* At the end of a system call, which leaves its arguments where they are, but for the first. */
static __always_inline __s64 compat_exit_nr(struct pt_regs *regs)
{
	return regs->syscallno;
}

static __always_inline __u64 compat_exit_arg(struct pt_regs *regs, int i)
{
	return i == 0 ? regs->orig_x0 : regs->regs[i];
}

#define COMPAT_NR_FUTEX 98
#define COMPAT_NR_FUTEX_COMPAT 240

static __always_inline __u64 compat_kernel_sp(struct task_struct *t)
{
	return t->thread.cpu_context.sp;
}

static __always_inline __u64 compat_tls(struct task_struct *t)
{
	return t->thread.uw.tp_value;
}

static __always_inline __u64 compat_fault(struct task_struct *t)
{
	return t->thread.fault_address;
}
#endif

/* Where the user program called the kernel; t must be a pointer that the verifier knows. */
static __always_inline void compat_task_regs(struct task_struct *t, __u64 *ret_sp, __u64 *ret_ip)
{
	struct pt_regs *regs;

	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs)) {
		regs = (struct pt_regs *)bpf_task_pt_regs(t);
		*ret_sp = regs->sp;
		*ret_ip = regs->COMPAT_IP;
	} else {
		regs = compat_regs(t);
		*ret_sp = BPF_CORE_READ(regs, sp);
		*ret_ip = BPF_CORE_READ(regs, COMPAT_IP);
	}
}
