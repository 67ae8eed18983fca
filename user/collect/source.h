/* SPDX-License-Identifier: GPL-2.0-only */
/* source.h - what the symbolizer may have of a process: its memory, the ELF files it maps,
 * their debug files, the names of its JIT code.
 *
 * Opens regular files only, never a device or FIFO, follows no link out of the process's
 * root, creates nothing. What may hang is done under the guard. */
#pragma once

#include <linux/types.h>

#include "collect/bpf.h"
#include "collect/debuginfod.h"
#include "collect/guard.h"
#include "symbolize/client.h"

struct source {
	struct guard *guard;
	struct bpf *bpf;	       /* NULL: registers are not to be had */
	struct debuginfod *debuginfod; /* NULL: not asked for */
	__u32 tid;		       /* a thread that is not gone */
	__u32 tgid;
	__u32 ns_tgid; /* as its own pid namespace sees it */
	struct client_source calls;
};

#define SOURCE_FILE_MAX (1ull << 30) /* bytes; larger ELF files are not read */
#define SOURCE_MAPS_MAX (64u << 20)
#define SOURCE_STACKS_MAX 16 /* that are read by one guarded call */

/* Pieces of memory; len of their bytes are there. */
struct source_stacks {
	__u32 tid;
	size_t n;
	struct source_stack {
		__u64 address;
		size_t len;
		unsigned char bytes[MESSAGE_BYTES_MAX];
	} stack[SOURCE_STACKS_MAX];
};

/* Fills ret->calls for the rest of ret. */
void source_init(struct source *ret);
/* A file in memory with the text of /proc/PID/maps; a descriptor or -errno. */
int source_maps(struct source *s);
/* Memory of the process; how many bytes there were. */
size_t source_read(struct source *s, __u64 address, void *ret, size_t len);
/* Reads the n pieces at their addresses, or the first of them when that takes long: n is
 * lowered then, never to 0. stacks comes from malloc and is returned, or NULL when the
 * reading hangs: then it is lost. */
struct source_stacks *source_read_stacks(struct source *s, struct source_stacks *stacks);
