/* SPDX-License-Identifier: GPL-2.0-only */
/* snapshot.h - a world in a file: what one pass saw, to be judged anywhere.
 *
 * JSON (optionally gzip-compressed: zlib reads both), one table of fields for
 * writing and reading. Kernel addresses are replaced by small numbers that keep
 * what is equal equal. A snapshot may hold the two looks of one pass. Files are
 * hostile: every number is range-checked, errors name the place. */
#pragma once

#include <stdio.h>

#include "analyze/world.h"

/* Writes looks[0..n-1] to path ("-": standard output); compressed when the name
 * ends in ".gz". Created with mode 0600, complete or not at all. 0 or -errno. */
int snapshot_write(const char *path, const struct world *const *looks, size_t n);
/* Writes what w remembers (its past, and the stacks that it names) for a reader on this host:
 * kernel addresses stay what they are. 0 or -errno. */
int snapshot_write_past(FILE *out, const struct world *w);
/* Reads that, from a file; who: whose it is, for messages. *ret: a world of which only past and
 * stacks are filled. 0 or -errno, with *ret_error as below. */
int snapshot_read_past(FILE *in, const char *who, struct world **ret, char **ret_error);
/* 0 or -errno; on failure *ret_error is a message for the user (free it).
 * *ret_looks: an array of *ret_n worlds, each freed with world_free(). */
int snapshot_read(const char *path, struct world ***ret_looks, size_t *ret_n, char **ret_error);
