// SPDX-License-Identifier: GPL-2.0-only
/* test_golang_plugins.c - a program with plugins: which functions there are, and whose they are
 *
 * tests/go/plugin.py asks for those of a real one. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golang/stackmap.h"
#include "gomemory.h"
#include "gotable.h"

/* ---- the list of modules ---- */

#define FAR 0x7f0000000000ull /* the text of the first plugin; each has a megabyte */
#define EACH (1ull << 20)

static void put_text(struct gomemory *m, __u64 module, __u64 start, __u64 end)
{
	const struct golang_moduledata *l = &m->layout->moduledata;

	gomemory_put(m, module + l->text, start);
	gomemory_put(m, module + l->minpc, start);
	gomemory_put(m, module + l->maxpc, end);
	gomemory_put(m, module + l->etext, end);
}

/* A program with so many plugins, the last of which is at *ret_last. */
static struct gomemory *with_plugins(unsigned int n, __u64 *ret_last)
{
	struct gomemory *m = gomemory_new(26, "go1.26.1");
	const __s32 size = m->layout->moduledata.size, next = m->layout->moduledata.next;
	unsigned char *bytes = m->bytes - GOMEMORY_BASE;

	*ret_last = GOMEMORY_MODULE;
	for (unsigned int i = 0; i < n; i++) {
		const __u64 module = gomemory_alloc(m, size);

		memcpy(bytes + module, bytes + GOMEMORY_MODULE, size);
		gomemory_put(m, module + next, 0);
		put_text(m, module, FAR + i * EACH, FAR + (i + 1) * EACH);
		gomemory_put(m, *ret_last + next, module);
		*ret_last = module;
	}
	return m;
}

static void refused(struct gomemory *m)
{
	const char *why = "";
	struct program p;

	cr_expect_eq(gomemory_find(m, &p, &why), -EINVAL);
	cr_expect_str_eq(why, "what it says of its plugins cannot be read");
}

Test(golang_plugins, all_are_modules)
{
	__u64 last;
	struct gomemory *m = with_plugins(PROGRAM_MODULES_MAX - 1, &last);
	const char *why = "";
	struct program p;

	cr_assert(!gomemory_find(m, &p, &why), "%s", why);
	cr_assert_eq(p.nmodules, PROGRAM_MODULES_MAX);
	cr_assert_eq(p.modules[PROGRAM_MODULES_MAX - 1].address, last);
	cr_assert_null(p.modules[1].table, "nobody has read it yet");
	free(m);
	m = with_plugins(PROGRAM_MODULES_MAX, &last);
	refused(m);
	free(m);
}

Test(golang_plugins, forged_lists_are_refused)
{
	__u64 last;
	struct gomemory *m = with_plugins(3, &last);
	const __u64 next = last + m->layout->moduledata.next;

	gomemory_put(m, next, last); /* for ever */
	refused(m);
	gomemory_put(m, next, GOMEMORY_MODULE);
	refused(m);
	gomemory_put(m, next, GOMEMORY_WILD);
	refused(m);
	gomemory_put(m, next, GOMEMORY_HEAP - 8); /* into anything */
	refused(m);
	free(m);
}

Test(golang_plugins, one_code_is_of_one_module)
{
	const struct {
		__u64 start, end;
		bool fine;
	} text[] = {
		{ FAR + EACH, FAR + 2 * EACH, true }, /* right behind the other plugin */
		{ FAR - EACH, FAR, true },
		{ FAR, FAR + EACH, false },
		{ FAR - EACH, FAR + 1, false },
		{ FAR + EACH - 1, FAR + 2 * EACH, false },
		{ FAR + 16, FAR + 32, false },
		{ FAR - EACH, FAR + 2 * EACH, false },
		{ GOMEMORY_TEXT, GOMEMORY_TEXT + 16, false },
	};
	__u64 last;
	struct gomemory *m = with_plugins(2, &last);
	const char *why;
	struct program p;

	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++) {
		put_text(m, last, text[i].start, text[i].end);
		if (text[i].fine)
			cr_expect_eq(gomemory_find(m, &p, &why), 0, "%zu", i);
		else
			refused(m);
	}
	free(m);
}

/* ---- their functions ---- */

#define TEXT 0x400000u
#define LO 0xc000001000ull
#define OLD 0xc0deull
#define HOST(function, offset) (TEXT + 64u * (function) + (offset))
#define PLUGIN(function, offset) (FAR + 64u * (function) + (offset))

enum { GOEXIT, WAIT, PARK, HOST_FUNCTIONS };
enum { OTHER, THROUGH, PLUGIN_FUNCTIONS };

/* Each of 64 bytes. Words of the stack, from the top:
 *  0-2  gopark's frame, 3 returns to wait
 *  4-6  wait's: 4 and 5 are its words, 6 the frame pointer, 7 returns to through, in the plugin
 *  8-11 through's: 8 to 10 are its words, 11 the frame pointer, 12 returns to goexit
 * 13    goexit's */
static const struct gotable_function host_functions[HOST_FUNCTIONS] = {
	[GOEXIT] = { "runtime.goexit", "a.s", 64, .flags = PCLNTAB_TOPFRAME,
		     .frame = { { 64, 0 } } },
	[WAIT] = { "main.wait", "h.go", 64, .frame = { { 64, 24 } }, .maps = { { 64, 0 } },
		   .locals = { 1, 2, { 1 } } },
	[PARK] = { "runtime.gopark", "p.go", 64, .frame = { { 64, 24 } }, .maps = { { 64, 0 } },
		   .locals = { 1, 0, { 0 } } },
};
static const struct gotable_function plugin_functions[PLUGIN_FUNCTIONS] = {
	[OTHER] = { "held.other", "o.go", 64, .frame = { { 64, 8 } } },
	[THROUGH] = { "held.through", "o.go", 64, .frame = { { 64, 32 } }, .maps = { { 64, 0 } },
		      .locals = { 1, 3, { 4 } }, .objects = { { -24, 16, 16, 8 } } },
};

static struct gotable host_made, plugin_made;
static struct pclntab host_table, plugin_table;
static struct program p;
static __u64 stack[14];

static void open_table(const struct gotable_function *functions, size_t n, struct gotable *made,
		       struct program_module *m, struct pclntab *table)
{
	static const unsigned char masks[] = { 1, 0, 0, 0, 0, 0, 0, 0, 2 };
	const struct gotable_kind kind = {};

	gotable_make(&kind, functions, n, made);
	cr_assert_eq(pclntab_open(made->bytes, made->n, table), 0);
	m->etext = m->text + 64 * n;
	m->table = table;
	m->gofunc_bytes =
		(struct pclntab_bytes){ made->bytes + made->gofunc, made->n - made->gofunc };
	m->rodata_bytes = (struct pclntab_bytes){ masks, sizeof(masks) };
}

static void setup(void)
{
	p = (struct program){ .layout = layout_find(24, GOLANG_AMD64), .nmodules = 2 };
	p.modules[0].text = TEXT;
	p.modules[1].text = FAR;
	open_table(host_functions, HOST_FUNCTIONS, &host_made, &p.modules[0], &host_table);
	open_table(plugin_functions, PLUGIN_FUNCTIONS, &plugin_made, &p.modules[1], &plugin_table);
	for (size_t i = 0; i < 14; i++)
		stack[i] = OLD;
	stack[3] = HOST(WAIT, 20);
	stack[7] = PLUGIN(THROUGH, 20);
	stack[12] = HOST(GOEXIT, 1);
}

TestSuite(golang_plugins, .init = setup);

static const char *name_at(__u64 pc)
{
	static char name[64];
	struct pclntab_function f;
	const struct program_module *m = program_function(&p, pc, &f);

	if (!m)
		return "none";
	cr_expect(pc - m->text >= f.entry && pc - m->text < f.end);
	snprintf(name, sizeof(name), "%.*s", (int)f.name.n, f.name.v);
	return name;
}

Test(golang_plugins, each_function_is_found)
{
	cr_expect_str_eq(name_at(HOST(PARK, 63)), "runtime.gopark");
	cr_expect_str_eq(name_at(HOST(PARK, 64)), "none");
	cr_expect_str_eq(name_at(PLUGIN(OTHER, 0) - 1), "none");
	cr_expect_str_eq(name_at(PLUGIN(OTHER, 0)), "held.other");
	cr_expect_str_eq(name_at(PLUGIN(THROUGH, 63)), "held.through");
	cr_expect_str_eq(name_at(PLUGIN(THROUGH, 64)), "none");
	cr_expect_str_eq(name_at(0), "none");
	cr_expect_str_eq(name_at(~0ull), "none");
	p.modules[1].etext = PLUGIN(THROUGH, 0); /* a table for more code than there is */
	cr_expect_str_eq(name_at(PLUGIN(THROUGH, 0)), "none");
	p.modules[1].table = NULL;
	cr_expect_str_eq(name_at(PLUGIN(OTHER, 0)), "none");
	cr_expect_str_eq(name_at(HOST(PARK, 0)), "runtime.gopark");
	p.nmodules = 0;
	cr_expect_str_eq(name_at(HOST(PARK, 0)), "none");
}

/* ---- a stack with code of both ---- */

static bool read_stack(void *arg, __u64 address, void *ret, size_t len)
{
	(void)arg;
	if (address < LO || address + len > LO + sizeof(stack))
		return false;
	memcpy(ret, (const char *)stack + (address - LO), len);
	return true;
}

static const struct unwind_start start = {
	.pc = HOST(PARK, 10), .sp = LO, .lo = LO, .hi = LO + sizeof(stack)
};

Test(golang_plugins, calls_lead_from_one_to_another)
{
	const struct unwind_program program = { .program = &p, .read = read_stack };
	static struct unwind_frames frames;

	unwind_goroutine(&program, &start, NULL, &frames);
	cr_assert_eq(frames.end, UNWIND_TOP, "%s", unwind_why(frames.end));
	cr_assert_eq(frames.n, 4);
	cr_assert_eq(frames.frame[2].pc, PLUGIN(THROUGH, 20));
	cr_assert_eq(frames.frame[2].cfa, LO + 8 * 13);

	p.modules[1].table = NULL;
	unwind_goroutine(&program, &start, NULL, &frames);
	cr_assert_eq(frames.end, UNWIND_NO_CODE);
	cr_assert_eq(frames.n, 2);
	cr_assert_eq(frames.at, PLUGIN(THROUGH, 20));
}

/* The words that are kept; return addresses are left out. */
static void expect(const char *want)
{
	static char text[128];
	size_t n = 0;

	stackmap_clear(&p, &start, 0, 0, (unsigned char *)stack, sizeof(stack));
	text[0] = '\0';
	for (size_t i = 0; i < 13; i++) {
		if (stack[i] && i != 3 && i != 7 && i != 12)
			n += snprintf(text + n, sizeof(text) - n, "%zu ", i);
	}
	cr_expect_str_eq(text, want, "want %s, got %s", want, text);
}

Test(golang_plugins, each_has_maps_of_its_own)
{
	expect("4 10 ");
}

/* The object is words 8 and 9; its mask, in the plugin's rodata, names the second. */
Test(golang_plugins, each_has_objects_of_its_own)
{
	stack[4] = LO + 8 * 8;
	expect("4 9 10 ");
}

Test(golang_plugins, what_is_not_read_is_kept)
{
	p.modules[1].table = NULL;
	expect("4 8 9 10 11 ");
	setup();
	p.modules[1].gofunc_bytes = (struct pclntab_bytes){};
	expect("4 8 9 10 11 ");
	setup();
	p.modules[1].gofunc_bytes.n = 8; /* ends before the maps do */
	expect("4 8 9 10 11 ");
	setup();
	p.modules[1].rodata_bytes.n = 8; /* before the mask */
	stack[4] = LO + 8 * 8;
	expect("4 8 9 10 ");
}
