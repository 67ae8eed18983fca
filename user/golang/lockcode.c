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
#define WORK_MAX 50000 /* functions that are looked at for one answer */

/* ---- names ---- */

bool lockcode_begins(struct pclntab_name name, const char *text)
{
	const size_t n = strlen(text);

	return name.n > n && !memcmp(name.v, text, n);
}

bool lockcode_is_of_sync(struct pclntab_name name)
{
	return lockcode_begins(name, "sync.") || lockcode_begins(name, "internal/sync.");
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
	const size_t package = lockcode_begins(name, "internal/sync.") ? 14 : 5;
	const struct pclntab_name bare = { name.v + package, name.n - package };

	if (!lockcode_is_of_sync(name))
		return LOCKCODE_OTHER;
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

bool lockcode_begin(const struct program *p, const struct lockcode_function *in,
		    struct lockcode_walk *ret)
{
	const struct pclntab_bytes *text = &in->module->text_bytes;
	const __u64 entry = in->f.entry, end = in->f.end;

	*ret = (struct lockcode_walk){ .program = p, .in = *in };
	if (!text->v || entry >= end || end > text->n || end - entry > CODE_MAX)
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

	return name.n > outer.n + 1 && !memcmp(name.v, outer.v, outer.n) &&
	       (name.v[outer.n] == '.' || name.v[outer.n] == '-');
}

bool lockcode_next(struct lockcode_walk *w, struct lockcode_site *ret)
{
	const bool arm = w->program->layout->arch == GOLANG_ARM64;

	while (w->at < w->len) {
		const unsigned char *v = w->code + w->at;
		const size_t n = w->len - w->at;
		const __u64 pc = w->in.module->text + w->in.f.entry + w->at;
		size_t len;
		__u64 to = called(arm, v, n, pc, &len);

		w->at += arm ? 4 : 1;
		ret->closure = !to;
		if (!to)
			to = taken(arm, v, n, pc, &len);
		if (!to || !lockcode_find(w->program, to, &ret->callee) ||
		    to != ret->callee.module->text + ret->callee.f.entry ||
		    (ret->closure && !is_closure(&w->in, &ret->callee)))
			continue;
		ret->back = pc + len;
		ret->kind = ret->closure ? LOCKCODE_OTHER : lockcode_kind(ret->callee.f.name);
		return true;
	}
	return false;
}

bool lockcode_is_direct(const struct program *p, __u64 back)
{
	const bool arm = p->layout->arch == GOLANG_ARM64;
	struct lockcode_function f;
	struct lockcode_walk w;
	size_t len = arm ? 4 : 5;
	__u64 offset;

	if (!lockcode_find(p, back - 1, &f) || !lockcode_begin(p, &f, &w))
		return false;
	offset = back - (f.module->text + f.f.entry);
	return offset >= len && called(arm, w.code + offset - len, len, back - len, &len);
}

/* ---- what functions do ---- */

struct remembered {
	__u64 entry; /* of the function; 0: none */
	__u8 depth;
	bool lends;
};

struct lockcode_memory {
	const struct program *program;
	struct remembered known[REMEMBERED];
	size_t work;
};

struct lockcode_memory *lockcode_new(const struct program *p)
{
	struct lockcode_memory *m = calloc(1, sizeof(*m));

	if (m)
		m->program = p;
	return m;
}

void lockcode_free(struct lockcode_memory *m)
{
	free(m);
}

struct sites {
	size_t locks, unlocks;
};

/* How many there are in it and in its closures. False: its code is not there. */
static bool count(const struct program *p, const struct lockcode_function *f, unsigned int depth,
		  struct sites *ret)
{
	struct lockcode_walk w;
	struct lockcode_site s;

	if (!lockcode_begin(p, f, &w))
		return false;
	while (lockcode_next(&w, &s)) {
		if (s.closure && depth && !count(p, &s.callee, depth - 1, ret))
			return false;
		ret->locks += s.kind == LOCKCODE_LOCKS;
		ret->unlocks += s.kind && s.kind != LOCKCODE_LOCKS;
	}
	return true;
}

static bool is_known_not_to(const struct lockcode_function *f)
{
	return lockcode_begins(f->f.name, "runtime.") || lockcode_is_of_sync(f->f.name);
}

bool lockcode_takes(struct lockcode_memory *m, const struct lockcode_function *f)
{
	struct sites sites = {};

	return !is_known_not_to(f) && count(m->program, f, CLOSURES, &sites) &&
	       sites.locks > sites.unlocks;
}

static bool lends(struct lockcode_memory *m, const struct lockcode_function *f, unsigned int depth);

/* Of what is called by others, `Lock(); if x { Unlock(); return }; Unlock()` is no sign. */
static bool lends_anew(struct lockcode_memory *m, const struct lockcode_function *f,
		       unsigned int depth)
{
	struct sites sites = {};
	struct lockcode_walk w;
	struct lockcode_site s;

	if (m->work++ >= WORK_MAX || !count(m->program, f, CLOSURES, &sites) ||
	    !lockcode_begin(m->program, f, &w))
		return true;
	if (sites.unlocks > sites.locks && (depth == DEPTH || !sites.locks))
		return true;
	while (depth > 1 && lockcode_next(&w, &s)) {
		if (!s.closure && !s.kind && lends(m, &s.callee, depth - 1))
			return true;
	}
	return false;
}

static bool lends(struct lockcode_memory *m, const struct lockcode_function *f, unsigned int depth)
{
	const __u64 entry = f->module->text + f->f.entry;
	struct remembered *r = &m->known[(entry >> 4 ^ entry >> 16 ^ depth << 10) % REMEMBERED];

	if (is_known_not_to(f))
		return false;
	if (r->entry != entry || r->depth != depth) {
		const bool answer = lends_anew(m, f, depth);

		*r = (struct remembered){ entry, depth, answer };
	}
	return r->lends;
}

bool lockcode_lends(struct lockcode_memory *m, const struct lockcode_function *f)
{
	m->work = 0;
	return lends(m, f, DEPTH);
}
