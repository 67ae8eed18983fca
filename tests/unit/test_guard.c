// SPDX-License-Identifier: GPL-2.0-only
/* test_guard.c - calls that hang, and come back: who is asked again, and what is given back. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "collect/guard.h"

#define DEADLINE_MS 100 /* with its extensions long enough for calls that succeed on a busy host */
#define SHORT_MS 20	/* where none has to */

static atomic_bool stay; /* calls hang while it is set */
static int dropped;

static int hang(void *arg)
{
	(void)arg;
	while (atomic_load(&stay))
		usleep(1000);
	return 0;
}

static int spin(void *arg)
{
	(void)arg;
	while (atomic_load(&stay))
		;
	return 0;
}

/* Spins for longer than the deadline, however little of the processor it gets. */
static int work(void *arg)
{
	struct timespec t = { 0 };

	(void)arg;
	while (t.tv_sec * 1000 + t.tv_nsec / 1000000 < DEADLINE_MS * 3l / 2)
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return 0;
}

static void drop(void *arg)
{
	(void)arg;
	dropped++;
}

/* Lets the n that hang come back, and forgives them. */
static void come_back(struct guard *g, int n)
{
	int wanted = dropped + n;

	atomic_store(&stay, false);
	for (int i = 0; i < 5000 && dropped < wanted; i++) {
		usleep(1000);
		guard_forgive(g);
	}
	atomic_store(&stay, true);
}

static struct guard *setup(unsigned int deadline_ms)
{
	struct guard *g = guard_new(deadline_ms);

	cr_assert(g);
	atomic_store(&stay, true);
	return g;
}

Test(guard, a_process_that_hung_is_not_asked_until_it_is_forgiven)
{
	struct guard *g = setup(DEADLINE_MS);

	cr_expect_eq(guard_call(g, 1, hang, drop, NULL), -ETIMEDOUT);
	guard_forgive(g);
	cr_expect_eq(guard_call(g, 1, hang, drop, NULL), -EBUSY, "it hangs still");
	cr_expect_eq(dropped, 0);
	come_back(g, 1);
	cr_expect_eq(dropped, 1);
	atomic_store(&stay, false);
	cr_expect_eq(guard_call(g, 1, hang, drop, NULL), 0);
	guard_free(g);
}

Test(guard, who_has_come_back_takes_no_place)
{
	struct guard *g = setup(SHORT_MS);

	for (int round = 0; round < 3; round++) {
		for (unsigned int pid = 1; pid <= GUARD_HUNG_MAX; pid++)
			cr_expect_eq(guard_call(g, pid, hang, drop, NULL), -ETIMEDOUT);
		cr_expect_eq(guard_call(g, 100, hang, drop, NULL), -EBUSY, "there are too many");
		come_back(g, GUARD_HUNG_MAX);
		cr_expect_eq(dropped, (round + 1) * GUARD_HUNG_MAX);
	}
	cr_expect_eq(guard_call(g, 100, hang, drop, NULL), -ETIMEDOUT, "it is asked");
	come_back(g, 1);
	guard_free(g);
}

Test(guard, who_works_does_not_hang)
{
	struct guard *g = setup(DEADLINE_MS);

	cr_expect_eq(guard_call(g, 1, work, drop, NULL), 0);
	cr_expect_eq(guard_call(g, 1, hang, drop, NULL), -ETIMEDOUT);
	come_back(g, 1);
	guard_free(g);
}

Test(guard, who_works_for_ever_does)
{
	struct guard *g = setup(DEADLINE_MS);

	cr_expect_eq(guard_call(g, 1, spin, drop, NULL), -ETIMEDOUT);
	cr_expect_eq(guard_call(g, 1, work, drop, NULL), -EBUSY);
	come_back(g, 1);
	cr_expect_eq(guard_call(g, 1, work, drop, NULL), 0, "it has time again");
	guard_free(g);
}
