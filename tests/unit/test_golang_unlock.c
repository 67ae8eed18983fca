// SPDX-License-Identifier: GPL-2.0-only
/* test_golang_unlock.c - which locks a goroutine is to unlock, by tables and code made by hand
 *
 * tests/go/patterns asks programs of the compiler's own. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golang/unlock.h"
#include "gomemory.h"
#include "gotable.h"

#define WRAPPER 7 /* the id of functions that the compiler made up */
#define CODE(function) (GOMEMORY_TEXT + 64u * (function))
#define OPEN_AT 8  /* below a frame's variables: the bits, */
#define SLOT_AT 24 /* and the first of two slots */

/* Each of 64 bytes; from the lock that is waited for outwards: PARK, LOCK, INNER, HOLD. */
enum { GOEXIT, HOLD, INNER, LOCK, PARK, WRAP, UNLOCK, RUNLOCK, OTHER, FUNCTIONS };

static const struct gotable_function known[FUNCTIONS] = {
	[GOEXIT] = { "runtime.goexit", "a.s", 64, .flags = PCLNTAB_TOPFRAME,
		     .frame = { { 64, 0 } } },
	[HOLD] = { "main.hold", "m.go", 64, .frame = { { 64, 56 } }, .maps = { { 64, 0 } },
		   .line = { { 16, 10 }, { 16, 11 }, { 32, 12 } }, .open = { OPEN_AT, SLOT_AT } },
	[INNER] = { "main.inner", "m.go", 64, .frame = { { 64, 24 } }, .line = { { 64, 20 } } },
	[LOCK] = { "sync.(*Mutex).lockSlow", "s.go", 64, .frame = { { 64, 24 } },
		   .line = { { 64, 30 } } },
	[PARK] = { "runtime.gopark", "p.go", 64, .frame = { { 64, 24 } }, .line = { { 64, 40 } } },
	[WRAP] = { "main.hold.deferwrap1", "m.go", 64, .id = WRAPPER, .frame = { { 64, 24 } },
		   .maps = { { 64, 0 } }, .line = { { 64, 10 } } },
	[UNLOCK] = { "sync.(*Mutex).Unlock", "s.go", 64, .frame = { { 64, 24 } },
		     .line = { { 64, 50 } } },
	[RUNLOCK] = { "sync.(*RWMutex).RUnlock", "s.go", 64, .frame = { { 64, 24 } },
		      .line = { { 64, 60 } } },
	[OTHER] = { "main.other", "m.go", 64, .frame = { { 64, 24 } }, .line = { { 64, 70 } } },
};

static struct gotable_function functions[FUNCTIONS];
static struct gomemory *m;
static unsigned int minor;
static enum golang_arch arch;
static struct goroutine g;
static __u64 lock, closure, frame; /* of HOLD: its stack pointer */

static bool has_link(void)
{
	return arch == GOLANG_ARM64;
}

/* A call at an offset of a function's code. */
static void call(unsigned int function, unsigned int at, unsigned int called)
{
	const __u64 from = CODE(function) + at;
	const __s64 way = (__s64)CODE(called) - (__s64)from;

	if (has_link()) {
		gomemory_put32(m, from, 0x94000000u | ((__u32)(way / 4) & 0x3ffffffu));
		return;
	}
	gomemory_put32(m, from, 0xe8u | (__u32)(way - 5) << 8);
	m->bytes[from + 4 - GOMEMORY_BASE] = (__u32)(way - 5) >> 24;
}

static __u64 variables(void)
{
	return frame + 56 - 8;
}

static void pend(unsigned int bits)
{
	m->bytes[variables() - OPEN_AT - GOMEMORY_BASE] = bits;
}

/* The frames' return addresses, each behind the calls that the tests plant. */
static void make_stack(void)
{
	static const unsigned int inner[] = { LOCK, INNER, HOLD };
	__u64 sp = g.sp;

	for (size_t i = 0; i < 3; i++) {
		gomemory_put(m, has_link() ? sp : sp + 24, CODE(inner[i]) + 24);
		sp += has_link() ? 24 : 32;
	}
	frame = sp;
	gomemory_put(m, has_link() ? sp : sp + 56, CODE(GOEXIT) + 4);
}

static void begin(unsigned int version, enum golang_arch made_for)
{
	char text[16];

	minor = version;
	arch = made_for;
	snprintf(text, sizeof(text), "go1.%u.1", minor);
	free(m);
	m = gomemory_new(minor, text);
	m->layout = layout_find(minor, arch);
	memcpy(functions, known, sizeof(functions));
	g = (struct goroutine){
		.address = gomemory_alloc(m, m->layout->g.size),
		.id = 5,
		.status = GOROUTINE_WAITING,
		.wait = GOROUTINE_MUTEX,
		.pc = CODE(PARK) + 8,
		.lo = gomemory_alloc(m, 1024),
		.nobjects = 1,
	};
	g.sp = g.lo + 256;
	g.hi = g.lo + 1024;
	make_stack();
	lock = gomemory_alloc(m, 32);
	gomemory_put32(m, lock, 1);
	closure = gomemory_alloc(m, 16);
	gomemory_put(m, closure, CODE(WRAP));
	gomemory_put(m, closure + 8, lock);
	g.objects[0].address = gomemory_alloc(m, 32) + 4;
	gomemory_put(m, variables() - SLOT_AT, closure);
	pend(1);
	call(WRAP, 16, UNLOCK);
}

static void setup(void)
{
	begin(24, GOLANG_AMD64);
}

static void teardown(void)
{
	free(m);
	m = NULL;
}

TestSuite(golang_unlock, .init = setup, .fini = teardown);

/* The semaphores, as distances from the lock: "4 8 12 ". */
static const char *found(void)
{
	static struct gotable made;
	static struct pclntab table;
	static char text[256];
	const struct gotable_kind kind = { .old = minor < 20, .quantum = has_link() ? 4 : 1 };
	struct program p = { .target = &m->target,
			     .layout = m->layout,
			     .table = &table,
			     .modules = { { .text = GOMEMORY_TEXT } } };
	struct unlock_reader *u;
	__u64 semaphores[UNLOCK_MAX];
	size_t n, len = 0;

	gotable_make(&kind, functions, FUNCTIONS, &made);
	cr_assert_eq(pclntab_open(made.bytes, made.n, &table), 0);
	p.gofunc = (struct pclntab_bytes){ made.bytes + made.gofunc, made.n - made.gofunc };
	u = unlock_new(&p, WRAPPER);
	cr_assert(u);
	n = unlock_find(u, &g, semaphores);
	text[0] = '\0';
	for (size_t i = 0; i < n; i++)
		len += snprintf(text + len, sizeof(text) - len, "%lld ",
				(long long)(semaphores[i] - lock));
	unlock_free(u);
	return text;
}

Test(golang_unlock, a_deferred_unlock)
{
	static const struct {
		unsigned int minor;
		enum golang_arch arch;
	} rows[] = { { 24, GOLANG_AMD64 },
		     { 27, GOLANG_AMD64 },
		     { 22, GOLANG_ARM64 },
		     { 27, GOLANG_ARM64 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin(rows[i].minor, rows[i].arch);
		cr_expect_str_eq(found(), "4 ", "1.%u, %d: %s", rows[i].minor, rows[i].arch,
				 found());
		pend(0);
		cr_expect_str_eq(found(), "");
	}
}

Test(golang_unlock, slots_of_old_versions)
{
	static const __u8 open[] = { OPEN_AT, 2, SLOT_AT - 8, SLOT_AT };

	begin(19, GOLANG_AMD64);
	memcpy(functions[HOLD].open, open, sizeof(open));
	cr_expect_str_eq(found(), "4 ");
	pend(2); /* the other one */
	cr_expect_str_eq(found(), "");
	gomemory_put(m, variables() - SLOT_AT + 8, closure);
	cr_expect_str_eq(found(), "4 ");
}

Test(golang_unlock, an_rwmutex_has_three_semaphores)
{
	call(WRAP, 16, RUNLOCK);
	cr_expect_str_eq(found(), "", "nobody has locked it");
	gomemory_put32(m, lock + m->layout->rwmutex.reader_count, 1);
	cr_expect_str_eq(found(), "4 8 12 ");
}

Test(golang_unlock, what_is_none)
{
	gomemory_put32(m, lock, 8); /* somebody waits, but it is not locked */
	cr_expect_str_eq(found(), "");
	setup();
	functions[WRAP].id = 0; /* a function of the program: it may do anything */
	cr_expect_str_eq(found(), "");
	setup();
	call(WRAP, 16, OTHER);
	cr_expect_str_eq(found(), "");
	setup();
	gomemory_put(m, closure, CODE(WRAP) + 1); /* where no function begins */
	cr_expect_str_eq(found(), "");
	setup();
	gomemory_put(m, closure + 8, GOMEMORY_WILD);
	cr_expect_str_eq(found(), "");
	setup();
	gomemory_put(m, variables() - SLOT_AT, GOMEMORY_WILD);
	cr_expect_str_eq(found(), "");
	setup();
	functions[HOLD].open[1] = 0x80; /* an offset without an end */
	cr_expect_str_eq(found(), "");
	setup();
	g.status = GOROUTINE_RUNNABLE;
	cr_expect_str_eq(found(), "");
}

/* Calls in HOLD, which is at 23 now. */
Test(golang_unlock, unlocked_for_a_while)
{
	call(HOLD, 4, UNLOCK); /* in line 10, and it is in 11 */
	cr_expect_str_eq(found(), "");
	setup();
	call(HOLD, 40, UNLOCK); /* in line 12 */
	cr_expect_str_eq(found(), "4 ");
	setup();
	call(HOLD, 17, UNLOCK); /* in the same line: who knows */
	cr_expect_str_eq(found(), "");
	setup();
	call(INNER, 4, UNLOCK);
	cr_expect_str_eq(found(), "");
	setup();
	functions[INNER].name = "sync.(*Cond).Wait";
	cr_expect_str_eq(found(), "");
	setup();
	call(HOLD, 4, OTHER);
	cr_expect_str_eq(found(), "4 ", "it does something else");
	call(OTHER, 8, UNLOCK);
	cr_expect_str_eq(found(), "", "it does nothing but unlock");
	call(OTHER, 16, LOCK);
	cr_expect_str_eq(found(), "4 ", "it locks as well");
	setup();
	call(HOLD, has_link() ? 20 : 19, INNER); /* the call that is under way */
	call(INNER, 40, UNLOCK);
	functions[INNER].line[0] = (struct gotable_run){ 32, 20 };
	functions[INNER].line[1] = (struct gotable_run){ 32, 21 };
	cr_expect_str_eq(found(), "4 ");
	setup();
	functions[HOLD].size = 128 << 10; /* more code than is read */
	cr_expect_str_eq(found(), "");
}

Test(golang_unlock, its_own_lock)
{
	g.objects[0].address = lock + 4;
	cr_expect_str_eq(found(), "4 ", "another function locks it once more");
	functions[INNER].name = "sync.(*Mutex).Lock";
	cr_expect_str_eq(found(), "", "it may stand before the lock that it deferred to unlock");
	g.objects[0].address = lock + 8;
	cr_expect_str_eq(found(), "4 ", "that was another lock");
}

Test(golang_unlock, records)
{
	const struct golang_deferred *l = &m->layout->deferred;
	const __u64 first = gomemory_alloc(m, l->size), second = gomemory_alloc(m, l->size);

	pend(0);
	gomemory_put(m, g.address + m->layout->g.defer, first);
	gomemory_put(m, first + l->link, second);
	gomemory_put(m, second + l->fn, closure);
	gomemory_put(m, second + l->sp, frame);
	cr_expect_str_eq(found(), "4 ");
	gomemory_put(m, second + l->link, first); /* without an end, as many as fit are told */
	cr_expect_eq(strlen(found()), 2 * UNLOCK_MAX);
	gomemory_put(m, second + l->sp, frame + 8); /* of no frame */
	cr_expect_str_eq(found(), "");
}
