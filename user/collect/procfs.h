/* SPDX-License-Identifier: GPL-2.0-only */
/* procfs.h - bounded reading of /proc/PID files. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* One line of /proc/PID/maps. */
struct procfs_map {
	__u64 start;
	__u64 end;
	__u64 offset;
	__u64 ino;
	__u32 dev; /* major << 20 | minor */
	bool writable;
	bool closed;   /* nobody can map the file anew: it is anonymous memory */
	char name[64]; /* start of the path, "" if it has none */
};

/* Reads at most size - 1 bytes of /proc/PID/NAME and ends them with a NUL.
 * Length, or -errno. */
ssize_t procfs_read(__u32 pid, const char *name, char *ret, size_t size);

/* Calls fn for each mapping until it returns non-zero; that value, 0 at the end, or
 * -errno when the file could not be read. */
int procfs_maps(__u32 pid, int (*fn)(void *arg, const struct procfs_map *map), void *arg);

/* How many of the len bytes at address lie in pages that are there, in memory or in swap, up to
 * the first that is not: reading those asks nobody for a page, no handler of userfaultfd and no
 * file server. 0 where that cannot be told. */
size_t procfs_populated(__u32 pid, __u64 address, size_t len);
#define PROCFS_POPULATED_MAX (64u << 10) /* longer lengths count as this */

/* Writes into a file, as struct message_hole and in order, where private anonymous memory can be
 * written and was never touched: it is zeros, or what a handler of userfaultfd has still to bring.
 * Not all such places, but those that are worth it and can be found in time. 0 or -errno. */
int procfs_write_holes(__u32 pid, int to);
