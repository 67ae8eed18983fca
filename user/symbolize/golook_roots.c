// SPDX-License-Identifier: GPL-2.0-only
/* golook_roots.c - where a Go program may keep pointers, besides Go's own memory.
 *
 * Variables of C code lie among those of Go, in the same parts of memory. What was reserved and
 * never touched is left out: where that is is asked once, as reading it costs far more. Soundness:
 * what is not known to be such a hole, now, is searched. */
#include "symbolize/golook_roots.h"

#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "symbolize/golook_inside.h"

#define HOLES_AT_ONCE 256
#define HOLES_MAX (1u << 18)
#define THREADS_AT_ONCE 16

struct holes {
	ARRAY(struct message_hole) list;
	size_t next; /* the first that does not lie before the part that is looked at */
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

/* Those up to the first that is none, or not in order. */
static int read_holes(int fd, struct holes *ret)
{
	struct message_hole hole[HOLES_AT_ONCE];
	__u64 last = 0;
	ssize_t n;

	while ((n = read(fd, hole, sizeof(hole))) > 0 && ret->list.n < HOLES_MAX) {
		for (size_t i = 0; i < n / sizeof(*hole); i++) {
			if (hole[i].start < last || hole[i].end <= hole[i].start)
				return 0;
			last = hole[i].end;
			if (array_push(&ret->list, hole[i]))
				return -ENOMEM;
		}
	}
	return 0;
}

static int ask_holes(const struct golook *g, struct holes *ret)
{
	const struct message_open what = { .what = MESSAGE_OPEN_HOLES };
	_cleanup_close_ int fd = g->peer->open(g->peer->arg, &what);

	return fd < 0 ? 0 : read_holes(fd, ret);
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

/* What of it is between holes. */
static int add_part(const struct golook *g, struct mark *m, const struct part *p, struct holes *h)
{
	__u64 at = p->start;
	int err = 0;

	while (h->next < h->list.n && h->list.v[h->next].end <= at)
		h->next++;
	for (size_t i = h->next; !err && i < h->list.n && h->list.v[i].start < p->end; i++) {
		err = add(g, m, at, h->list.v[i].start);
		at = h->list.v[i].end;
	}
	return err ? err : add(g, m, at, p->end);
}

int golook_roots(const struct golook *g, const struct space *s, struct mark *m)
{
	struct holes holes = {};
	int err = ask_holes(g, &holes);

	for (size_t i = 0; !err && i < s->parts.n; i++)
		if (s->parts.v[i].writable)
			err = add_part(g, m, &s->parts.v[i], &holes);
	array_free(&holes.list);
	return err;
}

static void tell_thread(struct mark *m, const struct message_thread *t)
{
	if (t->asleep)
		mark_threads_sleeper(m, &(struct mark_sleeper){ t->sp, t->tid, t->switches });
	for (size_t i = 0; i < MESSAGE_REGS && !t->asleep; i++)
		mark_word(m, t->reg[i]);
}

bool golook_roots_threads(void *golook, struct mark *m)
{
	const struct golook *g = golook;
	const struct message_open what = { .what = MESSAGE_OPEN_THREADS };
	_cleanup_close_ int fd = g->peer->open(g->peer->arg, &what);
	struct message_thread thread[THREADS_AT_ONCE];
	ssize_t n = -1;

	while (fd >= 0 && (n = read(fd, thread, sizeof(thread))) > 0)
		for (size_t i = 0; i < n / sizeof(*thread); i++)
			tell_thread(m, &thread[i]);
	return !n;
}
