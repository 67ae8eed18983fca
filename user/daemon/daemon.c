// SPDX-License-Identifier: GPL-2.0-only
/* daemon.c - `nowake daemon`: passes on a timer, for as long as it is left to run.
 *
 * One loop waits for the timer, the ring buffer, signals and the socket. A pass takes as long
 * as it takes: what comes meanwhile waits in the kernel. Whatever fails is said once, counted,
 * and tried again at the next pass; only what makes all passes impossible ends the daemon. */
#include "daemon/daemon.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/duration.h"
#include "daemon/config.h"
#include "daemon/journal.h"
#include "daemon/notify.h"
#include "daemon/privilege.h"
#include "daemon/recall.h"
#include "daemon/self.h"
#include "daemon/server.h"
#include "daemon/textfile.h"
#include "options_table.h"
#include "pass.h"
#include "report/prometheus.h"
#include "report/summary.h"
#include "version.h"

/* Bytes that are kept for the next pass: fetching pages again costs more than the pass. */
#define TRIM_AT (4u << 20)

struct daemon {
	struct config *config;
	const struct options *opts; /* of config */
	struct journal *journal;
	struct pass *pass;
	struct recall *recall;
	struct server *server; /* NULL: none is wanted */
	struct textfile *textfile;
	struct pass_result last; /* without verdicts before the first pass, or after a failed one */
	struct health health;
	__u64 lost_said; /* of health.lost */
	int epoll, timer, signals;
	bool guards; /* the hook on wakes is to cost next to nothing */
	bool done;
};

/* ---- settings ---- */

static struct recall_settings recall_settings(const struct options *opts)
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

/* Turns to the file that is wanted now. The old one goes when that can be had, since it would not
 * be written any more; until then it is. */
static int open_textfile(struct daemon *d)
{
	const char *path = d->opts->textfile;
	struct textfile *fresh = NULL;
	int err;

	if (d->textfile && path && !strcmp(path, textfile_path(d->textfile)))
		return 0;
	err = path ? textfile_open(path, &fresh) : 0;
	if (err)
		return err;
	if (d->textfile)
		textfile_remove(d->textfile);
	textfile_free(d->textfile);
	d->textfile = fresh;
	return 0;
}

/* What the settings want, and is not so yet: tried at a reload, and at each pass until it works. */
static void adapt(struct daemon *d)
{
	const struct recall_settings settings = recall_settings(d->opts);
	int err = recall_configure(d->recall, &settings);

	if (err) {
		journal_trouble(d->journal, "reload", "%s", strerror(-err));
		return;
	}
	err = open_textfile(d);
	if (err)
		journal_trouble(d->journal, "reload", "textfile %s: %s", d->opts->textfile,
				textfile_error(err));
	else
		journal_recovered(d->journal, "reload");
}

/* ---- one pass ---- */

static void publish(struct daemon *d)
{
	const struct metrics metrics = {
		.groups = recall_groups(d->recall),
		.health = &d->health,
		.v = d->last.v,
	};
	_cleanup_free_ char *text = NULL;
	const char *step = "write";
	size_t size;
	FILE *out = d->textfile ? open_memstream(&text, &size) : NULL;
	int err;

	if (!d->textfile)
		return;
	err = out ? prometheus_print(out, &metrics) : -ENOMEM;
	if (out && fclose(out) && !err)
		err = -ENOMEM;
	err = err ? err : textfile_write(d->textfile, text, size, &step);
	if (err)
		journal_trouble(d->journal, "textfile", "%s: cannot %s: %s",
				textfile_path(d->textfile), step, textfile_error(err));
	else
		journal_recovered(d->journal, "textfile");
}

static void take_result(struct daemon *d, struct pass_result *r)
{
	struct journal_counts counts = {};
	int err = recall_look(d->recall, r->v);

	pass_result_free(&d->last);
	d->last = *r;
	d->health.passes++;
	d->health.scan_ns = r->looks[r->nlooks - 1]->scan_ns;
	d->health.last_pass = clock_ns(CLOCK_REALTIME);
	err = err ? err : journal_findings(d->journal, r->v, &counts);
	for (size_t i = 0; i < CLASS_COUNT; i++) {
		d->health.found[i] += counts.found[i];
		d->health.resolved[i] += counts.resolved[i];
	}
	if (err)
		journal_trouble(d->journal, "pass", "its result could not be kept: %s",
				strerror(-err));
	else
		journal_recovered(d->journal, "pass");
}

/* The line that `systemctl status` shows. */
static void tell_status(const struct daemon *d)
{
	size_t n[CONFIDENCE_PROVEN + 1] = {};
	char text[160] = "STATUS=the last pass failed";

	for (size_t i = 0; d->last.v && i < d->last.v->findings.n; i++)
		n[d->last.v->findings.v[i].confidence]++;
	if (d->last.v)
		snprintf(text, sizeof(text),
			 "STATUS=findings: %zu proven, %zu likely; the last pass took %.2f s",
			 n[CONFIDENCE_PROVEN], n[CONFIDENCE_LIKELY],
			 (double)d->health.pass_ns / DURATION_SECOND);
	notify_send(text);
}

static void run_pass(struct daemon *d)
{
	const struct pass_request request = {
		.threshold_ns = d->opts->threshold_ns,
		.go_rest = d->opts->go_rest,
		.remember = recall_remember,
		.arg = d->recall,
		.last = d->last.v ? &d->last : NULL,
		.ignore = { d->opts->ignored, d->opts->nignored },
	};
	struct pass_result r;
	__u64 start = clock_ns(CLOCK_MONOTONIC);
	int err;

	adapt(d);
	err = pass_run(d->pass, &request, &r);
	if (err) {
		d->health.failed++;
		pass_result_free(&d->last);
		journal_trouble(d->journal, "pass", "the look at this host failed: %s",
				strerror(-err));
	} else {
		take_result(d, &r);
		pass_settle(&d->last, SUMMARY_WAITS);
		journal_blind(d->journal, d->last.looks[0]);
	}
	d->health.pass_ns = clock_ns(CLOCK_MONOTONIC) - start;
	d->health.restarts = pass_restarts(d->pass);
	pass_rest(d->pass);
	if (mallinfo2().fordblks > TRIM_AT)
		malloc_trim(0);
	self_measure(pass_symbolizer(d->pass), &d->health);
	publish(d);
	tell_status(d);
}

/* ---- what comes in ---- */

static int answer(void *arg, const char *request, FILE *out)
{
	struct daemon *d = arg;

	if (!strcmp(request, "top"))
		return summary_print(out, d->last.v, &d->health);
	if (strcmp(request, "history"))
		return -EINVAL;
	return d->last.v ? recall_tell(d->recall, d->last.looks[d->last.nlooks - 1], out) : -EAGAIN;
}

static int set_timer(struct daemon *d)
{
	__u64 ns = d->opts->interval_ns;
	struct itimerspec spec = {
		.it_interval = { ns / DURATION_SECOND, ns % DURATION_SECOND },
		.it_value = { 0, 1 },
	};

	d->health.interval_ns = ns;
	return timerfd_settime(d->timer, 0, &spec, NULL) ? -errno : 0;
}

static void reload(struct daemon *d)
{
	_cleanup_free_ char *kept = NULL, *error = NULL;
	int err;

	notify_reloading();
	err = config_reload(d->config, &kept, &error);
	if (err) {
		journal_say(d->journal, JOURNAL_ERROR, "reload-failed", "%s",
			    error ? error : strerror(err < 0 ? -err : EINVAL));
		notify_send("READY=1");
		return;
	}
	journal_format(d->journal, d->opts->log_json);
	adapt(d);
	err = set_timer(d);
	if (err)
		journal_say(d->journal, JOURNAL_ERROR, "reload-failed", "the interval: %s",
			    strerror(-err));
	journal_say(d->journal, JOURNAL_NOTICE, "reloaded", "settings were read again%s%s",
		    kept ? "; " : "", kept ? kept : "");
	notify_send("READY=1");
}

static void take_signal(struct daemon *d)
{
	struct signalfd_siginfo info;

	if (read(d->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP) {
		reload(d);
		return;
	}
	journal_say(d->journal, JOURNAL_NOTICE, "stopping", "signal %u", info.ssi_signo);
	d->done = true;
}

static void drain(struct daemon *d)
{
	int err = recall_drain(d->recall);

	if (err)
		journal_trouble(d->journal, "events", "%s", strerror(-err));
	else
		journal_recovered(d->journal, "events");
}

/* Once for each pass: a storm makes the buffer overflow a hundred times a second. */
static void say_lost(struct daemon *d)
{
	if (d->health.lost == d->lost_said)
		return;
	journal_say(d->journal, JOURNAL_WARNING, "events-lost",
		    "%llu events found no room: --buffer makes more; the next pass repairs what "
		    "they said",
		    (unsigned long long)(d->health.lost - d->lost_said));
	d->lost_said = d->health.lost;
}

/* A tick that was missed, as after a suspend, is not made up for. */
static void tick(struct daemon *d)
{
	__u64 ticks;

	if (read(d->timer, &ticks, sizeof(ticks)) == sizeof(ticks))
		run_pass(d);
	drain(d);
	say_lost(d);
}

static void dispatch(struct daemon *d, int fd)
{
	const struct server_handler handler = { answer, d };

	if (fd == d->signals)
		take_signal(d);
	else if (fd == d->timer)
		tick(d);
	else if (d->server && fd == server_fd(d->server))
		server_serve(d->server, &handler);
	else
		drain(d);
}

/* ---- from start to end ---- */

/* Of two times to wait, of which -1 is for ever. */
static int sooner(int a, int b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

static int poll_ms(const struct daemon *d, __u64 watchdog_ns)
{
	int ms = d->server ? server_timeout_ms(d->server) : -1;

	if (watchdog_ns)
		ms = sooner(ms, (int)(watchdog_ns / 2000000) + 1);
	return d->guards ? sooner(ms, EVENTS_GUARD_NS / 1000000) : ms;
}

/* Who asked for a hook has it, whatever it costs. */
static void guard(struct daemon *d)
{
	__u64 rate;

	if (!d->guards || !recall_guard(d->recall, &rate))
		return;
	d->health.futex_hook = options_table_hooks[recall_hook(d->recall)];
	d->health.futex_blind = recall_hook(d->recall) == FUTEX_OFF;
	if (d->health.futex_blind)
		journal_trouble(d->journal, "futex-events",
				"%llu wakes a second: to see them all would cost too much; off for "
				"%llu s",
				(unsigned long long)rate, EVENTS_REST_NS / DURATION_SECOND);
	else
		journal_recovered(d->journal, "futex-events");
}

static void loop(struct daemon *d)
{
	const struct server_handler handler = { answer, d };
	__u64 watchdog_ns = notify_watchdog_ns(), told = 0;

	while (!d->done) {
		struct epoll_event events[8];
		int n = epoll_wait(d->epoll, events, 8, poll_ms(d, watchdog_ns));

		for (int i = 0; i < n; i++)
			dispatch(d, events[i].data.fd);
		if (!n && d->server)
			server_serve(d->server, &handler);
		guard(d);
		if (watchdog_ns && clock_ns(CLOCK_MONOTONIC) - told >= watchdog_ns / 2) {
			notify_send("WATCHDOG=1");
			told = clock_ns(CLOCK_MONOTONIC);
		}
	}
}

static int watch(struct daemon *d, int fd)
{
	/* The buffer is readable as long as anything is in it, but only half a buffer is worth a
	 * wakeup: it says so once. */
	const bool once = fd == recall_fd(d->recall);
	struct epoll_event event = { .events = EPOLLIN | (once ? EPOLLET : 0), .data.fd = fd };

	return epoll_ctl(d->epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static int open_loop(struct daemon *d)
{
	sigset_t set;
	int err;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a limit is an error like others */
	d->epoll = epoll_create1(EPOLL_CLOEXEC);
	d->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	d->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (d->epoll < 0 || d->timer < 0 || d->signals < 0)
		return -errno;
	err = watch(d, d->timer);
	err = err ? err : watch(d, d->signals);
	err = err ? err : watch(d, recall_fd(d->recall));
	err = err || !d->server ? err : watch(d, server_fd(d->server));
	return err ? err : set_timer(d);
}

/* Opens all that needs privileges, then gives them up. */
static int open_all(struct daemon *d, char **ret_error)
{
	struct recall_settings settings = recall_settings(d->opts);
	struct rlimit files;
	int err;

	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	err = open_textfile(d);
	if (err &&
	    asprintf(ret_error, "--textfile %s: %s", d->opts->textfile, textfile_error(err)) < 0)
		*ret_error = NULL;
	err = err ? err : pass_open(&d->pass, ret_error);
	err = err ? err : recall_new(&settings, d->pass, &d->health, &d->recall, ret_error);
	if (!err && d->opts->socket)
		err = server_open(d->opts->socket, &d->server, ret_error);
	err = err ? err : privilege_drop();
	return err ? err : open_loop(d);
}

static void close_all(struct daemon *d)
{
	server_close(d->server);
	if (d->textfile && textfile_remove(d->textfile))
		journal_say(d->journal, JOURNAL_ERROR, "trouble", "%s could not be removed",
			    textfile_path(d->textfile));
	textfile_free(d->textfile);
	recall_free(d->recall);
	pass_free(d->pass);
	pass_result_free(&d->last);
	for (size_t i = 0; i < 3; i++) {
		int fd = (int[]){ d->epoll, d->timer, d->signals }[i];

		if (fd >= 0)
			close(fd);
	}
}

static int run(struct daemon *d)
{
	_cleanup_free_ char *error = NULL;
	char interval[DURATION_TEXT];
	int err = open_all(d, &error);

	if (err) {
		journal_say(d->journal, JOURNAL_ERROR, "failed", "%s",
			    error ? error : strerror(-err));
		close_all(d);
		return EXIT_BLIND;
	}
	d->health.started = clock_ns(CLOCK_BOOTTIME);
	d->health.futex_hook = options_table_hooks[recall_hook(d->recall)];
	d->health.futex_blind = d->opts->futex_events == FUTEX_OFF;
	d->guards = d->opts->futex_events == FUTEX_AUTO && recall_hook(d->recall) != FUTEX_OFF;
	journal_say(d->journal, JOURNAL_NOTICE, "started",
		    "nowake " NOWAKE_BOTH ": a pass every %s, who wakes whom: %s",
		    duration_text(interval, sizeof(interval), d->opts->interval_ns),
		    d->health.futex_hook);
	run_pass(d);
	notify_send("READY=1");
	loop(d);
	notify_send("STOPPING=1");
	close_all(d);
	return EXIT_DONE;
}

int daemon_run(const struct options *opts)
{
	struct daemon d = { .epoll = -1, .timer = -1, .signals = -1 };
	_cleanup_free_ char *error = NULL;
	int status, err = config_new(opts, &d.config, &error);

	if (err) {
		fprintf(stderr, "nowake daemon: %s\n", error ? error : strerror(-err));
		return err == EXIT_USAGE ? EXIT_USAGE : EXIT_BLIND;
	}
	d.opts = config_options(d.config);
	d.journal = journal_new(stderr, d.opts->log_json);
	status = d.journal ? run(&d) : EXIT_BLIND;
	journal_free(d.journal);
	config_free(d.config);
	return status;
}
