// SPDX-License-Identifier: GPL-2.0-only
/* golook_sites.c - how many goroutines each go statement of a program has made that live.
 *
 * Counted while they are listed. A program has few such statements of
 * which any goroutine lives; where there are more than the table has
 * room for, the goroutines of the others are counted all together. */
#include "symbolize/golook_sites.h"

#include <stdlib.h>

#define NAP_NS 120000000000ull /* longer sleeps are no polling */
/* Go collects every two minutes (runtime/proc.go, forcegcperiod), unless
 * it was told not to, and notes then who sleeps. */
#define COLLECTED_NS 300000000000ull

/* NULL: there is no room. One place stays free, so that every search ends. */
static struct go_site *find(struct golook_sites *s, __u64 made_at)
{
	__u32 i = (__u32)((made_at * 0x9e3779b97f4a7c15ull) >> 32) % GOLOOK_SITES_ROOM;

	while (s->rows[i].made_at && s->rows[i].made_at != made_at)
		i = (i + 1) % GOLOOK_SITES_ROOM;
	if (s->rows[i].made_at)
		return &s->rows[i];
	if (s->n == GOLOOK_SITES_ROOM - 1)
		return NULL;
	s->n++;
	s->rows[i].made_at = made_at;
	return &s->rows[i];
}

/* Whether only a clock ends the wait. */
static bool is_asleep(const struct goroutine *g)
{
	if (g->wait == GOROUTINE_SLEEP)
		return true;
	if ((g->wait != GOROUTINE_CHAN_RECEIVE && g->wait != GOROUTINE_SELECT) || !g->nobjects ||
	    g->nobjects > GOROUTINE_OBJECTS_MAX)
		return false;
	for (__u32 i = 0; i < g->nobjects; i++)
		if (!g->objects[i].timer)
			return false;
	return true;
}

static void count_sleep(struct golook_sites *s, struct go_site *row, const struct goroutine *g)
{
	row->sleeping++;
	if (!g->wait_since || g->wait_since > s->now)
		s->unsure[row - s->rows]++;
	else
		row->napping += s->now - g->wait_since <= NAP_NS;
}

static void count_wait(struct golook_sites *s, struct go_site *row, const struct goroutine *g)
{
	if (!goroutine_is_parked(g)) {
		row->running++;
	} else if (is_asleep(g)) {
		count_sleep(s, row, g);
	} else if (g->wait == GOROUTINE_IO) {
		row->network++;
	} else {
		row->waiting++;
	}
}

/* Its number in the request; nsites: nobody asked for it. */
static __u32 asked(const struct message_go *request, __u64 made_at)
{
	__u32 i = 0;

	while (i < request->nsites && request->site[i].made_at != made_at)
		i++;
	return i;
}

bool golook_sites_count(struct golook_sites *s, const struct message_go *request,
			const struct goroutine *g, bool stuck)
{
	const __u32 number = asked(request, g->gopc);
	struct go_site *row;

	if (g->id > s->newest)
		s->newest = g->id;
	s->torn += g->torn && !g->gopc;
	if (!g->torn && g->wait_since > s->collected && g->wait_since <= s->now)
		s->collected = g->wait_since;
	if (g->system || g->id == 1 || !g->gopc)
		return false;
	row = find(s, g->gopc);
	if (!row) {
		s->unsited++;
		return false;
	}
	row->alive++;
	row->fresh += request->newest && g->id > request->newest;
	row->stuck += stuck;
	if (stuck)
		return false;
	if (g->torn)
		row->torn++;
	else
		count_wait(s, row, g);
	if (number == request->nsites)
		return false;
	row->old += g->id <= request->site[number].old;
	return !g->torn && s->kept[number]++ < GOLOOK_SITES_KEPT;
}

static int compare_alive(const void *a, const void *b)
{
	const struct go_site *x = a, *y = b;

	if (x->alive != y->alive)
		return x->alive > y->alive ? -1 : 1;
	return x->made_at < y->made_at ? -1 : x->made_at > y->made_at;
}

/* Where garbage is collected, who sleeps since an unknown time does so
 * since the last collection. */
static void settle_naps(struct golook_sites *s)
{
	if (!s->collected || s->now - s->collected > COLLECTED_NS)
		return;
	for (__u32 i = 0; i < GOLOOK_SITES_ROOM; i++)
		s->rows[i].napping += s->unsure[i];
}

void golook_sites_fill(struct golook_sites *s, struct message_go_seen *ret)
{
	settle_naps(s);
	qsort(s->rows, GOLOOK_SITES_ROOM, sizeof(*s->rows), compare_alive);
	ret->process.newest = s->newest;
	ret->process.torn = s->torn;
	ret->process.unsited = s->unsited;
	ret->nsites = s->n < GO_SITES_MAX ? s->n : GO_SITES_MAX;
	for (__u32 i = 0; i < s->n; i++) {
		if (i < ret->nsites)
			ret->site[i] = s->rows[i];
		else
			ret->process.unsited += s->rows[i].alive;
	}
}
