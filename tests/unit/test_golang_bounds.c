// SPDX-License-Identifier: GPL-2.0-only
/* test_golang_bounds.c - the bounds of a stack that moves while they are read */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "golang/bounds.h"
#include "gomemory.h"

static struct gomemory *m;
static struct program p;
static __u64 g, lo, hi;
static unsigned int answers; /* until it makes sense */

static void setup(void)
{
	m = gomemory_new(24, "go1.24.1");
	p = (struct program){ .target = &m->target, .layout = m->layout };
	g = gomemory_g(m, 5, NULL);
	lo = hi = 7;
}

static void teardown(void)
{
	free(m);
}

TestSuite(golang_bounds, .init = setup, .fini = teardown);

static void set(__u64 from, __u64 to)
{
	gomemory_put(m, g + m->layout->g.stack_lo, from);
	gomemory_put(m, g + m->layout->g.stack_hi, to);
}

static void settle(struct gomemory *memory)
{
	(void)memory;
	if (!--answers)
		set(0xc000002000, 0xc000004000);
}

Test(golang_bounds, as_they_are)
{
	set(0xc000002000, 0xc000004000);
	cr_expect(bounds_read(&p, g, &lo, &hi));
	cr_expect_eq(lo, 0xc000002000);
	cr_expect_eq(hi, 0xc000004000);
	set(0, 0);
	cr_expect(bounds_read(&p, g, &lo, &hi), "it has none");
	cr_expect_eq(hi, 0);
}

Test(golang_bounds, of_two_stacks)
{
	set(0xc000008000, 0xc000004000);
	answers = 2;
	m->then = settle;
	cr_expect(bounds_read(&p, g, &lo, &hi));
	cr_expect_eq(lo, 0xc000002000);
	cr_expect_eq(hi, 0xc000004000);
}

Test(golang_bounds, none_at_all)
{
	set(0xc000008000, 0xc000004000);
	cr_expect_not(bounds_read(&p, g, &lo, &hi));
	set(0, 1ull << 40);
	cr_expect_not(bounds_read(&p, g, &lo, &hi));
	cr_expect_not(bounds_read(&p, GOMEMORY_WILD, &lo, &hi));
	cr_expect_eq(lo, 7);
}
