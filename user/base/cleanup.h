/* SPDX-License-Identifier: GPL-2.0-only */
/* cleanup.h - resources that are given back when their variable goes out of scope.
 *
 *     _cleanup_free_ char *path = NULL;
 *     _cleanup_close_ int fd = -1;
 *     ...
 *     *ret = TAKE_PTR(path);
 *
 * A variable with such an attribute is initialised where it is declared. Every
 * hand-over is visible as a TAKE_. errno survives. Types with a _free of their own
 * get theirs with DEFINE_CLEANUP(struct world *, world_free) and
 * _cleanup_(world_freep). */
#pragma once

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(function) __attribute__((cleanup(function)))

#define DEFINE_CLEANUP(type, function)                                                             \
	static inline void function##p(type *p)                                                    \
	{                                                                                          \
		int saved = errno;                                                                 \
                                                                                                   \
		if (*p)                                                                            \
			function(*p);                                                              \
		errno = saved;                                                                     \
	}                                                                                          \
	struct cleanup_wants_a_semicolon

DEFINE_CLEANUP(FILE *, fclose);

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

#define _cleanup_free_ _cleanup_(cleanup_free)
#define _cleanup_close_ _cleanup_(cleanup_close)
#define _cleanup_fclose_ _cleanup_(fclosep)

#define TAKE_PTR(p)                                                                                \
	({                                                                                         \
		__typeof__(p) *take_from_ = &(p);                                                  \
		__typeof__(p) take_ = *take_from_;                                                 \
                                                                                                   \
		*take_from_ = NULL;                                                                \
		take_;                                                                             \
	})

#define TAKE_FD(fd)                                                                                \
	({                                                                                         \
		int *take_from_ = &(fd), take_ = *take_from_;                                      \
                                                                                                   \
		*take_from_ = -1;                                                                  \
		take_;                                                                             \
	})
