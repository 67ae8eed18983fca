/* SPDX-License-Identifier: GPL-2.0-only */
/* mark_case.h - searches of the heap that goheap.h makes, and what they have to find. */
#pragma once

#include "goheap.h"

#define C(i) goheap_at(GOHEAP_CHANNEL, i)
#define CELL(i) goheap_at(GOHEAP_CELL, i)
#define WAIT(i, ...)                                                                               \
	goheap_wait(i, sizeof((__u64[]){ __VA_ARGS__ }) / sizeof(__u64), (__u64[]){ __VA_ARGS__ })

extern struct mark_limits mark_case_limits;
extern struct mark_case_root {
	__u64 start, end;
} mark_case_root;
extern struct mark_result mark_case_result;

void mark_case_make(void);
extern __u64 mark_case_register;	      /* what lies in the only one; 0: nothing */
extern struct mark_sleeper mark_case_sleeper; /* the only one; sp 0: there is none */
/* Numbers of goroutines that are stuck, "0 3 " */
const char *mark_case_stuck(void);
/* The search is whole, and these are stuck. */
void mark_case_expect(const char *want);
/* It ends so, and nobody is called stuck. */
void mark_case_expect_end(enum mark_end end);
/* Adds a record of a special to a span's list. */
void mark_case_special(enum goheap_kind kind, __u64 record, __s32 what, __u64 offset);
