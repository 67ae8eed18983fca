/* SPDX-License-Identifier: GPL-2.0-only */
/* syscall.h - the system calls that can block, for every ABI.
 *
 * Numbers: arch/x86/entry/syscalls/syscall_{64,32}.tbl, include/uapi/asm-generic/unistd.h
 * (arm64) and arch/arm/tools/syscall.tbl (EABI) of the kernel. */
#pragma once

#include <linux/types.h>
#include <stddef.h>

enum abi { ABI_X86_64, ABI_I386, ABI_ARM64, ABI_ARM, ABI_COUNT };

/* How a timeout is given. */
enum timeout_form {
	TIMEOUT_NONE,
	TIMEOUT_MS,	/* int, milliseconds; negative: none */
	TIMEOUT_TS,	/* pointer to a struct timespec of the ABI, relative */
	TIMEOUT_TS64,	/* the same with 64-bit fields also on 32 bit */
	TIMEOUT_TV,	/* pointer to a struct timeval of the ABI, relative */
	TIMEOUT_TS_ABS, /* absolute, CLOCK_REALTIME */
	TIMEOUT_TS64_ABS,
};

/* How wait.c reads the arguments of a call. */
enum syscall_shape {
	CALL_PLAIN, /* its kind says all */
	CALL_FUTEX,
	CALL_FUTEX_WAITV,
	CALL_FUTEX_WAIT,
	CALL_POLL,
	CALL_SELECT,
	CALL_OLD_SELECT, /* i386: all arguments are in memory */
	CALL_READ,
	CALL_WRITE,
	CALL_SEND,
	CALL_ACCEPT,
	CALL_CONNECT,
	CALL_SOCKETCALL, /* i386: the arguments of the real call are in memory */
	CALL_VMSPLICE,
	CALL_IOCTL,
	CALL_SENDFILE, /* two descriptors: to, from */
	CALL_SPLICE,   /* two descriptors: from, to */
	CALL_SLEEP,
	CALL_CLOCK_SLEEP,
	CALL_RESTART,
	CALL_WAIT,
	CALL_WAITID,
	CALL_CLONE,
	CALL_CLONE3,
	CALL_FLOCK,
	CALL_FCNTL,
	CALL_IPC, /* i386: semop, semtimedop, msgsnd, msgrcv in one */
	CALL_OPEN,
	CALL_DISK,   /* waits for a file system and what is behind it */
	CALL_KERNEL, /* waits inside the kernel: nothing in its arguments says for what */
	CALL_COUNT,
};

struct syscall_desc {
	const char *name;
	short nr[ABI_COUNT]; /* -1 where the ABI has none */
	__u8 kind;	     /* enum wait_kind; of calls with a shape, what they usually are */
	__u8 fd[2];	     /* argument number + 1 that is a descriptor; 0: none */
	__u8 timeout_arg;    /* argument number + 1; 0: none */
	__u8 timeout;	     /* enum timeout_form */
	__u8 shape;	     /* enum syscall_shape */
};

/* NULL for a call that is not known to block. */
const struct syscall_desc *syscall_find(enum abi abi, long nr);
/* The whole table, for filling the BPF side's map. */
const struct syscall_desc *syscall_table(size_t *ret_n);
/* The ABI of a thread of a machine (EM_*): compat selects the 32-bit one. */
enum abi syscall_abi(__u32 machine, int compat);
