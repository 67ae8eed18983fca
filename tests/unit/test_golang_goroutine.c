// SPDX-License-Identifier: GPL-2.0-only
/* test_golang_goroutine.c - what goroutines wait on, in memory that was made by hand and is hostile
 *
 * tests/go/look.sh compares with what real programs say. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "golang/allgs.h"
#include "gomemory.h"

#define SEMAPHORE 0x40010u

static struct gomemory *made(unsigned int minor)
{
	static const char *const versions[] = { [19] = "go1.19", [25] = "go1.25", [27] = "go1.27" };

	return gomemory_new(minor, versions[minor]);
}

static struct goroutine read_and_free(struct gomemory *m, __u64 id)
{
	const struct goroutine ret = gomemory_read(m, id);

	free(m);
	return ret;
}

/* ---- what a g says ---- */

Test(golang_goroutine, what_it_is)
{
	struct gomemory *m = made(27);
	const struct golang_g *l = &m->layout->g;
	const __u64 at = gomemory_g(m, 1234, "sleep");
	struct goroutine g;

	gomemory_put(m, at + l->parent_goid, 77);
	gomemory_put(m, at + l->gopc, 0x11111);
	gomemory_put(m, at + l->startpc, 0x11112);
	gomemory_put(m, at + l->waitsince, 99);
	gomemory_put(m, at + l->lockedm, 1);
	gomemory_put32(m, at + l->atomicstatus, m->layout->status.waiting | m->layout->status.scan);
	g = read_and_free(m, 1234);
	cr_assert_eq(g.address, at);
	cr_assert_eq(g.parent, 77);
	cr_assert_eq(g.gopc, 0x11111);
	cr_assert_eq(g.startpc, 0x11112);
	cr_assert_eq(g.wait_since, 99);
	cr_assert_eq(g.status, GOROUTINE_WAITING);
	cr_assert_eq(g.wait, GOROUTINE_SLEEP);
	cr_assert_str_eq(g.reason, "sleep");
	cr_assert_eq(g.sp, g.lo + 256);
	cr_assert_eq(g.hi, g.lo + 1024);
	cr_assert(g.locked && !g.torn && !g.system && !g.nobjects);
}

/* Up to 1.19 such a one kept the reason for which it waited before. */
Test(golang_goroutine, who_stops_the_world_does_not_wait)
{
	struct gomemory *m = made(19);
	const __u64 at = gomemory_g(m, 7, "select");

	gomemory_put(m, at + m->layout->g.m, 0x4711000);
	cr_expect_eq(read_and_free(m, 7).wait, GOROUTINE_OTHER);
}

Test(golang_goroutine, a_system_call_has_registers_of_its_own)
{
	struct gomemory *m = made(19);
	const struct golang_g *l = &m->layout->g;
	const __u64 at = gomemory_g(m, 5, "select");
	struct goroutine g;

	gomemory_put32(m, at + l->atomicstatus, m->layout->status.syscall);
	gomemory_put(m, at + l->syscallpc, 0x12345);
	gomemory_put(m, at + l->syscallsp, 0x60000);
	g = read_and_free(m, 5);
	cr_assert_eq(g.status, GOROUTINE_SYSCALL);
	cr_assert_eq(g.wait, GOROUTINE_NO_WAIT);
	cr_assert_null(g.reason);
	cr_assert_eq(g.pc, 0x12345);
	cr_assert_eq(g.sp, 0x60000);
	cr_assert_eq(g.parent, 0);
}

Test(golang_goroutine, reasons_have_their_classes_in_each_version)
{
	static const struct {
		const char *reason;
		unsigned int minor;
		enum goroutine_wait wait;
	} known[] = {
		{ "chan receive (nil chan)", 19, GOROUTINE_NIL_RECEIVE },
		{ "chan receive (nil chan)", 27, GOROUTINE_NIL_RECEIVE },
		{ "chan send (nil chan)", 27, GOROUTINE_NIL_SEND },
		{ "select (no cases)", 19, GOROUTINE_NO_CASES },
		{ "select (no cases)", 27, GOROUTINE_NO_CASES },
		{ "semacquire", 19, GOROUTINE_SEMAPHORE },
		{ "semacquire", 27, GOROUTINE_SEMAPHORE },
		{ "sync.Mutex.Lock", 25, GOROUTINE_MUTEX },
		{ "sync.WaitGroup.Wait (durable)", 25, GOROUTINE_WAIT_GROUP },
		{ "IO wait", 19, GOROUTINE_IO },
		{ "coroutine", 27, GOROUTINE_OTHER },
		{ "GC worker (idle)", 27, GOROUTINE_OTHER },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct gomemory *m = made(known[i].minor);
		struct goroutine g;

		gomemory_g(m, 9, known[i].reason);
		g = gomemory_read(m, 9);
		cr_expect_str_eq(g.reason, known[i].reason);
		cr_expect_eq(g.wait, known[i].wait, "%s", known[i].reason);
		free(m);
	}
}

Test(golang_goroutine, an_unknown_reason_is_none)
{
	struct gomemory *m = made(27);
	const __u64 at = gomemory_g(m, 9, "sleep");
	struct goroutine g;

	m->bytes[at + m->layout->g.waitreason - GOMEMORY_BASE] = 200;
	g = read_and_free(m, 9);
	cr_assert_null(g.reason);
	cr_assert_eq(g.wait, GOROUTINE_OTHER);
}

Test(golang_goroutine, the_dead_are_left_out)
{
	struct gomemory *m = made(27);
	const __s32 status = m->layout->g.atomicstatus;
	struct goroutine g[8];
	struct program p;
	const char *why;
	size_t n;
	__u64 count;

	gomemory_put32(m, gomemory_g(m, 2, "sleep") + status, m->layout->status.dead);
	gomemory_put32(m, gomemory_g(m, 3, "sleep") + status, m->layout->status.deadextra);
	gomemory_put32(m, gomemory_g(m, 4, "sleep") + status, m->layout->status.leaked);
	cr_assert(!gomemory_find(m, &p, &why));
	cr_assert(!allgs_count(&p, &count));
	cr_assert_eq(count, 4);
	cr_assert(!goroutine_read(&p, 0, 8, g, &n));
	cr_assert_eq(n, 2);
	cr_assert_eq(g[0].status, GOROUTINE_RUNNING);
	cr_assert_eq(g[0].pc, 0);
	cr_assert_eq(g[1].status, GOROUTINE_LEAKED);
	cr_assert_eq(g[1].wait, GOROUTINE_SLEEP);
	cr_assert(!goroutine_read(&p, 3, 1, g, &n));
	cr_assert_eq(n, 1);
	cr_assert(!goroutine_read(&p, 4, 8, g, &n));
	cr_assert_eq(n, 0);
	free(m);
}

/* ---- channels ---- */

Test(golang_goroutine, a_channel)
{
	struct gomemory *m = made(27);
	const __u64 at = gomemory_g(m, 6, "chan send"), c = gomemory_channel(m, 3, 3);
	struct goroutine g;

	gomemory_sudog(m, at, c, 0);
	gomemory_put32(m, c + m->layout->hchan.closed, 1);
	gomemory_put(m, c + m->layout->hchan.timer, 0x1234);
	g = read_and_free(m, 6);
	cr_assert_eq(g.nobjects, 1);
	cr_assert_eq(g.objects[0].address, c);
	cr_assert_eq(g.objects[0].count, 3);
	cr_assert_eq(g.objects[0].capacity, 3);
	cr_assert(g.objects[0].channel && g.objects[0].send && g.objects[0].closed);
	cr_assert(g.objects[0].timer && !g.torn);
}

Test(golang_goroutine, a_timer_that_is_set)
{
	static const __u64 whens[] = { 1ull << 40, 0 };

	for (size_t i = 0; i < 2; i++) {
		struct gomemory *m = made(27);
		const __u64 at = gomemory_g(m, 6, "chan receive");
		const __u64 c = gomemory_channel(m, 0, 1);
		const __u64 timer = gomemory_alloc(m, m->layout->timer.size);

		gomemory_sudog(m, at, c, 0);
		gomemory_put(m, c + m->layout->hchan.timer, timer);
		gomemory_put(m, timer + m->layout->timer.when, whens[i]);
		cr_expect_eq(read_and_free(m, 6).objects[0].timer, whens[i] != 0);
	}
}

/* A select with so many cases, alternately to receive and to send. */
static void selecting(struct gomemory *m, __u64 g, unsigned int cases)
{
	const struct golang_hchan *l = &m->layout->hchan;
	__u64 before = 0;

	for (unsigned int i = 0; i < cases; i++) {
		const __u64 c = gomemory_channel(m, 0, 0), s = gomemory_sudog(m, g, c, 0);

		gomemory_put(m, c + (i % 2 ? l->sendq_first : l->recvq_first), s);
		if (before)
			gomemory_put(m, before + m->layout->sudog.waitlink, s);
		before = s;
	}
}

Test(golang_goroutine, a_select)
{
	struct gomemory *m = made(19);
	struct goroutine g;

	selecting(m, gomemory_g(m, 6, "select"), 3);
	g = read_and_free(m, 6);
	cr_assert_eq(g.nobjects, 3);
	cr_assert(!g.objects[0].send && g.objects[1].send && !g.objects[2].send && !g.torn);
}

Test(golang_goroutine, a_select_with_many_cases_says_so)
{
	struct gomemory *m = made(27);
	struct goroutine g;

	selecting(m, gomemory_g(m, 6, "select"), GOROUTINE_OBJECTS_MAX);
	g = gomemory_read(m, 6);
	cr_assert_eq(g.nobjects, GOROUTINE_OBJECTS_MAX);
	selecting(m, gomemory_g(m, 7, "select"), 100);
	g = read_and_free(m, 7);
	cr_assert_gt(g.nobjects, GOROUTINE_OBJECTS_MAX);
	cr_assert_not(g.torn);
}

Test(golang_goroutine, cases_in_a_circle_end)
{
	struct gomemory *m = made(27);
	const __u64 at = gomemory_g(m, 6, "select");
	const __u64 s = gomemory_sudog(m, at, gomemory_channel(m, 0, 0), 0);
	struct goroutine g;

	gomemory_put(m, s + m->layout->sudog.waitlink, s);
	g = read_and_free(m, 6);
	cr_assert_gt(g.nobjects, GOROUTINE_OBJECTS_MAX);
}

Test(golang_goroutine, what_does_not_fit_is_torn)
{
	struct gomemory *m = made(27);
	const __u64 c = gomemory_channel(m, 0, 0), of_another = gomemory_g(m, 99, "sleep");
	const __s32 waiting = m->layout->g.waiting;
	__u64 at;

	gomemory_g(m, 2, "chan receive");      /* no sudog */
	at = gomemory_g(m, 3, "chan receive"); /* another's */
	gomemory_put(m, at + waiting, gomemory_sudog(m, of_another, c, 0));
	at = gomemory_g(m, 4, "chan receive"); /* one that leads nowhere */
	gomemory_put(m, at + waiting, GOMEMORY_WILD);
	at = gomemory_g(m, 5, "chan receive"); /* a channel that leads nowhere */
	gomemory_sudog(m, at, GOMEMORY_WILD, 0);
	at = gomemory_g(m, 6, "select"); /* a case without channel */
	gomemory_sudog(m, at, 0, 8);
	at = gomemory_g(m, 7, "chan receive"); /* fuller than it can be */
	gomemory_sudog(m, at, gomemory_channel(m, 4, 3), 0);
	at = gomemory_g(m, 8, "sync.Mutex.Lock"); /* a channel instead of a semaphore */
	gomemory_sudog(m, at, c, 8);
	for (__u64 id = 2; id <= 8; id++)
		cr_expect(gomemory_read(m, id).torn, "%llu", (unsigned long long)id);
	cr_expect_not(gomemory_read(m, 99).torn);
	free(m);
}

/* ---- semaphores and Conds ---- */

Test(golang_goroutine, a_semaphore_is_noted_since_26)
{
	struct gomemory *m = made(27);
	const __u64 at = gomemory_g(m, 6, "sync.RWMutex.RLock");
	const __u64 s = gomemory_sudog(m, at, 0, SEMAPHORE);
	struct goroutine g;

	gomemory_put(m, s + m->layout->sudog.waitlink, s); /* waiters, and no cases */
	g = read_and_free(m, 6);
	cr_assert_eq(g.wait, GOROUTINE_RWMUTEX_READ);
	cr_assert_eq(g.nobjects, 1);
	cr_assert_eq(g.objects[0].address, SEMAPHORE);
	cr_assert_not(g.objects[0].channel);
	cr_assert_eq(g.sudog, s);
}

/* A goroutine with its sudog on the stack only. */
static __u64 on_stack(struct gomemory *m, __u64 id, const char *reason, __u64 word)
{
	const __u64 at = gomemory_g(m, id, reason);
	const __u64 sp = at + ((m->layout->g.size + 15) & ~15) + 256;

	gomemory_put(m, sp, at);		     /* a g is no sudog */
	gomemory_put(m, sp + 8, GOMEMORY_WILD);	     /* nor is what is not there, */
	gomemory_put(m, sp + 16, sp + 64);	     /* and what is on the stack itself */
	gomemory_put(m, sp + 24, GOMEMORY_TEXT + 8); /* or code */
	gomemory_put(m, sp + 200, word);
	return at;
}

Test(golang_goroutine, a_semaphore_is_found_by_the_stack_before)
{
	struct gomemory *m = made(25);
	const __u64 s = gomemory_alloc(m, 128), stale = gomemory_alloc(m, 128);
	const __u64 at = on_stack(m, 6, "sync.Mutex.Lock", s);
	const __u64 sp = at + ((m->layout->g.size + 15) & ~15) + 256;
	struct goroutine g;

	gomemory_put(m, sp + 32, stale); /* it waits no longer with that one */
	gomemory_put(m, stale + m->layout->sudog.g, at);
	gomemory_put(m, s + m->layout->sudog.g, at);
	gomemory_put(m, s + m->layout->sudog.elem, SEMAPHORE);
	g = gomemory_read(m, 6);
	cr_assert_eq(g.nobjects, 1);
	cr_assert_eq(g.objects[0].address, SEMAPHORE);
	cr_assert_eq(g.sudog, s);
	gomemory_put(m, s + m->layout->sudog.g, at + 16);
	g = read_and_free(m, 6);
	cr_assert_eq(g.nobjects, 0);
	cr_assert_not(g.torn);
}

/* A Cond, n sudogs on its list; the last one is g's. */
static __u64 make_list(struct gomemory *m, unsigned int n, __u64 g)
{
	const struct golang_notify_list *l = &m->layout->notify_list;
	const __u64 list = gomemory_alloc(m, 16 + l->size) + 16;
	__u64 s, before = 0;

	for (unsigned int i = 0; i < n; i++) {
		s = gomemory_alloc(m, m->layout->sudog.size);
		gomemory_put(m, s + m->layout->sudog.g, i == n - 1 ? g : GOMEMORY_WILD);
		gomemory_put32(m, s + m->layout->sudog.ticket, i);
		gomemory_put(m, before ? before + m->layout->sudog.next : list + l->head, s);
		before = s;
	}
	gomemory_put(m, list + l->tail, before);
	gomemory_put32(m, list + l->wait, n);
	return list;
}

Test(golang_goroutine, a_cond_is_found_by_its_list_before)
{
	struct gomemory *m = made(25);
	const __u64 at = on_stack(m, 6, "sync.Cond.Wait", 0);
	const __u64 sp = at + ((m->layout->g.size + 15) & ~15) + 256;
	const __u64 list = make_list(m, 20, at);
	struct goroutine g;

	gomemory_put(m, sp + 96, make_list(m, 3, at + 16) - 16); /* of others */
	gomemory_put(m, sp + 104, list - 16);
	g = gomemory_read(m, 6);
	cr_assert_eq(g.nobjects, 1);
	cr_assert_eq(g.objects[0].address, list);
	gomemory_put(m, sp + 104, list); /* the list itself */
	g = gomemory_read(m, 6);
	cr_assert_eq(g.objects[0].address, list);
	gomemory_put32(m, list + m->layout->notify_list.notify, 20); /* all were called */
	cr_assert_eq(gomemory_read(m, 6).nobjects, 0);
	free(m);
}

Test(golang_goroutine, a_list_in_a_circle_ends)
{
	struct gomemory *m = made(25);
	const struct golang_notify_list *l = &m->layout->notify_list;
	__u64 list, s;

	list = make_list(m, 1, GOMEMORY_WILD);
	s = m->heap - ((m->layout->sudog.size + 15) & ~15);
	gomemory_put(m, s + m->layout->sudog.next, s);
	gomemory_put32(m, list + l->wait, 1);
	on_stack(m, 6, "sync.Cond.Wait", list - 16);
	cr_assert_eq(gomemory_read(m, 6).nobjects, 0);
	cr_assert_lt(m->questions, 1500, "%u", m->questions);
	free(m);
}

Test(golang_goroutine, a_wild_stack_is_not_read)
{
	struct gomemory *m = made(25);
	const __u64 at = gomemory_g(m, 6, "sync.Mutex.Lock");
	const __u64 other = gomemory_g(m, 7, "sync.Cond.Wait");

	gomemory_put(m, at + m->layout->g.sched_sp, GOMEMORY_WILD);
	gomemory_put(m, other + m->layout->g.stack_lo, GOMEMORY_WILD);
	gomemory_put(m, other + m->layout->g.stack_hi, GOMEMORY_WILD + 0x1000);
	gomemory_put(m, other + m->layout->g.sched_sp, GOMEMORY_WILD + 8);
	cr_assert_eq(gomemory_read(m, 6).nobjects, 0);
	cr_assert_eq(gomemory_read(m, 7).nobjects, 0);
	free(m);
}

/* ---- what moves ---- */

static __u64 moving;

static void run_on(struct gomemory *m)
{
	gomemory_put(m, moving + m->layout->g.sched_sp, m->questions);
}

Test(golang_goroutine, who_runs_meanwhile_is_torn)
{
	struct gomemory *m = made(27);
	const __u64 at = gomemory_g(m, 6, "chan receive");

	moving = gomemory_g(m, 7, "sleep");
	gomemory_sudog(m, at, gomemory_channel(m, 0, 0), 0);
	m->then = run_on;
	cr_assert_not(gomemory_read(m, 6).torn);
	cr_assert(gomemory_read(m, 7).torn);
	cr_assert_eq(gomemory_read(m, 7).status, GOROUTINE_WAITING);
	free(m);
}

static void grow(struct gomemory *m)
{
	gomemory_put(m, GOMEMORY_ALLGS, GOMEMORY_LIST + 8 * (m->questions % 64));
}

Test(golang_goroutine, a_list_that_moves_on_and_on_is_given_up)
{
	struct gomemory *m = made(27);
	struct goroutine g[4];
	struct program p;
	const char *why;
	size_t n;

	gomemory_g(m, 2, "sleep");
	cr_assert(!gomemory_find(m, &p, &why));
	m->then = grow;
	cr_assert_eq(goroutine_read(&p, 0, 1, g, &n), -EAGAIN);
	free(m);
}

Test(golang_goroutine, a_forged_list_is_refused)
{
	struct gomemory *m = made(27);
	struct goroutine g[4];
	struct program p;
	const char *why;
	__u64 count;
	size_t n;

	cr_assert(!gomemory_find(m, &p, &why));
	gomemory_put(m, GOMEMORY_LIST + 8, GOMEMORY_WILD);
	gomemory_put(m, GOMEMORY_LIST + 16, GOMEMORY_HEAP + 64); /* no g */
	gomemory_put(m, GOMEMORY_ALLGS + 8, 3);
	cr_assert(!goroutine_read(&p, 0, 4, g, &n));
	cr_assert_eq(n, 3);
	cr_assert(g[1].torn && g[2].torn && !g[0].torn);
	gomemory_put(m, GOMEMORY_ALLGS + 8, 2000); /* more than have room */
	cr_assert_eq(allgs_count(&p, &count), -EINVAL);
	gomemory_put(m, GOMEMORY_ALLGS + 8, 1ull << 60);
	gomemory_put(m, GOMEMORY_ALLGS + 16, 1ull << 60);
	cr_assert_eq(allgs_count(&p, &count), -EINVAL);
	gomemory_put(m, GOMEMORY_ALLGS + 8, 3);
	gomemory_put(m, GOMEMORY_ALLGS, GOMEMORY_WILD);
	cr_assert_eq(goroutine_read(&p, 0, 4, g, &n), -EFAULT);
	p.allgs = GOMEMORY_WILD;
	cr_assert_eq(allgs_count(&p, &count), -EFAULT);
	free(m);
}
