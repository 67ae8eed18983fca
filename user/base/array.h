/* SPDX-License-Identifier: GPL-2.0-only */
/* array.h - a growing array of any type.
 *
 *     ARRAY(struct wire_thread) threads = {};
 *     if (array_push(&threads, t)) return -ENOMEM;
 *     ...
 *     array_free(&threads);
 *
 * A failed push leaves the array as it was. */
#pragma once

#include <stdlib.h>

#define ARRAY(type)                                                                                \
	struct {                                                                                   \
		type *v;                                                                           \
		size_t n;                                                                          \
		size_t cap;                                                                        \
	}

/* Room for one more; 0 or -1. */
#define array_grow(a)                                                                              \
	((a)->n < (a)->cap ? 0 : array_grow_to((void **)&(a)->v, &(a)->cap, sizeof(*(a)->v)))

#define array_push(a, ...) (array_grow(a) ? -1 : ((a)->v[(a)->n++] = (__VA_ARGS__), 0))

#define array_free(a)                                                                              \
	do {                                                                                       \
		free((a)->v);                                                                      \
		(a)->v = NULL;                                                                     \
		(a)->n = (a)->cap = 0;                                                             \
	} while (0)

/* Of one that is fixed: how many it has. */
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static inline int array_grow_to(void **v, size_t *cap, size_t size)
{
	size_t want = *cap ? *cap + *cap / 2 + 1 : 1;
	void *p = reallocarray(*v, want, size);

	if (!p)
		return -1;
	*v = p;
	*cap = want;
	return 0;
}
