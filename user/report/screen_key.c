// SPDX-License-Identifier: GPL-2.0-only
/* screen_key.c - what keys and new summaries change in `nowake top`. */
#include <string.h>

#include "report/screen.h"
#include "report/screen_rows.h"

/* at, moved by a key among n rows of which a page shows so many. */
static size_t moved(size_t at, size_t n, size_t page, enum screen_key key)
{
	size_t last = n ? n - 1 : 0, far = page > 1 ? page - 1 : 1;

	switch (key) {
	case SCREEN_KEY_UP:
		return at ? at - 1 : 0;
	case SCREEN_KEY_DOWN:
		return at < last ? at + 1 : last;
	case SCREEN_KEY_PAGE_UP:
		return at > far ? at - far : 0;
	case SCREEN_KEY_PAGE_DOWN:
		return at + far < last ? at + far : last;
	case SCREEN_KEY_HOME:
		return 0;
	case SCREEN_KEY_END:
		return last;
	default:
		return at;
	}
}

static void show(struct screen *s, enum screen_view view)
{
	s->view = view;
	s->scroll = 0;
}

static void key_in_list(struct screen *s, const struct summary *m, enum screen_key key)
{
	size_t n = screen_rows_count(m, s->pane), *selected = &s->selected[s->pane];

	if (key == SCREEN_KEY_NEXT)
		s->pane = (s->pane + 1) % SCREEN_PANES;
	else if (key == SCREEN_KEY_PREVIOUS)
		s->pane = (s->pane + SCREEN_PANES - 1) % SCREEN_PANES;
	else if (key == SCREEN_KEY_ENTER && *selected < n) {
		screen_rows_id(m, s->pane, *selected, s->detail);
		show(s, SCREEN_DETAIL);
	} else {
		*selected = moved(*selected, n, s->page[s->pane], key);
	}
}

bool screen_key(struct screen *s, const struct summary *m, enum screen_key key)
{
	if (key == SCREEN_KEY_QUIT)
		return false;
	if (key == SCREEN_KEY_PAUSE)
		s->paused = !s->paused;
	else if (key == SCREEN_KEY_HELP)
		show(s, s->view == SCREEN_HELP ? SCREEN_LIST : SCREEN_HELP);
	else if (s->view == SCREEN_LIST)
		key_in_list(s, m, key);
	else if (key == SCREEN_KEY_ENTER || key == SCREEN_KEY_BACK)
		show(s, SCREEN_LIST);
	else
		s->scroll = moved(s->scroll, s->scroll_max + 1,
				  s->rows > 4 ? (size_t)s->rows - 3 : 1, key);
	return true;
}

void screen_key_update(struct screen *s, const struct summary *old, const struct summary *new)
{
	char id[SCREEN_ID], other[SCREEN_ID];

	for (int pane = 0; pane < SCREEN_PANES; pane++) {
		size_t at = s->selected[pane], n = screen_rows_count(new, pane);

		/* who has not moved wants to see what is on top */
		if (!at || at >= screen_rows_count(old, pane))
			continue;
		screen_rows_id(old, pane, at, id);
		for (size_t i = 0; i < n; i++) {
			screen_rows_id(new, pane, i, other);
			if (!strcmp(id, other))
				s->selected[pane] = i;
		}
	}
}
