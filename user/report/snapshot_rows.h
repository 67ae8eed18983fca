/* SPDX-License-Identifier: GPL-2.0-only */
/* snapshot_rows.h - the kinds of records that a world is made of, as tables. */
#pragma once

#include "analyze/world.h"
#include "report/snapshot_fields.h"

#define SNAPSHOT_VERSION 1
#define SNAPSHOT_MAGIC "nowake-snapshot" /* kind of the first line */

/* What is known of a piece of memory, of a sentence: rows that are no wire records. */
struct snapshot_memory {
	__u64 mm;
	__u64 addr;
	struct snapshot_bytes bytes;
};

struct snapshot_blind {
	char *text;
};

struct snapshot_trace {
	struct snapshot_numbers frames;
	char *stop;
};

union snapshot_record {
	struct wire_thread thread;
	struct wire_file file;
	struct wire_lock lock;
	struct wire_fd fd;
	struct process process;
	struct mapper mapper;
	struct kernel_wait kernel_wait;
	struct frame frame;
	struct snapshot_trace trace;
	struct stack stack;
	struct go_process go_process;
	struct go_wait go_wait;
	struct go_site go_site;
	struct site site;
	struct birth birth;
	struct word word;
	struct stitch stitch;
	struct snapshot_memory memory;
	struct snapshot_blind blind;
};

struct snapshot_kind {
	const char *name;
	const struct snapshot_field *fields;
	size_t (*count)(const struct world *w);
	/* Fills record with row i; its strings stay the world's. */
	void (*give)(const struct world *w, size_t i, union snapshot_record *record);
	/* Adds the record; takes its strings out of it. 0, -ENOMEM, or -EINVAL with a
	 * static message. */
	int (*take)(struct world *w, union snapshot_record *record, const char **ret_error);
};

extern const struct snapshot_kind snapshot_kinds[]; /* ends with one without a name */

/* Sorts what was taken as world.h wants it. 0, or -EINVAL with a static message. */
int snapshot_rows_settle(struct world *w, const char **ret_error);
