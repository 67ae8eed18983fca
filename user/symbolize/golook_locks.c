// SPDX-License-Identifier: GPL-2.0-only
/* golook_locks.c - goroutines that wait for locks which nobody will unlock.
 *
 * Those that wait for a lock, or never go on anyway, are asked first what
 * they are to unlock. Only when some of them seem to wait for ever all
 * others are asked, too: whoever else is to unlock the same refutes it. */
#include "symbolize/golook_locks.h"

#include <errno.h>
#include <stdlib.h>

#include "golang/bounds.h"
#include "golang/ring.h"
#include "golang/unlock.h"
#include "symbolize/golook_inside.h"

#define LOCKERS_MAX 4096
#define DUTIES_MAX (1u << 18)
#define WORD 8
#define WORDS_AT_ONCE 8192
#define WORDS_MAX (64u << 20) /* bytes of a stack of which all words count */
#define AHEAD 256	      /* that may have ended between two listings, one after the other */

/* One search. Node i is kept[i]; the last node is everybody else, who may go on. */
struct locks {
	struct golook *g;
	struct unlock_reader *reader;
	struct ring_node *nodes;
	ARRAY(struct ring_duty) duties;
	size_t asked; /* of these, sorted, when all are listed again */
	size_t next;  /* of those kept, then */
};

/* Before Go 1.21 a WaitGroup's waiters look alike; nobody defers an unlock of that. */
static bool waits_for_lock(const struct goroutine *g)
{
	switch (g->wait) {
	case GOROUTINE_SEMAPHORE:
	case GOROUTINE_MUTEX:
	case GOROUTINE_RWMUTEX_READ:
	case GOROUTINE_RWMUTEX_WRITE:
		return mark_waits(g) && g->nobjects == 1;
	default:
		return false;
	}
}

int golook_locks_keep(struct golook *g, const struct goroutine *one)
{
	if (!waits_for_lock(one))
		return 0;
	if (g->lockers == LOCKERS_MAX) {
		g->lockers_cut = true;
		return 0;
	}
	g->lockers++;
	return array_push(&g->kept, (struct kept){ .g = *one }) ? -ENOMEM : 0;
}

static int add(struct locks *l, struct ring_duty duty)
{
	if (l->duties.n == DUTIES_MAX) {
		l->g->lockers_cut = true;
		return 0;
	}
	return array_push(&l->duties, duty) ? -ENOMEM : 0;
}

/* Adds what a goroutine is to unlock, as the duty of that node; what is doubtful as that of
 * somebody, which refutes others. But who waits for a Cond has unlocked what belongs to that. */
static int add_duties(struct locks *l, const struct goroutine *one, size_t node, bool *ret_told)
{
	struct unlock unlocks[UNLOCK_MAX];
	size_t n = 0;
	int err = 0;

	*ret_told = unlock_find(l->reader, one, unlocks, &n);
	for (size_t i = 0; !err && i < n; i++) {
		const struct unlock *k = &unlocks[i];

		if (!k->doubtful || one->wait != GOROUTINE_COND)
			err = add(l, (struct ring_duty){ .semaphore = k->semaphore,
							 .node = k->doubtful ? l->g->kept.n : node,
							 .most = k->most });
	}
	return err;
}

static int compare_semaphore(const void *a, const void *b)
{
	const struct ring_duty *x = a, *y = b;

	return x->semaphore < y->semaphore ? -1 : x->semaphore > y->semaphore;
}

/* Each of these words that may be a lock is one that somebody may have. */
static int see_words(struct locks *l, const unsigned char *bytes, size_t n)
{
	const struct golang_layout *layout = l->g->program.layout;
	const __u64 from[] = { layout->mutex.sema, layout->rwmutex.writer_sem,
			       layout->rwmutex.reader_sem };
	int err = 0;

	for (size_t i = 0; !err && i < n * 3; i++) {
		const __u64 semaphore = target_u64(bytes + i / 3 * WORD) + from[i % 3];
		const struct ring_duty key = { .semaphore = semaphore };

		if (bsearch(&key, l->duties.v, l->asked, sizeof(key), compare_semaphore))
			err = add(l, (struct ring_duty){ .semaphore = semaphore,
							 .node = l->g->kept.n,
							 .most = 1 });
	}
	return err;
}

/* Of one whose calls are not known, such as one that runs, all words of its stack count. */
static int add_words(struct locks *l, const struct goroutine *one)
{
	static unsigned char bytes[WORDS_AT_ONCE * WORD];
	__u64 lo, hi, now_lo, now_hi;
	bool whole = bounds_read(&l->g->program, one->address, &lo, &hi) && hi - lo <= WORDS_MAX;
	int err = 0;

	for (__u64 at = lo; whole && !err && at < hi; at += sizeof(bytes)) {
		const size_t n = hi - at < sizeof(bytes) ? hi - at : sizeof(bytes);

		whole = target_read(&l->g->target, at, bytes, n);
		err = whole ? see_words(l, bytes, n / WORD) : 0;
	}
	if (!whole || !bounds_read(&l->g->program, one->address, &now_lo, &now_hi) ||
	    now_lo != lo || now_hi != hi)
		l->g->lockers_cut = true;
	return err;
}

static bool is_asked_first(const struct kept *k)
{
	return k->stuck || waits_for_lock(&k->g);
}

/* Whether any waits for a lock, and could be told who is to unlock it. */
static bool fill_nodes(struct locks *l)
{
	bool any = false;

	for (size_t i = 0; i < l->g->kept.n; i++) {
		const struct kept *k = &l->g->kept.v[i];
		const bool waits = !k->stuck && waits_for_lock(&k->g);

		l->nodes[i] =
			(struct ring_node){ waits ? k->g.objects[0].address : 0, k->stuck, 0 };
		any = any || waits;
	}
	return any;
}

static int ask_first(struct locks *l)
{
	int err = 0;

	for (size_t i = 0; !err && i < l->g->kept.n; i++) {
		struct kept *k = &l->g->kept.v[i];

		if (is_asked_first(k))
			err = add_duties(l, &k->g, i, &k->told);
	}
	return err;
}

/* Those kept come in the order in which all are listed, but for some that ended. */
static const struct kept *find_kept(struct locks *l, const struct goroutine *one)
{
	const struct golook *g = l->g;

	for (size_t i = l->next; i < g->kept.n && i < l->next + AHEAD; i++) {
		if (g->kept.v[i].g.address != one->address)
			continue;
		l->next = i + 1;
		return g->kept.v[i].g.id == one->id ? &g->kept.v[i] : NULL;
	}
	return NULL;
}

static int ask_other(void *arg, const struct goroutine *one)
{
	struct locks *l = arg;
	const struct kept *k = find_kept(l, one);
	bool told = k && is_asked_first(k) && k->told;
	int err = told ? 0 : add_duties(l, one, l->g->kept.n, &told);

	return err || told ? err : add_words(l, one);
}

/* Whether any of them waits for ever, as far as is known. */
static bool find_rings(struct locks *l)
{
	bool any = false;

	if (!ring_find(l->nodes, l->g->kept.n + 1, l->duties.v, l->duties.n) ||
	    unlock_is_spent(l->reader))
		l->g->lockers_cut = true;
	for (size_t i = 0; i < l->g->kept.n; i++)
		any = any || l->nodes[i].holder;
	return any;
}

static int find(struct locks *l)
{
	int err;

	if (!fill_nodes(l))
		return 0;
	l->reader = unlock_new(&l->g->program);
	err = l->reader ? ask_first(l) : -ENOMEM;
	if (err || !l->duties.n || !find_rings(l))
		return err;
	l->asked = l->duties.n;
	err = golook_each(l->g, ask_other, l);
	if (err || !find_rings(l) || l->g->late || l->g->lockers_cut)
		return err;
	for (size_t i = 0; i < l->g->kept.n; i++) {
		if (l->nodes[i].holder)
			l->g->kept.v[i].holder = l->g->kept.v[l->nodes[i].holder - 1].g.id;
	}
	return 0;
}

static void let_go(struct golook *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->kept.n; i++) {
		const struct kept k = g->kept.v[i];

		if (!k.stuck && !k.asked && !k.holder)
			continue;
		if (n < GOLOOK_KEPT_MAX)
			g->kept.v[n++] = k;
		else
			g->kept_cut = true;
	}
	g->kept.n = n;
	g->lockers = 0;
}

int golook_locks_find(struct golook *g)
{
	struct locks l = { .g = g, .nodes = calloc(g->kept.n + 1, sizeof(*l.nodes)) };
	int err = l.nodes ? find(&l) : -ENOMEM;

	unlock_free(l.reader);
	free(l.nodes);
	array_free(&l.duties);
	/* what they wait on was found before that took too long */
	if (g->late || err == -ETIMEDOUT || err == -EAGAIN || err == -EFAULT) {
		g->lockers_cut = true;
		err = 0;
	}
	if (!err)
		let_go(g);
	return err;
}
