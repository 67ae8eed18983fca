// SPDX-License-Identifier: GPL-2.0-only
/* test_golang_own.c - the layout of a program as its own DWARF says it, from a source made of a row
 *
 * The source says what that row of the table says, but for one change. tests/go/layouts/own_check.c
 * reads real programs. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golang/layout_own.h"
#include "gomemory.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define NUMBERS                                                                                    \
	((offsetof(struct golang_layout, funcid) + sizeof(struct golang_funcid) -                  \
	  offsetof(struct golang_layout, g)) /                                                     \
	 sizeof(__s32))
#define REASONS "runtime.waitReasonStrings"
#define NODES_MAX 4096

static const unsigned int minors[] = { 19, 21, 22, 23, 24, 25, 26, 27 };

static const struct {
	const char *types, *what;
	size_t at;
	__u64 sizes[4];
} members[] = {
#define MEMBER(group, member, types, what, first, last, ...)                                       \
	{ types, what, offsetof(struct golang_layout, group.member), { __VA_ARGS__ } },
#define OPTION MEMBER
#include "golang/layout_members.inc"
};

/* What is not as the row says. Of a type, a constant, or a type and a path ("runtime.g goid"). */
struct change {
	const char *of;
	enum change_what { NOTHING, MISSING, VALUE, SIZE } what;
	__u64 to;
};

/* Numbers of types: 1 + that of a node, which is a type's name and a path in it. */
struct source {
	const struct golang_layout *row;
	struct change change;
	char *node[NODES_MAX];
	size_t n;
};

static bool changed(const struct source *s, const char *of, enum change_what what)
{
	return s->change.what == what && !strcmp(s->change.of, of);
}

/* Whether a|b|c has that one. */
static bool has(const char *list, const char *one)
{
	const size_t n = strlen(one);

	for (const char *at = list; (at = strstr(at, one)); at += n)
		if ((at == list || strchr("|=#", at[-1])) && (!at[n] || at[n] == '|'))
			return true;
	return false;
}

static __s32 number_of(const struct source *s, size_t i)
{
	__s32 v;

	memcpy(&v, (const char *)s->row + members[i].at, sizeof(v));
	return v;
}

static __u64 node(struct source *s, const char *type, const char *path)
{
	cr_assert_lt(s->n, NODES_MAX);
	cr_assert(asprintf(&s->node[s->n], "%s %s", type, path) > 0);
	return ++s->n;
}

static void split(const struct source *s, __u64 ref, char type[128], char path[128])
{
	cr_assert(ref && ref <= s->n);
	type[0] = path[0] = '\0';
	sscanf(s->node[ref - 1], "%127s %127s", type, path);
}

static bool type(void *arg, const char *name, __u64 *ret)
{
	struct source *s = arg;

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		if (strcmp(members[i].what, "#") || !has(members[i].types, name) ||
		    number_of(s, i) < 0 || changed(s, name, MISSING))
			continue;
		*ret = node(s, name, "");
		return true;
	}
	return false;
}

static bool constant(void *arg, const char *name, __u64 *ret)
{
	struct source *s = arg;

	if (changed(s, name, MISSING))
		return false;
	*ret = changed(s, name, VALUE) ? s->change.to : s->row->arena_base_offset;
	if (!strcmp(name, "runtime.arenaBaseOffsetUintptr"))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		if (members[i].what[0] != '=' || !has(members[i].what, name) || number_of(s, i) < 0)
			continue;
		*ret = changed(s, name, VALUE) ? s->change.to : (__u64)number_of(s, i);
		return true;
	}
	return false;
}

static bool variable(void *arg, const char *name, __u64 *ret_address, __u64 *ret_type)
{
	struct source *s = arg;

	if (strcmp(name, REASONS) || changed(s, name, MISSING))
		return false;
	*ret_address = 0x1234;
	*ret_type = node(s, REASONS, "");
	return true;
}

/* A step on the way to a member has no offset of its own. */
static bool member(void *arg, __u64 in, const char *name, __u64 *ret_type, __u64 *ret_offset)
{
	struct source *s = arg;
	char of[128], path[128], full[260], key[400], prefix[280];

	split(s, in, of, path);
	snprintf(full, sizeof(full), "%s%s%s", path, *path ? "." : "", name);
	snprintf(prefix, sizeof(prefix), "%s.", full);
	snprintf(key, sizeof(key), "%s %s", of, full);
	if (changed(s, key, MISSING))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		const bool way = strstr(members[i].what, prefix), /* of a.b|a the longer one is */
			whole = !way && has(members[i].what, full);

		if (!has(members[i].types, of) || members[i].what[0] == '#' || (!whole && !way))
			continue;
		if (number_of(s, i) < 0 && !changed(s, key, VALUE))
			return false;
		*ret_type = node(s, of, full);
		*ret_offset = !whole ? 0 : (__u64)number_of(s, i);
		if (changed(s, key, VALUE))
			*ret_offset = s->change.to;
		return true;
	}
	return false;
}

static bool element(void *arg, __u64 array, __u64 *ret_type)
{
	char of[128], path[128], full[132];

	split(arg, array, of, path);
	snprintf(full, sizeof(full), "%s[]", path);
	*ret_type = node(arg, of, full);
	return true;
}

static bool size(void *arg, __u64 ref, __u64 *ret)
{
	struct source *s = arg;
	char of[128], path[128], key[260];

	split(s, ref, of, path);
	snprintf(key, sizeof(key), "%s%s%s", of, *path ? " " : "", path);
	*ret = s->change.to;
	if (changed(s, key, SIZE))
		return true;
	*ret = *path ? LAYOUT_STRING : LAYOUT_STRING * s->row->wait_reason_count;
	if (!strcmp(of, REASONS))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		if (!has(members[i].types, of))
			continue;
		if (members[i].what[0] == '#' && !strcmp(members[i].what + 1, path)) {
			*ret = number_of(s, i);
			return true;
		}
		if (has(members[i].what, path))
			*ret = members[i].sizes[0];
	}
	return true;
}

static struct layout_own read_row(unsigned int minor, enum golang_arch arch, struct change change,
				  unsigned int as)
{
	struct source s = { .row = layout_find(minor, arch), .change = change };
	const struct layout_source source = { &s, type, constant, variable, member, element, size };
	struct layout_own own;

	cr_assert(s.row);
	layout_own_read(&source, as, arch, &own);
	for (size_t i = 0; i < s.n; i++)
		free(s.node[i]);
	return own;
}

/* ---- layouts ---- */

Test(golang_own, what_the_row_says_is_read)
{
	for (size_t i = 0; i < 2 * ARRAY_SIZE(minors); i++) {
		const struct golang_layout *row = layout_find(minors[i / 2], i % 2);
		const struct layout_own own =
			read_row(minors[i / 2], i % 2, (struct change){}, minors[i / 2]);

		cr_assert_str_eq(own.why, "", "1.%u: %s", row->minor, own.why);
		cr_expect(!memcmp(&own.layout.g, &row->g, NUMBERS * sizeof(__s32)), "1.%u",
			  row->minor);
		cr_expect_eq(own.layout.minor, row->minor);
		cr_expect_eq(own.layout.arch, row->arch);
		cr_expect_eq(own.layout.arena_base_offset, row->arena_base_offset);
		cr_expect_eq(own.nreasons, row->wait_reason_count);
		cr_expect_eq(own.reasons, 0x1234);
		cr_expect_null(layout_own_misfit(row));
	}
}

static const struct {
	unsigned int minor, as;
	struct change change;
	const char *why;
} differences[] = {
	{ 27, 30, {}, "" },
	{ 27, 27, { "runtime.g goid", MISSING }, "has no g.goid (runtime.g: goid)" },
	{ 27, 27, { "runtime.g sched.sp", MISSING }, "has no g.sched_sp (runtime.g: sched.sp)" },
	{ 27, 27, { "runtime.g sched", MISSING }, "has no g.sched_sp (runtime.g: sched.sp)" },
	{ 27, 27, { "runtime.g", MISSING }, "has no g.size (runtime.g)" },
	{ 27, 27, { "runtime._Gwaiting", MISSING }, "has no status.waiting (=runtime._Gwaiting)" },
	{ 27,
	  27,
	  { "runtime.semTable []", SIZE, 72 },
	  "has another size of semtable.stride (runtime.semTable: #[])" },
	{ 27,
	  27,
	  { "runtime.mspan nelems", SIZE, 3 },
	  "has another size of mspan.nelems (runtime.mspan: nelems)" },
	{ 27, 27, { "runtime.g goid", SIZE, 4 }, "has another size of g.goid (runtime.g: goid)" },
	{ 27, 27, { "runtime.g goid", SIZE, 0 }, "has another size of g.goid (runtime.g: goid)" },
	{ 27,
	  27,
	  { "runtime.g goid", VALUE, 1 << 20 },
	  "has a wild number for g.goid (runtime.g: goid)" },
	{ 27, 27, { "runtime.g goid", VALUE, -8ull }, "has no g.goid (runtime.g: goid)" },
	{ 27,
	  27,
	  { "runtime._Gwaiting", VALUE, -1ull },
	  "has a wild number for status.waiting (=runtime._Gwaiting)" },
	{ 27, 27, { "runtime.g", SIZE, 1ull << 40 }, "has a wild number for g.size (runtime.g)" },
	{ 27,
	  27,
	  { "runtime.g", SIZE, 100 },
	  "has a wild number for g.syscallsp (runtime.g: syscallsp)" },
	{ 27, 27, { "runtime.g", SIZE, 4096 }, "has another kind of g" },
	{ 27, 27, { "runtime.hchan", SIZE, 129 }, "has another kind of hchan" },
	{ 27, 27, { "runtime.g trackingSeq", VALUE, 0 }, "has another kind of g.trackingSeq" },
	{ 27, 27, { "runtime.semTabSize", VALUE, 0 }, "has another kind of semTable" },
	{ 27, 27, { "runtime.finblock cnt", VALUE, 44 }, "has another kind of finblock" },
	{ 27, 27, { "runtime._PageSize", VALUE, 0 }, "has another kind of heapArena" },
	{ 27, 27, { "runtime._PageSize", VALUE, 8191 }, "has another kind of heapArena" },
	{ 27, 27, { "runtime.pagesPerArena", VALUE, 3 }, "has another kind of heapArena" },
	{ 27,
	  27,
	  { "runtime.arenaBaseOffsetUintptr", MISSING },
	  "has no runtime.arenaBaseOffsetUintptr" },
	{ 27, 27, { REASONS, MISSING }, "has no " REASONS },
	{ 27, 27, { REASONS, SIZE, 257 * 16 }, "has no " REASONS },
	{ 27, 27, { REASONS, SIZE, 17 }, "has no " REASONS },
	{ 27, 27, { REASONS, SIZE, 0 }, "has no " REASONS },
	{ 27, 27, { REASONS " []", SIZE, 8 }, "has no " REASONS },
	/* versions are held to what they should have */
	{ 19, 20, {}, "" },
	{ 25, 26, {}, "has no g.xregs_state (runtime.g: xRegs.state)" },
	{ 27, 25, {}, "has, as other versions do, g.xregs_state (runtime.g: xRegs.state)" },
	/* what may be missing, or be anything */
	{ 27, 27, { "runtime.notifyList", MISSING }, "" },
	{ 27, 27, { "runtime.g param", MISSING }, "" },
	{ 27, 27, { "runtime.g param", SIZE, 3 }, "" },
	{ 27, 27, { "runtime.g param", VALUE, 1 << 20 }, "" },
};

Test(golang_own, what_differs_is_named)
{
	for (size_t i = 0; i < ARRAY_SIZE(differences); i++) {
		const struct layout_own own = read_row(differences[i].minor, GOLANG_AMD64,
						       differences[i].change, differences[i].as);

		cr_expect_str_eq(own.why, differences[i].why, "%zu: %s, not %s", i, own.why,
				 differences[i].why);
	}
}

Test(golang_own, what_may_be_missing_is_said_to_be)
{
	const struct layout_own list =
		read_row(25, GOLANG_AMD64, (struct change){ "runtime.notifyList", MISSING }, 25);
	const struct layout_own param =
		read_row(25, GOLANG_AMD64, (struct change){ "runtime.g param", SIZE, 3 }, 25);

	cr_expect_eq(list.layout.notify_list.size, -1);
	cr_expect_eq(list.layout.notify_list.head, -1);
	cr_expect_eq(param.layout.g.param, -1);
}

/* ---- wait reasons ---- */

#define AT GOMEMORY_RODATA

static void put_string(struct gomemory *m, __u32 i, __u64 text, __u64 len)
{
	gomemory_put(m, AT + 16 * i, text);
	gomemory_put(m, AT + 16 * i + 8, len);
}

Test(golang_own, wait_reasons_are_strings_in_memory)
{
	static struct layout_reasons reasons;
	struct gomemory *m = gomemory_new(27, NULL);
	struct golang_layout layout = {};

	gomemory_text(m, AT + 0x1000, "chan receiveIO wait\x01");
	put_string(m, 0, 0, 0);
	put_string(m, 1, AT + 0x1000, 12);
	put_string(m, 2, AT + 0x100c, 7);
	cr_assert(layout_own_reasons(&m->target, AT, 3, &reasons, &layout));
	cr_expect_eq(layout.wait_reason_count, 3);
	cr_expect_str_eq(layout_wait_reason(&layout, 0), "");
	cr_expect_str_eq(layout_wait_reason(&layout, 1), "chan receive");
	cr_expect_str_eq(layout_wait_reason(&layout, 2), "IO wait");
	cr_expect_null(layout_wait_reason(&layout, 3));
	put_string(m, 2, AT + 0x100c, 8); /* what cannot be printed */
	cr_expect(!layout_own_reasons(&m->target, AT, 3, &reasons, &layout));
	put_string(m, 2, AT + 0x1000, 64); /* too long */
	cr_expect(!layout_own_reasons(&m->target, AT, 3, &reasons, &layout));
	put_string(m, 2, AT + 0x1000, -1ull);
	cr_expect(!layout_own_reasons(&m->target, AT, 3, &reasons, &layout));
	put_string(m, 2, GOMEMORY_WILD, 3);
	cr_expect(!layout_own_reasons(&m->target, AT, 3, &reasons, &layout));
	cr_expect(!layout_own_reasons(&m->target, GOMEMORY_WILD, 3, &reasons, &layout));
	cr_expect(!layout_own_reasons(&m->target, AT, 0, &reasons, &layout));
	cr_expect(!layout_own_reasons(&m->target, AT, 257, &reasons, &layout));
	free(m);
}

/* ---- programs ---- */

static const struct golang_layout *as_27(void *arg, unsigned int minor, enum golang_arch arch,
					 const char **why)
{
	(void)arg;
	if (minor == 29 || minor == 26)
		return layout_find(27, arch);
	*why = "its DWARF is odd";
	return NULL;
}

Test(golang_own, programs_without_a_row_are_asked_for_their_own)
{
	static const struct {
		const char *version, *why;
	} rows[] = {
		{ "go1.29.1", NULL },
		{ "go1.29rc2", NULL },
		{ "devel go1.29-ab12 Mon Nov 2", NULL },
		{ "go1.29-devel_ab12", NULL },
		{ "go1.26.1 X:greenteagc", NULL },
		{ "go1.26-custom", NULL },
		{ "go1.30.1", "its DWARF is odd" },
		{ "devel +ab12", "its Go is a development version" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct gomemory *m = gomemory_new(27, rows[i].version);
		const char *why = "";
		struct program p;
		int rc;

		m->own = as_27;
		rc = gomemory_find(m, &p, &why);
		cr_expect_eq(rc, rows[i].why ? -ENOTSUP : 0, "%s: %s", rows[i].version, why);
		cr_expect(!rows[i].why || !strcmp(rows[i].why, why), "%s: %s", rows[i].version,
			  why);
		free(m);
	}
}

/* A row is not asked about. */
Test(golang_own, the_table_comes_first)
{
	struct gomemory *m = gomemory_new(26, "go1.26.2");
	const char *why;
	struct program p;

	m->own = as_27;
	cr_assert(!gomemory_find(m, &p, &why));
	cr_expect_eq(p.layout, layout_find(26, GOLANG_AMD64));
	free(m);
}
