/* SPDX-License-Identifier: GPL-2.0-only */
/* debuginfod.h - debug files from the servers in DEBUGINFOD_URLS, when they are asked for.
 *
 * elfutils' debuginfod-find(1) fetches and keeps them (in its own cache); it runs as a
 * process of its own, for a limited time in all. */
#pragma once

#include <linux/types.h>
#include <stddef.h>

struct debuginfod {
	__u64 left_ns;	     /* of the time that all fetching together may take */
	const char *trouble; /* static: why it cannot work at all, or NULL */
};

/* The debug file of a build id: a descriptor or -errno. */
int debuginfod_open(struct debuginfod *d, const unsigned char *id, size_t len);
