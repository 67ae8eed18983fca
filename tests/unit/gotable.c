// SPDX-License-Identifier: GPL-2.0-only
/* gotable.c - Go function tables made by hand
 *
 * Written from the linker's side (cmd/link/internal/ld/pcln.go), so that it is no copy of the
 * reader. */
#include "gotable.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#define HEADER 72

struct out {
	unsigned char v[GOTABLE_SIZE];
	size_t n;
};

static void put(struct out *o, const void *bytes, size_t n)
{
	cr_assert_leq(o->n + n, sizeof(o->v), "the table is too small for this test");
	memcpy(o->v + o->n, bytes, n);
	o->n += n;
}

static void put32(struct out *o, __u32 v)
{
	put(o, &v, sizeof(v));
}

static void put64(struct out *o, __u64 v)
{
	put(o, &v, sizeof(v));
}

static void align(struct out *o)
{
	static const unsigned char zeros[8];

	put(o, zeros, -o->n & 7);
}

static __u32 put_name(struct out *o, const char *name)
{
	const __u32 at = o->n;

	put(o, name, strlen(name) + 1);
	return at;
}

static void put_varint(struct out *o, __u32 v)
{
	do {
		unsigned char c = (v & 0x7f) | (v > 0x7f ? 0x80 : 0);

		put(o, &c, 1);
		v >>= 7;
	} while (v);
}

/* Where the table of these values lies; 0: there are none. */
static __u32 put_runs(struct out *o, const struct gotable_run *run, __u32 quantum)
{
	const __u32 at = o->n;
	__s32 last = -1;

	if (!run->length)
		return 0;
	for (; run->length; run++) {
		__s32 change = run->value - last;

		put_varint(o, (__u32)change << 1 ^ (__u32)(change >> 31));
		put_varint(o, run->length / quantum);
		last = run->value;
	}
	put_varint(o, 0);
	return at;
}

struct parts {
	struct out names, units, files, values, functions, gofunc;
};

static __u32 put_tree(struct parts *p, const struct gotable_function *f, bool old)
{
	const __u32 at = p->gofunc.n;

	for (const struct gotable_node *n = f->tree; n < f->tree + 4 && n->name; n++) {
		const __u32 name = put_name(&p->names, n->name);

		if (old)
			put32(&p->gofunc, 0xffff), put64(&p->gofunc, 0);
		else
			put32(&p->gofunc, 0);
		put32(&p->gofunc, name);
		put32(&p->gofunc, n->parent_pc);
		if (!old)
			put32(&p->gofunc, n->start_line);
	}
	return at;
}

/* Where it lies; UINT32_MAX: there is none. */
static __u32 put_map(struct parts *p, const struct gotable_map *map)
{
	const __u32 at = p->gofunc.n;

	if (!map->n)
		return UINT32_MAX;
	put32(&p->gofunc, map->n);
	put32(&p->gofunc, map->nbit);
	put(&p->gofunc, map->bits, map->n);
	align(&p->gofunc);
	return at;
}

static __u32 put_objects(struct parts *p, const struct gotable_function *f)
{
	const __u32 at = p->gofunc.n;
	__u64 n = 0;

	while (n < 3 && f->objects[n].size)
		n++;
	if (!n)
		return UINT32_MAX;
	put64(&p->gofunc, n);
	for (size_t i = 0; i < n; i++)
		put(&p->gofunc, &f->objects[i], sizeof(f->objects[i]));
	return at;
}

static void put_function(struct parts *p, const struct gotable_function *f,
			 const struct gotable_kind *kind, __u32 entry)
{
	const struct gotable_run whole[] = { { f->size, 0 }, {} };
	const __u32 quantum = kind->quantum ? kind->quantum : 1;
	const __u32 tail = f->open[0]				  ? 5u << 24
			   : f->tree[0].name || f->maps[0].length ? 4u << 24
								  : 0;
	const __u32 unit = p->units.n / 4;

	put32(&p->units, put_name(&p->files, f->file));
	put32(&p->functions, entry);
	put32(&p->functions, put_name(&p->names, f->name));
	put32(&p->functions, f->args);
	put32(&p->functions, 0); /* deferreturn */
	put32(&p->functions, put_runs(&p->values, f->frame, quantum));
	put32(&p->functions, put_runs(&p->values, whole, quantum));
	put32(&p->functions, put_runs(&p->values, f->line, quantum));
	put32(&p->functions, tail ? 3 : 0);
	put32(&p->functions, unit);
	if (!kind->old)
		put32(&p->functions, f->start_line);
	put32(&p->functions, tail | (__u32)f->flags << 8 | f->id);
	if (!tail)
		return;
	put32(&p->functions, 0);
	put32(&p->functions, put_runs(&p->values, f->maps, quantum));
	put32(&p->functions, put_runs(&p->values, f->inlined, quantum));
	put32(&p->functions, put_map(p, &f->arguments));
	put32(&p->functions, put_map(p, &f->locals));
	put32(&p->functions, put_objects(p, f));
	put32(&p->functions, put_tree(p, f, kind->old));
	if (!f->open[0])
		return;
	put32(&p->functions, p->gofunc.n);
	put(&p->gofunc, f->open, sizeof(f->open));
}

static void put_functions(struct parts *p, const struct gotable_kind *kind,
			  const struct gotable_function *function, size_t n)
{
	__u32 entry = 0;

	p->functions.n = n * 8 + 4;
	for (size_t i = 0; i < n; i++) {
		__u32 at;

		align(&p->functions);
		at = p->functions.n;
		memcpy(p->functions.v + i * 8, &entry, sizeof(entry));
		memcpy(p->functions.v + i * 8 + 4, &at, sizeof(at));
		put_function(p, &function[i], kind, entry);
		entry += function[i].size;
	}
	memcpy(p->functions.v + n * 8, &entry, sizeof(entry));
}

void gotable_make(const struct gotable_kind *kind, const struct gotable_function *function,
		  size_t n, struct gotable *ret)
{
	struct parts p = { .values = { .n = 1 } };
	struct out *part[] = { &p.names, &p.units, &p.files, &p.values, &p.functions };
	struct out o = {};
	size_t at = HEADER;

	put_functions(&p, kind, function, n);
	put32(&o, kind->old ? 0xfffffff0 : 0xfffffff1);
	put32(&o, 8 << 24 | (kind->quantum ? kind->quantum : 1) << 16);
	put64(&o, n);
	put64(&o, n); /* files */
	put64(&o, 0); /* text */
	for (int i = 0; i < 5; i++) {
		align(part[i]);
		put64(&o, at);
		at += part[i]->n;
	}
	for (int i = 0; i < 5; i++)
		put(&o, part[i]->v, part[i]->n);
	ret->gofunc = o.n;
	put(&o, p.gofunc.v, p.gofunc.n);
	memcpy(ret->bytes, o.v, o.n);
	ret->n = o.n;
}

static size_t read_calls(const struct pclntab *t, const struct pclntab_function *f,
			 struct pclntab_bytes gofunc, __u64 pc)
{
	struct inlined_call call;
	struct inlined i;
	size_t n = 0;

	inlined_begin(t, f, gofunc, pc, &i);
	while (inlined_next(&i, &call)) {
		cr_assert(!memchr(call.name.v ? call.name.v : "", '\0', call.name.n));
		cr_assert_leq(call.name.n, PCLNTAB_NAME_MAX);
		n++;
	}
	cr_assert_geq(n, 1);
	cr_assert_leq(n, INLINED_DEPTH_MAX + 1);
	return n;
}

size_t gotable_read_all(const struct pclntab *t, struct pclntab_bytes gofunc)
{
	struct pclntab_function f, found;
	size_t n = 0;

	for (__u32 i = 0; i < t->nfunctions && i < 64; i++) {
		if (pclntab_function(t, i, &f))
			continue;
		for (__u64 pc = f.entry; pc < f.end && pc < f.entry + 64; pc++) {
			struct pclntab_place place;
			__s32 size;

			if (!pclntab_find(t, pc, &found))
				cr_assert(found.entry <= pc && pc < found.end);
			n += pclntab_frame(t, &f, pc, &size) + pclntab_place(t, &f, pc, &place) +
			     read_calls(t, &f, gofunc, pc);
		}
	}
	return n;
}
