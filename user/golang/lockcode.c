// SPDX-License-Identifier: GPL-2.0-only
/* lockcode.c - what a function of Go's locks and unlocks, by its code.
 *
 * Pure: the code is that of the program's file. */
#include "golang/lockcode.h"

#include <stdlib.h>
#include <string.h>

#define CODE_MAX (256u << 10) /* of one function */
#define DEPTH 3		      /* of calls */
#define CLOSURES 2	      /* of closures in closures */
#define REMEMBERED 4096
#define STEPS_MAX (1u << 27) /* bytes of code, or instructions, in all: a second */

/* ---- names ---- */

bool lockcode_is_of_sync(struct pclntab_name name)
{
	return pclntab_begins(name, "sync.") || pclntab_begins(name, "internal/sync.");
}

enum lockcode_kind lockcode_kind(struct pclntab_name name)
{
	static const struct {
		const char *name;
		enum lockcode_kind kind;
	} known[] = {
		{ "(*Mutex).Lock", LOCKCODE_LOCKS },
		{ "(*RWMutex).Lock", LOCKCODE_LOCKS },
		{ "(*RWMutex).RLock", LOCKCODE_LOCKS },
		{ "(*Mutex).lockSlow", LOCKCODE_LOCKS },
		{ "runtime_SemacquireMutex", LOCKCODE_LOCKS }, /* of an RLock, inlined */
		{ "runtime_SemacquireRWMutexR", LOCKCODE_LOCKS },
		{ "(*Mutex).TryLock", LOCKCODE_LOCKS },
		{ "(*RWMutex).TryLock", LOCKCODE_LOCKS },
		{ "(*RWMutex).TryRLock", LOCKCODE_LOCKS },
		{ "(*Mutex).Unlock", LOCKCODE_UNLOCKS },
		{ "(*Mutex).unlockSlow", LOCKCODE_UNLOCKS },
		{ "(*RWMutex).Unlock", LOCKCODE_UNLOCKS_WRITE },
		{ "(*RWMutex).RUnlock", LOCKCODE_UNLOCKS_READ },
		{ "(*RWMutex).rUnlockSlow", LOCKCODE_UNLOCKS_READ },
		{ "runtime_Semrelease", LOCKCODE_RELEASES },
	};
	struct pclntab_name bare = name;

	if (!lockcode_is_of_sync(name))
		return LOCKCODE_OTHER;
	bare.v = (const char *)memchr(name.v, '.', name.n) + 1;
	bare.n = name.n - (bare.v - name.v);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (pclntab_is(bare, known[i].name))
			return known[i].kind;
	}
	return LOCKCODE_OTHER;
}

/* ---- code ---- */

bool lockcode_find(const struct program *p, __u64 pc, struct lockcode_function *ret)
{
	ret->module = program_function(p, pc, &ret->f);
	return ret->module;
}

struct remembered {
	__u64 entry; /* of the function; 0: none */
	__u8 depth;
	bool lends;
};

struct lockcode {
	const struct program *program;
	size_t left; /* steps */
	struct remembered known[REMEMBERED];
};

struct lockcode *lockcode_new(const struct program *p)
{
	struct lockcode *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->program = p;
	l->left = STEPS_MAX;
	return l;
}

void lockcode_free(struct lockcode *l)
{
	free(l);
}

void lockcode_spend(struct lockcode *l, size_t n)
{
	l->left -= n < l->left ? n : l->left;
}

bool lockcode_is_spent(const struct lockcode *l)
{
	return !l->left;
}

bool lockcode_begin(struct lockcode *l, const struct lockcode_function *in,
		    struct lockcode_walk *ret)
{
	const struct pclntab_bytes *text = &in->module->text_bytes;
	const __u64 entry = in->f.entry, end = in->f.end;

	*ret = (struct lockcode_walk){ .known = l, .in = *in };
	if (!l->left || !text->v || entry >= end || end > text->n || end - entry > CODE_MAX)
		return false;
	ret->code = text->v + entry;
	ret->len = end - entry;
	return true;
}

/* Where a call leads, as seen from the instruction at v, which is at pc; 0: it is none. */
static __u64 called(bool arm, const unsigned char *v, size_t n, __u64 pc, size_t *ret_len)
{
	*ret_len = arm ? 4 : 5;
	if (n < *ret_len)
		return 0;
	if (!arm)
		return v[0] == 0xe8 ? pc + 5 + (__s64)(__s32)target_u32(v + 1) : 0;
	if (target_u32(v) >> 26 != 0x25)
		return 0;
	return pc + (__s64)((__s32)(target_u32(v) << 6) >> 6) * 4;
}

/* The address that is taken. */
static __u64 taken(bool arm, const unsigned char *v, size_t n, __u64 pc, size_t *ret_len)
{
	__u32 page, add;
	__s64 pages;

	*ret_len = arm ? 8 : 7;
	if (n < *ret_len)
		return 0;
	if (!arm) /* LEA rel32(RIP), with REX.W */
		return (v[0] & 0xfb) == 0x48 && v[1] == 0x8d && (v[2] & 0xc7) == 5
			       ? pc + 7 + (__s64)(__s32)target_u32(v + 3)
			       : 0;
	page = target_u32(v);
	add = target_u32(v + 4);
	if ((page & 0x9f000000) != 0x90000000 || (add & 0xffc00000) != 0x91000000 ||
	    (add >> 5 & 31) != (page & 31))
		return 0;
	pages = (__s32)((page >> 5 & 0x7ffff) << 13) >> 11 | (page >> 29 & 3);
	return (pc & ~0xfffull) + pages * 4096 + (add >> 10 & 0xfff);
}

static bool is_closure(const struct lockcode_function *of, const struct lockcode_function *f)
{
	const struct pclntab_name outer = of->f.name, name = f->f.name;

	return outer.n && name.n > outer.n + 1 && !memcmp(name.v, outer.v, outer.n) &&
	       (name.v[outer.n] == '.' || name.v[outer.n] == '-');
}

bool lockcode_next(struct lockcode_walk *w, struct lockcode_site *ret)
{
	const struct program *p = w->known->program;
	const bool arm = p->layout->arch == GOLANG_ARM64;

	while (w->at < w->len && w->known->left) {
		const unsigned char *v = w->code + w->at;
		const size_t n = w->len - w->at;
		const __u64 pc = w->in.module->text + w->in.f.entry + w->at;
		size_t len;
		__u64 to = called(arm, v, n, pc, &len);
		const bool call = to;

		w->at += arm ? 4 : 1;
		w->known->left--;
		if (!call)
			to = taken(arm, v, n, pc, &len);
		if (!to || !lockcode_find(p, to, &ret->callee) ||
		    to != ret->callee.module->text + ret->callee.f.entry)
			continue;
		ret->closure = is_closure(&w->in, &ret->callee);
		if (!call && !ret->closure)
			continue;
		ret->back = pc + len;
		ret->kind = ret->closure ? LOCKCODE_OTHER : lockcode_kind(ret->callee.f.name);
		return true;
	}
	return false;
}

bool lockcode_is_direct(struct lockcode *l, __u64 back)
{
	const bool arm = l->program->layout->arch == GOLANG_ARM64;
	struct lockcode_function f, callee;
	struct lockcode_walk w;
	size_t len = arm ? 4 : 5;
	__u64 offset, to;

	if (!lockcode_find(l->program, back - 1, &f) || !lockcode_begin(l, &f, &w))
		return false;
	offset = back - (f.module->text + f.f.entry);
	if (offset < len)
		return false;
	to = called(arm, w.code + offset - len, len, back - len, &len);
	return to && lockcode_find(l->program, to, &callee) &&
	       to == callee.module->text + callee.f.entry;
}

/* ---- what functions do ---- */

struct sites {
	size_t locks, unlocks;
};

/* How many there are in it and in its closures. False: nobody knows. */
static bool count(struct lockcode *l, const struct lockcode_function *f, unsigned int closures,
		  struct sites *ret)
{
	struct lockcode_walk w;
	struct lockcode_site s;

	if (!lockcode_begin(l, f, &w))
		return false;
	while (lockcode_next(&w, &s)) {
		if (s.closure && closures && !count(l, &s.callee, closures - 1, ret))
			return false;
		ret->locks += s.kind == LOCKCODE_LOCKS;
		ret->unlocks += s.kind && s.kind != LOCKCODE_LOCKS;
	}
	return l->left;
}

static bool is_known_not_to(const struct lockcode_function *f)
{
	return pclntab_begins(f->f.name, "runtime.") || lockcode_is_of_sync(f->f.name);
}

bool lockcode_takes(struct lockcode *l, const struct lockcode_function *f)
{
	struct sites sites = {};

	return !is_known_not_to(f) && count(l, f, CLOSURES, &sites) && sites.locks > sites.unlocks;
}

bool lockcode_unlocks(struct lockcode *l, const struct lockcode_function *f)
{
	struct sites sites = {};

	return !count(l, f, CLOSURES, &sites) || sites.unlocks;
}

static bool lends(struct lockcode *l, const struct lockcode_function *f, unsigned int depth);

/* Whether it, or a closure of it, calls one that lends. */
static bool calls_lender(struct lockcode *l, const struct lockcode_function *f, unsigned int depth,
			 unsigned int closures)
{
	struct lockcode_walk w;
	struct lockcode_site s;

	if (!lockcode_begin(l, f, &w))
		return true;
	while (lockcode_next(&w, &s)) {
		if (s.closure && closures && calls_lender(l, &s.callee, depth, closures - 1))
			return true;
		if (!s.closure && !s.kind && lends(l, &s.callee, depth - 1))
			return true;
	}
	return !l->left;
}

/* Of what is called by others, `Lock(); if x { Unlock(); return }; Unlock()` is no sign. */
static bool lends_anew(struct lockcode *l, const struct lockcode_function *f, unsigned int depth)
{
	struct sites sites = {};

	if (!count(l, f, CLOSURES, &sites) ||
	    (sites.unlocks > sites.locks && (depth == DEPTH || !sites.locks)))
		return true;
	return depth > 1 && calls_lender(l, f, depth, CLOSURES);
}

static bool lends(struct lockcode *l, const struct lockcode_function *f, unsigned int depth)
{
	const __u64 entry = f->module->text + f->f.entry;
	struct remembered *r = &l->known[(entry >> 4 ^ entry >> 16 ^ depth << 10) % REMEMBERED];
	bool answer;

	if (is_known_not_to(f))
		return false;
	if (r->entry == entry && r->depth == depth)
		return r->lends;
	answer = lends_anew(l, f, depth);
	*r = (struct remembered){ entry, depth, answer };
	return answer;
}

bool lockcode_lends(struct lockcode *l, const struct lockcode_function *f)
{
	return lends(l, f, DEPTH);
}
