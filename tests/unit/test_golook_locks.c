// SPDX-License-Identifier: GPL-2.0-only
/* test_golook_locks.c - who waits for a lock that nobody will unlock, by a program made by hand */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "lock_case.h"
#include "symbolize/golook_inside.h"
#include "symbolize/golook_locks.h"

#define OWNERS 4

static struct golook look;
static struct lock_case_owner o[OWNERS]; /* their ids are 10, 11, ... */
static bool stuck[OWNERS];

static void waits_for(unsigned int i, unsigned int whose)
{
	struct gomemory *m = lock_case.m;
	const __u64 semaphore = o[whose].lock + m->layout->mutex.sema;

	o[i].g.objects[0].address = semaphore;
	gomemory_sudog(m, o[i].g.address, 0, semaphore);
}

/* Each waits for a lock of its own, which nobody has. */
static void setup(void)
{
	array_free(&look.kept);
	memset(&look, 0, sizeof(look));
	memset(stuck, 0, sizeof(stuck));
	lock_case_make(27, GOLANG_AMD64);
	for (unsigned int i = 0; i < OWNERS; i++)
		o[i] = lock_case_owner(10 + i);
}

static void teardown(void)
{
	array_free(&look.kept);
	lock_case_free();
}

TestSuite(golook_locks, .init = setup, .fini = teardown);

/* "10<11 11<10 ": those that are told, and who is to unlock what they wait for. */
static const char *found(void)
{
	static char text[256];
	size_t len = 0;

	array_free(&look.kept);
	look.program = *lock_case_program();
	look.target = lock_case.m->target;
	for (unsigned int i = 0; i < OWNERS; i++) {
		if (stuck[i])
			cr_assert(!array_push(&look.kept, (struct kept){ o[i].g, .stuck = true }));
		else
			cr_assert(!golook_locks_keep(&look, &o[i].g));
	}
	cr_assert(!golook_locks_find(&look));
	text[0] = '\0';
	for (size_t i = 0; i < look.kept.n; i++) {
		const struct kept *k = &look.kept.v[i];

		len += snprintf(text + len, sizeof(text) - len, k->holder ? "%llu<%llu " : "%llu ",
				k->g.id, k->holder);
	}
	return text;
}

static void becomes_running(unsigned int i)
{
	const struct golang_layout *l = lock_case.m->layout;

	gomemory_put32(lock_case.m, o[i].g.address + l->g.atomicstatus, l->status.running);
	o[i].g.status = GOROUTINE_RUNNING;
	o[i].g.nobjects = 0;
}

static void becomes_receiver(unsigned int i)
{
	const struct golang_layout *l = lock_case.m->layout;
	__u8 reason = 0;

	while (strcmp(layout_wait_reason(l, reason), "chan receive"))
		reason++;
	lock_case.m->bytes[o[i].g.address + l->g.waitreason - GOMEMORY_BASE] = reason;
	gomemory_sudog(lock_case.m, o[i].g.address, gomemory_channel(lock_case.m, 0, 0), 0);
	o[i].g.wait = GOROUTINE_CHAN_RECEIVE;
	o[i].g.nobjects = 0;
}

static void ring(void)
{
	waits_for(0, 1);
	waits_for(1, 0);
}

Test(golook_locks, rings)
{
	cr_expect_str_eq(found(), "", "locks of which nobody knows who has them");
	waits_for(0, 0);
	cr_expect_str_eq(found(), "10<10 ");
	setup();
	ring();
	cr_expect_str_eq(found(), "10<11 11<10 ");
	waits_for(2, 0);
	waits_for(3, 2);
	cr_expect_str_eq(found(), "10<11 11<10 12<10 13<12 ", "and who stands behind it");
	cr_expect(!look.lockers_cut);
}

Test(golook_locks, of_one_that_never_goes_on)
{
	waits_for(0, 1);
	cr_expect_str_eq(found(), "");
	stuck[1] = true;
	cr_expect_str_eq(found(), "10<11 11 ");
	lock_case_pend(&o[1], 0);
	cr_expect_str_eq(found(), "11 ", "it has unlocked it");
}

Test(golook_locks, another_may_have_it)
{
	ring();
	gomemory_put(lock_case.m, o[2].closure + 8, o[0].lock);
	cr_expect_str_eq(found(), "", "who waits for something else is to unlock it, too");
	lock_case_pend(&o[2], 0);
	cr_expect_str_eq(found(), "10<11 11<10 ");
}

Test(golook_locks, one_that_moves_may_have_it)
{
	const struct golang_layout *l = lock_case.m->layout;

	waits_for(0, 0);
	becomes_receiver(2);
	o[2].g.sp += 32; /* as it was when it was listed */
	gomemory_put(lock_case.m, o[2].g.address + l->g.sched_sp, ~0ull);
	cr_expect_str_eq(found(), "10<10 ");
	gomemory_put(lock_case.m, o[2].g.hi - 64, o[0].lock);
	cr_expect_str_eq(found(), "");
}

Test(golook_locks, one_that_receives_may_have_it)
{
	ring();
	becomes_receiver(2);
	cr_expect_str_eq(found(), "10<11 11<10 ");
	gomemory_put(lock_case.m, o[2].closure + 8, o[0].lock);
	cr_expect_str_eq(found(), "", "it is to unlock it, once it received");
	stuck[2] = true;
	cr_expect_str_eq(found(), "12 ", "it never will, but which of both has it?");
}

Test(golook_locks, one_that_runs_may_have_it)
{
	ring();
	becomes_running(2);
	gomemory_put(lock_case.m, o[2].closure + 8, o[0].lock);
	cr_expect_str_eq(found(), "10<11 11<10 ", "its calls are not known");
	gomemory_put(lock_case.m, o[2].g.hi - 64, o[0].lock);
	cr_expect_str_eq(found(), "", "a word of its stack");
	gomemory_put(lock_case.m, o[2].g.hi - 64, o[2].lock);
	cr_expect_str_eq(found(), "10<11 11<10 ", "another lock");
	gomemory_put(lock_case.m, o[2].g.address + lock_case.m->layout->g.stack_lo, ~0ull);
	cr_expect_str_eq(found(), "", "no stack that can be");
	cr_expect(look.lockers_cut);
}

/* By what only may be to unlock it: it was unlocked for a while before the call under way. */
Test(golook_locks, one_may_have_it_perhaps)
{
	ring();
	lock_case_call(HOLD, 8, UNLOCK);
	cr_expect_str_eq(found(), "");
}

Test(golook_locks, too_many_or_too_late)
{
	ring();
	look.late = true;
	cr_expect_str_eq(found(), "");
	cr_expect(look.lockers_cut);
	look.late = look.lockers_cut = false;
	cr_expect_str_eq(found(), "10<11 11<10 ");
	look.lockers = 4096;
	cr_expect_str_eq(found(), "", "none is kept any more");
	cr_expect(look.lockers_cut);
}
