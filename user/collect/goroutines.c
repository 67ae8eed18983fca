// SPDX-License-Identifier: GPL-2.0-only
/* goroutines.c - the goroutines of all Go programs of the host.
 *
 * Which process is a Go program is asked once of each address space; the symbolizer does the rest.
 * A daemon spreads the cost: one program after the other, with long pauses. What is stuck stays
 * stuck, so nothing is lost by that but time. */
#include "collect/goroutines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "analyze/accumulate.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "collect/naming.h"
#include "collect/process.h"
#include "collect/source.h"

#define SEARCH_MAX (2ull << 30) /* bytes of memory of one program */
/* How long a search may take: with two listings (golook.c) less than its answer is awaited, so that
 * what was listed is not lost. A daemon has other things to do meanwhile. */
#define SEARCH_MS 6000
#define SEARCH_RESTING_MS 2000
#define CHARGED_NS 5000000000ull /* a program that takes longer keeps no other waiting for hours */
#define BUDGET_MS 120000	 /* of one look; in its second half no program is begun */

#define LOOKS 2 /* of a pass, at which it is read: what they agree on is confirmed */

/* A program in an address space. */
struct space_known {
	struct {
		__u64 mm;
		__u64 started;
		__u64 execs;
	} key;
	bool go;
	bool told;  /* whether it is */
	__u8 looks; /* at which it was read in that pass */
	bool doubt; /* it ran while it was searched, and who is stuck may not be */
	__u32 seen; /* in this look */
	__u64 read; /* when, CLOCK_MONOTONIC, ns; 0: never */
	__u64 pass; /* in which */
	__u64 newest,
		newest_before; /* highest id of a goroutine then, and in the pass before that */
	UT_hash_handle hh;
};

struct goroutines_memory {
	struct space_known *spaces;
	__u32 look;
	__u64 pass;
	__u64 rest_until;
	__u64 deadline; /* of this look */
};

struct goroutines_memory *goroutines_new(void)
{
	return calloc(1, sizeof(struct goroutines_memory));
}

/* Of all that were not seen in this look; NULL: of all. */
static void forget(struct goroutines_memory *m, const __u32 *look)
{
	struct space_known *one, *next;

	HASH_ITER (hh, m->spaces, one, next) {
		if (look && one->seen == *look)
			continue;
		HASH_DEL(m->spaces, one);
		free(one);
	}
}

void goroutines_free(struct goroutines_memory *m)
{
	if (m)
		forget(m, NULL);
	free(m);
}

void goroutines_begin(struct goroutines_memory *m)
{
	m->pass++;
}

/* What is known of a thread's program; NULL: nothing. *ret_like has its key. */
static struct space_known *find_known(const struct goroutines_memory *m,
				      const struct wire_thread *t, struct space_known *ret_like)
{
	struct space_known *one;

	memset(ret_like, 0, sizeof(*ret_like));
	ret_like->key.mm = t->mm;
	ret_like->key.started = t->started;
	ret_like->key.execs = t->execs;
	HASH_FIND(hh, m->spaces, &ret_like->key, sizeof(ret_like->key), one);
	return one;
}

/* NULL without memory. */
static struct space_known *know(struct goroutines_memory *m, struct guard *guard,
				const struct wire_thread *t)
{
	struct space_known like, *one = find_known(m, t, &like);
	int go;

	if (!one) {
		one = malloc(sizeof(*one));
		if (!one)
			return NULL;
		*one = like;
		HASH_ADD(hh, m->spaces, key, sizeof(one->key), one);
	}
	if (!one->told) {
		go = process_is_go(guard, t);
		one->told = go >= 0;
		one->go = go > 0;
	}
	one->seen = m->look;
	return one;
}

/* ---- one program ---- */

struct job {
	struct naming naming;
	struct source source;
	struct message_goroutine_seen seen;
};

static int keep_created(struct job *job, struct go_wait *g)
{
	struct message_trace *t = &job->seen.trace;
	__u32 number;
	int err;

	if (!job->seen.created_at)
		return 0;
	t->n = 1;
	t->stop[0] = '\0';
	t->step[0] = (struct message_step){ .address = job->seen.created_at };
	err = naming_keep(&job->naming, t, &number);
	g->created = err ? 0 : number + 1;
	return err;
}

static int keep_goroutine(struct job *job, struct world *w)
{
	struct go_wait g = job->seen.wait;
	__u32 number;
	int err;

	g.tgid = job->source.tgid;
	g.trace = g.created = 0;
	err = naming_keep(&job->naming, &job->seen.trace, &number);
	if (err)
		return err;
	g.trace = number + 1;
	err = keep_created(job, &g);
	return err || array_push(&w->go_waits, g) ? -ENOMEM : 0;
}

/* Some goroutines of the sites that only grow are asked for, to be shown. */
static void ask_for_sites(const struct world *w, __u32 tgid, struct message_go *request)
{
	for (size_t i = 0; i < w->past.sites.n && request->nsites < MESSAGE_SITES_MAX; i++) {
		const struct site *s = &w->past.sites.v[i];

		if (s->made_at && s->tgid == tgid && accumulate_rises(s))
			request->site[request->nsites++] =
				(struct message_site){ s->made_at, accumulate_floors(s)->newest };
	}
}

static int keep_sites(const struct job *job, const struct message_go_seen *seen, struct world *w)
{
	for (__u32 i = 0; i < seen->nsites; i++) {
		struct go_site site = seen->site[i];

		site.tgid = job->source.tgid;
		if (site.made_at && array_push(&w->go_sites, site))
			return -ENOMEM;
	}
	return 0;
}

static int read_goroutines(struct job *job, struct world *w, struct message_go *request,
			   struct go_process *p)
{
	static struct message_go_seen seen;
	int err = 0;

	if (client_go(job->naming.client, request, &seen)) {
		naming_failed(&job->naming);
		return 0;
	}
	*p = seen.process;
	p->read = clock_ns(CLOCK_BOOTTIME);
	err = keep_sites(job, &seen, w);
	for (__u64 i = 0; !err && i < seen.kept && !job->naming.trouble[0]; i++) {
		if (client_goroutine(job->naming.client, i, &job->seen))
			naming_failed(&job->naming);
		else
			err = keep_goroutine(job, w);
	}
	return err;
}

static int read_program(const struct goroutines_reader *reader, const struct goroutines_request *r,
			const struct wire_thread *t, struct space_known *known, struct world *w)
{
	_cleanup_free_ struct job *job = calloc(1, sizeof(*job));
	struct message_go request = {
		.search_max = SEARCH_MAX,
		.search_ms = r->rest ? SEARCH_RESTING_MS : SEARCH_MS,
		.all = r->all,
		.newest = known->newest_before,
	};
	struct go_process p = {};
	int err = 0;

	if (!job)
		return -ENOMEM;
	if (r->npids && r->pids[0] == t->tgid)
		request.id = r->id;
	ask_for_sites(w, t->tgid, &request);
	job->naming.client = reader->client;
	job->naming.stacks = &w->stacks;
	job->source.guard = reader->guard;
	job->source.bpf = reader->bpf;
	job->source.tid = job->source.tgid = t->tgid;
	job->source.ns_tgid = t->ns_tgid;
	source_init(&job->source);
	if (naming_turn(&job->naming, &job->source, t->bits))
		return 0;
	if (!job->naming.trouble[0])
		err = read_goroutines(job, w, &request, &p);
	if (job->naming.trouble[0])
		snprintf(p.trouble, sizeof(p.trouble), "%.*s", (int)sizeof(p.trouble) - 1,
			 job->naming.trouble);
	p.tgid = t->tgid;
	if (p.bits & GO_READ)
		known->newest = p.newest;
	naming_free(&job->naming);
	return err || array_push(&w->go_processes, p) ? -ENOMEM : 0;
}

/* ---- what was read before ---- */

static int carry_trace(const struct world *from, struct world *w, __u32 *number)
{
	__u32 copy;
	int err;

	if (!*number)
		return 0;
	err = stack_copy_trace(&from->stacks, *number - 1, &w->stacks, &copy);
	*number = err ? 0 : copy + 1;
	return err;
}

/* Whether its process was the same program then. */
static bool is_same(const struct world *from, const struct wire_thread *t)
{
	const struct wire_thread *then = world_thread(from, t->tgid);

	return then && then->mm == t->mm && then->started == t->started && then->execs == t->execs;
}

static int carry(const struct world *from, struct world *w, const struct wire_thread *t)
{
	const __u32 tgid = t->tgid;
	const struct go_process *p = from && is_same(from, t) ? world_go_process(from, tgid) : NULL;
	int err = p && array_push(&w->go_processes, *p) ? -ENOMEM : 0;

	for (size_t i = 0; p && !err && i < from->go_waits.n; i++) {
		struct go_wait g = from->go_waits.v[i];

		if (g.tgid != tgid)
			continue;
		err = carry_trace(from, w, &g.trace);
		err = err ? err : carry_trace(from, w, &g.created);
		err = err || array_push(&w->go_waits, g) ? -ENOMEM : 0;
	}
	for (size_t i = 0; p && !err && i < from->go_sites.n; i++)
		if (from->go_sites.v[i].tgid == tgid)
			err = array_push(&w->go_sites, from->go_sites.v[i]) ? -ENOMEM : 0;
	return err;
}

/* ---- all of them ---- */

static bool is_asked(const struct goroutines_request *r, __u32 tgid)
{
	for (size_t i = 0; i < r->npids; i++)
		if (r->pids[i] == tgid)
			return true;
	return !r->npids;
}

/* A Go program whose turn may come. */
struct candidate {
	struct space_known *known;
	__u32 thread; /* number of its first one in w->threads */
};

/* Who was never read, or not for the longest time, comes first. */
static int compare_read(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->known->read != y->known->read)
		return x->known->read < y->known->read ? -1 : 1;
	return x->thread < y->thread ? -1 : x->thread > y->thread;
}

static bool has_turn(const struct goroutines_memory *m, const struct goroutines_request *r,
		     const struct space_known *known)
{
	if (known->pass == m->pass)
		return known->looks < (known->doubt ? GOROUTINES_LOOKS : LOOKS);
	return !r->rest || clock_ns(CLOCK_MONOTONIC) >= m->rest_until;
}

static int skip(const struct wire_thread *t, struct world *w)
{
	struct go_process p = { .tgid = t->tgid, .trouble = "no time was left for it" };

	return array_push(&w->go_processes, p) ? -ENOMEM : 0;
}

static int look_at(struct goroutines_memory *m, const struct goroutines_reader *reader,
		   const struct goroutines_request *r, const struct world *before, struct world *w,
		   const struct candidate *c)
{
	const struct wire_thread *t = &w->threads.v[c->thread];
	__u64 start = clock_ns(CLOCK_MONOTONIC);
	int err;

	if (!has_turn(m, r, c->known))
		return carry(before, w, t);
	if (start >= m->deadline)
		return skip(t, w);
	if (c->known->pass != m->pass) {
		c->known->newest_before = c->known->newest;
		c->known->looks = 0;
	}
	err = read_program(reader, r, t, c->known, w);
	c->known->pass = m->pass;
	c->known->looks++;
	c->known->read = clock_ns(CLOCK_MONOTONIC);
	start = c->known->read - start < CHARGED_NS ? c->known->read - start : CHARGED_NS;
	m->rest_until =
		(m->rest_until > c->known->read ? m->rest_until : c->known->read) + start * r->rest;
	return err;
}

int goroutines_look(struct goroutines_memory *m, const struct goroutines_reader *reader,
		    const struct goroutines_request *r, const struct world *before, struct world *w)
{
	ARRAY(struct candidate) candidates = {};
	int err = 0;

	m->look++;
	for (size_t i = 0; !err && i < w->threads.n; i++) {
		const struct wire_thread *t = &w->threads.v[i];
		struct candidate c = { .thread = (__u32)i };

		if (t->head.tid != t->tgid || !t->mm || t->tgid == w->self ||
		    (t->bits & (WIRE_ZOMBIE | WIRE_EXITING)) || !is_asked(r, t->tgid))
			continue;
		c.known = know(m, reader->guard, t);
		if (!c.known || (c.known->go && array_push(&candidates, c)))
			err = -ENOMEM;
	}
	if (candidates.n)
		qsort(candidates.v, candidates.n, sizeof(*candidates.v), compare_read);
	client_begin(reader->client, BUDGET_MS);
	m->deadline = clock_ns(CLOCK_MONOTONIC) + BUDGET_MS / 2 * 1000000ull;
	for (size_t i = 0; !err && i < candidates.n; i++)
		err = look_at(m, reader, r, before, w, &candidates.v[i]);
	array_free(&candidates);
	if (!r->npids)
		forget(m, &m->look);
	world_sort(w);
	return err;
}

static void acquit(struct world *w, struct go_process *p)
{
	snprintf(p->unsearched, sizeof(p->unsearched), "it is stopped");
	p->bits &= ~(__u32)GO_MARKED;
	for (size_t i = 0; i < w->go_waits.n; i++)
		if (w->go_waits.v[i].tgid == p->tgid && !(w->go_waits.v[i].bits & GO_NOTHING))
			w->go_waits.v[i].bits &= ~(__u32)(GO_STUCK | GO_HELD);
}

static bool has_stuck(const struct world *w, __u32 tgid)
{
	for (size_t i = 0; i < w->go_waits.n; i++)
		if (w->go_waits.v[i].tgid == tgid &&
		    (w->go_waits.v[i].bits & (GO_STUCK | GO_NOTHING)) == GO_STUCK)
			return true;
	return false;
}

static void doubt(struct goroutines_memory *m, const struct world *w, const struct go_process *p)
{
	const struct wire_thread *t = world_thread(w, p->tgid);
	struct space_known like, *one = t ? find_known(m, t, &like) : NULL;

	if (one)
		one->doubt = (p->bits & GO_MOVED) && has_stuck(w, p->tgid);
}

void goroutines_mark_moved(struct goroutines_memory *m, struct world *w)
{
	for (size_t i = 0; i < w->go_processes.n; i++) {
		struct go_process *p = &w->go_processes.v[i];
		__u32 bits = 0;

		for (size_t k = 0; k < w->threads.n; k++)
			if (w->threads.v[k].tgid == p->tgid)
				bits |= w->threads.v[k].bits;
		if (bits & WIRE_RUNNABLE)
			p->bits |= GO_MOVED;
		if ((bits & (WIRE_STOPPED | WIRE_FROZEN | WIRE_DUMPING)) && (p->bits & GO_MARKED))
			acquit(w, p);
		doubt(m, w, p);
	}
}
