// SPDX-License-Identifier: GPL-2.0-only
/* test_golang_stackmap.c - which words of a stack live, by tables that were made by hand
 *
 * tests/go/patterns/stack_held asks the compiler's own. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "golang/stackmap.h"
#include "gotable.h"

#define TEXT 0x400000u
#define LO 0xc000001000ull
#define WORDS 32
#define AT(function, offset) (TEXT + 64u * (function) + (offset))
#define WORD(i) (LO + 8 * (i))
#define OLD 0xc0deull

/* Each of 64 bytes. Words of the stack, from the top:
 *  0-2  gopark's frame, 3 returns to work
 *  4-9  work's: 4 to 7 are its words, 8 the frame pointer (9 words in all), 9 returns to main
 * 10-13 main's: 10 and 11 are its words, where work's argument is, 12 the frame pointer, 13 returns
 * 14    goexit's; what follows is nobody's */
enum { GOEXIT, MAIN, WORK, PARK, PREEMPT, STUB, FUNCTIONS };

static struct gotable_function functions[FUNCTIONS];
static const struct gotable_function known[FUNCTIONS] = {
	[GOEXIT] = { "runtime.goexit", "a.s", 64, .flags = PCLNTAB_TOPFRAME,
		     .frame = { { 64, 0 } } },
	[MAIN] = { "main.main", "m.go", 64, .frame = { { 64, 24 } }, .maps = { { 64, 0 } },
		   .locals = { 1, 2, { 2 } } },
	[WORK] = { "main.work", "m.go", 64, .frame = { { 64, 40 } },
		   .maps = { { 16, 0 }, { 48, 1 } }, .args = 8, .arguments = { 2, 1, { 0, 1 } },
		   .locals = { 2, 4, { 15, 4 } } },
	[PARK] = { "runtime.gopark", "p.go", 64, .frame = { { 64, 24 } }, .maps = { { 64, 0 } },
		   .locals = { 1, 0, { 0 } } },
	[PREEMPT] = { "runtime.asyncPreempt", "p.s", 64, .frame = { { 64, 24 } } },
	[STUB] = { "reflect.makeFuncStub", "r.s", 64, .frame = { { 64, 24 } },
		   .args = 0x80000000u },
};

static __u64 stack[WORDS];
static const unsigned char masks[8] = { 0x2, 0x1 };
static struct gotable_kind kind;
static struct unwind_start start;
static __u64 deferred, context;
static enum golang_arch arch;
static bool blind; /* moduledata.gofunc cannot be read */

static void setup(void)
{
	memcpy(functions, known, sizeof(functions));
	for (size_t i = 0; i < WORDS; i++)
		stack[i] = OLD;
	stack[3] = AT(WORK, 20);
	stack[9] = AT(MAIN, 30);
	stack[13] = AT(GOEXIT, 1);
	start = (struct unwind_start){ .pc = AT(PARK, 10), .sp = LO, .lo = LO, .hi = LO + 8 * 16 };
	deferred = context = 0;
	arch = GOLANG_AMD64;
	blind = false;
}

TestSuite(golang_stackmap, .init = setup);

/* The words that are kept, of the first 14: "7 10 "; return addresses are left out. */
static const char *kept(void)
{
	static struct gotable made;
	static struct pclntab table;
	static char text[128];
	struct program p = { .layout = layout_find(24, arch),
			     .nmodules = 1,
			     .modules = { { .text = TEXT,
					    .etext = TEXT + 64 * FUNCTIONS,
					    .table = &table,
					    .rodata_bytes = { masks, sizeof(masks) } } } };
	size_t n = 0;

	gotable_make(&kind, functions, FUNCTIONS, &made);
	cr_assert_eq(pclntab_open(made.bytes, made.n, &table), 0);
	if (!blind)
		p.modules[0].gofunc_bytes =
			(struct pclntab_bytes){ made.bytes + made.gofunc, made.n - made.gofunc };
	stackmap_clear(&p, &start, deferred, context, (unsigned char *)stack, start.hi - LO);
	text[0] = '\0';
	for (size_t i = 0; i < 14; i++) {
		if (stack[i] && stack[i] >> 20 != TEXT >> 20)
			n += snprintf(text + n, sizeof(text) - n, "%zu ", i);
	}
	cr_expect_eq(stack[14], OLD, "what is nobody's is kept");
	cr_expect_eq(stack[16], OLD, "nothing behind the stack is touched");
	return text;
}

static void expect(const char *want)
{
	const char *got = kept();

	cr_expect_str_eq(got, want, "want %s, got %s", want, got);
}

#define ALL "0 1 2 4 5 6 7 8 10 11 12 "
#define WORK_WHOLE "4 5 6 7 8 10 11 "

Test(golang_stackmap, locals_and_arguments)
{
	expect("6 10 11 ");
}

Test(golang_stackmap, another_place_another_map)
{
	stack[3] = AT(WORK, 10);
	expect("4 5 6 7 11 ");
}

Test(golang_stackmap, at_its_entry)
{
	/* it was called by main and has not begun: its first bitmap, and no frame yet */
	functions[WORK].frame[0] = (struct gotable_run){ 1, 0 };
	functions[WORK].frame[1] = (struct gotable_run){ 63, 40 };
	functions[WORK].arguments.bits[0] = 1;
	functions[WORK].locals = (struct gotable_map){};
	start.pc = AT(WORK, 0);
	start.sp = LO;
	stack[0] = AT(MAIN, 30);
	stack[4] = AT(GOEXIT, 1);
	stack[9] = stack[13] = OLD;
	cr_expect_str_eq(kept(), "1 2 5 6 7 8 9 10 11 12 13 ");
}

/* A variable of work's, in words 4 and 5, with a pointer in 5. */
static void plant_object(void)
{
	functions[WORK].locals.bits[1] = 8; /* word 7 */
	functions[WORK].objects[0] = (struct gotable_object){ -32, 16, 16, 0 };
	stack[7] = OLD;
}

Test(golang_stackmap, objects)
{
	plant_object();
	expect("7 10 11 ");
	setup();
	plant_object();
	stack[7] = WORD(5);
	expect("5 7 10 11 ");
	setup();
	plant_object();
	stack[6] = WORD(5); /* a dead word */
	expect("7 10 11 ");
}

Test(golang_stackmap, an_object_by_another)
{
	plant_object();
	functions[WORK].objects[1] = (struct gotable_object){ -16, 8, 8, 1 };
	stack[7] = WORD(4);
	stack[5] = WORD(6);
	expect("5 6 7 10 11 ");
}

Test(golang_stackmap, an_object_made_by_a_program)
{
	plant_object();
	functions[WORK].objects[0].pointers = -16;
	stack[7] = WORD(4);
	expect("4 5 7 10 11 ");
}

Test(golang_stackmap, deferred_calls)
{
	const struct golang_deferred *l = &layout_find(24, GOLANG_AMD64)->deferred;

	cr_assert_eq(l->size, 48);
	plant_object();
	deferred = WORD(4);
	stack[4 + l->fn / 8] = WORD(4);
	stack[4 + l->link / 8] = 0;
	expect("5 7 10 11 ");
}

/* One in the heap may be followed by one on the stack, whose words no map names. */
Test(golang_stackmap, deferred_calls_elsewhere)
{
	plant_object();
	deferred = 0xc000777000;
	expect(ALL);
	setup();
	plant_object();
	deferred = WORD(4);
	stack[4 + layout_find(24, GOLANG_AMD64)->deferred.link / 8] = 0xc000777000;
	expect(ALL);
	setup();
	plant_object();
	deferred = WORD(4);
	stack[8] = WORD(4); /* a circle */
	expect(ALL);
}

Test(golang_stackmap, the_context_register)
{
	plant_object();
	context = WORD(4);
	expect("5 7 10 11 ");
	setup();
	plant_object();
	context = WORD(6); /* in none */
	expect("7 10 11 ");
}

/* Return addresses lie at the lower end of frames: gopark's 0, work's 3,
 * main's 8; then the words of work's frame are 4 to 6, and its frame
 * pointer is 7; main's are 9 and 10, where work's argument is 9. */
static void link_registers(void)
{
	arch = GOLANG_ARM64;
	functions[WORK].locals = (struct gotable_map){ 2, 3, { 7, 2 } };
	stack[0] = AT(WORK, 20);
	stack[3] = AT(MAIN, 30);
	stack[8] = AT(GOEXIT, 1);
	stack[9] = stack[13] = OLD;
}

Test(golang_stackmap, arm64)
{
	link_registers();
	cr_expect_str_eq(kept(), "5 9 11 12 13 ");
}

/* Its handler keeps the link register in two words above the frame that it made. */
Test(golang_stackmap, arm64_interrupted)
{
	link_registers();
	start.pc = AT(PREEMPT, 10);
	stack[0] = AT(WORK, 20);
	stack[5] = AT(MAIN, 30);
	stack[10] = AT(GOEXIT, 1);
	stack[3] = stack[8] = OLD;
	cr_expect_str_eq(kept(), "1 2 3 4 6 7 8 9 11 13 ");
}

struct uncertain {
	const char *what;
	const char *want;
	void (*make)(void);
};

static void preempted(void)
{
	start.pc = AT(PREEMPT, 10);
}

static void a_stub(void)
{
	start.pc = AT(STUB, 10);
}

static void no_locals(void)
{
	functions[WORK].locals.n = 0;
}

static void no_arguments(void)
{
	functions[WORK].arguments.n = 0;
}

static void no_such_bitmap(void)
{
	functions[WORK].maps[1].value = 2;
}

static void none_here(void)
{
	functions[WORK].maps[1].value = -1;
}

static void too_many_bits(void)
{
	functions[WORK].locals.nbit = 1u << 30;
}

static void bits_below_the_stack(void)
{
	functions[PARK].locals = (struct gotable_map){ 1, 8, { 0xff } };
}

static void a_wild_object(void)
{
	functions[WORK].objects[0] = (struct gotable_object){ -4096, 16, 16, 0 };
}

static void a_large_object(void)
{
	functions[WORK].objects[0] = (struct gotable_object){ -32, 1 << 20, 16, 0 };
}

static void no_code(void)
{
	stack[9] = OLD;
}

static void unreadable(void)
{
	blind = true;
}

static const struct uncertain uncertain[] = {
	{ "interrupted by a signal", "0 1 2 " WORK_WHOLE, preempted },
	{ "arguments of nobody knows how many bytes", "0 1 2 " WORK_WHOLE, a_stub },
	{ "no map of locals", WORK_WHOLE, no_locals },
	{ "no map of arguments", "6 10 11 ", no_arguments },
	{ "no such bitmap", WORK_WHOLE, no_such_bitmap },
	{ "no bitmap at this instruction", WORK_WHOLE, none_here },
	{ "more bits than there is memory", WORK_WHOLE, too_many_bits },
	{ "bits of what is not there", "0 1 2 6 10 11 ", bits_below_the_stack },
	{ "an object outside of the stack", WORK_WHOLE, a_wild_object },
	{ "an object as large as no stack", WORK_WHOLE, a_large_object },
	{ "a return address that is none", "6 10 11 12 ", no_code },
	{ "no maps at all", ALL, unreadable },
};

Test(golang_stackmap, what_is_not_certain_is_kept)
{
	for (size_t i = 0; i < sizeof(uncertain) / sizeof(*uncertain); i++) {
		const struct uncertain *u = &uncertain[i];
		const char *got;

		setup();
		u->make();
		got = kept();
		cr_expect_str_eq(got, u->want, "%s: want %s, got %s", u->what, u->want, got);
	}
}
