// SPDX-License-Identifier: GPL-2.0-only
/* test_screen.c - what `nowake top` shows, and what its keys do; no terminal is needed. */
#include <criterion/criterion.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/columns.h"
#include "report/screen.h"

static struct summary m;

static void set_up(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	setenv("TZ", "UTC0", 1);
	m = (struct summary){ .host = "prod-7",
			      .time = 1714572315,
			      .threshold = 60,
			      .daemon = { .watching = 100, .cpu = 1, .futex = "off" },
			      .scan = { .threads = 2011, .stuck = 4 },
			      .nfindings = 2,
			      .nsites = 3,
			      .nwaits = 50 };
	m.findings[0] = (struct summary_finding){
		"a1",	"deadlock", "proven", "ev\033il", "the whole reason of it, which is long",
		"take", 11,	    2,	      90
	};
	m.findings[1] = (struct summary_finding){
		"a2", "orphaned", "likely", "漢字漢字漢字漢字漢", "second", NULL, 12, 1, 1e300
	};
	for (int i = 0; i < 3; i++)
		m.sites[i] = (struct summary_site){ .id = i == 0   ? "s0"
							  : i == 1 ? "s1"
								   : "s2",
						    .comm = "leaky",
						    .function = "spawn",
						    .pid = 20 + i,
						    .alive = 7,
						    .grown = i < 2,
						    .growth = 10 - 10 * i,
						    .nfloors = 2,
						    .floors = { 1, 2 } };
	for (int i = 0; i < 50; i++)
		m.waits[i] = (struct summary_wait){ .tid = 100 + i,
						    .comm = "sleeper",
						    .kind = "epoll",
						    .class = "idle",
						    .source = "the network",
						    .seconds = 1000 - i };
}

TestSuite(screen, .init = set_up, .timeout = 60);

static struct screen screen_of(int rows, int cols, bool utf8)
{
	return (struct screen){ .rows = rows, .cols = cols, .utf8 = utf8 };
}

/* The whole screen, with the size and safety of all lines checked; in a static buffer. */
static const char *drawn(struct screen *s, const struct summary *summary)
{
	static char text[1 << 20];
	struct screen_lines l;
	char *at = text;

	cr_assert_eq(screen_draw(s, summary, &l), 0);
	cr_expect_leq(l.lines.n, (size_t)(s->rows > 0 ? s->rows : 0));
	*at = '\0';
	for (size_t i = 0; i < l.lines.n; i++) {
		const char *line = l.lines.v[i].text;

		cr_expect_eq(columns_width(line), s->cols, "%dx%d %zu: \"%s\"", s->cols, s->rows, i,
			     line);
		for (const char *c = line; *c; c++)
			cr_expect((unsigned char)*c >= ' ' &&
				  (s->utf8 || (unsigned char)*c < 0x7f));
		at += sprintf(at, "%s\n", line);
	}
	screen_lines_free(&l);
	return text;
}

static enum screen_look look_of(struct screen *s, size_t line)
{
	struct screen_lines l;
	enum screen_look look;

	cr_assert_eq(screen_draw(s, &m, &l), 0);
	cr_assert_lt(line, l.lines.n);
	look = l.lines.v[line].look;
	screen_lines_free(&l);
	return look;
}

Test(screen, list)
{
	struct screen s = screen_of(16, 62, false);

	m.nwaits = 2;
	cr_expect_str_eq(drawn(&s, &m),
			 "nowake  prod-7  14:05:15  4 stuck of 2011 threads, 0 processe~\n"
			 "daemon: 1 min 40 s, pass 0 ms every 0 ms, cpu 1.00 %, 0.0 MB,~\n"
			 "> Findings (2) -----------------------------------------------\n"
			 "class              blocked       pid  process          where  \n"
			 "deadlock        1 min 30 s        11  ev\\x1bil         take   \n"
			 "orphaned         3650 days        12  \\xe6\\xbc\\xa2\\x~  second \n"
			 "  Sites by growth (3) ----------------------------------------\n"
			 " growth/h    alive       pid  process          made by        \n"
			 "    +10.0        7        20  leaky            spawn          \n"
			 "     +0.0        7        21  leaky            spawn          \n"
			 "        ?        7        22  leaky            spawn          \n"
			 "  Longest waits (2) ------------------------------------------\n"
			 "     blocked    thread  name             waits in        woke~\n"
			 " 16 min 40 s       100  sleeper          epoll           the ~\n"
			 " 16 min 39 s       101  sleeper          epoll           the ~\n"
			 "q quit  Tab pane  Up/Down select  Enter more  p pause  ? help \n");
}

Test(screen, every_size)
{
	for (int utf8 = 0; utf8 < 2; utf8++) {
		for (int rows = -1; rows < 32; rows++) {
			for (int cols = -1; cols < 140; cols += 1 + cols / 10) {
				struct screen s = screen_of(rows, cols, utf8);

				drawn(&s, NULL);
				drawn(&s, &m);
				s.trouble = "it does not run";
				for (int pane = 0; pane < SCREEN_PANES; pane++) {
					s.pane = pane;
					s.selected[pane] = 1000;
					s.view = SCREEN_LIST;
					drawn(&s, &m);
					screen_key(&s, &m, SCREEN_KEY_ENTER);
					drawn(&s, &m);
				}
				s.view = SCREEN_HELP;
				s.scroll = 1000;
				drawn(&s, &m);
			}
		}
	}
}

Test(screen, small)
{
	struct screen s = screen_of(5, 20, false);

	cr_expect_str_eq(drawn(&s, &m), "nowake  prod-7  14:~\n"
					"> Findings (2) -----\n"
					"class         where \n"
					"deadlock      take  \n"
					"orphaned      second\n");
	s.trouble = "it does not run";
	cr_expect(strstr(drawn(&s, &m), "\nthe daemon does not~\n"));
}

Test(screen, nothing)
{
	struct screen s = screen_of(24, 80, true);

	cr_expect(strstr(drawn(&s, NULL), "waiting for the daemon"));
	m.nfindings = m.nsites = m.nwaits = 0;
	cr_expect(strstr(drawn(&s, &m), "nothing is stuck"));
	m.time = 0;
	cr_expect(strstr(drawn(&s, &m), "the daemon's first pass is still to come"));
	cr_expect(!strstr(drawn(&s, &m), "nothing is stuck"));
}

Test(screen, trouble)
{
	struct screen s = screen_of(24, 80, true);

	cr_expect_eq(look_of(&s, 1), SCREEN_DIM);
	m.daemon.lost = 5;
	cr_expect_eq(look_of(&s, 1), SCREEN_WARN);
	cr_expect(strstr(drawn(&s, &m), "\n5 events lost; daemon: "));
	m.scan.blind = 1;
	m.scan.first_blind = "the files of \007";
	cr_expect(strstr(drawn(&s, &m), "\nblind: the files of \\x07; 5 events"));
	s.trouble = "it does not run";
	s.age = 61;
	cr_expect_eq(look_of(&s, 1), SCREEN_BAD);
	cr_expect(strstr(drawn(&s, &m),
			 "the daemon does not answer, for 1 min 1 s: it does not run"));
}

Test(screen, looks)
{
	struct screen s = screen_of(24, 80, true);

	cr_expect_eq(look_of(&s, 0), SCREEN_TOP);
	cr_expect_eq(look_of(&s, 2), SCREEN_FOCUS);
	cr_expect_eq(look_of(&s, 4), SCREEN_SELECTED);
	cr_expect_eq(look_of(&s, 5), SCREEN_WARN);
	cr_expect_eq(look_of(&s, 6), SCREEN_TITLE);
	cr_expect_eq(look_of(&s, 8), SCREEN_WARN);
	cr_expect_eq(look_of(&s, 9), SCREEN_PLAIN);
	screen_key(&s, &m, SCREEN_KEY_DOWN);
	cr_expect_eq(look_of(&s, 4), SCREEN_BAD);
	cr_expect_eq(look_of(&s, 5), SCREEN_SELECTED);
}

static void press(struct screen *s, const enum screen_key *keys)
{
	for (; *keys; keys++) {
		cr_expect(screen_key(s, &m, *keys));
		drawn(s, &m);
	}
}

#define PRESS(s, ...) press(s, (const enum screen_key[]){ __VA_ARGS__, 0 })

Test(screen, selection)
{
	struct screen s = screen_of(24, 80, true);

	drawn(&s, &m);
	PRESS(&s, SCREEN_KEY_UP, SCREEN_KEY_DOWN, SCREEN_KEY_DOWN, SCREEN_KEY_DOWN);
	cr_expect_eq(s.selected[SCREEN_FINDINGS], 1);
	PRESS(&s, SCREEN_KEY_PREVIOUS, SCREEN_KEY_END);
	cr_expect(s.pane == SCREEN_WAITS && s.selected[SCREEN_WAITS] == 49);
	cr_expect_eq(s.first[SCREEN_WAITS], 50 - s.page[SCREEN_WAITS]);
	cr_expect(strstr(drawn(&s, &m), "15 min 51 s"));
	PRESS(&s, SCREEN_KEY_PAGE_UP);
	cr_expect_eq(s.selected[SCREEN_WAITS], 50 - s.page[SCREEN_WAITS]);
	PRESS(&s, SCREEN_KEY_HOME, SCREEN_KEY_PAGE_DOWN);
	cr_expect_eq(s.selected[SCREEN_WAITS], s.page[SCREEN_WAITS] - 1);
	PRESS(&s, SCREEN_KEY_NEXT);
	cr_expect_eq(s.pane, SCREEN_FINDINGS);
	cr_expect(!screen_key(&s, &m, SCREEN_KEY_QUIT));
}

Test(screen, selection_follows)
{
	struct screen s = screen_of(24, 80, true);
	struct summary *new = malloc(sizeof(*new));

	PRESS(&s, SCREEN_KEY_NEXT, SCREEN_KEY_DOWN, SCREEN_KEY_NEXT, SCREEN_KEY_END);
	*new = m;
	new->sites[0] = m.sites[1];
	new->sites[1] = m.sites[0];
	new->sites[2] = m.sites[1];
	new->sites[0].id = "new";
	new->nwaits = 10;
	screen_key_update(&s, &m, new);
	cr_expect_eq(s.selected[SCREEN_FINDINGS], 0);
	cr_expect_eq(s.selected[SCREEN_SITES], 2);
	drawn(&s, new);
	cr_expect_eq(s.selected[SCREEN_WAITS], 9);
	screen_key_update(&s, new, NULL);
	screen_key_update(&s, NULL, new);
	drawn(&s, NULL);
	free(new);
}

Test(screen, story)
{
	struct screen s = screen_of(24, 80, true);

	PRESS(&s, SCREEN_KEY_ENTER);
	cr_expect(strstr(drawn(&s, &m), "\nthe whole reason of it, which is long "));
	cr_expect(strstr(drawn(&s, &m), "\nprocess    ev\\x1bil "));
	m.findings[0] = m.findings[1]; /* it is gone, and another stands in its place */
	cr_expect(strstr(drawn(&s, &m), "It is not there any more."));
	PRESS(&s, SCREEN_KEY_BACK, SCREEN_KEY_ENTER);
	cr_expect(strstr(drawn(&s, &m), "\nsecond "));
	PRESS(&s, SCREEN_KEY_ENTER, SCREEN_KEY_NEXT, SCREEN_KEY_ENTER);
	cr_expect(strstr(drawn(&s, &m), "\nmade by    spawn "));
	PRESS(&s, SCREEN_KEY_ENTER, SCREEN_KEY_NEXT, SCREEN_KEY_ENTER);
	cr_expect(strstr(drawn(&s, &m), "\nwoken by   the network "));
	m.nfindings = 0;
	PRESS(&s, SCREEN_KEY_BACK, SCREEN_KEY_NEXT, SCREEN_KEY_ENTER);
	cr_expect_eq(s.view, SCREEN_LIST);
}

Test(screen, story_scrolls)
{
	struct screen s = screen_of(8, 30, true);
	static char reason[2000];

	for (size_t i = 0; i < sizeof(reason) - 1; i++)
		reason[i] = i % 7 ? 'a' + i % 26 : ' ';
	m.findings[0].reason = reason;
	PRESS(&s, SCREEN_KEY_ENTER, SCREEN_KEY_END);
	cr_expect(s.scroll && s.scroll == s.scroll_max);
	cr_expect(strstr(drawn(&s, &m), "\nid         a1"));
	PRESS(&s, SCREEN_KEY_UP, SCREEN_KEY_PAGE_UP, SCREEN_KEY_HOME, SCREEN_KEY_UP);
	cr_expect_eq(s.scroll, 0);
}

Test(screen, pause_and_help)
{
	struct screen s = screen_of(24, 80, false);

	PRESS(&s, SCREEN_KEY_PAUSE);
	cr_expect(s.paused && strstr(drawn(&s, &m), "nowake  PAUSED"));
	PRESS(&s, SCREEN_KEY_HELP);
	cr_expect(strstr(drawn(&s, &m), "\nq          quit "));
	PRESS(&s, SCREEN_KEY_PAUSE, SCREEN_KEY_HELP);
	cr_expect(!s.paused && s.view == SCREEN_LIST);
}

static void expect_put(const char *text, int width, bool right, bool utf8, const char *expected)
{
	char *got;
	size_t size;
	FILE *out = open_memstream(&got, &size);

	columns_put(out, text, width, right, utf8);
	fclose(out);
	cr_expect_str_eq(got, expected, "\"%s\", not \"%s\"", got, expected);
	free(got);
}

Test(screen, columns_put)
{
	expect_put("abc", 5, false, true, "abc  ");
	expect_put("abc", 5, true, true, "  abc");
	expect_put("abcdef", 5, false, true, "abcd…");
	expect_put("abcdef", 5, true, false, "abcd~");
	expect_put("漢字漢", 5, false, true, "漢字…");
	expect_put("漢字漢", 4, false, true, "漢… ");
	expect_put("漢字漢", 4, true, true, " 漢…");
	expect_put("a\xcc\x81z", 2, false, true, "a\xcc\x81z");
	expect_put("ü", 4, false, false, "\\xc~");
	expect_put("\033[31m", 9, false, true, "\\x1b[31m ");
	expect_put("abc", 1, false, true, "…");
	expect_put("abc", 0, false, true, "");
	expect_put("abc", -3, false, true, "");
	expect_put("", 2, false, true, "  ");
}

static void expect_wrap(const char *head, const char *text, int width, const char *expected)
{
	struct columns_texts t = {};
	char got[1000] = "";

	cr_assert_eq(columns_wrap(&t, head, text, width, true), 0);
	for (size_t i = 0; i < t.v.n; i++) {
		strcat(got, t.v.v[i]);
		strcat(got, "|");
	}
	cr_expect_str_eq(got, expected, "\"%s\", not \"%s\"", got, expected);
	columns_free(&t);
}

Test(screen, columns_wrap)
{
	expect_wrap("", "one two three", 8, "one two|three|");
	expect_wrap("a: ", "one two three", 8, "a: one|   two|   three|");
	expect_wrap("", "abcdefghij", 4, "abcd|efgh|ij|");
	expect_wrap("", "", 4, "|");
	expect_wrap("head ", "text", 6, "head|  text|");
	expect_wrap("", "漢字", 1, "漢|字|");
	expect_wrap("", "one   two", 5, "one|two|");
}
