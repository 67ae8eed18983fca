// SPDX-License-Identifier: GPL-2.0-only
/* pclntab.c - Go's table of functions: names, lines and frame sizes of code.
 *
 * Pure. A header, then five parts, each at an offset from the header: names, units (for each
 * package the offsets of its file names), file names, values (tables of what changes along a
 * function's code), functions (pairs of entry and offset, sorted by entry, a last entry that ends
 * the last function, then a struct _func for each). Go 1.26 puts more behind it: go:func.* and
 * findfunctab.
 * Soundness: an offset is believed only once what it points to lies inside its part. */
#include "golang/pclntab.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#define MAGIC_118 0xfffffff0u
#define MAGIC_120 0xfffffff1u

/* struct pcHeader: __u32 magic; __u8 zero[2], quantum, pointer size; then words of 8 bytes:
 * functions, files, where the text begins, offsets of the five parts. */
#define HEADER PCLNTAB_HEADER
#define HEADER_FUNCTIONS 8
#define HEADER_TEXT 24
#define HEADER_PARTS 32
#define PARTS 5

#define PAIR 8 /* bytes of an entry and an offset */
#define NONE UINT32_MAX

/* struct _func, up to the offsets that follow it. startLine came with Go 1.20. */
enum {
	FUNC_ENTRY = 0,
	FUNC_NAME = 4,
	FUNC_ARGS = 8,
	FUNC_PCSP = 16,
	FUNC_PCFILE = 20,
	FUNC_PCLN = 24,
	FUNC_NPCDATA = 28,
	FUNC_UNIT = 32,
	FUNC_START_LINE = 36,
	FUNC_TAIL_118 = 36,
	FUNC_TAIL_120 = 40,
};

/* Behind them: funcID, flag, a byte of padding, nfuncdata. */
enum { TAIL_ID = 0, TAIL_FLAG = 1, TAIL_NFUNCDATA = 3, TAIL = 4 };

static __u32 load32(const unsigned char *at)
{
	__u32 v;

	memcpy(&v, at, sizeof(v));
	return v;
}

static __u64 load64(const unsigned char *at)
{
	__u64 v;

	memcpy(&v, at, sizeof(v));
	return v;
}

/* ---- opening ---- */

static bool is_header(const unsigned char *b, size_t len)
{
	__u32 magic = len >= HEADER ? load32(b) : 0;

	return (magic == MAGIC_118 || magic == MAGIC_120) && !b[4] && !b[5] &&
	       (b[6] == 1 || b[6] == 4) && b[7] == 8;
}

/* The linker writes them in this order. */
static bool find_parts(const unsigned char *b, size_t len, struct pclntab_bytes *ret)
{
	__u64 at = load64(b + HEADER_PARTS);

	if (at < HEADER)
		return false;
	for (int i = 0; i < PARTS; i++) {
		__u64 next = i < PARTS - 1 ? load64(b + HEADER_PARTS + 8 * (i + 1)) : len;

		if (next < at || next > len)
			return false;
		ret[i] = (struct pclntab_bytes){ b + at, next - at };
		at = next;
	}
	return true;
}

int pclntab_open(const void *bytes, size_t len, struct pclntab *ret)
{
	const unsigned char *b = bytes;
	struct pclntab_bytes part[PARTS];
	struct pclntab_function function;
	struct pclntab t;
	__u64 n;

	if (!is_header(b, len) || !find_parts(b, len, part))
		return -EINVAL;
	n = load64(b + HEADER_FUNCTIONS);
	if (!n || n > UINT32_MAX || part[4].n < 4 || n > (part[4].n - 4) / PAIR)
		return -EINVAL;
	t = (struct pclntab){
		.names = part[0],
		.units = part[1],
		.files = part[2],
		.values = part[3],
		.functions = part[4],
		.nfunctions = n,
		.quantum = b[6],
		.start_lines = load32(b) == MAGIC_120,
		.text = load64(b + HEADER_TEXT),
	};
	/* Bytes that only look like a header end here. */
	if (pclntab_function(&t, 0, &function) || pclntab_function(&t, n - 1, &function))
		return -EINVAL;
	*ret = t;
	return 0;
}

bool pclntab_is_loaded(const void *bytes, size_t len, const unsigned char header[PCLNTAB_HEADER])
{
	const unsigned char *b = bytes;

	return len >= HEADER && !memcmp(b, header, HEADER_TEXT) &&
	       !memcmp(b + HEADER_PARTS, header + HEADER_PARTS, HEADER - HEADER_PARTS);
}

size_t pclntab_search(const void *bytes, size_t len, size_t from)
{
	const unsigned char *b = bytes;
	struct pclntab t;

	if (len < HEADER)
		return len;
	for (size_t at = (from + 7) & ~(size_t)7; at >= from && at <= len - HEADER; at += 8)
		if (is_header(b + at, len - at) && !pclntab_open(b + at, len - at, &t))
			return at;
	return len;
}

/* ---- functions ---- */

static __u32 entry(const struct pclntab *t, __u32 index)
{
	return load32(t->functions.v + (size_t)index * PAIR);
}

static struct pclntab_name name_at(const struct pclntab_bytes *part, __u32 offset)
{
	const char *v;
	size_t n;

	if (offset >= part->n)
		return (struct pclntab_name){};
	v = (const char *)part->v + offset;
	n = part->n - offset;
	return (struct pclntab_name){ v, strnlen(v, n < PCLNTAB_NAME_MAX ? n : PCLNTAB_NAME_MAX) };
}

struct pclntab_name pclntab_name(const struct pclntab *t, __u32 offset)
{
	return name_at(&t->names, offset);
}

int pclntab_function(const struct pclntab *t, __u32 index, struct pclntab_function *ret)
{
	const size_t tail = t->start_lines ? FUNC_TAIL_120 : FUNC_TAIL_118;
	const unsigned char *b;
	size_t at, room;

	if (index >= t->nfunctions)
		return -ENOENT;
	at = load32(t->functions.v + (size_t)index * PAIR + 4);
	if (at < (size_t)t->nfunctions * PAIR + 4 || at > t->functions.n ||
	    t->functions.n - at < tail + TAIL)
		return -EINVAL;
	b = t->functions.v + at;
	room = (t->functions.n - at - tail - TAIL) / 4;
	if (load32(b + FUNC_ENTRY) != entry(t, index) || entry(t, index) > entry(t, index + 1) ||
	    load32(b + FUNC_NPCDATA) > room ||
	    b[tail + TAIL_NFUNCDATA] > room - load32(b + FUNC_NPCDATA))
		return -EINVAL;
	*ret = (struct pclntab_function){
		.entry = entry(t, index),
		.end = entry(t, index + 1),
		.name = pclntab_name(t, load32(b + FUNC_NAME)),
		.start_line = t->start_lines ? load32(b + FUNC_START_LINE) : 0,
		.args = load32(b + FUNC_ARGS),
		.flags = b[tail + TAIL_FLAG],
		.id = b[tail + TAIL_ID],
		.frame = load32(b + FUNC_PCSP),
		.file = load32(b + FUNC_PCFILE),
		.line = load32(b + FUNC_PCLN),
		.unit = load32(b + FUNC_UNIT),
		.npcdata = load32(b + FUNC_NPCDATA),
		.nfuncdata = b[tail + TAIL_NFUNCDATA],
		.data = at + tail + TAIL,
	};
	return 0;
}

int pclntab_find(const struct pclntab *t, __u64 pc, struct pclntab_function *ret)
{
	__u32 low = 0, high = t->nfunctions;

	if (pc < entry(t, 0) || pc >= entry(t, t->nfunctions))
		return -ENOENT;
	while (high - low > 1) {
		__u32 middle = low + (high - low) / 2;

		if (entry(t, middle) <= pc)
			low = middle;
		else
			high = middle;
	}
	if (pc < entry(t, low) || pc >= entry(t, low + 1))
		return -EINVAL;
	return pclntab_function(t, low, ret);
}

bool pclntab_is(struct pclntab_name name, const char *text)
{
	return name.n == strlen(text) && !memcmp(name.v ? name.v : "", text, name.n);
}

bool pclntab_begins(struct pclntab_name name, const char *text)
{
	const size_t n = strlen(text);

	return name.n >= n && !memcmp(name.v, text, n);
}

bool pclntab_named(const struct pclntab *t, const char *name, struct pclntab_function *ret)
{
	for (__u32 i = 0; i < t->nfunctions; i++)
		if (!pclntab_function(t, i, ret) && pclntab_is(ret->name, name))
			return true;
	return false;
}

/* ---- what changes along the code ---- */

bool pclntab_varint(const struct pclntab_bytes *b, size_t *at, __u32 *ret)
{
	__u32 v = 0;

	for (unsigned int shift = 0; shift < 32; shift += 7) {
		unsigned char c;

		if (*at >= b->n)
			return false;
		c = b->v[(*at)++];
		v |= (__u32)(c & 0x7f) << shift;
		if (!(c & 0x80)) {
			*ret = v;
			return true;
		}
	}
	return false;
}

/* Pairs of numbers: how the value changes (zigzag), and for how much code it holds then. The
 * first value is -1, and no change ends the table, unless it comes first (runtime.step). A pair
 * for no code at all is never written: as each goes on, a function's size bounds them. */
static bool value_at(const struct pclntab *t, const struct pclntab_function *f, __u32 table,
		     __u64 pc, __s32 *ret)
{
	__u64 until = f->entry;
	__u32 value = UINT32_MAX, change, length;
	size_t at = table;

	if (!table || pc < f->entry || pc >= f->end)
		return false;
	while (until <= pc) {
		if (!pclntab_varint(&t->values, &at, &change) || (!change && until != f->entry) ||
		    !pclntab_varint(&t->values, &at, &length) || !length)
			return false;
		value += -(change & 1) ^ change >> 1;
		until += (__u64)length * t->quantum;
	}
	*ret = (__s32)value;
	return true;
}

bool pclntab_frame(const struct pclntab *t, const struct pclntab_function *f, __u64 pc, __s32 *ret)
{
	return value_at(t, f, f->frame, pc, ret);
}

bool pclntab_place(const struct pclntab *t, const struct pclntab_function *f, __u64 pc,
		   struct pclntab_place *ret)
{
	struct pclntab_name name;
	__s32 file, line;
	__u64 at;

	if (!value_at(t, f, f->file, pc, &file) || !value_at(t, f, f->line, pc, &line) ||
	    file < 0 || line < 0)
		return false;
	at = ((__u64)f->unit + (__u32)file) * 4;
	if (t->units.n < 4 || at > t->units.n - 4)
		return false;
	name = name_at(&t->files, load32(t->units.v + at));
	if (!name.n)
		return false;
	*ret = (struct pclntab_place){ name, line };
	return true;
}

bool pclntab_pcdata(const struct pclntab *t, const struct pclntab_function *f, __u32 index,
		    __u64 pc, __s32 *ret)
{
	return index < f->npcdata &&
	       value_at(t, f, load32(t->functions.v + f->data + 4 * (size_t)index), pc, ret);
}

bool pclntab_funcdata(const struct pclntab *t, const struct pclntab_function *f, __u32 index,
		      __u32 *ret)
{
	__u32 offset;

	if (index >= f->nfuncdata)
		return false;
	offset = load32(t->functions.v + f->data + 4 * ((size_t)f->npcdata + index));
	if (offset == NONE)
		return false;
	*ret = offset;
	return true;
}
