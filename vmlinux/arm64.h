/* SPDX-License-Identifier: GPL-2.0-only */
/* arm64.h - arm64's part of vmlinux.h: registers and what a thread keeps of them. */
#pragma once

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* arch/arm64/include/asm/ptrace.h: what the kernel saves when it is entered. */
struct pt_regs {
	__u64 regs[31];
	__u64 sp;
	__u64 pc;
	__u64 orig_x0;
	__s32 syscallno;
};

struct thread_info {
	unsigned long flags;
};

struct cpu_context {
	unsigned long sp;
};

struct thread_struct {
	struct cpu_context cpu_context;
	struct {
		unsigned long tp_value;
	} uw;
	unsigned long fault_address;
};

#pragma clang attribute pop
