/* SPDX-License-Identifier: GPL-2.0-only */
/* x86.h - x86_64's part of vmlinux.h: registers and what a thread keeps of them. */
#pragma once

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* arch/x86/include/asm/ptrace.h: what the kernel saves when it is entered. */
struct pt_regs {
	unsigned long r15;
	unsigned long r14;
	unsigned long r13;
	unsigned long r12;
	unsigned long bp;
	unsigned long bx;
	unsigned long r11;
	unsigned long r10;
	unsigned long r9;
	unsigned long r8;
	unsigned long ax;
	unsigned long dx;
	unsigned long cx;
	unsigned long si;
	unsigned long di;
	unsigned long orig_ax;
	unsigned long ip;
	unsigned long sp;
	unsigned long ss;
};

struct thread_info {
	__u32 status;
};

struct thread_struct {
	unsigned long sp;
	unsigned long fsbase;
	unsigned long cr2;
};

#pragma clang attribute pop
