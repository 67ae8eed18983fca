// SPDX-License-Identifier: GPL-2.0-only
/* layout_own.c - the layout of a Go program that the table does not know, as its own DWARF says it.
 *
 * Pure but for the source and the target. What to look for is what members.txt
 * (tests/go/layouts) says, as for the table; each size must be one that the
 * member had in a version that was measured, for the code that reads it knows
 * no other; and what the code takes for granted is checked at the end. */
#include "golang/layout_own.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define WORD 8
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define SIZES_MAX 4
#define NAME_MAX_BYTES 64 /* of a name of Go's, with its NUL */
#define ABSENT UINT64_MAX /* for the size of a type */
#define CONST_TEXT "="
#define SIZE_TEXT "#"
#define ELEMENT_TEXT "[]"

struct member {
	const char *name; /* "g.goid" */
	const char *types;
	const char *what;
	size_t at; /* in struct golang_layout */
	unsigned int first, last;
	bool option;
	__u32 sizes[SIZES_MAX];
};

#define ROW(group, member, types, what, first, last, option, ...)                                  \
	{ #group "." #member,                                                                      \
	  types,                                                                                   \
	  what,                                                                                    \
	  offsetof(struct golang_layout, group.member),                                            \
	  first,                                                                                   \
	  last,                                                                                    \
	  option,                                                                                  \
	  { __VA_ARGS__ } },
#define MEMBER(group, member, types, what, first, last, ...)                                       \
	ROW(group, member, types, what, first, last, false, __VA_ARGS__)
#define OPTION(group, member, types, what, first, last, ...)                                       \
	ROW(group, member, types, what, first, last, true, __VA_ARGS__)

static const struct member members[] = {
#include "golang/layout_members.inc"
};

_Static_assert(offsetof(struct golang_layout, funcid) + sizeof(struct golang_funcid) -
			       offsetof(struct golang_layout, g) ==
		       ARRAY_SIZE(members) * sizeof(__s32),
	       "struct golang_layout and members.txt differ");

static __s32 *number(struct golang_layout *layout, const struct member *m)
{
	return (__s32 *)((char *)layout + m->at);
}

/* ---- one member ---- */

/* The next of the parts of a text, which that byte separates. False:
 * there is none, or it is too long. */
static bool next_part(const char **text, char separator, char ret[NAME_MAX_BYTES])
{
	const char *end = strchrnul(*text, separator);
	const size_t n = end - *text;

	if (!**text || n >= NAME_MAX_BYTES)
		return false;
	memcpy(ret, *text, n);
	ret[n] = '\0';
	*text = *end ? end + 1 : end;
	return true;
}

/* Follows a path like sched.sp from a type: what is there, and how far from its start. */
static bool walk(const struct layout_source *s, __u64 type, const char *path, __u64 *ret_type,
		 __u64 *ret_offset)
{
	char step[NAME_MAX_BYTES];
	__u64 offset = 0, more;

	while (*path) {
		if (!next_part(&path, '.', step) || !s->member(s->arg, type, step, &type, &more) ||
		    more > INT32_MAX)
			return false;
		offset += more;
	}
	*ret_type = type;
	*ret_offset = offset;
	return true;
}

/* #path: the size of what is there, or with [] of one element of it. */
static bool measure(const struct layout_source *s, __u64 type, const char *path, __u64 *ret)
{
	const size_t n = strlen(path), tail = strlen(ELEMENT_TEXT);
	const bool element = n >= tail && !strcmp(path + n - tail, ELEMENT_TEXT);
	char name[NAME_MAX_BYTES];
	__u64 offset;

	if (n >= sizeof(name))
		return false;
	memcpy(name, path, n + 1);
	if (element)
		name[n - tail] = '\0';
	return walk(s, type, name, &type, &offset) &&
	       (!element || s->element(s->arg, type, &type)) && s->size(s->arg, type, ret);
}

/* What a member is in the program, and which size that has. */
struct found {
	__u64 value, size;
};

static bool find_constant(const struct layout_source *s, const char *names, struct found *ret)
{
	char name[NAME_MAX_BYTES];

	while (next_part(&names, '|', name))
		if (s->constant(s->arg, name, &ret->value))
			return true;
	return false;
}

static bool find(const struct layout_source *s, const struct member *m, struct found *ret)
{
	const char *types = m->types, *paths = m->what;
	char text[NAME_MAX_BYTES];
	__u64 type, there;

	*ret = (struct found){};
	if (m->what[0] == *CONST_TEXT)
		return find_constant(s, m->what + 1, ret);
	do {
		if (!next_part(&types, '|', text))
			return false;
	} while (!s->type(s->arg, text, &type));
	if (m->what[0] == *SIZE_TEXT) {
		if (!measure(s, type, m->what + 1, &ret->value))
			return false;
		ret->size = ret->value;
		return true;
	}
	while (next_part(&paths, '|', text))
		if (walk(s, type, text, &there, &ret->value))
			return s->size(s->arg, there, &ret->size);
	return false;
}

static bool has_size(const struct member *m, __u64 size)
{
	for (size_t i = 0; i < SIZES_MAX; i++)
		if (m->sizes[i] == size && size)
			return true;
	return !m->sizes[0];
}

static void complain(struct layout_own *own, const struct member *m, const char *how)
{
	snprintf(own->why, sizeof(own->why), "%s %s (%s%s%s)", how, m->name,
		 m->what[0] == *CONST_TEXT ? "" : m->types,
		 m->what[0] == *CONST_TEXT || !strcmp(m->what, SIZE_TEXT) ? "" : ": ",
		 !strcmp(m->what, SIZE_TEXT) ? "" : m->what);
}

/* False: it is not as it has to be, and own->why says so. within: the size of its type. */
static bool read_member(const struct layout_source *s, const struct member *m, __u64 within,
			struct layout_own *own)
{
	const bool expected = own->layout.minor >= m->first && own->layout.minor <= m->last;
	const bool offset = m->what[0] != *CONST_TEXT && m->what[0] != *SIZE_TEXT;
	struct found f;

	*number(&own->layout, m) = -1;
	if (offset && within == ABSENT)
		return true;
	if (!find(s, m, &f)) {
		if (expected && !m->option)
			complain(own, m, "has no");
		return !expected || m->option;
	}
	if (!expected && !m->option)
		complain(own, m, "has, as other versions do,");
	else if (!has_size(m, f.size))
		complain(own, m, "has another size of");
	else if (f.value > INT32_MAX || (offset && f.value + f.size > within))
		complain(own, m, "has a wild number for");
	else
		*number(&own->layout, m) = (__s32)f.value;
	if (!m->option)
		return !own->why[0];
	own->why[0] = '\0';
	return true;
}

/* ---- what the code takes for granted ---- */

struct most {
	const char *name;
	size_t at;
	__s32 bytes;
};

#define MOST(group, bytes)                                                                         \
	{                                                                                          \
#group, offsetof(struct golang_layout, group.size), bytes                          \
	}

static const struct most most[] = {
	MOST(g, LAYOUT_G_MAX),
	MOST(deferred, LAYOUT_OTHER_MAX),
	MOST(xregs, LAYOUT_OTHER_MAX),
	MOST(m, LAYOUT_OTHER_MAX),
	MOST(p, LAYOUT_OTHER_MAX),
	MOST(sudog, LAYOUT_OBJECT_MAX),
	MOST(hchan, LAYOUT_OBJECT_MAX),
	MOST(sema, LAYOUT_ROOT_MAX),
	MOST(semtable, LAYOUT_OTHER_MAX),
	MOST(notify_list, LAYOUT_NOTIFY_LIST_MAX),
	MOST(mheap, LAYOUT_HEAP_MAX),
	MOST(heap_arena, LAYOUT_HEAP_MAX),
	MOST(mspan, LAYOUT_SPAN_MAX),
	MOST(special, LAYOUT_SPECIAL_MAX),
	MOST(special_finalizer, LAYOUT_SPECIAL_MAX),
	MOST(special_cleanup, LAYOUT_SPECIAL_MAX),
	MOST(cleanup_block, LAYOUT_OTHER_MAX),
	MOST(finblock, LAYOUT_OTHER_MAX),
	MOST(finalizer, LAYOUT_OTHER_MAX),
	MOST(timer, LAYOUT_OBJECT_MAX),
	MOST(type, LAYOUT_TYPE_MAX),
	MOST(moduledata, LAYOUT_MODULEDATA_MAX),
};

static bool is_power(__s32 n)
{
	return n > 0 && !(n & (n - 1));
}

/* What of a g is read in one piece with trackingSeq stands before it (mark.c). */
static bool g_fits(const struct golang_g *g)
{
	const __s32 before[] = { g->stack_lo, g->stack_hi, g->panic,	g->defer,
				 g->m,	      g->sched_sp, g->sched_pc, g->sched_ctxt };

	for (size_t i = 0; i < ARRAY_SIZE(before); i++)
		if (before[i] + WORD > g->tracking_seq + 1)
			return false;
	return true;
}

/* The head of a block of finalizers or cleanups, and a part of its first
 * entry, is read in one piece. */
static bool block_fits(__s32 alllink, __s32 count, __s32 entries, __s32 in_entry, __s32 size)
{
	return alllink + WORD <= LAYOUT_BLOCK_HEAD && count + WORD <= LAYOUT_BLOCK_HEAD &&
	       entries + in_entry + WORD <= LAYOUT_BLOCK_HEAD && size > 0;
}

static bool heap_fits(const struct golang_layout *l)
{
	const struct golang_heap *h = &l->heap;

	return is_power(h->page_bytes) && is_power(h->arena_bytes) && h->page_bytes >= 4096 &&
	       h->arena_bytes / h->page_bytes == h->arena_pages && h->arena_pages > 0 &&
	       h->header_bytes <= WORD;
}

const char *layout_own_misfit(const struct golang_layout *l)
{
	const struct golang_semtable *semtable = &l->semtable;

	for (size_t i = 0; i < ARRAY_SIZE(most); i++) {
		__s32 size;

		memcpy(&size, (const char *)l + most[i].at, sizeof(size));
		if (!size || size > most[i].bytes)
			return most[i].name;
	}
	if (l->sudog.elem != l->sudog.prev + WORD && l->sudog.elem != l->sudog.prev + 2 * WORD)
		return "sudog.elem";
	if (!g_fits(&l->g))
		return "g.trackingSeq";
	if (semtable->count <= 0 || semtable->stride <= 0 ||
	    semtable->size / semtable->stride != semtable->count ||
	    l->sema.nwait + 4 > semtable->stride || l->sema.treap + WORD > semtable->stride)
		return "semTable";
	if (!block_fits(l->finblock.alllink, l->finblock.count, l->finblock.fin,
			l->finalizer.arg + WORD, l->finalizer.size))
		return "finblock";
	if (l->cleanup_block.size > 0 &&
	    !block_fits(l->cleanup_block.alllink, l->cleanup_block.count, l->cleanup_block.cleanups,
			0, l->cleanup_block.cleanup_size))
		return "cleanupBlock";
	return heap_fits(l) ? NULL : "heapArena";
}

/* ---- all of it ---- */

static bool read_reasons(const struct layout_source *s, struct layout_own *own)
{
	__u64 type, element, size, bytes;

	if (!s->variable(s->arg, "runtime.waitReasonStrings", &own->reasons, &type) ||
	    !s->element(s->arg, type, &element) || !s->size(s->arg, type, &size) ||
	    !s->size(s->arg, element, &bytes) || bytes != LAYOUT_STRING || size % LAYOUT_STRING ||
	    !size || size > LAYOUT_REASONS_MAX * LAYOUT_STRING) {
		snprintf(own->why, sizeof(own->why), "has no runtime.waitReasonStrings");
		return false;
	}
	own->nreasons = size / LAYOUT_STRING;
	return true;
}

void layout_own_read(const struct layout_source *s, unsigned int minor, enum golang_arch arch,
		     struct layout_own *ret)
{
	const char *misfit;
	__u64 within = 0;
	__s32 size;

	*ret = (struct layout_own){ .layout = { .minor = minor, .arch = arch } };
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		if (!read_member(s, &members[i], within, ret))
			return;
		size = *number(&ret->layout, &members[i]);
		if (!strcmp(members[i].what, SIZE_TEXT)) /* opens a group */
			within = size < 0 ? ABSENT : (__u64)size;
	}
	if (!s->constant(s->arg, "runtime.arenaBaseOffsetUintptr", &ret->layout.arena_base_offset))
		snprintf(ret->why, sizeof(ret->why), "has no runtime.arenaBaseOffsetUintptr");
	else if (read_reasons(s, ret) && (misfit = layout_own_misfit(&ret->layout)))
		snprintf(ret->why, sizeof(ret->why), "has another kind of %s", misfit);
}

/* ---- wait reasons ---- */

static bool is_text(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return true;
}

bool layout_own_reasons(const struct target *target, __u64 address, __u32 n,
			struct layout_reasons *ret, struct golang_layout *layout)
{
	unsigned char strings[LAYOUT_REASONS_MAX * LAYOUT_STRING];
	struct target_piece piece[LAYOUT_REASONS_MAX];
	size_t k = 0;

	if (!n || n > LAYOUT_REASONS_MAX ||
	    !target_read(target, address, strings, (size_t)n * LAYOUT_STRING))
		return false;
	memset(ret, 0, sizeof(*ret));
	for (__u32 i = 0; i < n; i++) {
		const __u64 len = target_u64(strings + i * LAYOUT_STRING + WORD);

		if (len >= LAYOUT_REASON_MAX)
			return false;
		ret->name[i] = ret->text[i];
		if (len)
			piece[k++] = (struct target_piece){ target_u64(strings + i * LAYOUT_STRING),
							    ret->text[i], len, false };
	}
	target_read_all(target, piece, k);
	for (size_t i = 0; i < k; i++)
		if (!piece[i].there || !is_text(piece[i].to, piece[i].len))
			return false;
	layout->wait_reasons = ret->name;
	layout->wait_reason_count = n;
	return true;
}
