// SPDX-License-Identifier: GPL-2.0-only
/* past.c - handing on what is remembered.
 *
 * Pure. A report gets its past from a daemon, and hands it to each of its looks. */
#include "analyze/past.h"

#include <errno.h>
#include <stdlib.h>

#include "analyze/world.h"

void past_free(struct past *p)
{
	array_free(&p->births);
	array_free(&p->sites);
	array_free(&p->words);
	array_free(&p->stitches);
}

static int copy_sites(const struct world *from, struct world *w)
{
	int err = 0;

	for (size_t i = 0; !err && i < from->past.sites.n; i++) {
		struct site site = from->past.sites.v[i];
		__u32 trace;

		if (site.trace) {
			err = stack_copy_trace(&from->stacks, site.trace - 1, &w->stacks, &trace);
			site.trace = err ? 0 : trace + 1;
		}
		err = err ? err : array_push(&w->past.sites, site) ? -ENOMEM : 0;
	}
	return err;
}

#define COPY(from, to, member)                                                                     \
	({                                                                                         \
		int copy_err_ = 0;                                                                 \
                                                                                                   \
		for (size_t i_ = 0; !copy_err_ && i_ < (from)->member.n; i_++)                     \
			copy_err_ = array_push(&(to)->member, (from)->member.v[i_]) ? -ENOMEM : 0; \
		copy_err_;                                                                         \
	})

int past_copy(const struct world *from, struct world *w)
{
	int err = copy_sites(from, w);

	w->past.since = from->past.since;
	w->past.lost = from->past.lost;
	err = err ? err : COPY(&from->past, &w->past, births);
	err = err ? err : COPY(&from->past, &w->past, words);
	return err ? err : COPY(&from->past, &w->past, stitches);
}

static int compare_tid(const void *key, const void *item)
{
	__u32 tid = *(const __u32 *)key, other = ((const struct birth *)item)->tid;

	return tid < other ? -1 : tid > other;
}

const struct birth *past_birth(const struct past *p, const struct wire_thread *t)
{
	const struct birth *b = !p->births.n ? NULL
					     : bsearch(&t->head.tid, p->births.v, p->births.n,
						       sizeof(*p->births.v), compare_tid);

	return b && b->started == t->started ? b : NULL;
}

const struct site *past_site(const struct past *p, const struct birth *b)
{
	return b && b->site && b->site <= p->sites.n ? &p->sites.v[b->site - 1] : NULL;
}
