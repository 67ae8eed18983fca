// SPDX-License-Identifier: GPL-2.0-only
/* test_golang_unlock.c - which locks a goroutine is to unlock, by tables and code made by hand
 *
 * tests/go/patterns asks programs of the compiler's own. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "golang/unlock.h"
#include "lock_case.h"

static struct gotable_function *const functions = lock_case.functions;
static struct gomemory *m;
static struct lock_case_owner o;

static void begin(unsigned int minor, enum golang_arch arch)
{
	lock_case_make(minor, arch);
	m = lock_case.m;
	o = lock_case_owner(5);
}

static void setup(void)
{
	begin(24, GOLANG_AMD64);
}

static void pend(unsigned int bits)
{
	lock_case_pend(&o, bits);
}

TestSuite(golang_unlock, .init = setup, .fini = lock_case_free);

/* The semaphores, as distances from the lock, and how many may have it if not one: "4 8*2 12*2 ".
 * What is doubtful is told by doubted(). */
static const char *told(bool doubtful)
{
	static char text[256];
	struct unlock_reader *u;
	struct unlock unlocks[UNLOCK_MAX];
	size_t n = 0, len = 0;

	u = unlock_new(lock_case_program());
	cr_assert(u);
	snprintf(text, sizeof(text), unlock_find(u, &o.g, unlocks, &n) ? "" : "not known");
	for (size_t i = 0; i < n; i++) {
		char most[16] = "";

		if (unlocks[i].doubtful != doubtful)
			continue;
		if (unlocks[i].most != 1)
			snprintf(most, sizeof(most), "*%u", unlocks[i].most);
		len += snprintf(text + len, sizeof(text) - len, "%lld%s ",
				(long long)(unlocks[i].semaphore - o.lock), most);
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
	gomemory_put(m, lock_case_variables(&o) - SLOT_AT + 8, o.closure);
	cr_expect_str_eq(found(), "4 ");
}

Test(golang_unlock, an_rwmutex_has_three_semaphores)
{
	const __u64 readers = o.lock + m->layout->rwmutex.reader_count;
	const __u64 wait = o.lock + m->layout->rwmutex.reader_wait;

	lock_case_call(WRAP, 16, RUNLOCK);
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
	gomemory_put32(m, o.lock, 8); /* somebody waits, but it is not locked */
	cr_expect_str_eq(found(), "");
	setup();
	functions[WRAP].id = 0; /* a function of the program: it may do anything */
	cr_expect_str_eq(found(), "");
	setup();
	lock_case_call(WRAP, 16, OTHER);
	cr_expect_str_eq(found(), "");
	setup();
	gomemory_put(m, o.closure, CODE(WRAP) + 1); /* where no function begins */
	cr_expect_str_eq(found(), "");
	setup();
	gomemory_put(m, o.closure + 8, GOMEMORY_WILD);
	cr_expect_str_eq(found(), "");
	setup();
	gomemory_put(m, lock_case_variables(&o) - SLOT_AT, GOMEMORY_WILD);
	cr_expect_str_eq(found(), "");
	setup();
	memset(functions[HOLD].open, 0x80,
	       sizeof(functions[HOLD].open)); /* numbers without an end */
	cr_expect_str_eq(found(), "");
	setup();
	gomemory_put(m, o.g.address + m->layout->g.stack_lo, 0); /* it was moved */
	cr_expect_str_eq(found(), "not known");
	setup();
	o.g.status = GOROUTINE_RUNNING;
	cr_expect_str_eq(found(), "not known");
}

/* Calls in HOLD, which is at 24, in line 11; lines 10 and 12 are before and behind that. */
Test(golang_unlock, unlocked_for_a_while)
{
	lock_case_call(HOLD, 8, UNLOCK);
	cr_expect_str_eq(found(), "");
	cr_expect_str_eq(doubted(), "4 ");
	setup();
	lock_case_call(HOLD, 40, UNLOCK); /* perhaps in a loop */
	cr_expect_str_eq(found(), "");
	setup();
	lock_case_call(INNER, 40, UNLOCK); /* in the same line: who knows */
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
	lock_case.code = 64; /* not that of HOLD */
	cr_expect_str_eq(found(), "");
}

Test(golang_unlock, unlocked_by_a_helper)
{
	lock_case_call(HOLD, 8, OTHER);
	cr_expect_str_eq(found(), "4 ", "it does something else");
	lock_case_call(OTHER, 8, UNLOCK);
	cr_expect_str_eq(found(), "", "it only unlocks");
	lock_case_call(OTHER, 16, LOCK);
	cr_expect_str_eq(found(), "4 ", "it locks as well");
	lock_case_call(OTHER, 24, UNLOCK);
	cr_expect_str_eq(found(), "", "it unlocks more than it locks");
	setup();
	functions[OTHER].name = "runtime.other";
	lock_case_call(HOLD, 8, OTHER);
	lock_case_call(OTHER, 8, UNLOCK);
	cr_expect_str_eq(found(), "4 ", "the runtime's own");
}

/* HOLD calls OTHER, which calls RUNLOCK, which is another function here. */
Test(golang_unlock, unlocked_by_a_helpers_helper)
{
	functions[RUNLOCK].name = "main.another";
	lock_case_call(HOLD, 8, OTHER);
	lock_case_call(OTHER, 8, RUNLOCK);
	cr_expect_str_eq(found(), "4 ");
	lock_case_call(RUNLOCK, 8, UNLOCK);
	cr_expect_str_eq(found(), "", "it only unlocks");
	lock_case_call(RUNLOCK, 16, LOCK);
	lock_case_call(RUNLOCK, 24, UNLOCK);
	cr_expect_str_eq(found(), "4 ", "two ways out of it are no sign");
}

/* LEA and what it takes the address of: a closure of OTHER's that only unlocks. */
Test(golang_unlock, unlocked_by_a_helpers_closure)
{
	const __u64 at = CODE(OTHER) + 8;

	functions[RUNLOCK].name = "main.other.deferwrap1";
	lock_case_call(HOLD, 8, OTHER);
	lock_case_call(RUNLOCK, 8, UNLOCK);
	gomemory_put32(m, at, 0x058d48);
	gomemory_put32(m, at + 3, (__u32)(CODE(RUNLOCK) - (at + 7)));
	cr_expect_str_eq(found(), "");
	lock_case_call(OTHER, 24, LOCK);
	cr_expect_str_eq(found(), "4 ");
	functions[RUNLOCK].name = "main.another";
	cr_expect_str_eq(found(), "4 ", "no closure of it");
}

Test(golang_unlock, locked_at_all)
{
	lock_case_call(HOLD, 0, OTHER);
	cr_expect_str_eq(found(), "", "nothing before that locks");
	lock_case_call(OTHER, 8, LOCK);
	cr_expect_str_eq(found(), "4 ", "a helper does");
	lock_case_call(OTHER, 16, UNLOCK);
	cr_expect_str_eq(found(), "", "it unlocks as well");
	lock_case_call(HOLD, 40, LOCK);
	cr_expect_str_eq(found(), "", "that stands behind");
	setup();
	gomemory_put(m, lock_case_variables(&o) - SLOT_AT + 8, o.closure);
	pend(3);
	cr_expect_str_eq(found(), "", "two are pending, and one locks");
	lock_case_call(HOLD, 8, LOCK);
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
	gomemory_put(m, o.g.address + m->layout->g.defer, first);
	gomemory_put(m, first + l->link, second);
	gomemory_put(m, second + l->fn, o.closure);
	gomemory_put(m, second + l->sp, o.frame);
	cr_expect_str_eq(found(), "4 ");
	gomemory_put(m, second + l->link, first); /* without an end, as many as fit are told */
	cr_expect_str_eq(found(), "not known", "more than can be told");
	gomemory_put(m, second + l->sp, o.frame + 8); /* of no frame */
	cr_expect_str_eq(found(), "not known", "without an end");
	gomemory_put(m, second + l->link, 0);
	cr_expect_str_eq(found(), "");
	gomemory_put(m, second + l->link, GOMEMORY_WILD);
	cr_expect_str_eq(found(), "not known");
}

Test(golang_unlock, calls_that_are_not_all_known)
{
	gomemory_put(m, o.frame + 56, GOMEMORY_WILD); /* who called HOLD? */
	cr_expect_str_eq(found(), "not known");
}
