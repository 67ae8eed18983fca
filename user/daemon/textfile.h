/* SPDX-License-Identifier: GPL-2.0-only */
/* textfile.h - the file that node_exporter's textfile collector reads: whole or not at all.
 *
 * Written by the daemon after each pass. Nothing here logs: each failure comes back with the
 * step at which it happened, for the caller to say once, and again when it is over. */
#pragma once

#include <stddef.h>

struct textfile;

#define TEXTFILE_HEAD "# HELP nowake_" /* how what is written must begin */

/* The target need not be there, nor its directory; what stands there now is not touched. What
 * another nowake left half-written beside it, before it was killed, is removed. -EISDIR: path
 * is a directory; -EEXIST: something stands there that nowake has not written; -EINVAL: it names no
 * file; -ENAMETOOLONG: there is no room for the name of the file beside it; -ENOMEM, or -errno. */
int textfile_open(const char *path, struct textfile **ret);
/* The same in words. */
const char *textfile_error(int err);
/* Leaves the file where it is. */
void textfile_free(struct textfile *f);
/* As textfile_open() got it. */
const char *textfile_path(const struct textfile *f);

/* Replaces the target. 0 or -errno; then the target is as it was, nothing is left beside it,
 * and *ret_step says what failed: "open its directory", "create", "write", "rename". A size
 * above RLIMIT_FSIZE is an error only where SIGXFSZ is ignored. */
int textfile_write(struct textfile *f, const char *text, size_t len, const char **ret_step);

/* Removes the target, if it is still the file that textfile_write() put there last: 0 also
 * when there is none, or another one. */
int textfile_remove(struct textfile *f);
