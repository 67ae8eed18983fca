/* SPDX-License-Identifier: GPL-2.0-only */
/* screen_rows.h - the rows of the three panes of `nowake top`, and the story of one. */
#pragma once

#include "report/columns.h"
#include "report/screen.h"

/* Of a summary that may be NULL. */
size_t screen_rows_count(const struct summary *m, enum screen_pane pane);
/* What tells a row from all others of its pane, also in the next summary. */
void screen_rows_id(const struct summary *m, enum screen_pane pane, size_t row,
		    char ret[SCREEN_ID]);
enum screen_look screen_rows_look(const struct summary *m, enum screen_pane pane, size_t row);
/* The heads of the columns, and a row below them: as many columns as fit. */
void screen_rows_heads(FILE *out, enum screen_pane pane, int width, bool utf8);
void screen_rows_put(FILE *out, const struct summary *m, enum screen_pane pane, size_t row,
		     int width, bool utf8);
/* All that is known of a row, as lines of at most width columns. 0 or -ENOMEM. */
int screen_rows_story(const struct summary *m, enum screen_pane pane, size_t row, int width,
		      bool utf8, struct columns_texts *to);
