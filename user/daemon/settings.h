/* SPDX-License-Identifier: GPL-2.0-only */
/* settings.h - what the settings want, brought about: at the start, at SIGHUP, and at each pass
 * until it works.
 *
 * Filled by daemon.c, which opens all of it but the file. */
#pragma once

#include "daemon/config.h"
#include "daemon/journal.h"
#include "daemon/recall.h"
#include "daemon/textfile.h"

struct settings {
	struct config *config;
	const struct options *opts; /* of config */
	struct journal *journal;
	struct recall *recall;
	struct textfile *textfile; /* NULL: no metrics are written */
	int timer;		   /* of passes */
};

/* What recall is to be made with. */
struct recall_settings settings_recall(const struct options *opts);
/* Turns to the file that is wanted now. The old one goes when that can be had, since it would not
 * be written any more; until then it is. 0 or -errno (textfile_error()). */
int settings_textfile(struct settings *s);
/* Starts the timer anew; the first pass is due now. 0 or -errno. */
int settings_timer(struct settings *s);
/* What the settings want, and is not so yet. */
void settings_adapt(struct settings *s);
/* Reads them again; says how that went, to the log and to systemd. */
void settings_reload(struct settings *s);
