// SPDX-License-Identifier: GPL-2.0-only
/* screen.c - what `nowake top` shows, without a terminal: lines of text.
 *
 * From above: one line about the host, one about the daemon, the panes, one about keys. What does
 * not fit is left out in the order in which it is missed least: the keys, the panes that do
 * not have the focus, the daemon (unless there is trouble with it). */
#include "report/screen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/duration.h"
#include "report/columns.h"
#include "report/screen_rows.h"

#define ROWS_DAEMON 6 /* rows of a screen that has room for a line about the daemon */
#define ROWS_KEYS 8
#define PANE_MIN 3 /* title, heads, a row */

static const char *const titles[SCREEN_PANES] = {
	[SCREEN_FINDINGS] = "Findings",
	[SCREEN_SITES] = "Sites by growth",
	[SCREEN_WAITS] = "Longest waits",
};

static const char *const empty[SCREEN_PANES] = {
	[SCREEN_FINDINGS] = "nothing is stuck",
	[SCREEN_SITES] = "no births of threads were seen",
	[SCREEN_WAITS] = "nothing is blocked for that long",
};

static const char *const help[] = {
	"q          quit",
	"Tab        the next pane (also Left, Right)",
	"Up, Down   select a row (also PgUp, PgDn, Home, End)",
	"Enter      all that is known of the row, and back (also Esc)",
	"p          pause: ask the daemon no more, until p",
	"?          this help, and back",
	"",
	"Findings: threads, or goroutines, that are blocked and will never be woken; `nowake report` has the "
	"evidence, `nowake explain TID` the story of one thread.",
	"Sites: places where threads are made. Growth is that of the floor, the lowest number of "
	"living threads in each window of time, per hour.",
	"Waits: the threads that are blocked for longest, and who could wake them.",
	NULL,
};

/* One screen while it is drawn. */
struct drawing {
	struct screen *s;
	const struct summary *m;
	struct screen_lines *to;
};

void screen_lines_free(struct screen_lines *l)
{
	for (size_t i = 0; i < l->lines.n; i++)
		free(l->lines.v[i].text);
	array_free(&l->lines);
}

/* Takes text. */
static int add(struct drawing *d, enum screen_look look, char *text)
{
	if (!text || array_push(&d->to->lines, (struct screen_line){ text, look })) {
		free(text);
		return -ENOMEM;
	}
	return 0;
}

/* A line, cut to the screen. */
static int add_text(struct drawing *d, enum screen_look look, const char *text)
{
	char *line = NULL;
	size_t size;
	FILE *out = open_memstream(&line, &size);

	if (!out)
		return -ENOMEM;
	columns_put(out, text, d->s->cols, false, d->s->utf8);
	if (fclose(out)) {
		free(line);
		return -ENOMEM;
	}
	return add(d, look, line);
}

/* ---- head and foot ---- */

static void put_clock(FILE *out, __u64 seconds)
{
	time_t t = (time_t)seconds;
	char text[16];
	struct tm tm;

	if (seconds && localtime_r(&t, &tm) && strftime(text, sizeof(text), "%H:%M:%S", &tm))
		fprintf(out, "  %s", text);
}

static int draw_host(struct drawing *d)
{
	const struct summary *m = d->m;
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return -ENOMEM;
	fprintf(out, "nowake%s", d->s->paused ? "  PAUSED" : "");
	if (m) {
		fprintf(out, "  %s", m->host);
		put_clock(out, m->time);
		fprintf(out, "  %llu stuck of %llu threads", m->scan.stuck, m->scan.threads);
		if (m->scan.thread_limit)
			fprintf(out, " (limit %llu)", m->scan.thread_limit);
		fprintf(out, ", %llu processes, %llu idle, %llu unknown", m->scan.processes,
			m->scan.idle, m->scan.unknown);
	}
	if (fclose(out))
		return -ENOMEM;
	return add_text(d, SCREEN_TOP, text);
}

static const char *span(char *ret, double seconds)
{
	double most = (double)(DURATION_MAX / DURATION_SECOND);

	seconds = seconds < most ? seconds : most;
	return duration_text(ret, DURATION_TEXT, (__u64)(seconds * DURATION_SECOND));
}

/* What weakens the daemon comes first. */
static void put_health(FILE *out, const struct summary *m)
{
	char a[DURATION_TEXT], b[DURATION_TEXT];

	if (m->scan.blind)
		fprintf(out, "blind: %s%s; ", m->scan.first_blind ? m->scan.first_blind : "?",
			m->scan.blind > 1 ? " (and more)" : "");
	if (m->daemon.failed)
		fprintf(out, "%llu of %llu passes failed; ", m->daemon.failed, m->daemon.passes);
	if (m->daemon.lost)
		fprintf(out, "%llu events lost; ", m->daemon.lost);
	if (m->daemon.restarts)
		fprintf(out, "symbolizer restarted %llu times; ", m->daemon.restarts);
	fprintf(out, "daemon: %s", span(a, m->daemon.watching));
	fprintf(out, ", pass %s every %s", span(a, m->daemon.pass), span(b, m->daemon.interval));
	if (m->daemon.watching > 0)
		fprintf(out, ", cpu %.2f %%", 100 * m->daemon.cpu / m->daemon.watching);
	fprintf(out, ", %.1f MB, %llu events, futex: %s, %llu findings, %llu resolved",
		(double)m->daemon.resident / 1e6, m->daemon.events, m->daemon.futex,
		m->daemon.found, m->daemon.resolved);
}

static int draw_daemon(struct drawing *d)
{
	const struct summary *m = d->m;
	enum screen_look look = SCREEN_DIM;
	_cleanup_free_ char *text = NULL;
	char age[DURATION_TEXT];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return -ENOMEM;
	if (d->s->trouble) {
		look = SCREEN_BAD;
		fputs("the daemon does not answer", out);
		if (m)
			fprintf(out, ", for %s", span(age, (double)d->s->age));
		fprintf(out, ": %s", d->s->trouble);
	} else if (m) {
		if (m->scan.blind || m->daemon.failed || m->daemon.lost || m->daemon.restarts)
			look = SCREEN_WARN;
		put_health(out, m);
	}
	if (fclose(out))
		return -ENOMEM;
	return add_text(d, look, text);
}

/* ---- panes ---- */

static int draw_title(struct drawing *d, enum screen_pane pane)
{
	bool focus = pane == d->s->pane;
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return -ENOMEM;
	fprintf(out, "%s %s (%zu) ", focus ? ">" : " ", titles[pane],
		screen_rows_count(d->m, pane));
	for (int i = 0; i < d->s->cols; i++)
		fputs(d->s->utf8 ? "─" : "-", out);
	if (fclose(out))
		return -ENOMEM;
	/* without an ellipsis at the end of the rule */
	for (char *end = text + strlen(text); columns_width(text) > d->s->cols;) {
		while (((unsigned char)*--end & 0xc0) == 0x80)
			;
		*end = '\0';
	}
	return add_text(d, focus ? SCREEN_FOCUS : SCREEN_TITLE, text);
}

/* A row, or with m NULL the heads above it. */
static int draw_row(struct drawing *d, const struct summary *m, enum screen_pane pane, size_t row)
{
	struct screen *s = d->s;
	enum screen_look look = SCREEN_DIM;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return -ENOMEM;
	if (m) {
		look = pane == s->pane && row == s->selected[pane] ? SCREEN_SELECTED
								   : screen_rows_look(m, pane, row);
		screen_rows_put(out, m, pane, row, s->cols, s->utf8);
	} else {
		screen_rows_heads(out, pane, s->cols, s->utf8);
	}
	if (fclose(out)) {
		free(text);
		return -ENOMEM;
	}
	return add(d, look, text);
}

/* Moves the window over the rows so that the selected one is in it. */
static void place_window(struct screen *s, enum screen_pane pane, size_t n, size_t page)
{
	size_t *first = &s->first[pane], *selected = &s->selected[pane];

	s->page[pane] = page;
	if (*selected >= n)
		*selected = n ? n - 1 : 0;
	if (*selected < *first)
		*first = *selected;
	if (page && *selected >= *first + page)
		*first = *selected - page + 1;
	if (*first + page > n)
		*first = n > page ? n - page : 0;
}

static const char *why_empty(const struct drawing *d, enum screen_pane pane)
{
	if (!d->m)
		return "waiting for the daemon";
	return d->m->time ? empty[pane] : "the daemon's first pass is still to come";
}

static int draw_pane(struct drawing *d, enum screen_pane pane, size_t height)
{
	size_t n = screen_rows_count(d->m, pane), end = d->to->lines.n + height, page;
	bool heads = height >= PANE_MIN && n;
	int err = height ? draw_title(d, pane) : 0;

	if (!err && heads)
		err = draw_row(d, NULL, pane, 0);
	page = end > d->to->lines.n ? end - d->to->lines.n : 0;
	place_window(d->s, pane, n, page);
	if (!err && !n && page)
		err = add_text(d, SCREEN_DIM, why_empty(d, pane));
	for (size_t i = 0; !err && i < page && d->s->first[pane] + i < n; i++)
		err = draw_row(d, d->m, pane, d->s->first[pane] + i);
	while (!err && d->to->lines.n < end)
		err = add_text(d, SCREEN_PLAIN, "");
	return err;
}

/* Shares the rows: each pane what it needs at least, then in turns what it can use. */
static void share(const struct drawing *d, size_t rows, size_t ret[SCREEN_PANES])
{
	bool any = true;

	for (int i = 0; i < SCREEN_PANES; i++) {
		ret[i] = PANE_MIN;
		rows -= PANE_MIN;
	}
	while (any && rows) {
		any = false;
		for (int i = 0; i < SCREEN_PANES && rows; i++) {
			if (ret[i] >= 2 + screen_rows_count(d->m, i))
				continue;
			ret[i]++;
			rows--;
			any = true;
		}
	}
	ret[SCREEN_PANES - 1] += rows;
}

static int draw_list(struct drawing *d, size_t rows)
{
	size_t heights[SCREEN_PANES] = {};
	int err = 0;

	if (rows >= (size_t)SCREEN_PANES * PANE_MIN)
		share(d, rows, heights);
	else
		heights[d->s->pane] = rows;
	for (int i = 0; !err && i < SCREEN_PANES; i++)
		if (heights[i])
			err = draw_pane(d, i, heights[i]);
	return err;
}

/* ---- the other views ---- */

static int draw_texts(struct drawing *d, const struct columns_texts *t, size_t rows)
{
	struct screen *s = d->s;
	size_t end = d->to->lines.n + rows;
	int err = 0;

	s->scroll_max = t->v.n > rows ? t->v.n - rows : 0;
	s->scroll = s->scroll < s->scroll_max ? s->scroll : s->scroll_max;
	for (size_t i = s->scroll; !err && i < t->v.n && d->to->lines.n < end; i++)
		err = add_text(d, SCREEN_PLAIN, t->v.v[i]);
	while (!err && d->to->lines.n < end)
		err = add_text(d, SCREEN_PLAIN, "");
	return err;
}

static int story(const struct drawing *d, struct columns_texts *to)
{
	const struct screen *s = d->s;
	char id[SCREEN_ID];

	for (size_t i = 0; i < screen_rows_count(d->m, s->pane); i++) {
		screen_rows_id(d->m, s->pane, i, id);
		if (!strcmp(id, s->detail))
			return screen_rows_story(d->m, s->pane, i, s->cols, s->utf8, to);
	}
	return columns_wrap(to, "", "It is not there any more.", s->cols, s->utf8);
}

static int draw_view(struct drawing *d, size_t rows)
{
	struct columns_texts texts = {};
	const struct screen *s = d->s;
	int err = 0;

	if (s->view == SCREEN_LIST)
		return draw_list(d, rows);
	if (s->view == SCREEN_DETAIL)
		err = story(d, &texts);
	for (const char *const *line = help; s->view == SCREEN_HELP && !err && *line; line++)
		err = columns_wrap(&texts, "", *line, s->cols, s->utf8);
	err = err ? err : draw_texts(d, &texts, rows);
	columns_free(&texts);
	return err;
}

int screen_draw(struct screen *s, const struct summary *m, struct screen_lines *ret)
{
	struct screen_lines lines = {};
	struct drawing d = { s, m, &lines };
	bool daemon = s->rows >= ROWS_DAEMON || (s->trouble && s->rows > 1);
	bool keys = s->rows >= ROWS_KEYS;
	int err = 0;

	*ret = lines;
	if (s->rows <= 0 || s->cols <= 0)
		return 0;
	err = draw_host(&d);
	if (!err && daemon)
		err = draw_daemon(&d);
	if (!err && s->rows > 1 + daemon + keys)
		err = draw_view(&d, (size_t)(s->rows - 1 - daemon - keys));
	if (!err && keys)
		err = add_text(
			&d, SCREEN_DIM,
			s->view == SCREEN_LIST
				? "q quit  Tab pane  Up/Down select  Enter more  p pause  ? help"
				: "q quit  Up/Down scroll  Enter back");
	if (err) {
		screen_lines_free(&lines);
		return err;
	}
	*ret = lines;
	return 0;
}
