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
	[WRAP] = { "main.hold.deferwrap1", "m.go", 64, .frame = { { 64, 24 } },
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
static size_t code;		   /* bytes of it that can be read */

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
	functions[WRAP].id = m->layout->funcid.wrapper;
	code = GOMEMORY_SIZE;
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
	gomemory_put(m, g.address + m->layout->g.sched_sp, g.sp);
	gomemory_put(m, g.address + m->layout->g.stack_lo, g.lo);
	call(WRAP, 16, UNLOCK);
	call(HOLD, 0, LOCK); /* in line 10 */
	call(INNER, has_link() ? 20 : 19, LOCK);
	call(HOLD, has_link() ? 20 : 19, INNER);
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

/* The semaphores, as distances from the lock, and how many may have it if not one: "4 8*2 12*2 ".
 * What is doubtful is told by doubted(). */
static const char *told(bool doubtful)
{
	static struct gotable made;
	static struct pclntab table;
	static char text[256];
	const struct gotable_kind kind = { .old = minor < 20, .quantum = has_link() ? 4 : 1 };
	struct program p = { .target = &m->target,
			     .layout = m->layout,
			     .modules = { { .text = GOMEMORY_TEXT,
					    .etext = GOMEMORY_RODATA,
					    .table = &table,
					    .text_bytes = { m->bytes, code } } },
			     .nmodules = 1 };
	struct unlock_reader *u;
	struct unlock unlocks[UNLOCK_MAX];
	size_t n, len = 0;

	gotable_make(&kind, functions, FUNCTIONS, &made);
	cr_assert_eq(pclntab_open(made.bytes, made.n, &table), 0);
	p.modules[0].gofunc_bytes =
		(struct pclntab_bytes){ made.bytes + made.gofunc, made.n - made.gofunc };
	u = unlock_new(&p);
	cr_assert(u);
	n = unlock_find(u, &g, unlocks);
	text[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		char most[16] = "";

		if (unlocks[i].doubtful != doubtful)
			continue;
		if (unlocks[i].most != 1)
			snprintf(most, sizeof(most), "*%u", unlocks[i].most);
		len += snprintf(text + len, sizeof(text) - len, "%lld%s ",
				(long long)(unlocks[i].semaphore - lock), most);
	}
	unlock_free(u);
	return text;
}

static const char *found(void)
{
	return told(false);
}

static const char *doubted(void)
{
	return told(true);
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
	pend(2); /* another one */
	cr_expect_str_eq(found(), "");
	gomemory_put(m, variables() - SLOT_AT + 8, closure);
	cr_expect_str_eq(found(), "4 ");
}

Test(golang_unlock, an_rwmutex_has_three_semaphores)
{
	const __u64 readers = lock + m->layout->rwmutex.reader_count;
	const __u64 wait = lock + m->layout->rwmutex.reader_wait;

	call(WRAP, 16, RUNLOCK);
	cr_expect_str_eq(found(), "", "nobody has locked it");
	gomemory_put32(m, readers, 1);
	cr_expect_str_eq(found(), "4 8 12 ");
	gomemory_put32(m, readers, 3);
	cr_expect_str_eq(found(), "4*3 8*3 12*3 ");
	gomemory_put32(m, readers, -(1 << 30));
	cr_expect_str_eq(found(), "", "a writer has it");
	gomemory_put32(m, wait, 1);
	cr_expect_str_eq(found(), "4 8 12 ", "a writer waits for it");
	functions[RUNLOCK].name = "sync.(*RWMutex).Unlock";
	cr_expect_str_eq(found(), "");
	gomemory_put32(m, wait, 0);
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
	memset(functions[HOLD].open, 0x80,
	       sizeof(functions[HOLD].open)); /* numbers without an end */
	cr_expect_str_eq(found(), "");
	setup();
	gomemory_put(m, g.address + m->layout->g.stack_lo, 0); /* it was moved */
	cr_expect_str_eq(found(), "");
	setup();
	g.status = GOROUTINE_RUNNING;
	cr_expect_str_eq(found(), "");
}

/* Calls in HOLD, which is at 24, in line 11; lines 10 and 12 are before and behind that. */
Test(golang_unlock, unlocked_for_a_while)
{
	call(HOLD, 8, UNLOCK);
	cr_expect_str_eq(found(), "");
	cr_expect_str_eq(doubted(), "4 ");
	setup();
	call(HOLD, 40, UNLOCK); /* perhaps in a loop */
	cr_expect_str_eq(found(), "");
	setup();
	call(INNER, 40, UNLOCK); /* in the same line: who knows */
	cr_expect_str_eq(found(), "");
	functions[INNER].line[0] = (struct gotable_run){ 32, 20 };
	functions[INNER].line[1] = (struct gotable_run){ 32, 21 };
	cr_expect_str_eq(found(), "4 ", "it stands behind");
	functions[INNER].name = "main.hold.func1";
	cr_expect_str_eq(found(), "", "a body that may run again");
	setup();
	functions[INNER].name = "sync.(*Cond).Wait";
	cr_expect_str_eq(found(), "");
	setup();
	code = 64; /* not that of HOLD */
	cr_expect_str_eq(found(), "");
}

Test(golang_unlock, unlocked_by_a_helper)
{
	call(HOLD, 8, OTHER);
	cr_expect_str_eq(found(), "4 ", "it does something else");
	call(OTHER, 8, UNLOCK);
	cr_expect_str_eq(found(), "", "it only unlocks");
	call(OTHER, 16, LOCK);
	cr_expect_str_eq(found(), "4 ", "it locks as well");
	call(OTHER, 24, UNLOCK);
	cr_expect_str_eq(found(), "", "it unlocks more than it locks");
	setup();
	functions[OTHER].name = "runtime.other";
	call(HOLD, 8, OTHER);
	call(OTHER, 8, UNLOCK);
	cr_expect_str_eq(found(), "4 ", "the runtime's own");
}

/* HOLD calls OTHER, which calls RUNLOCK, which is another function here. */
Test(golang_unlock, unlocked_by_a_helpers_helper)
{
	functions[RUNLOCK].name = "main.another";
	call(HOLD, 8, OTHER);
	call(OTHER, 8, RUNLOCK);
	cr_expect_str_eq(found(), "4 ");
	call(RUNLOCK, 8, UNLOCK);
	cr_expect_str_eq(found(), "", "it only unlocks");
	call(RUNLOCK, 16, LOCK);
	call(RUNLOCK, 24, UNLOCK);
	cr_expect_str_eq(found(), "4 ", "two ways out of it are no sign");
}

/* LEA and what it takes the address of: a closure of OTHER's that only unlocks. */
Test(golang_unlock, unlocked_by_a_helpers_closure)
{
	const __u64 at = CODE(OTHER) + 8;

	functions[RUNLOCK].name = "main.other.deferwrap1";
	call(HOLD, 8, OTHER);
	call(RUNLOCK, 8, UNLOCK);
	gomemory_put32(m, at, 0x058d48);
	gomemory_put32(m, at + 3, (__u32)(CODE(RUNLOCK) - (at + 7)));
	cr_expect_str_eq(found(), "");
	call(OTHER, 24, LOCK);
	cr_expect_str_eq(found(), "4 ");
	functions[RUNLOCK].name = "main.another";
	cr_expect_str_eq(found(), "4 ", "no closure of it");
}

Test(golang_unlock, locked_at_all)
{
	call(HOLD, 0, OTHER);
	cr_expect_str_eq(found(), "", "nothing before that locks");
	call(OTHER, 8, LOCK);
	cr_expect_str_eq(found(), "4 ", "a helper does");
	call(OTHER, 16, UNLOCK);
	cr_expect_str_eq(found(), "", "it unlocks as well");
	call(HOLD, 40, LOCK);
	cr_expect_str_eq(found(), "", "that stands behind");
	setup();
	gomemory_put(m, variables() - SLOT_AT + 8, closure);
	pend(3);
	cr_expect_str_eq(found(), "", "two are pending, and one locks");
	call(HOLD, 8, LOCK);
	cr_expect_str_eq(found(), "4 4 ");
}

Test(golang_unlock, locked_by_its_name)
{
	functions[INNER].id = m->layout->funcid.wrapper; /* as those that call an embedded lock */
	cr_expect_str_eq(found(), "4 ", "by a wrapper, which HOLD calls by its name");
	memset(m->bytes + CODE(HOLD) + 16 - GOMEMORY_BASE, 0x90, 8); /* as CALL AX */
	cr_expect_str_eq(found(), "", "by a wrapper, as an interface");
	functions[INNER].id = 0;
	cr_expect_str_eq(found(), "4 ");
	memset(m->bytes + CODE(INNER) + 16 - GOMEMORY_BASE, 0x90, 8);
	cr_expect_str_eq(found(), "");
	m->bytes[CODE(INNER) + 19 - GOMEMORY_BASE] = 0xe8; /* to nowhere */
	cr_expect_str_eq(found(), "");
}

Test(golang_unlock, more_than_an_unlock)
{
	/* a helper is inlined: what it was given need not be the lock */
	functions[WRAP].inlined[0] = (struct gotable_run){ 16, -1 };
	functions[WRAP].inlined[1] = (struct gotable_run){ 48, 0 };
	functions[WRAP].tree[0] = (struct gotable_node){ "main.helper", 8, 1 };
	cr_expect_str_eq(found(), "");
	functions[WRAP].tree[0].name = "sync.(*Mutex).Unlock";
	cr_expect_str_eq(found(), "4 ");
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
	cr_expect_str_eq(found(), "", "more than were locked");
	cr_expect_eq(strlen(doubted()), 2 * UNLOCK_MAX);
	gomemory_put(m, second + l->sp, frame + 8); /* of no frame */
	cr_expect_str_eq(found(), "");
}
