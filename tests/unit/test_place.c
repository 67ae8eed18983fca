// SPDX-License-Identifier: GPL-2.0-only
/* test_place.c - in whose code, in what, and from where: traces and what they say. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "analyze/place.h"
#include "analyze/primitive.h"
#include "fixture.h"
#include "stacked.h"

#define ENDS " <- start_thread in /lib/libc.so.6 <- clone3 in /lib/libc.so.6"
#define MAIN " <- __libc_start_main in /lib/libc.so.6 <- _start in /bin/app"

static const char *name_of(const struct frame *f)
{
	return !f ? "-" : f->function ? f->function : "?";
}

/* "blocking < caller, caller | start" */
static void assert_place(const char *text, bool is_main, const char *expected)
{
	struct stacks s = {};
	struct place place;
	char got[512];
	__u32 trace = stacked_trace(&s, text);
	int n;

	place_find(&s, &s.traces.v[trace], is_main, &place);
	n = snprintf(got, sizeof(got), "%s <", name_of(place.blocking));
	for (size_t i = 0; i < place.n; i++)
		n += snprintf(got + n, sizeof(got) - n, " %s", name_of(place.callers[i]));
	snprintf(got + n, sizeof(got) - n, " | %s", name_of(place.start));
	cr_expect_str_eq(got, expected, "%s: %s, not %s", text, got, expected);
	cr_expect_eq(place.hash != 0, place.n > 0);
	stack_free(&s);
}

Test(place, whose_code)
{
	assert_place("__lll_lock_wait in /lib/libc.so.6 <- pthread_mutex_lock in /lib/libc.so.6 <- "
		     "take in /bin/app <- worker in /bin/app" ENDS,
		     false, "pthread_mutex_lock < take worker | worker");
	assert_place("pause in /lib/libc.so.6 <- main in /bin/app" MAIN, true,
		     "pause < main | main");
	/* a static program: names tell */
	assert_place(
		"pthread_mutex_lock in /bin/app <- take in /bin/app <- start_thread in /bin/app "
		"<- clone3 in /bin/app",
		false, "pthread_mutex_lock < take | take");
	/* stripped: modules tell */
	assert_place("? in /lib/libc.so.6 <- ? in /bin/app" ENDS, false, "- < ? | ?");
	/* glue of the language between two callers */
	assert_place("pthread_mutex_lock in /lib/libc.so.6 <- inner in /bin/app <- "
		     "^std::function<void ()>::operator() in /bin/app <- outer in /bin/app" ENDS,
		     false, "pthread_mutex_lock < inner outer | outer");
	/* where it was started is not known when the trace was cut */
	assert_place("pthread_mutex_lock in /lib/libc.so.6 <- take in /bin/app <- cut", false,
		     "pthread_mutex_lock < take | -");
}

static void assert_primitive(const char *text, enum wait_kind kind, const char *name)
{
	struct stacks s = {};
	struct primitive p = { WAIT_UNKNOWN, NULL };
	__u32 trace = stacked_trace(&s, text);

	primitive_find(&s, &s.traces.v[trace], &p);
	cr_expect_eq(p.kind, kind, "%s: kind %s, not %s", text, wait_kind_name(p.kind),
		     wait_kind_name(kind));
	cr_expect_str_eq(p.name ? p.name : "-", name, "%s: %s, not %s", text, p.name ? p.name : "-",
			 name);
	stack_free(&s);
}

#define LIBC(function) function " in /lib/libc.so.6"
Test(place, what_kind_of_wait)
{
	assert_primitive(
		LIBC("__lll_lock_wait") " <- " LIBC("pthread_mutex_lock") " <- f in /bin/app",
		WAIT_MUTEX, "-");
	assert_primitive(LIBC("pthread_cond_wait") " <- f in /bin/app", WAIT_CONDITION, "-");
	/* it was signalled, and waits for its mutex */
	assert_primitive(
		LIBC("__lll_lock_wait") " <- " LIBC("__pthread_mutex_cond_lock") " <- " LIBC(
			"pthread_cond_wait") " <- f in /bin/app",
		WAIT_MUTEX, "-");
	assert_primitive(LIBC("syscall") " <- std::latch::wait in /bin/app <- f in /bin/app",
			 WAIT_BARRIER, "std::latch");
	assert_primitive(LIBC("pthread_cond_wait") " <- Parker::park in /lib/libjvm.so <- "
						   "Unsafe_Park in /lib/libjvm.so",
			 WAIT_CONDITION, "Java park");
	assert_primitive(LIBC("syscall") " <- std::sys::unix::locks::futex::Mutex::lock_contended "
					 "in /bin/app <- f in /bin/app",
			 WAIT_MUTEX, "Rust Mutex");
	/* what a function outside the runtime is called says nothing */
	assert_primitive("f in /bin/app <- " LIBC("pthread_cond_wait"), WAIT_UNKNOWN, "-");
}

/* ---- findings ---- */

#define M1 0x10000ull
#define M2 0x20000ull
#define TAKES "pthread_mutex_lock in /lib/libc.so.6 <- "

/* Two threads that own the mutex they wait for; a third that is live. */
static struct world *two_selves(const char *first, const char *second)
{
	struct world *w = fixture_world();

	fixture_locks(w, 11, 10, M1);
	fixture_locks(w, 12, 10, M2);
	fixture_running(w, 13, 10);
	fixture_mutex(w, 10, M1, 2, 11);
	fixture_mutex(w, 10, M2, 2, 12);
	if (first) {
		stacked_thread(w, 11, first);
		stacked_thread(w, 12, second);
	}
	return w;
}

Test(place, tells_findings_apart)
{
	const char *here = TAKES "here in /bin/app" ENDS, *there = TAKES "there in /bin/app" ENDS;

	assert_verdict(two_selves(here, there), "deadlock likely 11; deadlock likely 12");
}

static size_t count_findings(struct world *w, size_t *ret_members)
{
	struct verdicts *v;
	size_t n;

	world_sort(w);
	memory_sort(&w->memory);
	cr_assert_eq(verdict_judge(w, FIXTURE_THRESHOLD, &v), 0);
	n = v->findings.n;
	*ret_members = n ? v->findings.v[0].members.n : 0;
	verdict_free(v);
	world_free(w);
	return n;
}

Test(place, gathers_what_is_at_one_place)
{
	const char *here = TAKES "here in /bin/app" ENDS;
	size_t members;

	cr_expect_eq(count_findings(two_selves(here, here), &members), 1);
	cr_expect_eq(members, 2);
	cr_expect_eq(count_findings(two_selves(NULL, NULL), &members), 1);
	cr_expect_eq(members, 2);
}

/* The symbolizer may lie: a name never makes a class or a confidence. */
Test(place, names_decide_nothing)
{
	static const char *const lies[] = {
		"sem_wait in /lib/libc.so.6 <- f in /bin/app" ENDS,
		"pthread_cond_wait in /lib/libc.so.6 <- f in /bin/app" ENDS,
		"read in /lib/libc.so.6 <- f in /bin/app" ENDS,
		"Parker::park in /lib/libjvm.so <- Unsafe_Park in /lib/libjvm.so" ENDS,
		"runtime.futexsleep in /bin/go <- runtime.main in /bin/go",
	};

	for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		struct world *lost = fixture_world();
		const __u32 mutex[16] = { 0 };

		assert_verdict(two_selves(lies[i], lies[i]), "deadlock likely 11+12");
		fixture_locks(lost, 10, 10, M1);
		fixture_words(lost, 10, M1, mutex, 16);
		stacked_thread(lost, 10, lies[i]);
		assert_verdict(lost, "lost-wakeup proven 10");
	}
}
