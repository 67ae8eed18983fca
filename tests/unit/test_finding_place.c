// SPDX-License-Identifier: GPL-2.0-only
/* test_finding_place.c - places tell findings apart; what a stack says decides nothing else. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "analyze/confirm.h"
#include "fixture.h"
#include "stacked.h"

#define M1 0x10000ull
#define M2 0x20000ull
#define M3 0x30000ull
#define M4 0x40000ull

#define AT(place) "pthread_mutex_lock in libc.so.6 <- " place " in app"
#define LIVE 19 /* a thread that is none of the stuck ones */

/* Thread a holds m, waits for n and stands at one place; b the other way round. */
static void add_ring(struct world *w, __u32 a, __u64 m, const char *at, __u32 b, __u64 n,
		     const char *other)
{
	fixture_locks(w, a, 10, n);
	fixture_locks(w, b, 10, m);
	fixture_mutex(w, 10, m, 2, a);
	fixture_mutex(w, 10, n, 2, b);
	if (at)
		stacked_thread(w, a, at);
	if (other)
		stacked_thread(w, b, other);
}

/* A thread that waits for a lock whose owner is gone. */
static void add_orphan(struct world *w, __u32 tid, __u64 m, const char *at)
{
	fixture_locks(w, tid, 10, m);
	fixture_mutex(w, 10, m, 2, 99);
	if (at)
		stacked_thread(w, tid, at);
}

static struct verdicts *judge(struct world *w)
{
	struct verdicts *v;

	world_sort(w);
	cr_assert_eq(verdict_judge(w, FIXTURE_THRESHOLD, &v), 0);
	return v;
}

/* ---- grouping ---- */

Test(finding_place, the_same_place_is_one_finding)
{
	struct world *w = fixture_world();
	struct verdicts *v;

	add_orphan(w, 11, M1, AT("save"));
	add_orphan(w, 12, M2, AT("save"));
	add_orphan(w, 13, M3, AT("save"));
	w->threads.v[1].arrived = 20 * 1000000000ull;
	cr_expect_str_eq(fixture_verdict(w), "orphaned proven 11 13 12");
	v = judge(w);
	cr_expect_eq(v->findings.v[0].age_ns, 100 * 1000000000ull);
	cr_expect_eq(v->findings.v[0].youngest_ns, 80 * 1000000000ull);
	cr_expect_eq(v->findings.v[0].place, verdict_of(v, 12)->place.hash);
	cr_expect_str_eq(verdict_of(v, 12)->place.callers[0]->function, "save");
	verdict_free(v);
	world_free(w);
}

Test(finding_place, another_place_is_another_finding)
{
	struct world *w = fixture_world();
	struct verdicts *v;

	add_orphan(w, 11, M1, AT("save"));
	add_orphan(w, 12, M2, AT("load"));
	add_orphan(w, 13, M3, NULL);
	v = judge(w);
	cr_expect_eq(v->findings.n, 3);
	for (size_t i = 0; i < v->findings.n; i++)
		for (size_t k = 0; k < i; k++)
			cr_expect_str_neq(v->findings.v[i].id, v->findings.v[k].id);
	verdict_free(v);
	world_free(w);
}

Test(finding_place, two_rings_at_places_of_their_own)
{
	struct world *w = fixture_world();
	struct verdicts *v;

	add_ring(w, 11, M1, AT("a"), 12, M2, AT("b"));
	add_ring(w, 13, M3, AT("a"), 14, M4, AT("c"));
	v = judge(w);
	cr_expect_eq(v->findings.n, 2);
	cr_expect(v->findings.v[0].cycle && v->findings.v[0].nknot == 2);
	cr_expect(v->findings.v[1].cycle && v->findings.v[1].nknot == 2);
	verdict_free(v);
	world_free(w);
}

Test(finding_place, rings_at_the_same_two_places)
{
	struct world *w = fixture_world();
	struct verdicts *v;

	add_ring(w, 11, M1, AT("a"), 12, M2, AT("b"));
	add_ring(w, 13, M3, AT("b"), 14, M4, AT("a"));
	v = judge(w);
	cr_expect_eq(v->findings.n, 1);
	cr_expect_eq(v->findings.v[0].nknot, 2);
	cr_expect_eq(v->findings.v[0].members.n, 4);
	verdict_free(v);
	world_free(w);
}

Test(finding_place, without_stacks_rings_are_told_by_process_alone)
{
	struct world *w = fixture_world();
	struct verdicts *v;

	add_ring(w, 11, M1, NULL, 12, M2, NULL);
	add_ring(w, 13, M3, NULL, 14, M4, NULL);
	v = judge(w);
	cr_expect_eq(v->findings.n, 1);
	cr_expect_eq(v->findings.v[0].place, 0);
	verdict_free(v);
	world_free(w);
}

Test(finding_place, who_queues_goes_with_its_cause)
{
	struct world *w = fixture_world();

	add_ring(w, 11, M1, AT("a"), 12, M2, AT("b"));
	add_ring(w, 13, M3, AT("a"), 14, M4, AT("c"));
	fixture_locks(w, 15, 10, M3);
	stacked_thread(w, 15, AT("b"));
	fixture_joins(w, 16, 10, 12);
	stacked_thread(w, 16, "pthread_join in libc.so.6 <- main in app");
	for (size_t i = 2; i < 5; i++) /* the second ring is younger */
		w->threads.v[i].arrived = 1;
	assert_verdict(w, "deadlock proven 11 12+16; deadlock proven 13 14+15");
}

Test(finding_place, a_standstill_has_no_place)
{
	struct world *w = fixture_world();
	struct verdicts *v;

	for (__u32 i = 0; i < 3; i++)
		fixture_waits(w, 11 + i, 10, M1 + i * 0x100, 1);
	stacked_thread(w, 11, AT("a"));
	stacked_thread(w, 12, AT("b"));
	fixture_process(w, 10, 0, 0);
	v = judge(w);
	cr_expect_eq(v->findings.n, 1);
	cr_expect_eq(v->findings.v[0].place, 0);
	cr_expect_eq(v->findings.v[0].members.n, 3);
	verdict_free(v);
	world_free(w);
}

/* The single lock may be unlocked by a live thread, the ring may not. */
Test(finding_place, each_cause_is_as_sure_as_it_is)
{
	struct world *w = fixture_world();
	struct verdicts *v;

	add_ring(w, 11, M1, AT("a"), 12, M2, AT("a"));
	fixture_locks(w, 13, 10, M3);
	fixture_mutex(w, 10, M3, 2, 13);
	fixture_running(w, LIVE, 10);
	cr_expect_str_eq(fixture_verdict(w), "deadlock proven 11 12; deadlock likely 13");
	v = judge(w);
	cr_expect_str_neq(v->findings.v[0].id, v->findings.v[1].id);
	verdict_free(v);
	world_free(w);
}

Test(finding_place, ids_of_twins_differ)
{
	struct world *w = fixture_world();
	struct verdicts *v;

	add_ring(w, 11, M1, NULL, 12, M2, NULL);
	fixture_locks(w, 13, 10, M3);
	fixture_mutex(w, 10, M3, 2, 13);
	fixture_running(w, LIVE, 10);
	v = judge(w);
	cr_assert_eq(v->findings.n, 2);
	cr_expect_eq(v->findings.v[0].place, v->findings.v[1].place);
	cr_expect_str_neq(v->findings.v[0].id, v->findings.v[1].id);
	verdict_free(v);
	world_free(w);
}

/* ---- across looks ---- */

static struct world *two_orphans(const char *first, const char *second)
{
	struct world *w = fixture_world();

	add_orphan(w, 11, M1, first);
	add_orphan(w, 12, M2, second);
	return w;
}

Test(finding_place, a_place_that_only_one_look_has)
{
	struct world *before = two_orphans(NULL, NULL), *after = two_orphans(AT("a"), AT("b"));
	struct verdicts *first = judge(before), *second = judge(after), *third;

	cr_expect_eq(first->findings.n, 1);
	cr_assert_eq(confirm_verdicts(first, second), 0);
	cr_expect_eq(second->findings.n, 2);
	cr_expect_eq(second->stuck, 2);
	third = judge(before);
	cr_assert_eq(confirm_verdicts(second, third), 0);
	cr_expect_eq(third->findings.n, 1);
	cr_expect_eq(third->findings.v[0].members.n, 2);
	verdict_free(first);
	verdict_free(second);
	verdict_free(third);
	world_free(before);
	world_free(after);
}

Test(finding_place, the_same_place_has_the_same_id_at_each_look)
{
	struct world *before = two_orphans(AT("a"), AT("b")), *after = two_orphans(AT("b"), NULL);
	struct verdicts *first = judge(before), *second = judge(after);

	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < 2; k++)
			cr_expect_eq(!strcmp(first->findings.v[i].id, second->findings.v[k].id),
				     first->findings.v[i].place == second->findings.v[k].place);
	verdict_free(first);
	verdict_free(second);
	world_free(before);
	world_free(after);
}

/* ---- words ---- */

static void assert_reason(struct world *w, const char *part)
{
	struct verdicts *v = judge(w);

	cr_assert_eq(v->findings.n, 1);
	cr_expect(strstr(v->findings.v[0].reason, part), "%s\nhas no \"%s\"",
		  v->findings.v[0].reason, part);
	verdict_free(v);
	world_free(w);
}

static struct world *standstill(const char *trace)
{
	struct world *w = fixture_world();

	fixture_waits(w, 11, 10, M1, 1);
	stacked_thread(w, 11, trace);
	fixture_process(w, 10, 0, 0);
	return w;
}

Test(finding_place, what_is_waited_for_has_the_stacks_name)
{
	assert_reason(standstill("? in libc.so.6 <- ? in app"), "waits for a futex");
	assert_reason(standstill("pthread_cond_wait in libc.so.6 <- f in app"),
		      "waits for a condition variable");
	assert_reason(standstill("std::future<int>::get() in app <- f in app"),
		      "waits for a std::future");
	assert_reason(standstill("std::sys::sync::mutex::futex::Mutex::lock in app"),
		      "waits for a Rust Mutex");
	assert_reason(standstill("std::thread::join() in app"),
		      "waits for the end of a std::thread");
	assert_reason(standstill("absl::Mutex::Lock() in app"), "waits for an absl::Mutex");
}

Test(finding_place, who_holds_what_has_the_stacks_name_where_it_fits)
{
	static const char mutex[] = "std::mutex::lock() in app <- f in app";
	struct world *w = fixture_world();

	add_ring(w, 11, M1, mutex, 12, M2, mutex);
	assert_reason(w, "each holds the std::mutex that the other needs");
	w = fixture_world();
	add_ring(w, 11, M1, mutex, 12, M2, AT("a"));
	assert_reason(w, "each holds the mutex that the other needs");
	w = fixture_world();
	add_orphan(w, 11, M1, mutex);
	assert_reason(w, "waits for a std::mutex whose owner ended");
	w = fixture_world();
	add_orphan(w, 11, M1, "std::future<int>::get() in app");
	assert_reason(w, "waits for a mutex whose owner ended");
}

Test(finding_place, only_a_futex_call_is_renamed)
{
	struct world *w = fixture_world();
	struct verdicts *v;

	fixture_reads_pipe(w, 11, 10, 77);
	fixture_holds_pipe(w, 10, 77);
	fixture_process(w, 10, 0, 0);
	stacked_thread(w, 11, AT("f"));
	v = judge(w);
	cr_expect_eq(verdict_of(v, 11)->wait.kind, WAIT_PIPE);
	cr_expect_null(verdict_of(v, 11)->primitive);
	verdict_free(v);
	world_free(w);
}

/* ---- lies ---- */

static struct world *lost(__u64 count)
{
	struct world *w = fixture_world();
	__u32 semaphore[16] = { count, 1, 0 };

	fixture_waits(w, 11, 10, M1, 0)->args[1] |= 256; /* FUTEX_CLOCK_REALTIME */
	fixture_words(w, 10, M1, semaphore, 16);
	fixture_locks(w, 12, 10, M2);
	fixture_mutex(w, 10, M2, 0, 0);
	return w;
}

/* What memory shows of the host; which of them, as a number. NULL behind the last. */
static struct world *make_world(int which)
{
	struct world *w = which == 1 ? lost(1) : fixture_world();

	switch (which) {
	case 0: /* two rings, one behind, a lock of its own, an orphan */
		add_ring(w, 11, M1, NULL, 12, M2, NULL);
		add_ring(w, 13, M3, NULL, 14, M4, NULL);
		fixture_locks(w, 15, 10, M1);
		fixture_locks(w, 16, 10, 0x50000);
		fixture_mutex(w, 10, 0x50000, 2, 16);
		add_orphan(w, 17, 0x60000, NULL);
		fixture_running(w, LIVE, 10);
		break;
	case 1: /* lost wakeups: a semaphore's, a lock's */
		break;
	case 2: /* a standstill that a handler might end, by what kind of wait it is */
		fixture_joins(w, 11, 10, 12);
		fixture_waits(w, 12, 10, M1, 1);
		fixture_process(w, 10, 1ull << 14, 0);
		break;
	case 3: /* an end of a pipe that only its reader has */
		fixture_reads_pipe(w, 11, 10, 77);
		fixture_holds_pipe(w, 10, 77);
		fixture_process(w, 10, 1ull << 14, 0);
		break;
	case 4: /* both, in one process */
		fixture_reads_pipe(w, 11, 10, 77);
		fixture_holds_pipe(w, 10, 77);
		add_orphan(w, 12, M1, NULL);
		fixture_process(w, 10, 1ull << 14, 0);
		break;
	case 5: /* an idle pool */
		fixture_running(w, LIVE, 10);
		fixture_waits(w, 11, 10, M1, 0);
		fixture_waits(w, 12, 10, M1, 0);
		break;
	default:
		world_free(w);
		return NULL;
	}
	return w;
}

static const char *const lies[] = {
	AT("a"),
	AT("b"),
	"pthread_cond_wait in libc.so.6 <- a in app",
	"__new_sem_wait in libc.so.6 <- a in app",
	"pthread_join in libc.so.6 <- main in app",
	"std::__atomic_wait_address in app",
	"std::future<int>::get() in app <- b in app",
	"read in libc.so.6 <- a in app",
	"a <- b <- cut",
};

#define LIES (sizeof(lies) / sizeof(*lies))

static void assert_alike(const struct verdicts *honest, const struct verdicts *lied, int which)
{
	cr_assert_eq(honest->judged.n, lied->judged.n);
	for (size_t i = 0; i < honest->judged.n; i++) {
		const struct judged *a = &honest->judged.v[i], *b = &lied->judged.v[i];

		cr_expect_eq(a->class, b->class, "world %d, thread %u is %s", which,
			     a->thread->head.tid, verdict_class_name(b->class));
		cr_expect_eq(a->confidence, b->confidence, "world %d, thread %u is %s", which,
			     a->thread->head.tid, verdict_confidence_name(b->confidence));
		cr_expect_eq(a->role, b->role);
		cr_expect_eq(!a->finding, !b->finding);
		cr_expect_str_eq(a->rule, b->rule);
	}
	cr_expect_eq(honest->idle, lied->idle);
	cr_expect_eq(honest->unknown, lied->unknown);
	cr_expect_eq(honest->stuck, lied->stuck);
}

/* Names come from a child that reads hostile files. Threads 11 to 19 tell the same lie, or
 * each another one. */
Test(finding_place, lies_of_a_stack_change_no_class_and_no_confidence)
{
	struct world *w;

	for (int which = 0; (w = make_world(which)); which++) {
		struct verdicts *honest = judge(w);

		for (size_t lie = 0; lie < 2 * LIES; lie++) {
			struct world *liar = make_world(which);
			struct verdicts *lied;

			for (__u32 tid = 11; tid <= 19; tid++)
				stacked_thread(liar, tid,
					       lies[lie < LIES ? lie : (lie + tid) % LIES]);
			lied = judge(liar);
			assert_alike(honest, lied, which);
			verdict_free(lied);
			world_free(liar);
		}
		verdict_free(honest);
		world_free(w);
	}
}
