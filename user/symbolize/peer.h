/* SPDX-License-Identifier: GPL-2.0-only */
/* peer.h - how the symbolizer reaches what it has no right to touch: it asks.
 *
 * child.c asks nowake over its socket; tests and fuzzers answer themselves. */
#pragma once

#include <linux/types.h>
#include <stddef.h>

#include "golang/target.h"
#include "symbolize/message.h"

struct peer {
	void *arg;
	/* Memory of the process, at most MESSAGE_BYTES_MAX; how many bytes are there. */
	size_t (*read)(void *arg, __u64 address, void *ret, size_t len);
	/* As struct target reads: arg is this one's. */
	void (*gather)(void *arg, struct target_piece *pieces, size_t n);
	/* A new descriptor, or -errno. */
	int (*open)(void *arg, const struct message_open *what);
};
