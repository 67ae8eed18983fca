// SPDX-License-Identifier: GPL-2.0-only
/* test_golang_table.c - Go's function table: what is right is read, what is wrong is harmless
 *
 * tests/go/table.sh compares the reader with Go's own, on programs of many versions. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "gotable.h"

/* main.work calls main.outer, inlined at 8 to 24, which calls main.inner, inlined at 12 to 20. */
static const struct gotable_function functions[] = {
	{ .name = "runtime.goexit",
	  .file = "asm.s",
	  .size = 16,
	  .flags = PCLNTAB_TOPFRAME | PCLNTAB_ASM,
	  .frame = { { 16, 0 } },
	  .line = { { 16, 1700 } } },
	{ .name = "main.work",
	  .file = "main.go",
	  .size = 64,
	  .start_line = 10,
	  .frame = { { 4, 0 }, { 40, 0x120 }, { 20, 0 } },
	  .line = { { 8, 10 }, { 4, 31 }, { 8, 41 }, { 4, 32 }, { 40, 12 } },
	  .inlined = { { 8, -1 }, { 4, 0 }, { 8, 1 }, { 4, 0 }, { 40, -1 } },
	  .tree = { { "main.outer", 4, 30 }, { "main.inner", 20, 40 } } },
	{ .name = "main.last", .file = "last.go", .size = 32, .line = { { 32, 5 } } },
};
#define N (sizeof(functions) / sizeof(functions[0]))

static const struct gotable_kind old = { .old = true }, new = {}, arm = { .quantum = 4 };

static void open_made(const struct gotable_kind *kind, struct gotable *made, struct pclntab *ret)
{
	gotable_make(kind, functions, N, made);
	cr_assert_eq(pclntab_open(made->bytes, made->n, ret), 0);
}

static struct pclntab_bytes gofunc_of(const struct gotable *made)
{
	return (struct pclntab_bytes){ made->bytes + made->gofunc, made->n - made->gofunc };
}

static void assert_call(struct inlined *i, const char *name, const char *file, __u32 line,
			__u32 start_line, bool inlined)
{
	struct inlined_call call;

	cr_assert(inlined_next(i, &call), "no %s", name);
	cr_assert(pclntab_is(call.name, name), "%.*s, not %s", (int)call.name.n, call.name.v, name);
	cr_assert(pclntab_is(call.place.file, file));
	cr_assert_eq(call.place.line, line);
	cr_assert_eq(call.start_line, start_line);
	cr_assert_eq(call.inlined, inlined);
}

static void assert_found(const struct pclntab *t, __u64 pc, const char *name)
{
	struct pclntab_function f;

	cr_assert_eq(pclntab_find(t, pc, &f), 0);
	cr_assert(pclntab_is(f.name, name), "%llu: %.*s, not %s", pc, (int)f.name.n, f.name.v,
		  name);
	cr_assert(f.entry <= pc && pc < f.end);
}

static void assert_frame(const struct pclntab *t, __u64 pc, __s32 want)
{
	struct pclntab_function f;
	__s32 size;

	cr_assert_eq(pclntab_find(t, pc, &f), 0);
	cr_assert(pclntab_frame(t, &f, pc, &size));
	cr_assert_eq(size, want, "%llu: %d, not %d", pc, size, want);
}

static void check_all(const struct gotable_kind *kind)
{
	struct pclntab_function f;
	struct pclntab_place place;
	struct gotable made;
	struct pclntab t;
	__s32 size;

	open_made(kind, &made, &t);
	assert_found(&t, 0, "runtime.goexit");
	assert_found(&t, 15, "runtime.goexit");
	assert_found(&t, 16, "main.work");
	assert_found(&t, 79, "main.work");
	assert_found(&t, 111, "main.last");
	cr_assert_eq(pclntab_find(&t, 112, &f), -ENOENT);
	cr_assert_eq(pclntab_find(&t, UINT64_MAX, &f), -ENOENT);
	cr_assert_eq(pclntab_function(&t, N, &f), -ENOENT);
	assert_frame(&t, 19, 0);
	assert_frame(&t, 20, 0x120);
	assert_frame(&t, 59, 0x120);
	assert_frame(&t, 60, 0);
	cr_assert_eq(pclntab_find(&t, 80, &f), 0);
	cr_assert_not(pclntab_frame(&t, &f, 80, &size), "it has no table of frames");
	cr_assert(pclntab_place(&t, &f, 80, &place));
	cr_assert(pclntab_is(place.file, "last.go") && place.line == 5);
	cr_assert_not(pclntab_place(&t, &f, 79, &place), "that is not in the function");
	cr_assert_not(pclntab_place(&t, &f, 112, &place), "nor is that");
	cr_assert_eq(pclntab_find(&t, 3, &f), 0);
	cr_assert_eq(f.flags, PCLNTAB_TOPFRAME | PCLNTAB_ASM);
}

Test(golang_table, go118)
{
	check_all(&old);
}

Test(golang_table, go120)
{
	check_all(&new);
}

Test(golang_table, instructions_of_four_bytes)
{
	check_all(&arm);
}

static void check_inlined(const struct gotable_kind *kind, __u32 outer, __u32 inner, __u32 work)
{
	struct pclntab_function f;
	struct inlined_call call;
	struct gotable made;
	struct pclntab t;
	struct inlined i;

	open_made(kind, &made, &t);
	cr_assert_eq(pclntab_find(&t, 16, &f), 0);
	inlined_begin(&t, &f, gofunc_of(&made), 16 + 13, &i);
	assert_call(&i, "main.inner", "main.go", 41, inner, true);
	assert_call(&i, "main.outer", "main.go", 32, outer, true);
	assert_call(&i, "main.work", "main.go", 10, work, false);
	cr_assert_not(inlined_next(&i, &call));
	cr_assert_not(i.damaged);
	inlined_begin(&t, &f, gofunc_of(&made), 16 + 30, &i);
	assert_call(&i, "main.work", "main.go", 12, work, false);
	cr_assert_not(inlined_next(&i, &call));
	cr_assert_not(i.damaged);
}

Test(golang_table, inlined)
{
	check_inlined(&old, 0, 0, 0);
	check_inlined(&new, 30, 40, 10);
}

Test(golang_table, inlined_without_gofunc)
{
	struct pclntab_function f;
	struct inlined_call call;
	struct gotable made;
	struct pclntab t;
	struct inlined i;

	open_made(&new, &made, &t);
	cr_assert_eq(pclntab_find(&t, 16, &f), 0);
	inlined_begin(&t, &f, (struct pclntab_bytes){}, 16 + 13, &i);
	assert_call(&i, "main.work", "main.go", 41, 10, false);
	cr_assert_not(inlined_next(&i, &call));
	cr_assert(i.damaged, "calls are missing, and it does not say so");
}

/* Trees that lead to themselves, and out of the function. */
Test(golang_table, inlined_in_circles)
{
	static const struct gotable_function circle[] = {
		{ .name = "main.f",
		  .file = "f.go",
		  .size = 16,
		  .line = { { 16, 1 } },
		  .inlined = { { 8, 0 }, { 4, 1 }, { 4, 2 } },
		  .tree = { { "main.a", 9, 1 }, { "main.b", 0, 2 }, { "main.c", 16, 3 } } },
	};
	struct pclntab_function f;
	struct inlined_call call;
	struct gotable made;
	struct pclntab t;
	struct inlined i;
	size_t n = 0;

	gotable_make(&new, circle, 1, &made);
	cr_assert_eq(pclntab_open(made.bytes, made.n, &t), 0);
	cr_assert_eq(pclntab_find(&t, 0, &f), 0);
	inlined_begin(&t, &f, gofunc_of(&made), 0, &i);
	while (inlined_next(&i, &call))
		n++;
	cr_assert_eq(n, INLINED_DEPTH_MAX + 1);
	cr_assert(i.damaged);
	cr_assert_not(call.inlined);
	inlined_begin(&t, &f, gofunc_of(&made), 14, &i);
	assert_call(&i, "main.f", "f.go", 1, 0, false);
	cr_assert(i.damaged, "its caller is not in the function");
}

/* Each table in memory of exactly its size: the sanitizer sees what is read beyond. */
static void read_copy(const unsigned char *bytes, size_t n, size_t gofunc, bool *ret_open)
{
	_cleanup_free_ unsigned char *copy = malloc(n ? n : 1);
	struct pclntab t;

	cr_assert(copy);
	memcpy(copy, bytes, n);
	*ret_open = !pclntab_open(copy, n, &t);
	if (!*ret_open)
		return;
	if (gofunc > n)
		gofunc = n;
	gotable_read_all(&t, (struct pclntab_bytes){ copy + gofunc, n - gofunc });
	gotable_read_all(&t, (struct pclntab_bytes){ copy, n });
	pclntab_search(copy, n, 0);
}

static void check_damage(const struct gotable_kind *kind)
{
	static const unsigned char put[] = { 0, 1, 0x7f, 0x80, 0xff };
	struct gotable made;
	struct pclntab t;
	bool open;

	open_made(kind, &made, &t);
	for (size_t n = 0; n < made.n; n++) {
		read_copy(made.bytes, n, made.gofunc, &open);
		cr_assert(!open || n > made.gofunc - 64, "%zu of %zu bytes are enough", n, made.n);
	}
	for (size_t at = 0; at < made.n; at++) {
		const unsigned char was = made.bytes[at];

		for (size_t i = 0; i < sizeof(put); i++) {
			made.bytes[at] = put[i];
			read_copy(made.bytes, made.n, made.gofunc, &open);
			cr_assert(!open || at > 7 || put[i] == was || at == 6,
				  "byte %zu of the header may be %u", at, put[i]);
		}
		made.bytes[at] = was;
	}
}

Test(golang_table, damaged_118)
{
	check_damage(&old);
}

Test(golang_table, damaged_120)
{
	check_damage(&new);
}

static void patch(struct gotable *made, size_t at, __u64 v)
{
	memcpy(made->bytes + at, &v, sizeof(v));
}

/* Words of the header: counts and offsets. */
Test(golang_table, huge_counts)
{
	static const __u64 wrong[] = { 0,	   71,	       1ull << 31,     UINT32_MAX,
				       1ull << 32, 1ull << 61, UINT64_MAX - 7, UINT64_MAX };
	struct gotable made;
	struct pclntab t;

	for (size_t word = 8; word < 72; word += 8) {
		if (word == 16 || word == 24)
			continue; /* the number of files, and where the text is, matter to nobody */
		for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
			open_made(&new, &made, &t);
			patch(&made, word, wrong[i]);
			cr_assert_eq(pclntab_open(made.bytes, made.n, &t), -EINVAL,
				     "word at %zu: %#llx", word, wrong[i]);
		}
	}
}

Test(golang_table, loaded_with_its_header)
{
	unsigned char header[PCLNTAB_HEADER];
	struct gotable made;
	struct pclntab t;

	open_made(&new, &made, &t);
	memcpy(header, made.bytes, sizeof(header));
	memset(header + 24, 0x55, 8); /* where the text begins */
	cr_assert(pclntab_is_loaded(made.bytes, made.n, header));
	cr_assert_not(pclntab_is_loaded(made.bytes, sizeof(header) - 1, header));
	for (size_t i = 0; i < sizeof(header); i++) {
		header[i] ^= 1;
		cr_expect_eq(pclntab_is_loaded(made.bytes, made.n, header), i / 8 == 3, "%zu", i);
		header[i] ^= 1;
	}
}

Test(golang_table, other_formats)
{
	static const __u32 magic[] = { 0xfffffffb, 0xfffffffa, 0xfffffff2, 0xf1ffffff };
	struct gotable made;
	struct pclntab t;

	for (size_t i = 0; i < sizeof(magic) / sizeof(magic[0]); i++) {
		open_made(&new, &made, &t);
		memcpy(made.bytes, &magic[i], sizeof(magic[i]));
		cr_assert_eq(pclntab_open(made.bytes, made.n, &t), -EINVAL);
	}
}

Test(golang_table, search)
{
	static unsigned char memory[4 * GOTABLE_SIZE];
	const __u32 magic = 0xfffffff1;
	struct gotable made;

	gotable_make(&new, functions, N, &made);
	cr_assert_eq(pclntab_search(memory, sizeof(memory), 0), sizeof(memory));
	memcpy(memory + 64, &magic, sizeof(magic)); /* as in code that compares with it */
	memcpy(memory + 0x808, made.bytes, 72);	    /* a header and nothing behind it */
	memcpy(memory + 0x1008, made.bytes, made.n);
	memcpy(memory + 0x3000, made.bytes, made.n);
	cr_assert_eq(pclntab_search(memory, sizeof(memory), 0), 0x1008);
	cr_assert_eq(pclntab_search(memory, sizeof(memory), 0x1008), 0x1008);
	cr_assert_eq(pclntab_search(memory, sizeof(memory), 0x1009), 0x3000);
	cr_assert_eq(pclntab_search(memory, sizeof(memory), 0x3008), sizeof(memory));
	cr_assert_eq(pclntab_search(memory, sizeof(memory), SIZE_MAX), sizeof(memory));
	cr_assert_eq(pclntab_search(memory, 71, 0), 71);
}

/* A name that does not end, and one that is longer than names may be. */
Test(golang_table, long_names)
{
	char long_name[PCLNTAB_NAME_MAX + 100];
	struct gotable_function one = { .name = long_name, .file = "f.go", .size = 16 };
	struct pclntab_function f;
	struct gotable made;
	struct pclntab t;

	memset(long_name, 'x', sizeof(long_name));
	long_name[sizeof(long_name) - 1] = '\0';
	gotable_make(&new, &one, 1, &made);
	cr_assert_eq(pclntab_open(made.bytes, made.n, &t), 0);
	cr_assert_eq(pclntab_find(&t, 0, &f), 0);
	cr_assert_eq(f.name.n, PCLNTAB_NAME_MAX);
	cr_assert_eq(pclntab_name(&t, t.names.n).n, 0);
	cr_assert_eq(pclntab_name(&t, UINT32_MAX).n, 0);
	memset((unsigned char *)made.bytes + 72 + sizeof(long_name) - 1, 'y', 8);
	cr_assert_eq(pclntab_name(&t, t.names.n - 3).n, 3, "it ends where the names do");
}
