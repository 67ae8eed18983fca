/* SPDX-License-Identifier: GPL-2.0-only */
/* go_case.h - small worlds with a Go program, for the tests of who judges goroutines, and of who
 * tells of them.
 *
 * The program is process 10 with the threads 10 and 11, which have slept for 100 s. */
#pragma once

#include "fixture.h"
#include "options.h"
#include "report/report.h"

/* One goroutine that waits. Texts: stacked.h; NULL: not read. */
struct go_case {
	__u64 id;
	__u32 bits; /* enum go_wait_bits */
	__u64 object;
	const char *reason; /* NULL: "chan receive" */
	const char *stack, *created;
	__u64 parent, since, nobjects; /* nobjects 0: as many as objects are named */
	__u64 count, capacity;
	__u64 held_by;
};

/* The goroutines end with one without an id. bits: enum go_process_bits. */
struct world *go_case_world(__u32 bits, const struct go_case *cases);
struct go_process *go_case_program(struct world *w);
/* Judges it; the world is freed with go_case_free(). */
struct verdicts *go_case_judge(struct world *w);
void go_case_free(struct verdicts *v);
/* "unreachable proven 1 2; unreachable likely 7": findings in their
 * order, with their goroutines. */
const char *go_case_found(const struct verdicts *v);

/* Two that wait for one channel in one place, one in a select without cases, and one that a timer
 * will wake. */
struct verdicts *go_case_example(void);
