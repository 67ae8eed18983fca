/* SPDX-License-Identifier: GPL-2.0-only */
/* floors.h - when a population only rises: of threads (accumulate.c), goroutines (gocrowd.c). */
#pragma once

#include <stdbool.h>

#include "analyze/past.h"

#define FLOORS_RISING 5 /* windows in a row that the floor must rise in */
#define FLOORS_GROWTH 8 /* by so many in all of them, at least */
#define FLOORS_STAY 2	/* windows for which goroutines must have stayed to count as growth */

/* Whether the floors have only risen, for long enough, and the process with them. */
bool floors_rise(const struct floors *f);
/* How many a second, in the windows that tell; 0 when they do not. */
double floors_rate(const struct floors *f);
/* Of those that came until FLOORS_STAY windows ago so many stay, when so many of all that lived
 * then are there now: whether they are the most. */
bool floors_stay(const struct floors *f, __u64 old);
/* Adds the last of SITE_WINDOWS numbers. */
void floors_push(__u64 *v, __u32 *n, __u64 last);

struct finding;
/* "fewest alive in each of the last 6 windows of 10 min: 2, 5, 8, 11, 14, 17", as evidence. 0 or
 * -ENOMEM. */
int floors_say(const struct floors *f, struct finding *ret);
