// SPDX-License-Identifier: GPL-2.0-only
/* golook.c - the Go program of an address space: finds it, lists it, searches it.
 *
 * The file gives the table of functions, which is the same in memory; all else is read in the
 * memory of the program. golang/ knows what is where; this is what puts it together. */
#include "symbolize/golook.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "golang/allgs.h"
#include "symbolize/golook_inside.h"
#include "symbolize/golook_layout.h"
#include "symbolize/golook_locks.h"
#include "symbolize/golook_roots.h"

#define BATCH 4096		     /* goroutines that are read at once */
#define RANGES_MAX 64		     /* parts of memory that the executable's file begins */
#define MARK_MEMORY_MAX (512u << 20) /* bytes that a search may take */
#define LISTING_MS 8000		     /* a million goroutines take 1500 */

/* Which goroutine was added to a marking as i-th. */
struct added {
	__u64 number;
	__u64 id;
	__u8 turns;
};

void golook_free(struct golook *g)
{
	if (!g)
		return;
	array_free(&g->kept);
	free(g);
}

/* ---- reading ---- */

/* Until the deadline; then nothing is there any more, and whoever reads gives up. */
static void read_in_time(void *arg, struct target_piece *pieces, size_t n)
{
	struct golook *g = arg;

	g->late = g->late || (g->deadline_ms && clock_ms() >= g->deadline_ms);
	if (!g->late)
		g->peer->gather(g->peer->arg, pieces, n);
	for (size_t i = 0; g->late && i < n; i++)
		pieces[i].there = false;
}

/* ---- finding it ---- */

/* The file that is mapped there as code; false: there is none. */
static bool find_file(struct space *s, struct images *images, struct mapping *m,
		      struct golook_code *ret)
{
	struct image *image = m && m->ino ? space_image(s, m, images) : NULL;
	__u64 address;

	if (!image || !image_address(image, m->offset, &address))
		return false;
	ret->mapping = m;
	ret->bias = m->start - address;
	return true;
}

static bool find_executable(struct golook *g, struct space *s, struct images *images)
{
	for (size_t i = 0; i < s->mappings.n && !g->table; i++)
		if (find_file(s, images, &s->mappings.v[i], &g->code[0]))
			g->table = gotable_find(g->code[0].mapping->image);
	return g->table;
}

/* Tells a module what its file has: it says that its table lies in the file that its code is of. A
 * plugin's may have been written to since. */
static void read_code(const struct golook *g, struct golook_code *code, struct program_module *m)
{
	struct image *image = code->mapping->image;
	const struct pclntab_bytes table = gotable_bytes(image, m->pclntab - code->bias);
	unsigned char header[PCLNTAB_HEADER];

	if (pclntab_open(table.v, table.n, &code->table) ||
	    !target_read(&g->target, m->pclntab, header, sizeof(header)) ||
	    !pclntab_is_loaded(table.v, table.n, header))
		return;
	m->table = &code->table;
	m->rodata_bytes = gotable_bytes(image, m->rodata - code->bias);
	m->gofunc_bytes = gotable_bytes(image, m->gofunc - code->bias);
	m->text_bytes = gotable_bytes(image, m->text - code->bias);
}

/* What is mapped from the executable's file, and what lies right behind that: bss. */
static size_t find_ranges(const struct space *s, const struct mapping *exe,
			  struct program_range ranges[RANGES_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < s->parts.n && n < RANGES_MAX; i++) {
		const struct part *p = &s->parts.v[i];

		if (p->ino == exe->ino ||
		    (!p->ino && p->writable && n && ranges[n - 1].end == p->start))
			ranges[n++] = (struct program_range){ p->start, p->end, p->writable };
	}
	return n;
}

static int find(struct golook *g, struct space *s, struct images *images, const char **ret_why)
{
	struct program_range ranges[RANGES_MAX];
	struct program_place place = {
		.target = &g->target,
		.arch = s->machine == EM_AARCH64 ? GOLANG_ARM64 : GOLANG_AMD64,
		.ranges = ranges,
		.own = golook_layout,
		.arg = g,
	};
	int err;

	*ret_why = "no table of functions was found in its code";
	if (!find_executable(g, s, images))
		return -ENOENT;
	g->deadline_ms = clock_ms() + LISTING_MS;
	g->peer = images->peer;
	g->target = (struct target){ g, read_in_time };
	place.n = find_ranges(s, g->code[0].mapping, ranges);
	place.pclntab = g->table->address + g->code[0].bias;
	err = program_find(&place, &g->program, ret_why);
	if (err)
		return err;
	for (size_t i = 0; i < g->program.nmodules; i++) {
		struct program_module *m = &g->program.modules[i];

		if (!i || find_file(s, images, space_find(s, m->text), &g->code[i]))
			read_code(g, &g->code[i], m);
	}
	return 0;
}

/* ---- listing ---- */

int golook_each(const struct golook *g, golook_each_fn fn, void *arg)
{
	_cleanup_free_ struct goroutine *batch = calloc(BATCH, sizeof(*batch));
	__u64 all;
	int err = batch ? allgs_count(&g->program, &all) : -ENOMEM;

	for (__u64 first = 0; !err && first < all; first += BATCH) {
		size_t n = all - first < BATCH ? all - first : BATCH, there = 0;

		err = goroutine_read(&g->program, first, n, batch, &there);
		for (size_t i = 0; !err && i < there; i++)
			err = fn(arg, &batch[i]);
	}
	return !err && g->late ? -ETIMEDOUT : err;
}

/* One reading of all goroutines. */
struct listing {
	struct golook *g;
	const struct message_go *request;
	struct go_process *process;
	struct mark *mark; /* NULL: none is made */
	ARRAY(struct added) added;
	size_t next; /* of those added, at the second reading */
};

static int keep(struct golook *g, const struct goroutine *one, bool stuck, bool asked)
{
	if (!stuck && !asked)
		return golook_locks_keep(g, one);
	if (g->kept.n - g->lockers == GOLOOK_KEPT_MAX) {
		g->kept_cut = true;
		return 0;
	}
	return array_push(&g->kept, (struct kept){ .g = *one, .stuck = stuck, .asked = asked })
		       ? -ENOMEM
		       : 0;
}

static int count_one(void *arg, const struct goroutine *one)
{
	struct listing *l = arg;
	const struct added added = { one->number, one->id, one->turns };

	l->process->goroutines++;
	l->process->waiting += mark_waits(one);
	if (!l->mark)
		return 0;
	if (array_push(&l->added, added))
		return -ENOMEM;
	return mark_add(l->mark, one);
}

/* Whether the marking calls the goroutine stuck. Both readings are in one order; some have ended
 * meanwhile, and others have come. */
static bool is_marked_stuck(struct listing *l, const struct goroutine *one)
{
	const struct added *then;

	while (l->next < l->added.n && l->added.v[l->next].number < one->number)
		l->next++;
	if (!l->mark || l->next == l->added.n)
		return false;
	then = &l->added.v[l->next];
	return then->number == one->number && then->id == one->id && then->turns == one->turns &&
	       mark_is_stuck(l->mark, l->next);
}

static int keep_one(void *arg, const struct goroutine *one)
{
	struct listing *l = arg;
	bool waits = mark_waits(one);
	bool stuck = is_marked_stuck(l, one), asked;

	stuck = waits && !mark_by_choice(one) && (stuck || mark_hopeless(one));
	asked = golook_sites_count(&l->g->sites, l->request, one, stuck);
	asked = asked || (waits && l->request->all) || one->id == l->request->id;
	return keep(l->g, one, stuck, asked);
}

/* ---- searching ---- */

static void tell(char *ret, size_t size, const char *why)
{
	snprintf(ret, size, "%s", why ? why : "its memory cannot be read");
}

static int search(struct listing *l, const struct space *s)
{
	struct go_process *p = l->process;
	struct mark_result result;
	int err = l->g->table->has_c_code ? golook_roots(l->g, s, l->mark) : 0;

	if (!err && l->g->table->has_c_code && s->parts_cut) {
		tell(p->unsearched, sizeof(p->unsearched), "it has too many parts of memory");
		return 0;
	}
	mark_threads(l->mark, golook_roots_threads, l->g);
	l->g->deadline_ms = clock_ms() + l->request->search_ms;
	err = err ? err : mark_run(l->mark, &result);
	if (err)
		return err;
	if (l->g->late)
		result.why = "the search took too long";
	l->g->deadline_ms = clock_ms() + LISTING_MS;
	l->g->late = false;
	p->searched = result.bytes;
	if (result.end == MARK_WHOLE)
		p->bits |= GO_MARKED;
	else
		tell(p->unsearched, sizeof(p->unsearched), result.why);
	return 0;
}

static int list(struct listing *l, const struct space *s)
{
	const struct mark_limits limits = { l->request->search_max, MARK_MEMORY_MAX };
	int err = 0;

	if (l->request->search_max)
		err = mark_new(&l->g->program, &limits, &l->mark);
	err = err ? err : golook_each(l->g, count_one, l);
	if (!err && l->mark && l->process->waiting)
		err = search(l, s);
	l->g->sites.now = clock_ns(CLOCK_MONOTONIC);
	err = err ? err : golook_each(l->g, keep_one, l);
	err = err ? err : golook_locks_find(l->g);
	mark_free(l->mark);
	array_free(&l->added);
	return err;
}

void golook_read(struct space *s, struct images *images, const struct message_go *request,
		 struct message_go_seen *ret)
{
	struct go_process *p = &ret->process;
	struct listing l = { .request = request, .process = p };
	const char *why = NULL;
	int err;

	memset(p, 0, sizeof(*p));
	ret->kept = ret->nsites = ret->pad = 0;
	golook_free(s->golook);
	s->golook = l.g = calloc(1, sizeof(*l.g));
	if (!l.g) {
		tell(p->trouble, sizeof(p->trouble), "there is no memory left");
		return;
	}
	err = find(l.g, s, images, &why);
	snprintf(p->version, sizeof(p->version), "%s", l.g->program.version);
	if (!err) {
		why = NULL;
		err = list(&l, s);
	}
	if (err) {
		tell(p->trouble, sizeof(p->trouble),
		     l.g->late ? "reading its goroutines took too long" : why);
		golook_free(s->golook);
		s->golook = NULL;
		return;
	}
	l.g->deadline_ms = 0; /* each call's stack is read when it is asked for */
	l.g->late = false;
	p->bits |= GO_READ | (l.g->program.layout == &l.g->layout ? GO_OWN_LAYOUT : 0);
	if (l.g->lockers_cut)
		tell(p->unsearched, sizeof(p->unsearched),
		     "who has the locks that its goroutines wait for could not be compared");
	if (l.g->kept_cut)
		tell(p->unsearched, sizeof(p->unsearched),
		     "more of its goroutines are stuck than are listed");
	ret->kept = l.g->kept.n;
	golook_sites_fill(&l.g->sites, ret);
}
