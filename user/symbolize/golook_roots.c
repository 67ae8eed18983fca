// SPDX-License-Identifier: GPL-2.0-only
/* golook_roots.c - where the C code of a Go program may keep pointers.
 *
 * Its variables lie among those of Go, in the same parts of memory. What is private and anonymous
 * is zeros until it is touched; which pages were is asked once, as reading all of it costs more. */
#include "symbolize/golook_roots.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "symbolize/golook_inside.h"

#define RUNS_MAX (1u << 18)

/* What of private anonymous memory is there, in order; known is false where nobody can tell. */
struct runs {
	ARRAY(struct message_run) list;
	bool known;
	size_t next; /* of those that do not lie before the part that is looked at */
};

/* How far memory from an address on is a variable of Go's, which the marking searches itself or
 * knows to be without pointers; or else, with *ret_go false, how far it is none, up to end. */
static __u64 go_until(const struct golook *g, __u64 at, __u64 end, bool *ret_go)
{
	*ret_go = false;
	for (size_t i = 0; i < g->program.nmodules; i++) {
		const struct program_module *m = &g->program.modules[i];
		const struct program_range areas[] = {
			{ m->noptrdata, m->enoptrdata, true },
			{ m->data, m->edata, true },
			{ m->bss, m->ebss, true },
			{ m->noptrbss, m->enoptrbss, true },
		};

		for (size_t k = 0; k < sizeof(areas) / sizeof(*areas); k++) {
			if (at >= areas[k].start && at < areas[k].end) {
				*ret_go = true;
				return areas[k].end;
			}
			if (areas[k].start > at && areas[k].start < end)
				end = areas[k].start;
		}
	}
	return end;
}

/* Reads them from fd; what is none, or more than can be, is not known. */
static int read_runs(int fd, struct runs *ret)
{
	struct message_run run;
	__u64 last = 0;
	struct stat st;

	if (fstat(fd, &st) || st.st_size > (off_t)(RUNS_MAX * sizeof(run)))
		return 0;
	for (off_t at = 0; at < st.st_size; at += sizeof(run)) {
		if (pread(fd, &run, sizeof(run), at) != sizeof(run) || run.start < last ||
		    run.end <= run.start)
			return 0;
		last = run.end;
		if (array_push(&ret->list, run))
			return -ENOMEM;
	}
	ret->known = true;
	return 0;
}

static int ask_runs(const struct golook *g, struct runs *ret)
{
	const struct message_open what = { .what = MESSAGE_OPEN_POPULATED };
	_cleanup_close_ int fd = g->peer->open(g->peer->arg, &what);

	return fd < 0 ? 0 : read_runs(fd, ret);
}

/* What of it is not Go's. */
static int add(const struct golook *g, struct mark *m, __u64 start, __u64 end)
{
	__u64 next;
	bool go;
	int err = 0;

	for (__u64 at = start; !err && at < end; at = next) {
		next = go_until(g, at, end, &go);
		err = go ? 0 : mark_root(m, at, next);
	}
	return err;
}

static int add_part(const struct golook *g, struct mark *m, const struct part *p, struct runs *runs)
{
	int err = 0;

	if (p->ino || !runs->known)
		return add(g, m, p->start, p->end);
	while (runs->next < runs->list.n && runs->list.v[runs->next].end <= p->start)
		runs->next++;
	for (size_t i = runs->next; !err && i < runs->list.n; i++) {
		const struct message_run *run = &runs->list.v[i];

		if (run->start >= p->end)
			break;
		err = add(g, m, run->start > p->start ? run->start : p->start,
			  run->end < p->end ? run->end : p->end);
	}
	return err;
}

int golook_roots(const struct golook *g, const struct space *s, struct mark *m)
{
	struct runs runs = {};
	int err = ask_runs(g, &runs);

	for (size_t i = 0; !err && i < s->parts.n; i++)
		if (s->parts.v[i].writable)
			err = add_part(g, m, &s->parts.v[i], &runs);
	array_free(&runs.list);
	return err;
}
