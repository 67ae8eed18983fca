// SPDX-License-Identifier: GPL-2.0-only
/* command.c - report, explain, features, snapshot: open, pass, print, close. */
#include "command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/comm.h"
#include "base/escape.h"
#include "collect/features.h"
#include "daemon/ask.h"
#include "pass.h"
#include "report/report.h"
#include "report/snapshot.h"

static int complain(const char *what, int err)
{
	fprintf(stderr, "nowake: %s: %s\n", what, strerror(-err));
	return EXIT_BLIND;
}

/* What the daemon remembers; NULL: there is none, or it does not answer, which is said. */
static struct world *ask_history(const struct options *opts)
{
	_cleanup_free_ char *error = NULL;
	struct world *past = NULL;
	FILE *answer;
	int err;

	if (!opts->socket)
		return NULL;
	err = ask(opts->socket, "history", &answer, &error);
	if ((err == -ENOENT || err == -ECONNREFUSED) && !strcmp(opts->socket, OPTIONS_SOCKET))
		return NULL;
	if (!err) {
		err = snapshot_read_past(answer, "the daemon's history", &past, &error);
		fclose(answer);
	}
	if (err)
		fprintf(stderr, "nowake: going on without the daemon's history: %s\n",
			error ? error : strerror(-err));
	return err ? NULL : past;
}

static int remember(void *arg, struct world *w)
{
	const struct world *past = arg;

	return past ? past_copy(past, w) : 0;
}

/* Looks at this host. EXIT_DONE, or the status to end with, having said why. */
static int run_here(const struct options *opts, struct pass_result *ret)
{
	struct world *past = ask_history(opts);
	const struct pass_request request = {
		.remember = remember,
		.arg = past,
		.threshold_ns = opts->threshold_ns,
		.tid = opts->goid ? 0 : opts->tid,
		.goid = opts->goid,
		.all = opts->all,
		.pids = opts->goid ? &opts->tid : opts->pids,
		.npids = opts->goid ? 1 : opts->npids,
		.debuginfod_ns = opts->debuginfod_ns,
		.ignore = { opts->ignored, opts->nignored },
	};
	_cleanup_free_ char *error = NULL;
	struct pass *pass;
	int err = pass_open(&pass, &error);

	if (err) {
		world_free(past);
		if (!error)
			return complain("cannot look at this host", err);
		fprintf(stderr, "nowake: %s\n", error);
		return EXIT_BLIND;
	}
	err = pass_run(pass, &request, ret);
	pass_free(pass);
	world_free(past);
	return err ? complain("the look at this host failed", err) : EXIT_DONE;
}

/* Judges a snapshot. EXIT_DONE, or the status to end with, having said why. */
static int run_from(const struct options *opts, struct pass_result *ret)
{
	_cleanup_free_ char *error = NULL;
	_cleanup_free_ struct world **looks = NULL;
	const struct ignore ignore = { opts->ignored, opts->nignored };
	size_t n;
	int err = snapshot_read(opts->from, &looks, &n, &error);

	if (err && error) {
		fprintf(stderr, "nowake: %s\n", error);
		return EXIT_BLIND;
	}
	err = err ? err : pass_judge(looks, n, opts->threshold_ns, &ignore, ret);
	return err ? complain(opts->from, err) : EXIT_DONE;
}

static int run(const struct options *opts, struct pass_result *ret)
{
	return opts->from ? run_from(opts, ret) : run_here(opts, ret);
}

/* A report that could not be written whole must not look like one. */
static int finish_output(int err)
{
	if (!err && fflush(stdout))
		err = -errno;
	return err ? complain("cannot write the report", err) : EXIT_DONE;
}

/* What was asked for is not in the look. */
static void say_missing(const struct options *opts, const struct world *w, const char *what,
			__u32 id)
{
	const struct wire_thread *t = world_thread(w, id);
	char path[32];

	snprintf(path, sizeof(path), "/proc/%u", id);
	if (t)
		fprintf(stderr, "nowake: no process %u: it is a thread of process %u\n", id,
			t->tgid);
	else if (!opts->from && !access(path, F_OK))
		fprintf(stderr,
			"nowake: %s %u cannot be judged: it is the kernel's own, or hidden from nowake\n",
			what, id);
	else if (opts->from)
		fprintf(stderr, "nowake: no %s %u in this snapshot: --all lists whom it has\n",
			what, id);
	else
		fprintf(stderr, "nowake: no %s %u: see `ps -eLo pid,tid,comm` for what runs here\n",
			what, id);
}

/* The goroutine that was asked for is not in the look. */
static void say_no_goroutine(const struct options *opts, const struct world *w)
{
	const struct go_process *p = world_go_process(w, opts->tid);
	char text[4 * sizeof(p->trouble) + 1];

	if (!world_thread(w, opts->tid)) {
		say_missing(opts, w, "process", opts->tid);
		return;
	}
	fprintf(stderr, "nowake: no goroutine %llu in process %u: ", opts->goid, opts->tid);
	if (!p)
		fputs("that is no Go program, or was not looked at\n", stderr);
	else if (p->bits & GO_READ)
		fprintf(stderr, "of its %llu goroutines none that was looked at has this number\n",
			p->goroutines);
	else
		fprintf(stderr, "%s\n", escape_text(text, sizeof(text), p->trouble, false));
}

/* -p names processes that must be there. */
static int check_pids(const struct options *opts, const struct world *w)
{
	for (size_t i = 0; i < opts->npids; i++) {
		bool found = opts->pids[i] == w->self;

		for (size_t k = 0; !found && k < w->threads.n; k++)
			found = w->threads.v[k].tgid == opts->pids[i];
		if (!found) {
			say_missing(opts, w, "process", opts->pids[i]);
			return EXIT_USAGE;
		}
	}
	return EXIT_DONE;
}

/* A name of -c that nobody has may be mistyped, which is said. Of a pattern there may be none: who
 * asks what is left of something hopes for that. */
static int check_comms(const struct options *opts, const struct world *w)
{
	int status = EXIT_DONE;

	for (size_t i = 0; i < opts->ncomms; i++) {
		_cleanup_free_ char *safe = NULL;
		const size_t size = 4 * strlen(opts->comms[i]) + 1;
		bool found = false;

		for (size_t k = 0; !found && k < w->threads.n; k++)
			found = comm_matches(w->threads.v[k].comm, &opts->comms[i], 1);
		if (found)
			continue;
		safe = malloc(size);
		fprintf(stderr, "nowake: no process or thread has a name like \"%s\"%s\n",
			safe ? escape_text(safe, size, opts->comms[i], true) : "",
			opts->from ? " in this snapshot"
				   : ": see `ps -eLo pid,tid,comm` for what runs here");
		if (!strpbrk(opts->comms[i], "*?["))
			status = EXIT_USAGE;
	}
	return status;
}

/* What a picture, or lines for a program, have no place for. */
static void say_blind(const struct options *opts, const struct world *w)
{
	if (opts->format != OUTPUT_DOT && opts->format != OUTPUT_FOLDED)
		return;
	for (size_t i = 0; i < w->blind.n; i++)
		fprintf(stderr, "nowake: could not see: %s\n", w->blind.v[i]);
}

int command_report(const struct options *opts)
{
	static const struct output *const outputs[] = {
		[OUTPUT_TEXT] = &report_text,
		[OUTPUT_JSON] = &report_json,
		[OUTPUT_DOT] = &report_dot,
		[OUTPUT_FOLDED] = &report_folded,
	};
	struct style style = report_style(stdout, opts);
	struct pass_result r;
	int status = run(opts, &r);

	if (status != EXIT_DONE)
		return status;
	status = check_pids(opts, r.looks[r.nlooks - 1]);
	if (status == EXIT_DONE)
		status = check_comms(opts, r.looks[r.nlooks - 1]);
	if (status == EXIT_DONE)
		status = finish_output(outputs[opts->format]->print(stdout, r.v, opts, &style));
	say_blind(opts, r.looks[r.nlooks - 1]);
	if (status == EXIT_DONE && opts->exit_code && report_count(opts, r.v))
		status = EXIT_STUCK;
	pass_result_free(&r);
	return status;
}

int command_explain(const struct options *opts)
{
	struct style style = report_style(stdout, opts);
	struct pass_result r;
	int err, status = run(opts, &r);

	if (status != EXIT_DONE)
		return status;
	err = report_explain(stdout, r.v, opts, &style);
	if (err == -ESRCH && opts->goid) {
		say_no_goroutine(opts, r.looks[r.nlooks - 1]);
		status = EXIT_USAGE;
	} else if (err == -ESRCH) {
		say_missing(opts, r.looks[r.nlooks - 1], "thread", opts->tid);
		status = EXIT_USAGE;
	} else {
		status = finish_output(err);
	}
	pass_result_free(&r);
	return status;
}

int command_features(const struct options *opts)
{
	_cleanup_free_ struct feature *v = NULL;
	bool able = true;
	size_t n;
	int err = features_try(&v, &n);

	(void)opts;
	if (err)
		return complain("cannot look at this kernel", err);
	for (size_t i = 0; i < n; i++) {
		printf("%-20s %-3s  %s\n", v[i].name, v[i].present ? "yes" : "no", v[i].detail);
		if (!v[i].present)
			printf("%-20s      without it: %s\n", "", v[i].lost);
		able = able && (v[i].present || !v[i].required);
	}
	err = finish_output(0);
	return err ? err : able ? EXIT_DONE : EXIT_BLIND;
}

int command_snapshot(const struct options *opts)
{
	struct pass_result r;
	int err, status = run_here(opts, &r);

	if (status != EXIT_DONE)
		return status;
	err = snapshot_write(opts->operand, (const struct world *const *)r.looks, r.nlooks);
	pass_result_free(&r);
	if (err == -ELOOP) {
		fprintf(stderr, "nowake: %s: it is a link to what is no file: name that itself\n",
			opts->operand);
		return EXIT_BLIND;
	}
	return err ? complain(opts->operand, err) : EXIT_DONE;
}
