// SPDX-License-Identifier: GPL-2.0-only
/* test_golang_remark.c - what a program moves while it is searched: at whatever moment that is,
 * nobody may be called stuck for it; and who is stuck must be, all the same. */
#include <criterion/criterion.h>
#include <string.h>

#include "mark_case.h"

TestSuite(remark, .init = mark_case_make);

#define NEW goheap_at(GOHEAP_NEW, 0)
#define LATE (goheap_at(GOHEAP_LARGE, 0) + GOHEAP_LARGE_BYTES - 8) /* it is searched late */
#define MOMENTS_MAX 1000

/* Makes a program, has it change at each question in turn, and expects that nobody is stuck, but
 * those in before if it changed before it was searched: "" for nobody then either. */
static void at_moments(void (*make)(void), void (*change)(void), const char *before)
{
	unsigned int when, searched = 1;

	for (when = 1; when < MOMENTS_MAX; when++) {
		const char *got;

		mark_case_make();
		make();
		goheap_change = change;
		goheap_when = when;
		WAIT(9, C(9));
		got = mark_case_stuck();
		if (goheap_questions < when)
			break; /* it was searched before that */
		cr_expect_eq(mark_case_result.end, MARK_WHOLE, "at question %u: %s", when,
			     mark_case_result.why);
		if (searched == when && !strcmp(got, before))
			searched++;
		else
			cr_expect_str_eq(got, "9 ", "at question %u: %s", when, got);
	}
	cr_expect(when > searched + 5 && when < MOMENTS_MAX, "%u moments, %u of the search", when,
		  when - searched);
}

static void at_any_moment(void (*make)(void), void (*change)(void))
{
	at_moments(make, change, "");
}

/* ---- a list that is copied ---- */

static void make_list(void)
{
	WAIT(1, C(0));
	WAIT(2, C(1));
	goheap_set(GOHEAP_DATA, CELL(0));
	goheap_set(CELL(0), CELL(1));
	goheap_set(CELL(1), C(0));
	goheap_set(CELL(1) + 8, C(1));
}

static void use_new_span(void)
{
	const struct golang_layout *l = goheap_program.layout;

	goheap_set_bytes(goheap_span(GOHEAP_NEW) + l->mspan.state, l->heap.span_in_use, 1);
}

static void copy_list(void)
{
	use_new_span();
	goheap_set(NEW + 4096, C(0));
	goheap_set(NEW + 4104, C(1));
	goheap_set(CELL(0), NEW + 4096);
	goheap_set(CELL(1), 0);
	goheap_set(CELL(1) + 8, 0);
}

Test(remark, a_list_that_is_copied)
{
	at_any_moment(make_list, copy_list);
}

/* Its page was another span's before, with objects without pointers. */
static void reuse_numbers(void)
{
	const struct golang_layout *l = goheap_program.layout;
	const __u64 list = goheap_at(GOHEAP_NUMBERS, 3);

	goheap_set_bytes(goheap_span(GOHEAP_NUMBERS) + l->mspan.spanclass, 0, 1);
	goheap_set(list, C(0));
	goheap_set(list + 8, C(1));
	goheap_set(CELL(0), list);
	goheap_set(CELL(1), 0);
	goheap_set(CELL(1) + 8, 0);
}

Test(remark, a_span_that_is_used_otherwise)
{
	at_any_moment(make_list, reuse_numbers);
}

/* ---- a job that goes from one goroutine to the next ---- */

/* The number of one that is dead, or is not yet in the list. */
#define NEXT GOHEAP_MAX

static void make_next(__u64 id, __s32 status)
{
	const struct golang_layout *l = goheap_program.layout;
	const __u64 g = goheap_at(GOHEAP_G, NEXT);

	goheap_set(g + l->g.goid, id);
	goheap_set_bytes(g + l->g.atomicstatus, status, 4);
	goheap_set(g + l->g.stack_lo, GOHEAP_STACK(3) - 2048);
	goheap_set(g + l->g.stack_hi, GOHEAP_STACK(3));
	goheap_set(g + l->g.sched_sp, GOHEAP_STACK(3) - 64);
	goheap_set(goheap_at(GOHEAP_LIST, 0) + 8 * NEXT, g);
}

static void make_job(void)
{
	WAIT(1, C(0));
	goheap_set(GOHEAP_STACK(2), C(0));
}

static void hand_on(void)
{
	const struct golang_layout *l = goheap_program.layout;

	make_next(4712, l->status.waiting);
	goheap_set(goheap_program.allgs + 8, GOHEAP_MAX + 1);
	goheap_set(goheap_program.allgs + 16, GOHEAP_MAX + 1);
	goheap_set(GOHEAP_STACK(3) - 128, C(0));
	goheap_set(GOHEAP_STACK(2), 0);
}

Test(remark, a_goroutine_that_is_new)
{
	at_any_moment(make_job, hand_on);
}

static void make_job_and_dead(void)
{
	make_job();
	make_next(4711, goheap_program.layout->status.dead);
	goheap_set(goheap_program.allgs + 8, GOHEAP_MAX + 1);
	goheap_set(goheap_program.allgs + 16, GOHEAP_MAX + 1);
}

Test(remark, a_goroutine_that_was_dead)
{
	at_any_moment(make_job_and_dead, hand_on);
}

static void make_late(void)
{
	WAIT(1, C(0));
	goheap_set(GOHEAP_DATA, goheap_at(GOHEAP_LARGE, 0));
	goheap_set(LATE, C(0));
}

/* One that was listed takes it, and goes on. */
static void take_over(void)
{
	const struct golang_layout *l = goheap_program.layout;
	const __u64 g = goheap_at(GOHEAP_G, 4);

	goheap_set_bytes(g + l->g.tracking_seq, 1, 1);
	goheap_set(g + l->g.sched_sp, GOHEAP_STACK(4) - 256);
	goheap_set(GOHEAP_STACK(4) - 128, C(0));
	goheap_set(LATE, 0);
}

Test(remark, a_goroutine_that_ran)
{
	at_any_moment(make_late, take_over);
}

/* It was handed its value by who woke it, and waits for a processor. */
static void wake_it(void)
{
	const struct golang_layout *l = goheap_program.layout;

	goheap_set_bytes(goheap_at(GOHEAP_G, 4) + l->g.atomicstatus, l->status.runnable, 4);
	goheap_set(GOHEAP_STACK(4) + 128, C(0));
	goheap_set(LATE, 0);
}

Test(remark, a_goroutine_that_is_woken)
{
	at_any_moment(make_late, wake_it);
}

/* One that was listed hands it on, and ends; the next one does the same at once. */
static void hand_on_and_end(void)
{
	const struct golang_layout *l = goheap_program.layout;

	make_next(4712, l->status.dead);
	goheap_set(GOHEAP_STACK(3) - 128, C(0));
	goheap_set_bytes(goheap_at(GOHEAP_G, 2) + l->g.atomicstatus, l->status.dead, 4);
	goheap_set(GOHEAP_STACK(2), 0);
}

Test(remark, goroutines_that_ended)
{
	at_moments(make_job_and_dead, hand_on_and_end, "1 9 ");
}

static void wake_other(void)
{
	goheap_set(GOHEAP_DATA, C(1));
}

/* Who had ended before, however late it began, left old words only. */
Test(remark, a_goroutine_that_had_ended)
{
	make_job_and_dead();
	goheap_set(GOHEAP_STACK(2), 0);
	goheap_set(GOHEAP_STACK(3) - 128, C(0));
	WAIT(2, C(1));
	goheap_change = wake_other;
	goheap_when = 5;
	mark_case_expect("1 ");
}

/* One moved and waits as a coroutine: that it goes on is not seen in its g, so that its whole
 * stack is searched, at each round. */
static void become_coroutine(void)
{
	const struct golang_layout *l = goheap_program.layout;
	const __u64 g = goheap_at(GOHEAP_G, 4);
	unsigned int reason = 0;

	while (strcmp(layout_wait_reason(l, reason), "coroutine") != 0)
		reason++;
	goheap_set_bytes(g + l->g.waitreason, reason, 1);
	goheap_set_bytes(g + l->g.tracking_seq, 1, 1);
	goheap_set(GOHEAP_STACK(4) - 128, C(0)); /* below its sp */
	goheap_set(LATE, 0);
}

Test(remark, a_coroutine_is_searched_whole)
{
	at_any_moment(make_late, become_coroutine);
}

/* ---- timers ---- */

static void make_p(void)
{
	const __u64 p = goheap_at(GOHEAP_P, 0) + 80;

	goheap_make(21);
	WAIT(1, C(0));
	goheap_set(goheap_span(GOHEAP_P) + goheap_program.layout->mspan.elemsize, 9472);
	goheap_set(p, p + 16);
	goheap_set(p + 8, p + 16 + 8 * 512);
	goheap_set(GOHEAP_DATA, goheap_at(GOHEAP_P, 0));
	goheap_set(goheap_at(GOHEAP_P, 0) + goheap_program.layout->p.timers, CELL(0));
	goheap_set(GOHEAP_DATA + 8, CELL(5)); /* what that leads to is searched after the timers */
	goheap_set(CELL(5), goheap_at(GOHEAP_LARGE, 0));
	goheap_set(LATE, C(0));
}

static void set_timer(void)
{
	goheap_set(CELL(0) + 16, CELL(1));
	goheap_set(CELL(1), C(0));
	goheap_set(LATE, 0);
}

Test(remark, a_timer_that_is_set)
{
	at_any_moment(make_p, set_timer);
}

static void make_timer(void)
{
	make_p();
	set_timer();
	make_next(4711, goheap_program.layout->status.dead);
	goheap_set(goheap_program.allgs + 8, GOHEAP_MAX + 1);
	goheap_set(goheap_program.allgs + 16, GOHEAP_MAX + 1);
}

static void fire_timer(void)
{
	make_next(4712, goheap_program.layout->status.waiting);
	goheap_set(GOHEAP_STACK(3) - 128, C(0));
	goheap_set(CELL(0) + 16, 0);
	goheap_set(CELL(1), 0);
}

Test(remark, a_timer_that_fires)
{
	at_any_moment(make_timer, fire_timer);
}

/* ---- registers ---- */

Test(remark, a_register)
{
	WAIT(1, C(0));
	WAIT(2, C(1));
	mark_case_register = C(0) + 8;
	mark_case_expect("2 ");
}

/* ---- system calls ---- */

static void make_call(void)
{
	const struct golang_layout *l = goheap_program.layout;

	make_late();
	goheap_g[4].status = GOROUTINE_SYSCALL;
	goheap_set_bytes(goheap_at(GOHEAP_G, 4) + l->g.atomicstatus, l->status.syscall, 4);
	goheap_set(goheap_at(GOHEAP_G, 4) + l->g.syscallsp, GOHEAP_STACK(4));
	mark_case_sleeper = (struct mark_sleeper){ GOHEAP_STACK(4) - 64, 4711, 8 };
}

/* Its thread sleeps: what is below its stack pointer is left over from calls that returned. */
Test(remark, a_system_call)
{
	make_call();
	WAIT(2, C(1));
	WAIT(3, C(2));
	goheap_set(LATE, 0);
	goheap_set(GOHEAP_STACK(4) - 8, C(0));
	goheap_set(GOHEAP_STACK(4), C(1));
	goheap_set(GOHEAP_DATA, C(2));
	mark_case_expect("1 ");
	mark_case_sleeper.sp = 0;
	mark_case_expect("");
}

/* What it is in is not noted: all above the stack pointer counts. */
Test(remark, a_system_call_of_the_runtimes_own)
{
	make_call();
	WAIT(2, C(1));
	goheap_set(LATE, 0);
	goheap_g[4].sp = 0;
	goheap_set(goheap_at(GOHEAP_G, 4) + goheap_program.layout->g.syscallsp, 0);
	goheap_set(GOHEAP_STACK(4) - 72, C(0));
	goheap_set(GOHEAP_STACK(4) - 64, C(1));
	mark_case_expect("1 ");
}

static void call_again(void)
{
	const struct golang_layout *l = goheap_program.layout;

	goheap_set(GOHEAP_STACK(4) - 128, C(0));
	goheap_set(LATE, 0);
	goheap_set(goheap_at(GOHEAP_G, 4) + l->g.syscallsp, GOHEAP_STACK(4) - 256);
	mark_case_sleeper.switches++;
	mark_case_sleeper.sp -= 256;
}

Test(remark, a_system_call_that_returns)
{
	at_any_moment(make_call, call_again);
}

static void run_on(void)
{
	call_again();
	mark_case_sleeper.sp = 0;
}

Test(remark, a_system_call_that_returns_and_runs)
{
	at_any_moment(make_call, run_on);
}

/* ---- what changes for ever ---- */

static unsigned int turn;

static void wake_one_each_time(void)
{
	goheap_set(GOHEAP_DATA, C(turn++ % 15));
	goheap_when = goheap_questions + 1;
}

Test(remark, faster_than_can_be_searched)
{
	for (unsigned int i = 0; i < 15; i++)
		WAIT(i + 1, C(i));
	goheap_change = wake_one_each_time;
	goheap_when = 1;
	mark_case_expect_end(MARK_CUT);
}
