// SPDX-License-Identifier: GPL-2.0-only
/* floors.c - when a population only rises: its lowest numbers, window by window.
 *
 * Pure. Whoever counts says what a window is: sites.c by the kernel's
 * events, gosites.c by looks. */
#include "analyze/floors.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyze/sentence.h"
#include "base/duration.h"

static __u64 growth_of(const __u64 *floors, __u32 n)
{
	return floors[n - 1] > floors[n - 1 - FLOORS_RISING]
		       ? floors[n - 1] - floors[n - 1 - FLOORS_RISING]
		       : 0;
}

static bool tell(const struct floors *f)
{
	return f->n > FLOORS_RISING && f->n <= SITE_WINDOWS;
}

/* A breathing pool comes back to its floor; and where old threads make room for new ones,
 * the site grows but the process does not. */
bool floors_rise(const struct floors *f)
{
	__u64 growth;

	if (!tell(f) || f->nprocess <= FLOORS_RISING || f->nprocess > SITE_WINDOWS)
		return false;
	for (__u32 i = f->n - FLOORS_RISING; i < f->n; i++)
		if (f->at[i] <= f->at[i - 1])
			return false;
	growth = growth_of(f->at, f->n);
	return growth >= FLOORS_GROWTH && 2 * growth_of(f->process, f->nprocess) >= growth;
}

double floors_rate(const struct floors *f)
{
	return tell(f) && f->window_ns ? (double)growth_of(f->at, f->n) * DURATION_SECOND /
						 ((double)FLOORS_RISING * f->window_ns)
				       : 0;
}

bool floors_stay(const struct floors *f, __u64 old)
{
	__u64 then, first;

	if (!tell(f) || !f->newest)
		return false;
	then = f->at[f->n - 1 - FLOORS_STAY];
	first = f->at[f->n - 1 - FLOORS_RISING];
	return then > first && old >= first && 4 * (old - first) >= 3 * (then - first);
}

void floors_push(__u64 *v, __u32 *n, __u64 last)
{
	if (*n == SITE_WINDOWS) {
		memmove(v, v + 1, (SITE_WINDOWS - 1) * sizeof(*v));
		--*n;
	}
	v[(*n)++] = last;
}

int floors_say(const struct floors *f, struct finding *ret)
{
	char window[DURATION_TEXT], floors[SITE_WINDOWS * 24] = "";
	size_t len = 0;

	for (__u32 i = 0; i < f->n && len < sizeof(floors) - 24; i++)
		len += snprintf(floors + len, sizeof(floors) - len, "%s%" PRIu64, i ? ", " : "",
				(uint64_t)f->at[i]);
	return evidence_fact(ret, "fewest alive in each of the last %u windows of %s: %s", f->n,
			     duration_text(window, sizeof(window), f->window_ns), floors);
}
