// SPDX-License-Identifier: GPL-2.0-only
/* test_golang_mark.c - who is stuck, in a heap that was made by hand
 *
 * tests/go/mark.sh asks of programs that run. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "mark_case.h"

TestSuite(mark, .init = mark_case_make);

/* ---- what is reached ---- */

Test(mark, nobody_holds_it)
{
	WAIT(1, C(0));
	mark_case_expect("1 ");
}

ParameterizedTestParameters(mark_versions, nobody_holds_it)
{
	static unsigned int minors[] = { 19, 21, 22, 23, 24, 25, 26, 27 };

	return cr_make_param_array(unsigned int, minors, 8);
}

ParameterizedTest (unsigned int *minor, mark_versions, nobody_holds_it) {
	mark_case_make();
	goheap_make(*minor);
	WAIT(1, C(0));
	WAIT(2, C(1));
	goheap_set(GOHEAP_DATA, C(1));
	mark_case_expect("1 ");
}

Test(mark, a_global)
{
	WAIT(1, C(0));
	goheap_set(GOHEAP_DATA + 80, C(0));
	mark_case_expect("");
}

Test(mark, not_by_noptr)
{
	WAIT(1, C(0));
	goheap_set(GOHEAP_NOPTR + 80, C(0));
	mark_case_expect("1 ");
}

Test(mark, a_stack_that_lives)
{
	WAIT(1, C(0));
	goheap_set(GOHEAP_STACK(2) + 8, C(0));
	mark_case_expect("");
}

Test(mark, not_below_its_sp)
{
	WAIT(1, C(0));
	goheap_set(GOHEAP_STACK(2) - 8, C(0));
	mark_case_expect("1 ");
	goheap_g[2].status = GOROUTINE_RUNNING;
	mark_case_expect("");
}

/* Then nothing of what was listed is true of its stack any more. */
Test(mark, below_the_sp_of_one_that_ran_since)
{
	const struct golang_g *l = &goheap_program.layout->g;
	const struct {
		__s32 at;
		__u64 value;
	} since[] = {
		{ l->m, 1 },
		{ l->sched_sp, GOHEAP_STACK(2) - 64 },
		{ l->sched_pc, 1 },
		{ l->stack_lo, GOHEAP_STACK(2) - 1024 },
	};
	const __u64 g = goheap_g[2].address;
	__u64 was;

	WAIT(1, C(0));
	goheap_set(GOHEAP_STACK(2) - 8, C(0));
	for (size_t i = 0; i < sizeof(since) / sizeof(*since); i++) {
		was = goheap_get(g + since[i].at);
		mark_case_expect("1 ");
		goheap_set(g + since[i].at, since[i].value);
		mark_case_expect("");
		goheap_set(g + since[i].at, was);
	}
	goheap_g[2].turns = 255;
	mark_case_expect("");
}

Test(mark, not_by_its_own_stack)
{
	WAIT(1, C(0));
	goheap_set(GOHEAP_STACK(1) + 8, C(0));
	mark_case_expect("1 ");
}

Test(mark, not_by_its_own_g)
{
	WAIT(1, C(0));
	goheap_set(goheap_g[1].address + goheap_program.layout->g.defer, C(0));
	goheap_set(GOHEAP_DATA, goheap_g[1].address);
	mark_case_expect("1 ");
}

Test(mark, through_objects)
{
	WAIT(1, C(0));
	for (unsigned int i = 0; i < 9; i++)
		goheap_set(CELL(i) + 8 * (i % 8), CELL(i + 1) + i);
	goheap_set(CELL(9) + 56, C(0) + 40);
	goheap_set(GOHEAP_DATA, CELL(0) + 63);
	mark_case_expect("");
	goheap_set(GOHEAP_DATA, CELL(0) + 63 + 640);
	mark_case_expect("1 ");
}

Test(mark, not_through_numbers)
{
	WAIT(1, C(0));
	goheap_set(goheap_at(GOHEAP_NUMBERS, 3), C(0));
	goheap_set(GOHEAP_DATA, goheap_at(GOHEAP_NUMBERS, 3));
	mark_case_expect("1 ");
}

Test(mark, numbers_are_awaited)
{
	WAIT(1, goheap_at(GOHEAP_NUMBERS, 3) + 12);
	mark_case_expect("1 ");
	goheap_set(GOHEAP_DATA, goheap_at(GOHEAP_NUMBERS, 3) + 40);
	mark_case_expect("");
}

Test(mark, a_large_object)
{
	WAIT(1, C(0));
	goheap_set(goheap_at(GOHEAP_LARGE, 0) + GOHEAP_LARGE_BYTES - 8, C(0));
	mark_case_expect("1 ");
	goheap_set(GOHEAP_DATA, goheap_at(GOHEAP_LARGE, 0) + 4711);
	mark_case_expect("");
}

Test(mark, what_is_no_object)
{
	WAIT(1, 0x500010);
	WAIT(2, 0x7fff00000000);
	mark_case_expect("");
}

Test(mark, other_memory)
{
	WAIT(1, C(0));
	goheap_set(GOHEAP_NOPTR + 16, C(0));
	mark_case_root = (struct mark_case_root){ GOHEAP_NOPTR + 9, GOHEAP_NOPTR + 31 };
	mark_case_expect("");
	mark_case_root.end = GOHEAP_NOPTR + 23;
	mark_case_expect("1 ");
}

/* What C code may write is all around it. */
Test(mark, not_by_the_heap_as_other_memory)
{
	WAIT(1, C(0));
	goheap_set(CELL(3), C(0));
	mark_case_root = (struct mark_case_root){ CELL(0), CELL(16) };
	mark_case_expect("1 ");
}

/* Whose first object is where. */
Test(mark, not_by_the_records_of_spans_as_other_memory)
{
	const __u64 record = goheap_span(GOHEAP_CHANNEL);
	const __s32 size = goheap_program.layout->mspan.size;

	WAIT(1, C(0));
	cr_assert_eq(goheap_get(record + goheap_program.layout->mspan.start), C(0));
	mark_case_root = (struct mark_case_root){ GOHEAP_RECORDS, GOHEAP_TYPES };
	mark_case_expect("1 ");
	mark_case_root = (struct mark_case_root){ record + 8, record + size - 8 };
	mark_case_expect("1 ");
	goheap_set(record + size, C(0)); /* right behind it */
	mark_case_expect("1 ");
	mark_case_root.end = record + size + 8;
	mark_case_expect("");
}

Test(mark, not_by_what_a_p_noted)
{
	const __u64 p = goheap_at(GOHEAP_P, 0) + 80;

	goheap_make(21);
	goheap_set(goheap_span(GOHEAP_P) + goheap_program.layout->mspan.elemsize, 9472);
	WAIT(1, C(0));
	goheap_set(GOHEAP_DATA, p);
	goheap_set(p + 16, C(0));
	mark_case_expect("");
	goheap_set(p, p + 16);
	goheap_set(p + 8, p + 16 + 4096);
	mark_case_expect("1 ");
}

/* Memory of C code, in which the collector's buffer of a P lies, from the middle on. */
Test(mark, not_by_what_the_collector_found_last)
{
	const struct golang_layout *l = goheap_program.layout;
	const __u64 p = goheap_at(GOHEAP_P, 0), buffer = GOHEAP_NOPTR + 2048;

	goheap_set(p, GOHEAP_TYPES);
	goheap_set(GOHEAP_TYPES + l->type.bytes, l->p.size);
	goheap_set(GOHEAP_TYPES + l->type.ptr_bytes, l->p.timers + 800);
	goheap_set(GOHEAP_TYPES + l->type.gcdata, GOHEAP_TYPES + 512);
	goheap_set(GOHEAP_TYPES + 512 + l->p.timers / 512 * 8, 1ull << l->p.timers / 8 % 64);
	goheap_set(GOHEAP_DATA, p);
	goheap_set(p + l->heap.header_bytes + l->p.gcw_ptr_buf, buffer);
	mark_case_root = (struct mark_case_root){ GOHEAP_NOPTR, GOHEAP_NOPTR + 4096 };
	WAIT(1, C(0));
	WAIT(2, C(1));
	goheap_set(buffer, C(0));
	goheap_set(buffer - 8, C(1));
	mark_case_expect("1 ");
	goheap_set(p + l->heap.header_bytes + l->p.gcw_ptr_buf, 0);
	mark_case_expect("");
}

/* ---- goroutines that hold each other ---- */

Test(mark, each_others_channel)
{
	WAIT(1, C(0));
	WAIT(2, C(1));
	goheap_set(GOHEAP_STACK(1), C(1));
	goheap_set(GOHEAP_STACK(2), C(0));
	mark_case_expect("1 2 ");
}

Test(mark, a_chain_of_stacks)
{
	for (unsigned int i = 1; i < 8; i++) {
		WAIT(i, C(i));
		goheap_set(GOHEAP_STACK(i), C(i + 1));
	}
	mark_case_expect("1 2 3 4 5 6 7 ");
	goheap_set(GOHEAP_DATA, C(3));
	mark_case_expect("1 2 ");
}

Test(mark, what_a_live_g_holds)
{
	WAIT(1, C(0));
	WAIT(2, C(1));
	goheap_set(goheap_g[1].address + goheap_program.layout->g.defer, C(1));
	goheap_set(GOHEAP_DATA, C(0));
	mark_case_expect("");
}

Test(mark, two_wait_on_one)
{
	WAIT(1, C(0));
	WAIT(2, C(0));
	mark_case_expect("1 2 ");
	goheap_set(GOHEAP_DATA, C(0));
	mark_case_expect("");
}

Test(mark, one_case_of_a_select)
{
	WAIT(1, C(0), C(1), C(2));
	mark_case_expect("1 ");
	goheap_set(GOHEAP_DATA, C(2));
	mark_case_expect("");
}

Test(mark, a_woken_select_wakes_by_its_other_channels)
{
	WAIT(1, C(0), C(1));
	WAIT(2, C(1));
	mark_case_expect("1 2 ");
	goheap_set(GOHEAP_DATA, C(0));
	mark_case_expect("");
}

/* ---- who is stuck at all ---- */

Test(mark, timers_and_closed_channels)
{
	WAIT(1, C(0));
	WAIT(2, C(1));
	WAIT(3, C(2));
	goheap_g[1].objects[0].timer = true;
	goheap_g[2].objects[0].closed = true;
	mark_case_expect("3 ");
}

Test(mark, unknown_objects)
{
	WAIT(1, C(0));
	WAIT(2, C(1));
	WAIT(3, C(2));
	goheap_g[1].nobjects = 0;
	goheap_g[2].nobjects = GOROUTINE_OBJECTS_MAX + 1;
	goheap_g[3].objects[0].address = 0;
	mark_case_expect("");
}

Test(mark, those_that_live_anyway)
{
	for (unsigned int i = 1; i < 6; i++)
		WAIT(i, C(i));
	goheap_g[1].torn = true;
	goheap_g[2].system = true;
	goheap_g[3].status = GOROUTINE_RUNNABLE;
	goheap_g[4].wait = GOROUTINE_OTHER;
	goheap_g[5].status = GOROUTINE_LEAKED;
	mark_case_expect("5 ");
}

Test(mark, for_ever)
{
	goheap_g[1].wait = GOROUTINE_NIL_RECEIVE;
	goheap_g[2].wait = GOROUTINE_NO_CASES;
	goheap_g[0].wait = GOROUTINE_NO_CASES; /* the main one */
	WAIT(3, C(0));
	goheap_set(GOHEAP_STACK(0), C(0));
	mark_case_expect("1 2 3 ");
	goheap_g[0].wait = GOROUTINE_NIL_RECEIVE; /* on purpose, too */
	mark_case_expect("1 2 3 ");
	goheap_g[0].wait = GOROUTINE_NIL_SEND;
	mark_case_expect("0 1 2 3 ");
}

Test(mark, a_sudog_of_another)
{
	WAIT(1, C(0));
	goheap_set(goheap_g[1].sudog + goheap_program.layout->sudog.g, goheap_g[2].address);
	mark_case_expect("");
}

/* ---- finalizers ---- */

Test(mark, a_finalizer)
{
	const struct golang_layout *l = goheap_program.layout;
	const __u64 record = GOHEAP_RECORDS + 8192;

	WAIT(1, C(0));
	WAIT(2, C(1));
	WAIT(3, C(2));
	mark_case_special(GOHEAP_CELL, record, l->heap.special_finalizer, 64 * 5);
	goheap_set(record + l->special_finalizer.fn, C(0));
	goheap_set(CELL(5) + 8, C(1)); /* what the object points to */
	mark_case_expect("3 ");
}

Test(mark, a_cleanup_and_what_is_neither)
{
	const struct golang_layout *l = goheap_program.layout;
	const __u64 record = GOHEAP_RECORDS + 8192;

	WAIT(1, C(0));
	WAIT(2, C(1));
	mark_case_special(GOHEAP_CELL, record, 5, 0);
	goheap_set(record + l->special_cleanup.arg, C(1));
	goheap_set(record + l->special.next, record + 512);
	goheap_set(record + 512 + l->special.kind, l->heap.special_cleanup);
	goheap_set(record + 512 + l->special_cleanup.arg, C(0));
	mark_case_expect("2 ");
}

Test(mark, a_finalizer_that_is_due)
{
	const struct golang_layout *l = goheap_program.layout;
	const __u64 block = GOHEAP_RECORDS + 8192;

	WAIT(1, C(0));
	goheap_set(GOHEAP_NOPTR + 24, block); /* allfin */
	goheap_set(block + l->finblock.count, 1);
	goheap_set(block + l->finblock.fin, 0x450000);
	goheap_set(block + l->finblock.fin + l->finalizer.arg, C(0));
	mark_case_expect("");
	goheap_set(block + l->finblock.count, 0);
	mark_case_expect("1 ");
}

/* Each sudog of a channel's queue is found by way of the one before it, or by its goroutine. */
Test(mark, a_queue_is_read_at_once)
{
	unsigned int short_queue;

	WAIT(1, C(0));
	goheap_set(GOHEAP_DATA, C(0));
	mark_case_expect("");
	short_queue = goheap_questions;
	mark_case_make();
	for (unsigned int i = GOHEAP_MAX; i-- > 1;) {
		WAIT(i, C(0));
		goheap_set(goheap_g[i].sudog + goheap_program.layout->sudog.next,
			   i + 1 < GOHEAP_MAX ? goheap_g[i + 1].sudog : 0);
	}
	goheap_set(GOHEAP_DATA, C(0));
	mark_case_expect("");
	cr_expect_lt(goheap_questions, short_queue + 4, "%u questions for one, %u for all",
		     short_queue, goheap_questions);
}
