// SPDX-License-Identifier: GPL-2.0-only
/* lock_case.c - a Go program whose goroutines wait for a lock, and are to unlock another. */
#include "lock_case.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lock_case lock_case;

static const struct gotable_function known[FUNCTIONS] = {
	[GOEXIT] = { "runtime.goexit", "a.s", 64, .flags = PCLNTAB_TOPFRAME,
		     .frame = { { 64, 0 } } },
	[HOLD] = { "main.hold", "m.go", 64, .frame = { { 64, 56 } }, .maps = { { 64, 0 } },
		   .line = { { 16, 10 }, { 16, 11 }, { 32, 12 } }, .open = { OPEN_AT, SLOT_AT } },
	[INNER] = { "main.inner", "m.go", 64, .frame = { { 64, 24 } }, .line = { { 64, 20 } } },
	[LOCK] = { "sync.(*Mutex).lockSlow", "s.go", 64, .frame = { { 64, 24 } },
		   .line = { { 64, 30 } } },
	[PARK] = { "runtime.gopark", "p.go", 64, .frame = { { 64, 24 } }, .line = { { 64, 40 } } },
	[WRAP] = { "main.hold.deferwrap1", "m.go", 64, .frame = { { 64, 24 } },
		   .maps = { { 64, 0 } }, .line = { { 64, 10 } } },
	[UNLOCK] = { "sync.(*Mutex).Unlock", "s.go", 64, .frame = { { 64, 24 } },
		     .line = { { 64, 50 } } },
	[RUNLOCK] = { "sync.(*RWMutex).RUnlock", "s.go", 64, .frame = { { 64, 24 } },
		      .line = { { 64, 60 } } },
	[OTHER] = { "main.other", "m.go", 64, .frame = { { 64, 24 } }, .line = { { 64, 70 } } },
};

static bool has_link(void)
{
	return lock_case.arch == GOLANG_ARM64;
}

void lock_case_call(unsigned int function, unsigned int at, unsigned int called)
{
	const __u64 from = CODE(function) + at;
	const __s64 way = (__s64)CODE(called) - (__s64)from;

	if (has_link()) {
		gomemory_put32(lock_case.m, from, 0x94000000u | ((__u32)(way / 4) & 0x3ffffffu));
		return;
	}
	gomemory_put32(lock_case.m, from, 0xe8u | (__u32)(way - 5) << 8);
	lock_case.m->bytes[from + 4 - GOMEMORY_BASE] = (__u32)(way - 5) >> 24;
}

void lock_case_free(void)
{
	free(lock_case.m);
	lock_case.m = NULL;
}

void lock_case_make(unsigned int minor, enum golang_arch arch)
{
	char text[16];

	lock_case_free();
	snprintf(text, sizeof(text), "go1.%u.1", minor);
	lock_case.minor = minor;
	lock_case.arch = arch;
	lock_case.m = gomemory_new(minor, text);
	lock_case.m->layout = layout_find(minor, arch);
	lock_case.code = GOMEMORY_SIZE;
	memcpy(lock_case.functions, known, sizeof(known));
	lock_case.functions[WRAP].id = lock_case.m->layout->funcid.wrapper;
	lock_case_call(WRAP, 16, UNLOCK);
	lock_case_call(HOLD, 0, LOCK); /* in line 10 */
	lock_case_call(INNER, has_link() ? 20 : 19, LOCK);
	lock_case_call(HOLD, has_link() ? 20 : 19, INNER);
}

/* The frames' return addresses, each behind the calls that were planted. */
static __u64 make_stack(__u64 sp)
{
	static const unsigned int inner[] = { LOCK, INNER, HOLD };

	for (size_t i = 0; i < 3; i++) {
		gomemory_put(lock_case.m, has_link() ? sp : sp + 24, CODE(inner[i]) + 24);
		sp += has_link() ? 24 : 32;
	}
	gomemory_put(lock_case.m, has_link() ? sp : sp + 56, CODE(GOEXIT) + 4);
	return sp;
}

__u64 lock_case_variables(const struct lock_case_owner *o)
{
	return o->frame + 56 - 8;
}

void lock_case_pend(const struct lock_case_owner *o, unsigned int bits)
{
	lock_case.m->bytes[lock_case_variables(o) - OPEN_AT - GOMEMORY_BASE] = bits;
}

struct lock_case_owner lock_case_owner(__u64 id)
{
	struct gomemory *m = lock_case.m;
	const struct golang_g *l = &m->layout->g;
	struct lock_case_owner o = {
		.g = { .address = gomemory_g(m, id, "sync.Mutex.Lock"),
		       .id = id,
		       .status = GOROUTINE_WAITING,
		       .wait = GOROUTINE_MUTEX,
		       .pc = CODE(PARK) + 8,
		       .nobjects = 1 },
		.lock = gomemory_alloc(m, 32),
		.closure = gomemory_alloc(m, 16),
	};

	memcpy(&o.g.lo, m->bytes + o.g.address + l->stack_lo - GOMEMORY_BASE, sizeof(o.g.lo));
	o.g.sp = o.g.lo + 256;
	o.g.hi = o.g.lo + 1024;
	o.frame = make_stack(o.g.sp);
	gomemory_put(m, o.g.address + l->sched_pc, o.g.pc);
	gomemory_put32(m, o.lock, 1);
	gomemory_put(m, o.closure, CODE(WRAP));
	gomemory_put(m, o.closure + 8, o.lock);
	o.g.objects[0].address = gomemory_alloc(m, 32) + 4;
	gomemory_put(m, lock_case_variables(&o) - SLOT_AT, o.closure);
	lock_case_pend(&o, 1);
	return o;
}

const struct program *lock_case_program(void)
{
	static struct gotable made;
	static struct pclntab table;
	const struct gotable_kind kind = { .old = lock_case.minor < 20,
					   .quantum = has_link() ? 4 : 1 };
	struct gomemory *m = lock_case.m;
	struct program *p = &lock_case.program;

	gotable_make(&kind, lock_case.functions, FUNCTIONS, &made);
	cr_assert_eq(pclntab_open(made.bytes, made.n, &table), 0);
	*p = (struct program){
		.target = &m->target,
		.layout = m->layout,
		.modules = { { .text = GOMEMORY_TEXT,
			       .etext = GOMEMORY_RODATA,
			       .table = &table,
			       .gofunc_bytes = { made.bytes + made.gofunc, made.n - made.gofunc },
			       .text_bytes = { m->bytes, lock_case.code } } },
		.nmodules = 1,
		.allgs = GOMEMORY_ALLGS
	};
	return p;
}
