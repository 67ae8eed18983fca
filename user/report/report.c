// SPDX-License-Identifier: GPL-2.0-only
/* report.c - what to print, and how: everything that the formats share.
 *
 * The only place that looks at the terminal, the locale and NO_COLOR; setlocale()
 * is main.c's. */
#include "report/report.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/comm.h"

#define WIDTH 80      /* where there is no terminal */
#define WIDTH_MIN 40  /* narrower ones wrap by themselves */
#define WIDTH_MAX 100 /* longer lines are hard to read */

static bool wants_color(int fd, enum color_when when)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (when != COLOR_AUTO)
		return when == COLOR_ALWAYS;
	return isatty(fd) && !(no && *no) && term && strcmp(term, "dumb");
}

static int width_of(int fd)
{
	struct winsize size;

	if (ioctl(fd, TIOCGWINSZ, &size) || !size.ws_col)
		return WIDTH;
	if (size.ws_col < WIDTH_MIN)
		return WIDTH_MIN;
	return size.ws_col > WIDTH_MAX ? WIDTH_MAX : size.ws_col;
}

struct style report_style(FILE *out, const struct options *opts)
{
	int fd = fileno(out);

	return (struct style){
		.color = wants_color(fd, opts->color),
		.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8"),
		.width = width_of(fd),
	};
}

bool report_narrowed(const struct options *opts)
{
	return opts->npids || opts->ncomms;
}

static bool pid_asked(const struct options *opts, __u32 pid)
{
	for (size_t i = 0; i < opts->npids; i++)
		if (opts->pids[i] == pid)
			return true;
	return false;
}

static bool comm_asked(const struct options *opts, const struct wire_thread *t)
{
	return t && comm_matches(t->comm, opts->comms, opts->ncomms);
}

bool report_selects_process(const struct options *opts, const struct world *w, __u32 tgid)
{
	if (opts->npids && !pid_asked(opts, tgid))
		return false;
	return !opts->ncomms || comm_asked(opts, world_thread(w, tgid));
}

bool report_selects_thread(const struct options *opts, const struct verdicts *v,
			   const struct judged *j)
{
	const struct wire_thread *t = j->thread;

	if (opts->npids && !pid_asked(opts, t->tgid))
		return false;
	return !opts->ncomms || comm_asked(opts, t) ||
	       comm_asked(opts, world_thread(v->world, t->tgid));
}

bool report_selects(const struct options *opts, const struct verdicts *v, const struct finding *f)
{
	if (f->confidence == CONFIDENCE_SUSPECT && !opts->suspects)
		return false;
	if (!report_narrowed(opts))
		return true;
	for (size_t i = 0; i < f->members.n; i++)
		if (report_selects_thread(opts, v, &v->judged.v[f->members.v[i]]))
			return true;
	return f->goroutines.n && report_selects_process(opts, v->world, f->pid);
}

size_t report_count(const struct options *opts, const struct verdicts *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->findings.n; i++)
		n += report_selects(opts, v, &v->findings.v[i]);
	return n;
}

size_t report_cut(const struct options *opts, size_t n, size_t most)
{
	return opts->all || n <= most + 1 ? n : most;
}
