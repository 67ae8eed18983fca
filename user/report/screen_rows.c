// SPDX-License-Identifier: GPL-2.0-only
/* screen_rows.c - the rows of the three panes of `nowake top`, and the story of one.
 *
 * A column is shown on screens that are wide enough for it; the last one takes what is left. */
#include "report/screen_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/duration.h"

#define COLUMNS 8
#define LAST_MIN 4 /* columns that are worth a last column */

struct column {
	const char *head;
	int width; /* 0: what is left */
	int from;  /* columns of the screen from which on it is shown */
	bool right;
	/* Prints a cell. */
	void (*put)(FILE *out, const struct summary *m, size_t row);
};

static void put_age(FILE *out, double seconds)
{
	char text[DURATION_TEXT];
	double most = (double)(DURATION_MAX / DURATION_SECOND);

	if (seconds < 0)
		fputs("?", out);
	else
		fputs(duration_text(text, sizeof(text),
				    (__u64)((seconds < most ? seconds : most) * DURATION_SECOND)),
		      out);
}

/* ---- findings ---- */

static void finding_class(FILE *out, const struct summary *m, size_t row)
{
	fputs(m->findings[row].class, out);
}

static void finding_confidence(FILE *out, const struct summary *m, size_t row)
{
	fputs(m->findings[row].confidence, out);
}

static void finding_age(FILE *out, const struct summary *m, size_t row)
{
	put_age(out, m->findings[row].seconds);
}

static void finding_pid(FILE *out, const struct summary *m, size_t row)
{
	fprintf(out, "%u", m->findings[row].pid);
}

static void finding_comm(FILE *out, const struct summary *m, size_t row)
{
	fputs(m->findings[row].comm, out);
}

static void finding_count(FILE *out, const struct summary *m, size_t row)
{
	fprintf(out, "%u", m->findings[row].count);
}

static void finding_place(FILE *out, const struct summary *m, size_t row)
{
	const struct summary_finding *f = &m->findings[row];

	fputs(f->place ? f->place : f->reason, out); /* the list has no room for both */
}

/* ---- sites ---- */

static void site_growth(FILE *out, const struct summary *m, size_t row)
{
	const struct summary_site *s = &m->sites[row];

	if (!s->grown)
		fputs("?", out);
	else if (s->growth > -1e6 && s->growth < 1e6)
		fprintf(out, "%+.1f", s->growth);
	else
		fprintf(out, "%+.1e", s->growth);
}

static void site_alive(FILE *out, const struct summary *m, size_t row)
{
	fprintf(out, "%llu", m->sites[row].alive);
}

static void site_born(FILE *out, const struct summary *m, size_t row)
{
	fprintf(out, "%llu", m->sites[row].born);
}

static void site_ended(FILE *out, const struct summary *m, size_t row)
{
	fprintf(out, "%llu", m->sites[row].ended);
}

static void site_pid(FILE *out, const struct summary *m, size_t row)
{
	fprintf(out, "%u", m->sites[row].pid);
}

static void site_comm(FILE *out, const struct summary *m, size_t row)
{
	fputs(m->sites[row].comm, out);
}

static void site_floors(FILE *out, const struct summary *m, size_t row)
{
	const struct summary_site *s = &m->sites[row];

	for (__u32 i = 0; i < s->nfloors; i++)
		fprintf(out, "%s%llu", i ? " " : "", s->floors[i]);
}

static void site_function(FILE *out, const struct summary *m, size_t row)
{
	fputs(m->sites[row].function ? m->sites[row].function : "?", out);
}

/* ---- waits ---- */

static void wait_age(FILE *out, const struct summary *m, size_t row)
{
	put_age(out, m->waits[row].seconds);
}

static void wait_tid(FILE *out, const struct summary *m, size_t row)
{
	fprintf(out, "%u", m->waits[row].tid);
}

static void wait_comm(FILE *out, const struct summary *m, size_t row)
{
	fputs(m->waits[row].comm, out);
}

static void wait_class(FILE *out, const struct summary *m, size_t row)
{
	fputs(m->waits[row].class, out);
}

static void wait_kind(FILE *out, const struct summary *m, size_t row)
{
	fputs(m->waits[row].kind, out);
}

static void wait_source(FILE *out, const struct summary *m, size_t row)
{
	fputs(m->waits[row].source ? m->waits[row].source : "", out);
}

/* ---- columns ---- */

static const struct column tables[SCREEN_PANES][COLUMNS + 1] = {
	[SCREEN_FINDINGS] = {
		{ "class", 12, 0, false, finding_class },
		{ "sure", 6, 70, false, finding_confidence },
		{ "blocked", 12, 34, true, finding_age },
		{ "pid", 8, 60, true, finding_pid },
		{ "process", 15, 46, false, finding_comm },
		{ "count", 7, 90, true, finding_count },
		{ "where", 0, 0, false, finding_place },
	},
	[SCREEN_SITES] = {
		{ "growth/h", 9, 0, true, site_growth },
		{ "alive", 7, 30, true, site_alive },
		{ "pid", 8, 60, true, site_pid },
		{ "process", 15, 40, false, site_comm },
		{ "born", 9, 70, true, site_born },
		{ "ended", 9, 90, true, site_ended },
		{ "floors, oldest first", 30, 120, false, site_floors },
		{ "made by", 0, 0, false, site_function },
	},
	[SCREEN_WAITS] = {
		{ "blocked", 12, 0, true, wait_age },
		{ "thread", 8, 60, true, wait_tid },
		{ "name", 15, 34, false, wait_comm },
		{ "class", 12, 90, false, wait_class },
		{ "waits in", 14, 48, false, wait_kind },
		{ "woken by, or why that is not known", 0, 0, false, wait_source },
	},
};

/* Puts the cells side by side; m NULL: the heads. */
static void put_columns(FILE *out, const struct summary *m, enum screen_pane pane, size_t row,
			int width, bool utf8)
{
	int left = width;

	for (const struct column *c = tables[pane]; c->head; c++) {
		_cleanup_free_ char *text = NULL;
		size_t size;
		FILE *cell;
		int wide = c->width ? c->width : left;

		if (width < c->from || (!c->width && left < LAST_MIN))
			continue;
		wide = wide < left ? wide : left;
		cell = open_memstream(&text, &size);
		if (!cell)
			return;
		if (m)
			c->put(cell, m, row);
		else
			fputs(c->head, cell);
		if (!fclose(cell))
			columns_put(out, text, wide, c->right, utf8);
		left -= wide;
		if (left > 1) {
			fputs("  ", out);
			left -= 2;
		}
	}
	fprintf(out, "%*s", left > 0 ? left : 0, "");
}

void screen_rows_heads(FILE *out, enum screen_pane pane, int width, bool utf8)
{
	put_columns(out, NULL, pane, 0, width, utf8);
}

void screen_rows_put(FILE *out, const struct summary *m, enum screen_pane pane, size_t row,
		     int width, bool utf8)
{
	put_columns(out, m, pane, row, width, utf8);
}

/* ---- what a row is ---- */

size_t screen_rows_count(const struct summary *m, enum screen_pane pane)
{
	if (!m)
		return 0;
	return pane == SCREEN_FINDINGS ? m->nfindings
	       : pane == SCREEN_SITES  ? m->nsites
				       : m->nwaits;
}

void screen_rows_id(const struct summary *m, enum screen_pane pane, size_t row, char ret[SCREEN_ID])
{
	if (pane == SCREEN_WAITS)
		snprintf(ret, SCREEN_ID, "%u", m->waits[row].tid);
	else
		snprintf(ret, SCREEN_ID, "%s",
			 pane == SCREEN_FINDINGS ? m->findings[row].id : m->sites[row].id);
}

enum screen_look screen_rows_look(const struct summary *m, enum screen_pane pane, size_t row)
{
	if (pane == SCREEN_FINDINGS)
		return strcmp(m->findings[row].confidence, "proven") ? SCREEN_WARN : SCREEN_BAD;
	if (pane == SCREEN_SITES)
		return m->sites[row].growth > 0 ? SCREEN_WARN : SCREEN_PLAIN;
	return strcmp(m->waits[row].class, "idle") && strcmp(m->waits[row].class, "unknown")
		       ? SCREEN_BAD
		       : SCREEN_PLAIN;
}

/* ---- its story ---- */

int screen_rows_story(const struct summary *m, enum screen_pane pane, size_t row, int width,
		      bool utf8, struct columns_texts *to)
{
	int err = 0;

	if (pane == SCREEN_FINDINGS) {
		err = columns_wrap(to, "", m->findings[row].reason, width, utf8);
		err = err ? err : columns_wrap(to, "", "", width, utf8);
	}
	for (const struct column *c = tables[pane]; !err && c->head; c++) {
		_cleanup_free_ char *text = NULL;
		size_t size;
		char head[64];
		FILE *cell = open_memstream(&text, &size);

		if (!cell)
			return -ENOMEM;
		c->put(cell, m, row);
		if (fclose(cell))
			return -ENOMEM;
		snprintf(head, sizeof(head), "%-10s ",
			 c->width		? c->head
			 : pane == SCREEN_WAITS ? "woken by"
						: c->head);
		err = columns_wrap(to, head, text, width, utf8);
	}
	if (!err && pane == SCREEN_FINDINGS)
		err = columns_wrap(to, "id         ", m->findings[row].id, width, utf8);
	return err;
}
