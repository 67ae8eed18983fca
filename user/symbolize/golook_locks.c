// SPDX-License-Identifier: GPL-2.0-only
/* golook_locks.c - goroutines that wait for locks which nobody will unlock.
 *
 * Only those that wait for a lock, or never go on anyway, are asked what they are to unlock: whoever
 * may go on does it. */
#include "symbolize/golook_locks.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "golang/ring.h"
#include "golang/unlock.h"
#include "symbolize/golook_inside.h"

#define LOCKERS_MAX 4096

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

typedef ARRAY(struct ring_duty) duties;

static int find_duties(struct golook *g, duties *ret)
{
	struct unlock_reader *u = unlock_new(&g->program, g->table.wrapper);
	__u64 semaphores[UNLOCK_MAX];
	int err = u ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < g->kept.n; i++) {
		const struct kept *k = &g->kept.v[i];
		size_t n = k->stuck || waits_for_lock(&k->g) ? unlock_find(u, &k->g, semaphores)
							     : 0;

		while (!err && n--)
			err = array_push(ret, (struct ring_duty){ semaphores[n], i }) ? -ENOMEM : 0;
	}
	unlock_free(u);
	return err;
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
	_cleanup_free_ struct ring_node *nodes = calloc(g->kept.n + 1, sizeof(*nodes));
	duties d = {};
	bool any = false;
	int err = nodes ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < g->kept.n; i++) {
		const struct kept *k = &g->kept.v[i];
		const bool lock = !k->stuck && waits_for_lock(&k->g);

		nodes[i] = (struct ring_node){ lock ? k->g.objects[0].address : 0, k->stuck, 0 };
		any = any || lock;
	}
	if (!err && any)
		err = find_duties(g, &d);
	if (!err && d.n) {
		ring_find(nodes, g->kept.n, d.v, d.n);
		for (size_t i = 0; i < g->kept.n; i++)
			if (nodes[i].holder)
				g->kept.v[i].holder = g->kept.v[nodes[i].holder - 1].g.id;
	}
	array_free(&d);
	if (!err)
		let_go(g);
	return err;
}
