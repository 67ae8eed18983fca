/* SPDX-License-Identifier: GPL-2.0-only */
/* source.h - what the symbolizer may have of a process: its memory, the ELF files it maps,
 * their debug files, the names of its JIT code.
 *
 * Opens regular files only, never a device or FIFO, follows no link out of the process's
 * root, creates nothing. What may hang is done under the guard. */
#pragma once

#include <linux/types.h>

#include "collect/debuginfod.h"
#include "collect/guard.h"
#include "symbolize/client.h"

struct source {
	struct guard *guard;
	struct debuginfod *debuginfod; /* NULL: not asked for */
	__u32 tid;		       /* a thread that is not gone */
	__u32 tgid;
	__u32 ns_tgid; /* as its own pid namespace sees it */
	struct client_source calls;
};

#define SOURCE_FILE_MAX (1ull << 30) /* bytes; larger ELF files are not read */
#define SOURCE_MAPS_MAX (64u << 20)

/* Fills ret->calls for the rest of ret. */
void source_init(struct source *ret);
/* A file in memory with the text of /proc/PID/maps; a descriptor or -errno. */
int source_maps(struct source *s);
/* Memory of the process; how many bytes there were. */
size_t source_read(struct source *s, __u64 address, void *ret, size_t len);
