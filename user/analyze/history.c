// SPDX-License-Identifier: GPL-2.0-only
/* history.c - what a daemon remembers between looks.
 *
 * Pure. Fed by the daemon with the kernel's events and with every look; read by its looks
 * (world.past). An event that was lost costs a birth or a site, never the truth: what a
 * look sees counts, and what it does not see twice is gone. */
#include "analyze/history.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "analyze/gosites.h"
#include "analyze/sites.h"
#include "analyze/wait.h"

#define WATCH_AGE_NS 1000000000ull /* shorter waits are not worth a hook's attention */
#define SLEPT_NS 1000000000ull	   /* the clocks are read one after the other */
#define HOT_NS 20000000ull /* words that are woken more often are not: each wake would cost */

struct thread {
	__u32 tid;
	__u32 tgid;
	__u32 creator;
	__u32 val;  /* of the futex wait that it was seen in */
	__u64 addr; /* likewise; 0: it was in none */
	__u64 started;
	__u64 creator_started;
	__u64 waits_since;    /* boot time; over all interruptions */
	__u64 unbroken;	      /* its switches then: as long as they stand, none came */
	__u64 comes_since;    /* boot time of the look since when all looks saw it there */
	__u64 switches;	      /* at that look */
	struct site_of *site; /* NULL: not known */
	__u32 look;	      /* number of the last that saw it */
	UT_hash_handle hh;
};

struct history {
	struct thread *threads; /* by tid */
	struct sites *sites;
	struct gosites *gosites;
	__u32 look;
	__u64 since;
	/* that the host was suspended, ns, as of the last look; see history_slept() */
	__u64 asleep;
	ARRAY(struct word) words; /* of the last look, sorted by key */
};

struct history *history_new(__u64 now, __u64 window_ns)
{
	struct history *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->since = now;
	h->asleep = UINT64_MAX;
	h->sites = sites_new(now, window_ns);
	h->gosites = gosites_new(window_ns);
	if (!h->sites || !h->gosites) {
		history_free(h);
		return NULL;
	}
	return h;
}

void history_free(struct history *h)
{
	struct thread *t, *next;

	if (!h)
		return;
	HASH_ITER (hh, h->threads, t, next) {
		HASH_DEL(h->threads, t);
		free(t);
	}
	sites_free(h->sites);
	gosites_free(h->gosites);
	array_free(&h->words);
	free(h);
}

/* ---- threads come and go ---- */

static struct thread *find(struct history *h, __u32 tid)
{
	struct thread *t;

	HASH_FIND(hh, h->threads, &tid, sizeof(tid), t);
	return t;
}

static void end(struct history *h, struct thread *t)
{
	sites_death(h->sites, t->tgid, t->site);
	HASH_DEL(h->threads, t);
	free(t);
}

/* 0 or -ENOMEM. */
static int begin(struct history *h, __u32 tid, __u32 tgid, __u64 started, struct thread **ret)
{
	struct thread *t = find(h, tid);

	if (t)
		end(h, t); /* its death was lost */
	t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->tid = tid;
	t->tgid = tgid;
	t->started = started;
	t->look = h->look;
	HASH_ADD(hh, h->threads, tid, sizeof(t->tid), t);
	if (!t->hh.tbl) {
		free(t);
		return -ENOMEM;
	}
	*ret = t;
	return 0;
}

static int take_birth(struct history *h, const struct wire_birth *b)
{
	struct thread *t;
	int err = begin(h, b->head.tid, b->tgid, b->started, &t);

	if (err)
		return err;
	t->creator = b->creator;
	t->creator_started = b->creator_started;
	return sites_birth(h->sites, b->tgid, b->tgid == b->creator_tgid ? b->site : 0, b->started,
			   &t->site);
}

/* The process has one thread now, which leads it, and is another program. */
static void take_exec(struct history *h, const struct wire_exec *e)
{
	struct thread *t = e->old != e->head.tid ? find(h, e->old) : NULL;

	if (t)
		end(h, t);
	t = find(h, e->head.tid);
	if (t) {
		sites_leave(t->site);
		t->site = NULL;
	}
	sites_exec(h->sites, e->tgid);
}

int history_event(struct history *h, const struct wire_head *event)
{
	struct thread *t;

	switch (event->kind) {
	case WIRE_BIRTH:
		return take_birth(h, (const void *)event);
	case WIRE_EXEC:
		take_exec(h, (const void *)event);
		return 0;
	case WIRE_DEATH:
		t = find(h, event->tid);
		if (t && t->started == ((const struct wire_death *)event)->started)
			end(h, t);
		return 0;
	}
	return 0;
}

/* ---- waits ---- */

static int compare_word(const void *key, const void *item)
{
	const struct wire_word_key *x = key, *y = &((const struct word *)item)->key;

	if (x->mm != y->mm)
		return x->mm < y->mm ? -1 : 1;
	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static const struct word *find_word(const struct world *w, __u64 mm, __u64 addr)
{
	struct wire_word_key key = { mm, addr };

	return !w->past.words.n ? NULL
				: bsearch(&key, w->past.words.v, w->past.words.n,
					  sizeof(*w->past.words.v), compare_word);
}

/* Whether it is known that nobody woke the word since then. */
static bool nobody_woke(const struct world *w, const struct wire_thread *t, __u64 addr, __u64 since)
{
	const struct word *word = find_word(w, t->mm, addr);

	return word && word->seen.since <= since && word->seen.last <= since;
}

/* Whether it has come back to this word for long, not too often: somebody wakes it, like a clock,
 * or signals interrupt it. The two words of a condition variable take turns; they share 8 bytes
 * (__g_signals in glibc's pthread_cond_t, from 2.25). */
static bool comes_back(const struct world *w, const struct wire_thread *t, struct thread *known,
		       __u64 addr)
{
	__u64 lasts = w->boot_time - known->comes_since;

	if (!known->addr || known->addr / 8 != addr / 8 || t->switches < known->switches) {
		known->comes_since = w->boot_time;
		known->switches = t->switches;
		return false;
	}
	return lasts >= WATCH_AGE_NS && (t->switches - known->switches) * HOT_NS <= lasts;
}

/* A lock that the kernel hands over is passed on without a call that the hooks see. */
static bool is_handed_over(const struct wait_futex *f)
{
	return f->op == FUTEX_LOCK_PI || f->op == FUTEX_LOCK_PI2 || f->op == FUTEX_WAIT_REQUEUE_PI;
}

/* A thread that waits on the same word for the same value as at the last look has waited all
 * the time, or was woken and came back. */
static int follow_wait(const struct world *w, const struct wire_thread *t, struct thread *known,
		       struct history_watch *watch)
{
	struct mem_wants wants = {};
	struct wait wait;
	__u64 began = w->boot_time - world_age(w, t);
	int err = wait_decode(w, t, &wants, &wait);
	bool watched;

	array_free(&wants.want);
	if (err)
		return err;
	if (wait.nfutexes != 1 || !wait.futex.private_ || wait.timeout_ns >= 0 ||
	    is_handed_over(&wait.futex)) {
		known->addr = 0;
		return 0;
	}
	watched = comes_back(w, t, known, wait.futex.addr);
	if (known->addr != wait.futex.addr || known->val != wait.futex.val ||
	    began < known->waits_since || !nobody_woke(w, t, known->addr, known->waits_since)) {
		known->waits_since = began;
		known->unbroken = t->switches;
	}
	known->addr = wait.futex.addr;
	known->val = wait.futex.val;
	if (!watched && w->boot_time - known->waits_since < WATCH_AGE_NS)
		return 0;
	return array_push(&watch->keys, (struct wire_word_key){ t->mm, wait.futex.addr }) ? -ENOMEM
											  : 0;
}

/* ---- looks ---- */

static int see(struct history *h, const struct world *w, const struct wire_thread *t,
	       struct history_watch *watch)
{
	struct thread *known = find(h, t->head.tid);
	int err = 0;

	if (!known || known->started != t->started) {
		err = begin(h, t->head.tid, t->tgid, t->started, &known);
		err = err ? err : sites_birth(h->sites, t->tgid, 0, t->started, &known->site);
	}
	if (err)
		return err;
	known->look = h->look;
	if (t->bits & (WIRE_RUNNABLE | WIRE_STOPPED)) {
		known->addr = 0;
		return 0;
	}
	return follow_wait(w, t, known, watch);
}

/* A thread whose number was given to another one after its last wake, if it woke anybody, has
 * ended. A start that does not fit otherwise is a mixture: two threads were the first waker at once
 * (futex.bpf.c). */
static bool lives(struct history *h, const struct wire_waker *waker)
{
	const struct thread *t = find(h, waker->tid);

	return t && (!waker->last || t->started <= waker->last);
}

/* Since when the wakers of the words are gone. */
static int keep_words(struct history *h, const struct world *w)
{
	ARRAY(struct word) words = {};

	for (size_t i = 0; i < w->past.words.n; i++) {
		struct word word = w->past.words.v[i];
		const struct word *then = h->words.n ? bsearch(&word.key, h->words.v, h->words.n,
							       sizeof(*h->words.v), compare_word)
						     : NULL;

		for (int k = 0; k < WIRE_WAKERS && word.seen.wakers[k].tid; k++) {
			if (lives(h, &word.seen.wakers[k]))
				continue;
			word.ended[k] = then && then->ended[k] ? then->ended[k] : w->boot_time;
		}
		if (array_push(&words, word)) {
			array_free(&words);
			return -ENOMEM;
		}
	}
	array_free(&h->words);
	h->words.v = words.v;
	h->words.n = words.n;
	h->words.cap = words.cap;
	return 0;
}

bool history_slept(struct history *h, const struct world *w)
{
	const __u64 asleep = w->boot_time > w->mono_time ? w->boot_time - w->mono_time : 0;
	const bool slept = asleep > h->asleep && asleep - h->asleep >= SLEPT_NS;

	h->asleep = asleep;
	for (struct thread *t = slept ? h->threads : NULL; t; t = t->hh.next)
		t->addr = 0;
	return slept;
}

int history_look(struct history *h, const struct world *w, struct history_watch *ret_watch)
{
	struct thread *t, *next;
	int err = 0;

	h->look++;
	for (size_t i = 0; !err && i < w->threads.n; i++)
		if (!(w->threads.v[i].bits & (WIRE_ZOMBIE | WIRE_EXITING)))
			err = see(h, w, &w->threads.v[i], ret_watch);
	if (err)
		return err;
	HASH_ITER (hh, h->threads, t, next)
		if (t->look + 1 < h->look)
			end(h, t);
	sites_look(h->sites, w->boot_time);
	return keep_words(h, w);
}

int history_goroutines(struct history *h, const struct world *w)
{
	return gosites_look(h->gosites, w);
}

/* ---- what it says ---- */

static int fill_threads(struct history *h, struct world *w)
{
	for (const struct thread *t = h->threads; t; t = t->hh.next) {
		struct birth birth = {
			.tid = t->tid,
			.creator = t->creator,
			.site = sites_number(t->site),
			.started = t->started,
			.creator_started = t->creator_started,
		};
		const struct wire_thread *now = t->addr ? world_thread(w, t->tid) : NULL;

		if (birth.creator && array_push(&w->past.births, birth))
			return -ENOMEM;
		if (now && now->switches != t->unbroken &&
		    w->boot_time - world_age(w, now) > t->waits_since &&
		    array_push(&w->past.stitches,
			       (struct stitch){ t->tid, t->val, t->addr, t->started, t->waits_since,
						now->switches }))
			return -ENOMEM;
	}
	return 0;
}

static int compare_tid(const void *a, const void *b)
{
	__u32 x = *(const __u32 *)a, y = *(const __u32 *)b;

	return x < y ? -1 : x > y;
}

int history_fill(struct history *h, struct world *w, bool all_stacks)
{
	int err = sites_fill(h->sites, w, all_stacks);

	err = err ? err : gosites_fill(h->gosites, w);
	err = err ? err : fill_threads(h, w);
	if (err)
		return err;
	w->past.since = h->since;
	_Static_assert(offsetof(struct birth, tid) == 0, "sorted by its first member");
	_Static_assert(offsetof(struct stitch, tid) == 0, "sorted by its first member");
	if (w->past.births.n)
		qsort(w->past.births.v, w->past.births.n, sizeof(*w->past.births.v), compare_tid);
	if (w->past.stitches.n)
		qsort(w->past.stitches.v, w->past.stitches.n, sizeof(*w->past.stitches.v),
		      compare_tid);
	w->past.words.n = 0;
	for (size_t i = 0; i < h->words.n; i++)
		if (array_push(&w->past.words, h->words.v[i]))
			return -ENOMEM;
	return 0;
}

bool history_wants_trace(struct history *h, __u32 tgid, __u64 site)
{
	return sites_wants_trace(h->sites, tgid, site);
}

struct stacks *history_stacks(struct history *h)
{
	return sites_stacks(h->sites);
}

void history_set_trace(struct history *h, __u32 tgid, __u64 site, __u32 trace)
{
	sites_set_trace(h->sites, tgid, site, trace);
}
