// SPDX-License-Identifier: GPL-2.0-only
/* golook_locks.c - goroutines that wait for locks which nobody will unlock.
 *
 * Those that wait for a lock, or never go on anyway, are asked first what they are to unlock. Only when
 * some of them seem to wait for ever all others are asked, too: whoever else is to unlock the same
 * refutes it. */
#include "symbolize/golook_locks.h"

#include <errno.h>
#include <stdlib.h>

#include "golang/ring.h"
#include "golang/unlock.h"
#include "symbolize/golook_inside.h"

#define LOCKERS_MAX 4096
#define DUTIES_MAX (1u << 20)

/* One search. Node i is kept[i]; the last node is everybody else, who may go on. */
struct locks {
	struct golook *g;
	struct unlock_reader *reader;
	struct ring_node *nodes;
	ARRAY(struct ring_duty) duties;
	size_t next; /* of those kept, when all are listed again */
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

/* Adds what a goroutine is to unlock, as the duty of that node. */
static int add_duties(struct locks *l, const struct goroutine *one, size_t node)
{
	struct unlock unlocks[UNLOCK_MAX];
	size_t n = unlock_find(l->reader, one, unlocks);

	for (size_t i = 0; i < n && l->duties.n < DUTIES_MAX; i++) {
		const struct ring_duty duty = { unlocks[i].semaphore, node, unlocks[i].shared, 0 };

		if (array_push(&l->duties, duty))
			return -ENOMEM;
	}
	l->g->lockers_cut = l->g->lockers_cut || l->duties.n == DUTIES_MAX;
	return 0;
}

static bool is_asked_first(const struct kept *k)
{
	return k->stuck || waits_for_lock(&k->g);
}

static int ask_first(struct locks *l)
{
	bool any = false;
	int err = 0;

	for (size_t i = 0; i < l->g->kept.n; i++) {
		const struct kept *k = &l->g->kept.v[i];
		const bool waits = !k->stuck && waits_for_lock(&k->g);

		l->nodes[i] =
			(struct ring_node){ waits ? k->g.objects[0].address : 0, k->stuck, 0 };
		any = any || waits;
	}
	for (size_t i = 0; !err && any && i < l->g->kept.n; i++) {
		if (is_asked_first(&l->g->kept.v[i]))
			err = add_duties(l, &l->g->kept.v[i].g, i);
	}
	return err;
}

/* Those kept come in the order in which all are listed. After one that is there no more all are others,
 * which refutes what they say themselves. */
static int ask_other(void *arg, const struct goroutine *one)
{
	struct locks *l = arg;
	const struct golook *g = l->g;
	const struct kept *k = l->next < g->kept.n ? &g->kept.v[l->next] : NULL;

	if (k && k->g.address == one->address && k->g.id == one->id) {
		l->next++;
		if (is_asked_first(k))
			return 0;
	}
	return add_duties(l, one, g->kept.n);
}

/* Whether any of them waits for ever, as far as is known. */
static bool find_rings(struct locks *l)
{
	bool any = false;

	ring_find(l->nodes, l->g->kept.n + 1, l->duties.v, l->duties.n);
	for (size_t i = 0; i < l->g->kept.n; i++)
		any = any || l->nodes[i].holder;
	return any;
}

static int find(struct locks *l)
{
	int err = ask_first(l);

	if (!err && l->duties.n && find_rings(l))
		err = golook_each(l->g, ask_other, l);
	else
		return err;
	if (err || !find_rings(l) || l->g->late)
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
	struct locks l = { g, unlock_new(&g->program), calloc(g->kept.n + 1, sizeof(*l.nodes)) };
	int err = l.reader && l.nodes ? find(&l) : -ENOMEM;

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
