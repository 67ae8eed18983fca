/* SPDX-License-Identifier: GPL-2.0-only */
/* groups_table.h - all labels that processes have, and which of them are shown by name.
 *
 * The rules are told in groups.h. Used by groups.c alone. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "analyze/groups.h"

#define GROUPS_TABLE_RECORDS 4096 /* labels; what has one more is "other" */
#define GROUPS_TABLE_DEAD 256	  /* that had a name once, and have no process */
#define GROUPS_TABLE_HOLD 30	  /* looks that a name is kept */

struct groups_tally {
	__u64 born;
	__u64 ended;
};

/* One label. */
struct groups_record {
	struct groups_tally total; /* while it had its name */
	struct groups_tally fresh; /* before the first look at it */
	__u32 processes;
	__u32 threads; /* at the last look */
	__u32 stuck;   /* of those, and of goroutines, likely or proven */
	__u32 wanted;  /* number of the look that last had it among the first */
	__u32 slot;    /* number + 1 in table.all; 0: not there */
	bool named;
	bool ranked; /* has been at a look */
	UT_hash_handle hh;
	const char *unit; /* in name */
	char name[];	  /* and the unit behind its NUL */
};

struct groups_table {
	struct groups_record *records;
	struct groups_record *other; /* not one of records */
	size_t limit;
	__u32 look;
	struct groups_record **named; /* limit */
	size_t nnamed;
	struct group *all; /* limit + 1 */
	size_t n;
	ARRAY(struct groups_record *) order; /* while it is put in order */
};

/* 0 or -ENOMEM; to be freed in any case. */
int groups_table_init(struct groups_table *t, size_t limit);
void groups_table_free(struct groups_table *t);

/* The record of a label; NULL without memory. */
struct groups_record *groups_table_record(struct groups_table *t, const char *name,
					  const char *unit);
void groups_table_count(struct groups_table *t, struct groups_record *r, struct groups_tally n);

/* A look: begin; set threads and stuck of the records; end, after which all has its gauges at
 * zero but for threads. 0 or -ENOMEM: then names stay where they are. */
void groups_table_begin(struct groups_table *t);
int groups_table_end(struct groups_table *t);
/* Where a record is shown; NULL: nowhere yet. */
struct group *groups_table_shown(const struct groups_table *t, const struct groups_record *r);
