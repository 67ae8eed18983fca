/* SPDX-License-Identifier: GPL-2.0-only */
/* screen.h - what `nowake top` shows and how keys change it, without a terminal.
 *
 * Pure: a summary and a size in columns and rows go in, lines of text come out, each no wider
 * than the screen. top.c brings them to a terminal. Three panes: findings, sites by growth,
 * longest waits; one of them has the focus, and in each one row is selected. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/array.h"
#include "report/summary.h"

enum screen_pane { SCREEN_FINDINGS, SCREEN_SITES, SCREEN_WAITS, SCREEN_PANES };

enum screen_view { SCREEN_LIST, SCREEN_DETAIL, SCREEN_HELP };

enum screen_key {
	SCREEN_KEY_NONE, /* one that means nothing */
	SCREEN_KEY_UP,
	SCREEN_KEY_DOWN,
	SCREEN_KEY_PAGE_UP,
	SCREEN_KEY_PAGE_DOWN,
	SCREEN_KEY_HOME,
	SCREEN_KEY_END,
	SCREEN_KEY_NEXT,     /* pane */
	SCREEN_KEY_PREVIOUS, /* pane */
	SCREEN_KEY_ENTER,
	SCREEN_KEY_BACK,
	SCREEN_KEY_PAUSE,
	SCREEN_KEY_HELP,
	SCREEN_KEY_QUIT,
};

#define SCREEN_ID 24 /* room for what tells a row from all others */

struct screen {
	int rows, cols;
	bool utf8; /* the terminal's alphabet; else ASCII */
	enum screen_pane pane;
	enum screen_view view;
	bool paused;
	size_t selected[SCREEN_PANES];
	size_t first[SCREEN_PANES]; /* row of the pane that is on top */
	size_t page[SCREEN_PANES];  /* rows that fit; as drawn last */
	size_t scroll;		    /* of the view that is no list */
	size_t scroll_max;	    /* as drawn last */
	char detail[SCREEN_ID];	    /* row that the view is about */
	const char *trouble;	    /* why the daemon does not answer; NULL: it does */
	__u64 age;		    /* seconds since the summary came */
};

enum screen_look {
	SCREEN_PLAIN,
	SCREEN_TOP,   /* the first line */
	SCREEN_TITLE, /* of a pane */
	SCREEN_FOCUS, /* of the pane that has the focus */
	SCREEN_BAD,
	SCREEN_WARN,
	SCREEN_DIM,
	SCREEN_SELECTED,
};

struct screen_line {
	char *text; /* safe for a terminal */
	enum screen_look look;
};

struct screen_lines {
	ARRAY(struct screen_line) lines;
};

/* All lines of the screen, at most s->rows; m: the summary, or NULL. 0 or -ENOMEM. */
int screen_draw(struct screen *s, const struct summary *m, struct screen_lines *ret);
void screen_lines_free(struct screen_lines *l);

/* False: it is time to end. */
bool screen_key(struct screen *s, const struct summary *m, enum screen_key key);
/* A newer summary is there: what is selected stays so, wherever it went. */
void screen_key_update(struct screen *s, const struct summary *old, const struct summary *new);
