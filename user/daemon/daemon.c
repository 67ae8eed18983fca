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
#include "daemon/notify.h"
#include "daemon/privilege.h"
#include "daemon/self.h"
#include "daemon/server.h"
#include "daemon/settings.h"
#include "options_table.h"
#include "pass.h"
#include "report/prometheus.h"
#include "report/summary.h"
#include "version.h"

/* Bytes that are kept for the next pass: fetching pages again costs more than the pass. */
#define TRIM_AT (4u << 20)

struct daemon {
	struct settings settings;
	struct pass *pass;
	struct server *server;	 /* NULL: none is wanted */
	struct pass_result last; /* without verdicts before the first pass, or after a failed one */
	struct health health;
	__u64 lost_said; /* of health.lost */
	int epoll, signals;
	bool guards; /* the hook on wakes is to cost next to nothing */
	bool done;
};

/* ---- one pass ---- */

static void publish(struct daemon *d)
{
	const struct metrics metrics = {
		.groups = recall_groups(d->settings.recall),
		.health = &d->health,
		.v = d->last.v,
	};
	_cleanup_free_ char *text = NULL;
	const char *step = "write";
	size_t size;
	FILE *out = d->settings.textfile ? open_memstream(&text, &size) : NULL;
	int err;

	if (!d->settings.textfile)
		return;
	err = out ? prometheus_print(out, &metrics) : -ENOMEM;
	if (out && fclose(out) && !err)
		err = -ENOMEM;
	err = err ? err : textfile_write(d->settings.textfile, text, size, &step);
	if (err)
		journal_trouble(d->settings.journal, "textfile", "%s: cannot %s: %s",
				textfile_path(d->settings.textfile), step, textfile_error(err));
	else
		journal_recovered(d->settings.journal, "textfile");
}

static void take_result(struct daemon *d, struct pass_result *r)
{
	struct journal_counts counts = {};
	int err = recall_look(d->settings.recall, r->v);

	pass_result_free(&d->last);
	d->last = *r;
	d->health.passes++;
	d->health.scan_ns = r->looks[r->nlooks - 1]->scan_ns;
	d->health.last_pass = clock_ns(CLOCK_REALTIME);
	err = err ? err : journal_findings(d->settings.journal, r->v, &counts);
	for (size_t i = 0; i < CLASS_COUNT; i++) {
		d->health.found[i] += counts.found[i];
		d->health.resolved[i] += counts.resolved[i];
	}
	if (err)
		journal_trouble(d->settings.journal, "pass", "its result could not be kept: %s",
				strerror(-err));
	else
		journal_recovered(d->settings.journal, "pass");
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
		.threshold_ns = d->settings.opts->threshold_ns,
		.go_rest = d->settings.opts->go_rest,
		.remember = recall_remember,
		.arg = d->settings.recall,
		.last = d->last.v ? &d->last : NULL,
		.ignore = { d->settings.opts->ignored, d->settings.opts->nignored },
	};
	struct pass_result r;
	__u64 start = clock_ns(CLOCK_MONOTONIC);
	int err;

	settings_adapt(&d->settings);
	d->health.interval_ns = d->settings.opts->interval_ns;
	err = pass_run(d->pass, &request, &r);
	if (err) {
		d->health.failed++;
		pass_result_free(&d->last);
		journal_trouble(d->settings.journal, "pass", "the look at this host failed: %s",
				strerror(-err));
	} else {
		take_result(d, &r);
		pass_settle(&d->last, SUMMARY_WAITS);
		journal_blind(d->settings.journal, d->last.looks[0]);
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
	return d->last.v ? recall_tell(d->settings.recall, d->last.looks[d->last.nlooks - 1], out)
			 : -EAGAIN;
}

static void take_signal(struct daemon *d)
{
	struct signalfd_siginfo info;

	if (read(d->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP) {
		settings_reload(&d->settings);
		return;
	}
	journal_say(d->settings.journal, JOURNAL_NOTICE, "stopping", "signal %u", info.ssi_signo);
	d->done = true;
}

static void drain(struct daemon *d)
{
	int err = recall_drain(d->settings.recall);

	if (err)
		journal_trouble(d->settings.journal, "events", "%s", strerror(-err));
	else
		journal_recovered(d->settings.journal, "events");
}

/* Once for each pass: a storm makes the buffer overflow a hundred times a second. */
static void say_lost(struct daemon *d)
{
	if (d->health.lost == d->lost_said)
		return;
	journal_say(d->settings.journal, JOURNAL_WARNING, "events-lost",
		    "%llu events found no room: --buffer makes more; the next pass repairs what "
		    "they said",
		    (unsigned long long)(d->health.lost - d->lost_said));
	d->lost_said = d->health.lost;
}

/* A tick that was missed, as after a suspend, is not made up for. */
static void tick(struct daemon *d)
{
	__u64 ticks;

	if (read(d->settings.timer, &ticks, sizeof(ticks)) == sizeof(ticks))
		run_pass(d);
	drain(d);
	say_lost(d);
}

static void dispatch(struct daemon *d, int fd)
{
	const struct server_handler handler = { answer, d };

	if (fd == d->signals)
		take_signal(d);
	else if (fd == d->settings.timer)
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

	if (!d->guards || !recall_guard(d->settings.recall, &rate))
		return;
	d->health.futex_hook = options_table_hooks[recall_hook(d->settings.recall)];
	d->health.futex_blind = recall_hook(d->settings.recall) == FUTEX_OFF;
	if (d->health.futex_blind)
		journal_trouble(d->settings.journal, "futex-events",
				"%llu wakes a second: to see them all would cost too much; off for "
				"%llu s",
				(unsigned long long)rate, EVENTS_REST_NS / DURATION_SECOND);
	else
		journal_recovered(d->settings.journal, "futex-events");
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
	const bool once = fd == recall_fd(d->settings.recall);
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
	d->settings.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	d->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (d->epoll < 0 || d->settings.timer < 0 || d->signals < 0)
		return -errno;
	err = watch(d, d->settings.timer);
	err = err ? err : watch(d, d->signals);
	err = err ? err : watch(d, recall_fd(d->settings.recall));
	err = err || !d->server ? err : watch(d, server_fd(d->server));
	return err ? err : settings_timer(&d->settings);
}

/* What is left when all that needs privileges is open. */
static int settle(struct daemon *d, char **ret_error)
{
	const char *what = "privileges cannot be given up";
	int err = privilege_drop();

	if (!err) {
		what = "the loop cannot be set up";
		err = open_loop(d);
	}
	if (err && asprintf(ret_error, "%s: %s", what, strerror(-err)) < 0)
		*ret_error = NULL;
	return err;
}

/* Opens all that needs privileges, then gives them up. */
static int open_all(struct daemon *d, char **ret_error)
{
	struct recall_settings settings = settings_recall(d->settings.opts);
	struct rlimit files;
	int err;

	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	err = settings_textfile(&d->settings);
	if (err && asprintf(ret_error, "--textfile %s: %s", d->settings.opts->textfile,
			    textfile_error(err)) < 0)
		*ret_error = NULL;
	err = err ? err : pass_open(&d->pass, ret_error);
	err = err ? err
		  : recall_new(&settings, d->pass, &d->health, &d->settings.recall, ret_error);
	if (!err && d->settings.opts->socket)
		err = server_open(d->settings.opts->socket, &d->server, ret_error);
	return err ? err : settle(d, ret_error);
}

static void close_all(struct daemon *d)
{
	server_close(d->server);
	if (d->settings.textfile && textfile_remove(d->settings.textfile))
		journal_say(d->settings.journal, JOURNAL_ERROR, "trouble",
			    "%s could not be removed", textfile_path(d->settings.textfile));
	textfile_free(d->settings.textfile);
	recall_free(d->settings.recall);
	pass_free(d->pass);
	pass_result_free(&d->last);
	for (size_t i = 0; i < 3; i++) {
		int fd = (int[]){ d->epoll, d->settings.timer, d->signals }[i];

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
		journal_say(d->settings.journal, JOURNAL_ERROR, "failed", "%s",
			    error ? error : strerror(-err));
		close_all(d);
		return EXIT_BLIND;
	}
	d->health.started = clock_ns(CLOCK_BOOTTIME);
	d->health.futex_hook = options_table_hooks[recall_hook(d->settings.recall)];
	d->health.futex_blind = d->settings.opts->futex_events == FUTEX_OFF;
	d->guards = d->settings.opts->futex_events == FUTEX_AUTO &&
		    recall_hook(d->settings.recall) != FUTEX_OFF;
	journal_say(d->settings.journal, JOURNAL_NOTICE, "started",
		    "nowake " NOWAKE_BOTH ": a pass every %s, who wakes whom: %s",
		    duration_text(interval, sizeof(interval), d->settings.opts->interval_ns),
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
	struct daemon d = { .settings.timer = -1, .epoll = -1, .signals = -1 };
	_cleanup_free_ char *error = NULL;
	int status, err = config_new(opts, &d.settings.config, &error);

	if (err) {
		fprintf(stderr, "nowake daemon: %s\n", error ? error : strerror(-err));
		return err == EXIT_USAGE ? EXIT_USAGE : EXIT_BLIND;
	}
	d.settings.opts = config_options(d.settings.config);
	d.settings.journal = journal_new(stderr, d.settings.opts->log_json);
	status = d.settings.journal ? run(&d) : EXIT_BLIND;
	journal_free(d.settings.journal);
	config_free(d.settings.config);
	return status;
}
