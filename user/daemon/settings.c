// SPDX-License-Identifier: GPL-2.0-only
/* settings.c - what the settings want, brought about: at the start, at SIGHUP, and at each pass
 * until it works. */
#include "daemon/settings.h"

#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>

#include "base/cleanup.h"
#include "base/duration.h"
#include "daemon/notify.h"

struct recall_settings settings_recall(const struct options *opts)
{
	return (struct recall_settings){
		.buffer = opts->buffer,
		.hook = opts->futex_events,
		.window_ns = opts->window_ns,
		.group_by = opts->group_by,
		.units = opts->units,
		.group_limit = opts->group_limit,
	};
}

int settings_textfile(struct settings *s)
{
	const char *path = s->opts->textfile;
	struct textfile *fresh = NULL;
	int err;

	if (s->textfile && path && !strcmp(path, textfile_path(s->textfile)))
		return 0;
	err = path ? textfile_open(path, &fresh) : 0;
	if (err)
		return err;
	if (s->textfile)
		textfile_remove(s->textfile);
	textfile_free(s->textfile);
	s->textfile = fresh;
	return 0;
}

int settings_timer(struct settings *s)
{
	const __u64 ns = s->opts->interval_ns;
	const struct itimerspec spec = {
		.it_interval = { ns / DURATION_SECOND, ns % DURATION_SECOND },
		.it_value = { 0, 1 },
	};

	return timerfd_settime(s->timer, 0, &spec, NULL) ? -errno : 0;
}

void settings_adapt(struct settings *s)
{
	const struct recall_settings settings = settings_recall(s->opts);
	int err = recall_configure(s->recall, &settings);

	if (err) {
		journal_trouble(s->journal, "reload", "%s", strerror(-err));
		return;
	}
	err = settings_textfile(s);
	if (err)
		journal_trouble(s->journal, "reload", "textfile %s: %s", s->opts->textfile,
				textfile_error(err));
	else
		journal_recovered(s->journal, "reload");
}

/* What was read is in force. */
static void say_reloaded(struct settings *s, const char *kept)
{
	int err = settings_timer(s);

	if (err)
		journal_say(s->journal, JOURNAL_ERROR, "reload-failed",
			    "the interval stays, for the timer cannot be set (%s); all else is as "
			    "the settings say%s%s",
			    strerror(-err), kept ? "; " : "", kept ? kept : "");
	else
		journal_say(s->journal, JOURNAL_NOTICE, "reloaded", "settings were read again%s%s",
			    kept ? "; " : "", kept ? kept : "");
}

void settings_reload(struct settings *s)
{
	_cleanup_free_ char *kept = NULL, *error = NULL;
	int err;

	notify_reloading();
	err = config_reload(s->config, &kept, &error);
	if (err) {
		journal_say(s->journal, JOURNAL_ERROR, "reload-failed", "%s",
			    error ? error : strerror(err < 0 ? -err : EINVAL));
	} else {
		journal_format(s->journal, s->opts->log_json);
		settings_adapt(s);
		say_reloaded(s, kept);
	}
	notify_send("READY=1");
}
