// SPDX-License-Identifier: GPL-2.0-only
/* test_golang_unwind.c - walks of goroutine stacks that were made by hand
 *
 * tests/go/table.sh compares walks with those of Go's own runtime. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include "golang/unwind.h"
#include "gotable.h"

#define TEXT 0x400000u
#define LO 0xc000001000u
#define WORDS 64
#define HI (LO + 8 * WORDS)

#define FRAME(size)                                                                                \
	{                                                                                          \
		{                                                                                  \
			64, size                                                                   \
		}                                                                                  \
	}

/* Each of 64 bytes. */
enum {
	GOEXIT,
	MAIN,
	WORK,
	PARK,
	SIGPANIC,
	PREEMPT,
	GOGO,
	CGOCALLBACK,
	SYSTEMSTACK,
	MORESTACK,
	EXTERNAL,
	LEAF,
	FUNCTIONS
};

static const struct gotable_function functions[FUNCTIONS] = {
	[GOEXIT] = { "runtime.goexit", "a.s", 64, .flags = PCLNTAB_TOPFRAME, .frame = FRAME(0) },
	[MAIN] = { "main.main", "m.go", 64, .frame = { { 8, 0 }, { 56, 16 } } },
	[WORK] = { "main.work", "m.go", 64, .frame = { { 8, 0 }, { 56, 32 } } },
	[PARK] = { "runtime.gopark", "p.go", 64, .frame = FRAME(24) },
	[SIGPANIC] = { "runtime.sigpanic", "s.go", 64, .frame = FRAME(8) },
	[PREEMPT] = { "runtime.asyncPreempt", "a.s", 64, .frame = FRAME(8) },
	[GOGO] = { "runtime.gogo", "a.s", 64, .flags = PCLNTAB_SPWRITE, .frame = FRAME(0) },
	[CGOCALLBACK] = { "runtime.cgocallback", "a.s", 64, .flags = PCLNTAB_SPWRITE,
			  .frame = FRAME(16) },
	[SYSTEMSTACK] = { "runtime.systemstack", "a.s", 64, .flags = PCLNTAB_SPWRITE,
			  .frame = FRAME(0) },
	[MORESTACK] = { "runtime.morestack", "a.s", 64, .flags = PCLNTAB_SPWRITE,
			.frame = FRAME(0) },
	[EXTERNAL] = { "race", "r.s", 64 },
	[LEAF] = { "main.leaf", "m.go", 64, .frame = FRAME(0) },
};

#define AT(function, offset) (TEXT + 64u * (function) + (offset))

struct memory {
	__u64 word[WORDS];
	__u64 unreadable; /* an address; 0: none */
};

static bool read_memory(void *arg, __u64 address, void *ret, size_t len)
{
	const struct memory *m = arg;

	if (address == m->unreadable || address < LO || address + len > HI)
		return false;
	memcpy(ret, (const char *)m->word + (address - LO), len);
	return true;
}

static struct gotable made;
static struct pclntab table;
static struct memory memory;
static struct unwind_frames frames;
static const struct program one = {
	.nmodules = 1,
	.modules = { { .text = TEXT, .etext = TEXT + 64 * FUNCTIONS, .table = &table } },
};
static struct unwind_program program = { .program = &one, .read = read_memory, .arg = &memory };

static void setup(void)
{
	const struct gotable_kind kind = {};

	gotable_make(&kind, functions, FUNCTIONS, &made);
	cr_assert_eq(pclntab_open(made.bytes, made.n, &table), 0);
}

TestSuite(golang_unwind, .init = setup);

static struct unwind_start at(__u64 pc, int word)
{
	return (struct unwind_start){ .pc = pc, .sp = LO + 8 * word, .lo = LO, .hi = HI };
}

static void walk(struct unwind_start start)
{
	unwind_goroutine(&program, &start, NULL, &frames);
}

/* What the walk has to find: pcs from the innermost on, then 0. */
static void assert_walk(const __u64 *pc, enum unwind_end end)
{
	for (size_t i = 0; i < frames.n; i++)
		cr_assert_eq(frames.frame[i].pc, pc[i], "frame %zu: %#llx, not %#llx", i,
			     frames.frame[i].pc, pc[i]);
	cr_assert_eq(pc[frames.n], 0, "%zu frames are too few", frames.n);
	cr_assert_eq(frames.end, end, "%s", unwind_why(frames.end));
	cr_assert_eq(!unwind_why(end), end == UNWIND_TOP);
}

/* gopark 24 + 8, work 32 + 8, main 16 + 8 bytes, goexit. */
static void plant_chain(void)
{
	memory.word[3] = AT(WORK, 20);
	memory.word[8] = AT(MAIN, 30);
	memory.word[11] = AT(GOEXIT, 1);
}

Test(golang_unwind, parked)
{
	plant_chain();
	walk(at(AT(PARK, 10), 0));
	assert_walk((__u64[]){ AT(PARK, 10), AT(WORK, 20), AT(MAIN, 30), AT(GOEXIT, 1), 0 },
		    UNWIND_TOP);
	for (size_t i = 0; i < frames.n; i++)
		cr_assert_not(frames.frame[i].exact);
	cr_assert_eq(frames.frame[1].sp, LO + 32);
	cr_assert_eq(frames.frame[1].cfa, LO + 72);
}

Test(golang_unwind, link_register)
{
	program.has_link = true;
	memory.word[0] = AT(WORK, 20); /* gopark's own: 24 bytes */
	memory.word[3] = AT(MAIN, 30);
	memory.word[7] = AT(GOEXIT, 4);
	walk(at(AT(PARK, 10), 0));
	assert_walk((__u64[]){ AT(PARK, 10), AT(WORK, 20), AT(MAIN, 30), AT(GOEXIT, 4), 0 },
		    UNWIND_TOP);
}

/* It has not begun: its frame is not made yet, and lr says who comes after it. */
Test(golang_unwind, unborn)
{
	struct unwind_start start = at(AT(MAIN, 0), WORDS - 1);

	memory.word[WORDS - 1] = AT(GOEXIT, 1);
	walk(start);
	assert_walk((__u64[]){ AT(MAIN, 0), 0 }, UNWIND_OUTSIDE);
	start.sp -= 8;
	memory.word[WORDS - 2] = AT(GOEXIT, 1);
	walk(start);
	assert_walk((__u64[]){ AT(MAIN, 0), AT(GOEXIT, 1), 0 }, UNWIND_TOP);
	cr_assert(frames.frame[0].exact, "it has not made a call");
	program.has_link = true;
	start.lr = AT(GOEXIT, 4);
	walk(start);
	assert_walk((__u64[]){ AT(MAIN, 0), AT(GOEXIT, 4), 0 }, UNWIND_TOP);
}

static void check_injected(int function)
{
	memory.word[1] = AT(WORK, 20); /* 8 + 8 */
	memory.word[6] = AT(MAIN, 30);
	memory.word[9] = AT(GOEXIT, 1);
	program.has_link = false;
	walk(at(AT(function, 5), 0));
	assert_walk((__u64[]){ AT(function, 5), AT(WORK, 20), AT(MAIN, 30), AT(GOEXIT, 1), 0 },
		    UNWIND_TOP);
	cr_assert_not(frames.frame[0].exact);
	cr_assert(frames.frame[1].exact, "it was interrupted, and called nobody");
	cr_assert_not(frames.frame[2].exact);
	/* with a link register: saved in 16 bytes above, and valid while there is no frame yet */
	program.has_link = true;
	memory.word[0] = AT(LEAF, 8);
	memory.word[1] = AT(MAIN, 30);
	memory.word[3] = AT(GOEXIT, 4);
	walk(at(AT(function, 5), 0));
	assert_walk((__u64[]){ AT(function, 5), AT(LEAF, 8), AT(MAIN, 30), AT(GOEXIT, 4), 0 },
		    UNWIND_TOP);
}

Test(golang_unwind, sigpanic)
{
	check_injected(SIGPANIC);
}

Test(golang_unwind, async_preempt)
{
	check_injected(PREEMPT);
}

Test(golang_unwind, stack_pointer_moved)
{
	struct unwind_start start = at(AT(PARK, 10), 0);

	memory.word[3] = AT(GOGO, 20);
	walk(start);
	assert_walk((__u64[]){ AT(PARK, 10), AT(GOGO, 20), 0 }, UNWIND_SPWRITE);
	/* cgocallback is one that may */
	memory.word[3] = AT(CGOCALLBACK, 20);
	memory.word[6] = AT(GOEXIT, 1);
	walk(start);
	assert_walk((__u64[]){ AT(PARK, 10), AT(CGOCALLBACK, 20), AT(GOEXIT, 1), 0 }, UNWIND_TOP);
	/* and so may one that gave up its thread in its prologue, but not one that runs */
	start = at(AT(GOGO, 20), 0);
	memory.word[0] = AT(GOEXIT, 1);
	walk(start);
	assert_walk((__u64[]){ AT(GOGO, 20), AT(GOEXIT, 1), 0 }, UNWIND_TOP);
	start.exact = true;
	walk(start);
	assert_walk((__u64[]){ AT(GOGO, 20), 0 }, UNWIND_SPWRITE);
	start.syscall = true;
	walk(start);
	assert_walk((__u64[]){ AT(GOGO, 20), AT(GOEXIT, 1), 0 }, UNWIND_TOP);
}

/* From a thread's own stack over to the goroutine's. */
Test(golang_unwind, system_stack)
{
	const struct unwind_start user = at(AT(WORK, 20), 20);
	struct unwind_start start = at(AT(PARK, 10), 0);

	start.hi = LO + 8 * 16;
	memory.word[3] = AT(SYSTEMSTACK, 20);
	memory.word[20] = AT(MAIN, 30);
	memory.word[23] = AT(GOEXIT, 1);
	unwind_goroutine(&program, &start, &user, &frames);
	assert_walk((__u64[]){ AT(PARK, 10), AT(SYSTEMSTACK, 20), AT(MAIN, 30), AT(GOEXIT, 1), 0 },
		    UNWIND_TOP);
	walk(start);
	assert_walk((__u64[]){ AT(PARK, 10), AT(SYSTEMSTACK, 20), 0 }, UNWIND_SPWRITE);
	/* morestack is not returned to: the goroutine goes on where it was */
	memory.word[3] = AT(MORESTACK, 20);
	memory.word[24] = AT(MAIN, 30);
	memory.word[27] = AT(GOEXIT, 1);
	unwind_goroutine(&program, &start, &user, &frames);
	assert_walk((__u64[]){ AT(PARK, 10), AT(WORK, 20), AT(MAIN, 30), AT(GOEXIT, 1), 0 },
		    UNWIND_TOP);
}

Test(golang_unwind, ends_early)
{
	struct unwind_start start = at(AT(PARK, 10), 0);

	plant_chain();
	memory.unreadable = LO + 64;
	walk(start);
	assert_walk((__u64[]){ AT(PARK, 10), AT(WORK, 20), 0 }, UNWIND_UNREADABLE);
	memory.unreadable = 0;
	memory.word[8] = TEXT - 1;
	walk(start);
	assert_walk((__u64[]){ AT(PARK, 10), AT(WORK, 20), 0 }, UNWIND_NO_CODE);
	cr_assert_eq(frames.at, TEXT - 1);
	memory.word[8] = AT(EXTERNAL, 1);
	walk(start);
	assert_walk((__u64[]){ AT(PARK, 10), AT(WORK, 20), 0 }, UNWIND_NO_FRAMES);
	start.hi = LO + 40;
	walk(start);
	assert_walk((__u64[]){ AT(PARK, 10), 0 }, UNWIND_OUTSIDE);
	start = at(AT(PARK, 10), 0);
	start.sp += 4;
	walk(start);
	assert_walk((__u64[]){ AT(PARK, 10), 0 }, UNWIND_OUTSIDE);
	start.sp = HI + 8;
	walk(start);
	assert_walk((__u64[]){ 0 }, UNWIND_OUTSIDE);
	start.sp = LO - 8;
	walk(start);
	assert_walk((__u64[]){ 0 }, UNWIND_OUTSIDE);
	walk(at(TEXT + 64 * FUNCTIONS, 0));
	assert_walk((__u64[]){ 0 }, UNWIND_NO_CODE);
}

Test(golang_unwind, nil_function)
{
	plant_chain();
	memory.word[2] = AT(WORK, 20);
	walk(at(0, 2));
	assert_walk((__u64[]){ AT(WORK, 20), 0 }, UNWIND_NO_CODE);
	memory.word[3] = AT(WORK, 20);
	walk(at(0, 3));
	assert_walk((__u64[]){ AT(WORK, 20), AT(MAIN, 30), AT(GOEXIT, 1), 0 }, UNWIND_TOP);
}

/* Frames of no size that call each other: only a link register makes that possible. */
Test(golang_unwind, no_progress)
{
	program.has_link = true;
	memory.word[0] = AT(LEAF, 8);
	walk(at(AT(LEAF, 8), 0));
	assert_walk((__u64[]){ AT(LEAF, 8), 0 }, UNWIND_STUCK);
}

/* A stack that never ends is cut. */
static bool read_leaf(void *arg, __u64 address, void *ret, size_t len)
{
	const __u64 pc = AT(LEAF, 8);

	(void)arg, (void)address;
	memcpy(ret, &pc, len);
	return true;
}

Test(golang_unwind, cut)
{
	struct unwind_start start = at(AT(LEAF, 8), 0);

	start.hi = UINT64_MAX;
	program.read = read_leaf;
	walk(start);
	cr_assert_eq(frames.n, UNWIND_FRAMES_MAX);
	cr_assert_eq(frames.end, UNWIND_CUT);
}
