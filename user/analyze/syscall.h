/* SPDX-License-Identifier: GPL-2.0-only */
/* syscall.h - the system calls that can block, for every ABI.
 *
 * Numbers: arch/x86/entry/syscalls/syscall_{64,32}.tbl and
 * include/uapi/asm-generic/unistd.h (arm64) of the kernel. */
#pragma once

#include <linux/types.h>

enum abi { ABI_X86_64, ABI_I386, ABI_ARM64, ABI_ARM, ABI_COUNT };

/* How a timeout is given. */
enum timeout_form {
	TIMEOUT_NONE,
	TIMEOUT_MS,	      /* int, milliseconds; negative: none */
	TIMEOUT_TS,	      /* pointer to a struct timespec of the ABI, relative */
	TIMEOUT_TS64,	      /* the same with 64-bit fields also on 32 bit */
	TIMEOUT_TV,	      /* pointer to a struct timeval of the ABI, relative */
	TIMEOUT_TS_ABS,	      /* absolute, CLOCK_REALTIME */
	TIMEOUT_TS64_ABS,
};

struct syscall_desc {
	const char *name;
	short nr[ABI_COUNT];	/* -1 where the ABI has none */
	__u8 kind;		/* enum wait_kind; WAIT_IO and so on, or by its file */
	__u8 fd[2];		/* argument number + 1 that is a descriptor; 0: none */
	__u8 timeout_arg;	/* argument number + 1; 0: none */
	__u8 timeout;		/* enum timeout_form */
};

/* NULL for a call that is not known to block. */
const struct syscall_desc *syscall_find(enum abi abi, long nr);
/* The whole table, for filling the BPF side's map. */
const struct syscall_desc *syscall_table(size_t *ret_n);
/* The ABI of a thread of a machine (EM_*): compat selects the 32-bit one. */
enum abi syscall_abi(__u32 machine, int compat);
