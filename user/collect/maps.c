// SPDX-License-Identifier: GPL-2.0-only
/* maps.c - which processes can reach a futex word in shared memory?
 *
 * The word's page is known by device, inode and offset in the map of the thread that
 * waits on it; every other process that maps the same page could wake it. Walks all
 * maps of the host, and only when somebody has waited on such a word for long. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collect/maps.h"
#include "collect/procfs.h"

#define PAGE 4096ull

/* A page that somebody waits on. */
struct page {
	__u64 key_id;
	__u64 key_word;
	__u64 addr; /* in the map of the thread that waits */
	__u64 ino;
	__u32 dev;
	__u32 tid;
	__u64 offset; /* in the file */
	bool closed;  /* nobody else can map it later */
};

/* Belongs to the guarded thread until guard_call() has returned. */
struct job {
	__u32 tid;
	__u32 tgid;
	size_t n;
	struct page *pages; /* a copy */
	bool *hit;
};

static void job_free(struct job *job)
{
	if (!job)
		return;
	free(job->pages);
	free(job->hit);
	free(job);
}

static void job_drop(void *job)
{
	job_free(job);
}

static struct job *job_new(const struct wire_thread *t, const struct page *pages, size_t n)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	job->tid = t->head.tid;
	job->tgid = t->tgid;
	job->n = n;
	job->pages = calloc(n, sizeof(*pages));
	job->hit = calloc(n, sizeof(*job->hit));
	if (!job->pages || !job->hit) {
		job_free(job);
		return NULL;
	}
	memcpy(job->pages, pages, n * sizeof(*pages));
	return job;
}

/* First use: where do the pages of this thread lie? */
static int locate(void *arg, const struct procfs_map *map)
{
	struct job *job = arg;

	for (size_t i = 0; i < job->n; i++) {
		struct page *p = &job->pages[i];

		if (p->tid != job->tid || p->addr < map->start || p->addr >= map->end)
			continue;
		p->ino = map->ino;
		p->dev = map->dev;
		p->closed = map->closed;
		p->offset = (map->offset + p->addr - map->start) / PAGE * PAGE;
	}
	return 0;
}

static int locate_run(void *arg)
{
	return procfs_maps(((struct job *)arg)->tid, locate, arg);
}

/* Second use: which of the pages does this process map? */
static int match(void *arg, const struct procfs_map *map)
{
	struct job *job = arg;

	for (size_t i = 0; i < job->n; i++) {
		const struct page *p = &job->pages[i];

		if (p->ino && p->ino == map->ino && p->dev == map->dev &&
		    p->offset >= map->offset && p->offset - map->offset < map->end - map->start)
			job->hit[i] = true;
	}
	return 0;
}

static int match_run(void *arg)
{
	return procfs_maps(((struct job *)arg)->tid, match, arg);
}

struct pages {
	ARRAY(struct page) page;
};

static int add_page(struct pages *pages, const struct wire_thread *t)
{
	struct page p = {
		.key_id = t->key_id,
		.key_word = t->key_word,
		.addr = t->args[0],
		.tid = t->head.tid,
	};

	for (size_t i = 0; i < pages->page.n; i++)
		if (pages->page.v[i].key_id == p.key_id && pages->page.v[i].key_word == p.key_word)
			return 0;
	return array_push(&pages->page, p) ? -ENOMEM : 0;
}

/* Runs one of the two uses on a thread; *ret is its job, NULL when there is no answer. */
static int run(struct guard *g, struct world *w, const struct wire_thread *t,
	       const struct pages *pages, int (*fn)(void *arg), struct job **ret)
{
	struct job *job = job_new(t, pages->page.v, pages->page.n);
	int err;

	*ret = NULL;
	if (!job)
		return -ENOMEM;
	err = guard_call(g, t->tgid, fn, job_drop, job);
	if (err == -ETIMEDOUT) {
		w->mappers_complete = false;
		return world_blind(w, "reading the memory map of process %u hangs", t->tgid);
	}
	if (err && err != -ESRCH && err != -ENOENT) {
		w->mappers_complete = false;
		err = world_blind(w, "the memory map of process %u could not be read: %s", t->tgid,
				  guard_error(err));
		job_free(job);
		return err;
	}
	*ret = job;
	return 0;
}

static int locate_pages(struct guard *g, struct world *w, struct pages *pages)
{
	for (size_t i = 0; i < pages->page.n; i++) {
		const struct wire_thread *t = world_thread(w, pages->page.v[i].tid);
		struct job *job;
		int err = t ? run(g, w, t, pages, locate_run, &job) : -ESRCH;

		if (err == -ESRCH)
			continue;
		if (err)
			return err;
		if (job)
			pages->page.v[i] = job->pages[i];
		job_free(job);
	}
	return 0;
}

static int keep(struct world *w, const struct job *job)
{
	for (size_t i = 0; i < job->n; i++) {
		struct mapper m = {
			.key_id = job->pages[i].key_id,
			.key_word = job->pages[i].key_word,
			.tgid = job->tgid,
			.open = !job->pages[i].closed,
		};

		if (job->hit[i] && array_push(&w->mappers, m))
			return -ENOMEM;
	}
	return 0;
}

static int compare_mm(const void *a, const void *b)
{
	const struct wire_thread *x = *(const struct wire_thread *const *)a;
	const struct wire_thread *y = *(const struct wire_thread *const *)b;

	return x->mm < y->mm ? -1 : x->mm > y->mm;
}

/* One thread of every address space; n of them, in a new array. */
static const struct wire_thread **address_spaces(const struct world *w, size_t *ret_n)
{
	const struct wire_thread **v = calloc(w->threads.n + 1, sizeof(*v));
	size_t all = 0, n = 0;

	if (!v)
		return NULL;
	for (size_t i = 0; i < w->threads.n; i++)
		if (w->threads.v[i].mm && !(w->threads.v[i].bits & WIRE_ZOMBIE))
			v[all++] = &w->threads.v[i];
	qsort(v, all, sizeof(*v), compare_mm);
	for (size_t i = 0; i < all; i++)
		if (!n || v[n - 1]->mm != v[i]->mm)
			v[n++] = v[i];
	*ret_n = n;
	return v;
}

int maps_find_mappers(struct guard *g, struct world *w, const __u32 *tids, size_t n)
{
	const struct wire_thread **spaces;
	struct pages pages = {};
	size_t nspaces = 0;
	int err = 0;

	w->mappers_complete = true;
	for (size_t i = 0; !err && i < n; i++) {
		const struct wire_thread *t = world_thread(w, tids[i]);

		err = t ? add_page(&pages, t) : 0;
	}
	spaces = pages.page.n ? address_spaces(w, &nspaces) : NULL;
	if (!err && pages.page.n)
		err = spaces ? locate_pages(g, w, &pages) : -ENOMEM;
	for (size_t i = 0; !err && i < nspaces; i++) {
		struct job *job;

		err = run(g, w, spaces[i], &pages, match_run, &job);
		if (!err && job)
			err = keep(w, job);
		job_free(job);
	}
	world_sort(w);
	free(spaces);
	array_free(&pages.page);
	return err;
}
