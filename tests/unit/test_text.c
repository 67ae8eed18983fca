// SPDX-License-Identifier: GPL-2.0-only
/* test_text.c - the report for people, to the letter; and what must hold of any. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "made.h"

static const char expected[] =
	"DEADLOCK (proven)  mutex_cycle2 [4711]  4 threads for 35 s (since 14:04:39)\n"
	"  /usr/bin/mutex_cycle2  in session-3.scope\n"
	"  worker-a [4712] waits for a mutex and worker-b [4713] for a mutex: each could\n"
	"  only be woken by the other; 2 more wait behind\n"
	"    ┌─▶ worker-a [4712]  mutex 0x55d0c2a4f060, held by worker-b [4713]\n"
	"    └── worker-b [4713]  mutex 0x55d0c2a4f0a0, held by worker-a [4712]\n"
	"    behind: mutex_cycle2 [4711]  join, until the end of worker-a [4712]\n"
	"    behind: evil\\x1b[31m\\x0a\"\\xff& [4714]  mutex 0x55d0c2a4f0a0, held by\n"
	"      worker-a [4712]\n"
	"  • mutex 0x55d0c2a4f060 is held (word 0x2) and records worker-b [4713] as its\n"
	"    owner\n"
	"  • hostile \\x1b]0;title\\x07\n"
	"\n"
	"DEADLOCK (proven)  self [4900]  1 thread for 9 days (since 2024-04-22 14:05:15)\n"
	"  It holds its own lock.\n"
	"    ┌─▶ self [4900]  mutex 0x1000, held by itself\n"
	"    └───┘\n"
	"\n"
	"ORPHANED (proven)  grüße [4800]  1 thread for 1 day 3 h (since 2024-04-30\n"
	"  10:18:35)\n"
	"  Nobody else holds the other end.\n"
	"    grüße [4800]  pipe, other end held by its own process\n"
	"\n"
	"9 threads of 4 processes; 8 blocked for 30 s or longer: 6 stuck, 1 idle, 1\n"
	"  unknown.\n"
	"Unknown, because:\n"
	"  • no owner is recorded (1 thread)\n";

static char *text_of(struct verdicts *v, const struct options *opts)
{
	return made_output(&report_text, v, opts, true, false);
}

/* 1 for each line that text has and that holds words. */
static int lines_with(const char *text, const char *words)
{
	int n = 0;

	for (const char *s = text; (s = strstr(s, words)); s++)
		n++;
	return n;
}

Test(text, example)
{
	struct verdicts *v = made_example();
	char *text = text_of(v, &(struct options){});

	cr_expect_str_eq(text, expected);
	free(text);
	made_free(v);
}

static const char places[] =
	"  \xe2\x96\xb8 [4712] and [4713] in pthread_mutex_lock for 34 s to 35 s, called from\n"
	"      Guard<std::mutex; int>::Guard(std::mutex&) (guard.h:7, inlined)\n"
	"      take (queue.c:12)\n"
	"      mutex_cycle2+0x1300\n"
	"      \xe2\x80\xa6 started as worker (queue.c)\n"
	"  \xe2\x96\xb8 [4711] in pthread_join, called from\n"
	"      main (main.c:99), the start routine\n"
	"  \xe2\x96\xb8 [4714] blocked in\n"
	"      f\\x1b[31m\\x0a;\"&\\xff 1 (\\x0d)\n"
	"      0x7f0000005000\n"
	"      unwinding stopped: no unwind information for \\x1bx\n"
	"  \xe2\x80\xa2 mutex";

static const char whole[] =
	"  \xe2\x96\xb8 [4712] and [4713] in pthread_mutex_lock for 34 s to 35 s, all calls of\n"
	"    [4712]:\n"
	"          futex_wait_queue (kernel)\n"
	"          do_futex (kernel)\n"
	"      #0  0x7f0000001000 __lll_lock_wait in /usr/lib/x86_64-linux-gnu/libc.so.6\n"
	"      #1  0x7f0000002000 pthread_mutex_lock in\n"
	"          /usr/lib/x86_64-linux-gnu/libc.so.6\n"
	"      #2  0x55d000001234 Guard<std::mutex; int>::Guard(std::mutex&)\n"
	"          (/home/me/src/guard.h:7) in /usr/bin/mutex_cycle2, inlined\n"
	"      #3  0x55d000001234 take (/home/me/src/queue.c:12) in /usr/bin/mutex_cycle2\n"
	"      #4  0x55d000001300 /usr/bin/mutex_cycle2+0x1300, by frame pointer\n";

static void says(struct verdicts *v, const struct options *opts, const char *words)
{
	char *text = text_of(v, opts);

	cr_expect(strstr(text, words), "%s is not in\n%s", words, text);
	free(text);
}

Test(text, places)
{
	struct verdicts *v = made_stacks();

	says(v, &(struct options){}, places);
	says(v, &(struct options){}, "[4712]  std::mutex 0x55d0c2a4f060, held by");
	says(v, &(struct options){}, " no stack of [4900]: its memory could not be read\n");
	says(v, &(struct options){ .verbose = true }, whole);
	says(v, &(struct options){ .verbose = true },
	     "      #1  0x7f0000005000, where no file is mapped\n"
	     "          unwinding stopped: no unwind information for \\x1bx\n");
	says(v, &(struct options){ .all = true }, "34 s  deadlock  in main (main.c:99)\n");
	((struct world *)v->world)->restarts = 2;
	says(v, &(struct options){},
	     "The symbolizer was restarted 2 times: some calls have no names.\n");
	made_free(v);
}

static void fits(struct verdicts *v, const struct options *opts, const struct style *style)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int column = 0;

	cr_assert_eq(report_text.print(out, v, opts, style), 0);
	fclose(out);
	for (const char *s = text; *s; s++) {
		column = *s == '\n' ? 0 : column + ((*s & 0xc0) != 0x80);
		cr_assert_leq(column, style->width);
		cr_assert(*s == '\n' || (*s & 0x80 ? style->utf8 : *s >= ' ' && *s < 0x7f));
	}
	cr_expect(!strstr(text, "\\x\n") && !strstr(text, "\\\n"));
	free(text);
}

/* Printable, no raw escape, no wider than the terminal, whatever it is. */
Test(text, fits_every_terminal)
{
	struct verdicts *v = made_stacks();

	made_process(v, 4800,
		     "/a/path/without/any/blank/that/is/longer/than/all/of/the/lines/"
		     "\033[31m/gr\xc3\xbc\xc3\x9f"
		     "e/of/the/terminal/\n/on/which/it/is/to/be/printed",
		     "x");
	for (int width = 40; width <= 100; width++) {
		for (int mode = 0; mode < 4; mode++) {
			struct style style = { .utf8 = mode & 1, .width = width };

			fits(v, &(struct options){ .all = true, .verbose = mode & 2 }, &style);
		}
	}
	made_free(v);
}

Test(text, colours)
{
	struct verdicts *v = made_example();
	char *text = made_output(&report_text, v, &(struct options){}, true, true);

	cr_expect(!strncmp(text, "\033[1;31mDEADLOCK (proven)  \033[0mmutex_cycle2", 38));
	free(text);
	made_free(v);
}

Test(text, nothing_is_stuck)
{
	struct verdicts *v = made_verdicts((const struct made_thread[]){
		{ 5, 5, "cat", WAIT_TTY, 0, 60, CLASS_IDLE, ROLE_KNOT, "a terminal" }, {} });
	char *text = text_of(v, &(struct options){});

	cr_expect_str_eq(text, "Nothing is stuck.\n1 thread of 1 process; 1 blocked for 30 s or "
			       "longer: 0 stuck, 1 idle, 0 unknown.\n");
	free(text);
	world_blind((struct world *)v->world, "process 7: its memory");
	text = text_of(v, &(struct options){});
	cr_expect(strstr(text, "Nothing that nowake could see is stuck.\n"));
	cr_expect(strstr(text, "Could not see:\n  • process 7: its memory\n"));
	free(text);
	made_free(v);
}

Test(text, only_what_was_asked_for)
{
	static const struct {
		__u32 pid;
		const char *comm;
		int findings;
	} rows[] = {
		{ 4711, NULL, 1 },  { 4712, NULL, 0 },	     { 5000, NULL, 0 },
		{ 0, "self", 1 },   { 0, "*e*", 3 },	     { 0, "worker-?", 1 },
		{ 0, "mutex*", 1 }, { 0, "redis", 0 },	     { 0, "gr*", 1 },
		{ 0, "[", 0 },	    { 4711, "worker-a", 1 }, { 4711, "self", 0 },
	};
	struct verdicts *v = made_example();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		__u32 pid = rows[i].pid;
		const char *comm = rows[i].comm;
		struct options opts = {
			.pids = &pid, .npids = pid != 0, .comms = &comm, .ncomms = comm != NULL
		};
		char *text = text_of(v, &opts);

		cr_expect_eq(lines_with(text, "(proven)"), rows[i].findings, "%u %s: %s", pid, comm,
			     text);
		cr_expect_eq(!rows[i].findings,
			     strstr(text, "Nothing of what was asked for is stuck.") != NULL);
		free(text);
	}
	made_free(v);
}

Test(text, suspects)
{
	struct verdicts *v = made_example();
	struct options opts = {};
	char *text;

	v->findings.v[1].confidence = CONFIDENCE_SUSPECT;
	((struct judged *)verdict_of(v, 4900))->confidence = CONFIDENCE_SUSPECT;
	cr_expect_eq(report_count(&opts, v), 2);
	text = text_of(v, &opts);
	cr_expect(!strstr(text, "self [4900]"));
	cr_expect(strstr(text, "1 finding only suspected: --suspects shows more."));
	free(text);
	opts.suspects = true;
	cr_expect_eq(report_count(&opts, v), 3);
	text = text_of(v, &opts);
	cr_expect(strstr(text, "DEADLOCK (suspect)  self [4900]"));
	free(text);
	made_free(v);
}

#define MANY 100

/* Long cycles and long queues are cut, and say so. */
Test(text, long_ones_are_cut)
{
	static struct made_thread threads[2 * MANY + 1];
	__u32 tids[2 * MANY + 1] = {};
	struct verdicts *v;
	char *text;

	for (__u32 i = 0; i < 2 * MANY; i++) {
		__u32 next = i < MANY ? 1000 + (i + 1) % MANY : 1000;

		tids[i] = 1000 + i;
		threads[i] = (struct made_thread){ 1000 + i,
						   1000,
						   "t",
						   WAIT_MUTEX,
						   16 * i + 16,
						   60,
						   CLASS_DEADLOCK,
						   i < MANY ? ROLE_KNOT : ROLE_QUEUED,
						   NULL,
						   next,
						   1000,
						   EDGE_OWNER };
	}
	v = made_verdicts(threads);
	made_finding(v, "A ring.", true, MANY, tids);
	text = text_of(v, &(struct options){});
	cr_expect_lt(strlen(text), 2000);
	cr_expect(strstr(text, "    │   and 88 more\n    └── t [1099]"));
	cr_expect(strstr(text, "    and 95 more\n"));
	free(text);
	text = text_of(v, &(struct options){ .all = true });
	cr_expect(!strstr(text, "more"));
	free(text);
	made_free(v);
}

/* One thread at each of many places, and a crowd at one: that comes first, and most are cut. */
Test(text, many_places_are_cut)
{
	static struct made_thread threads[MANY + 1];
	struct frame frames[] = { { .address = 1, .function = (char *)"wait" },
				  { .address = 2, .function = (char *)"crowd" },
				  {} };
	__u32 tids[MANY + 1] = {};
	struct verdicts *v;

	for (__u32 i = 0; i < MANY; i++) {
		tids[i] = 1000 + i;
		threads[i] = (struct made_thread){ 1000 + i,	    1000,     "t",
						   WAIT_FUTEX,	    8,	      60 + i,
						   CLASS_QUIESCENT, ROLE_KNOT };
	}
	v = made_verdicts(threads);
	made_finding(v, "Nothing moves.", false, MANY, tids);
	for (__u32 i = 0; i < MANY; i++) {
		__u64 place = i < 10 ? i + 1 : 99;

		frames[1].address = 2 + place;
		frames[1].function = (char *)(i < 10 ? "alone" : "crowd");
		made_stack(v, 1000 + i, frames, NULL, (struct made_place){ 0, 1, 1, -1, place });
	}
	says(v, &(struct options){},
	     "    and 92 more\n"
	     "  \xe2\x96\xb8 90 threads such as [1010] in wait for 1 min 10 s to 2 min 39 s, called from\n"
	     "      crowd\n"
	     "  \xe2\x96\xb8 [1000] in wait, called from\n"
	     "      alone\n");
	says(v, &(struct options){}, "  \xe2\x96\xb8 and 7 more places\n");
	says(v, &(struct options){ .all = true }, "  \xe2\x96\xb8 [1009] in wait, called from\n");
	made_free(v);
}
