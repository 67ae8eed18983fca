/* SPDX-License-Identifier: GPL-2.0-only */
/* wait_case.h - one blocked call and what wait_decode() must make of it.
 *
 * The look is at 1000 s of the scheduler's clock; the thread has slept for 10 s. The
 * memory that calls point to is the same for all: the addresses below. */
#pragma once

#include "analyze/wait.h"

#define SECOND 1000000000ull
#define CASE_REAL (1700000000ull * SECOND)
#define CASE_MONO (5000ull * SECOND)
#define CASE_BOOT (6000ull * SECOND)
#define CASE_MM 0xffff888000001000ull

/* Where the memory of the thread holds what; anything else cannot be read. */
enum case_memory {
	AT_60S = 0x10000, /* timespec: 60 s */
	AT_2DAYS = 0x10010,
	AT_FOREVER = 0x10020, /* the largest timespec */
	AT_REAL = 0x10030,    /* 60 s from now by CLOCK_REALTIME */
	AT_MONO = 0x10040,
	AT_BOOT = 0x10050,
	AT_PAST = 0x10060,   /* a second, by any clock */
	AT_BAD = 0x10070,    /* no timespec: 2000000000 ns */
	AT_TV = 0x10080,     /* timeval: 60.5 s */
	AT_60S_32 = 0x10100, /* timespec of 32 bits: 60 s */
	AT_REAL_32 = 0x10108,
	AT_TV_32 = 0x10110,
	AT_PADDED = 0x10120,	/* timespec of 64 bits, 60.5 s, with rubbish as padding */
	AT_REAL_HALF = 0x10130, /* 60.5 s from now by CLOCK_REALTIME */
	AT_VFORK = 0x10200,	/* clone_args: CLONE_VM | CLONE_VFORK */
	AT_THREAD = 0x10208,	/* clone_args: CLONE_VM | CLONE_THREAD */
	AT_WAITERS = 0x10300,	/* two struct futex_waitv: private, shared */
	AT_SELECT = 0x10400,	/* select(2) of i386: one set, 60.5 s */
	AT_SELECT_0 = 0x10420,	/* no set, no timeout */
	NOWHERE = 0x666000,
};

struct wait_case {
	const char *title;
	const char *call; /* NULL: not in a system call */
	__u64 args[6];
	/* Their descriptors: "pipe", "fifo", … as in wait_case.c; NULL: not seen. */
	const char *file[2];
	__u32 bits;	/* enum wire_bits; WIRE_COMPAT selects the 32-bit table */
	__u64 key_word; /* queue key, with WIRE_FUTEX_KEY */
	__u32 key_offset;
	__u64 restart[5];
	const char *function; /* the kernel's, of struct kernel_wait */
	const char *where;
	bool hidden;
	/* expected */
	enum wait_kind kind;
	enum wait_source source;
	__s64 timeout_ms; /* 0: not looked at; -1: none */
	__u64 object;	  /* 0: not looked at */
	const char *says; /* part of what or unknown; NULL: not looked at */
};

/* Decodes and compares every case; a failure names it. */
void wait_case_check(const struct wait_case *cases, size_t n);
/* Decodes one: wait, and wants if not NULL. */
void wait_case_decode(const struct wait_case *c, struct wait *ret, struct mem_wants *ret_wants);
