/* SPDX-License-Identifier: GPL-2.0-only */
/* snapshot_fields.h - one field of a record, to JSON and back.
 *
 * Both directions work from the same struct snapshot_field; snapshot_tables.c holds
 * the tables of them. What is zero is not written, what is missing is zero. */
#pragma once

#include <jansson.h>
#include <linux/types.h>
#include <stddef.h>

#include "analyze/stack.h"
#include "base/array.h"

enum snapshot_type {
	SNAPSHOT_UINT, /* of 1, 2, 4 or 8 bytes */
	SNAPSHOT_INT,  /* of 4 or 8 bytes */
	SNAPSHOT_BOOL,
	SNAPSHOT_ID,	  /* __u64: a kernel address, written as a small number */
	SNAPSHOT_TEXT,	  /* char[]: always terminated when read */
	SNAPSHOT_STRING,  /* char *, or NULL */
	SNAPSHOT_HEX,	  /* __u8[] */
	SNAPSHOT_UINTS,	  /* __u64[] */
	SNAPSHOT_BYTES,	  /* struct snapshot_bytes */
	SNAPSHOT_NUMBERS, /* struct snapshot_numbers */
};

struct snapshot_bytes {
	unsigned char *v;
	size_t n;
};

#define SNAPSHOT_NUMBERS_MAX STACK_CALLS_MAX /* in one field; longer ones are refused */

struct snapshot_numbers {
	__u32 *v;
	size_t n;
};

struct snapshot_field {
	const char *name;
	enum snapshot_type type;
	size_t offset;
	size_t size;
};

/* The kernel addresses of all looks that are written together, sorted. */
struct snapshot_ids {
	ARRAY(__u64) v;
};

/* Adds the kernel addresses of a record. 0 or -ENOMEM. */
int snapshot_fields_collect(struct snapshot_ids *ids, const struct snapshot_field *fields,
			    const void *record);
/* To be called once between the last snapshot_fields_collect() and the first encode. */
void snapshot_fields_ids_sort(struct snapshot_ids *ids);

/* Tables end with a field without a name. ids: NULL leaves kernel addresses as they are. A new
 * object, or NULL. */
json_t *snapshot_fields_encode(const struct snapshot_ids *ids, const struct snapshot_field *fields,
			       const void *record);
/* Fills the zeroed record; the member "kind" of the object is not its business. 0,
 * -ENOMEM, or -EINVAL with *ret_error saying what is wrong (free it). Strings, bytes and
 * numbers in record belong to the caller in any case: snapshot_fields_release(). */
int snapshot_fields_decode(const struct snapshot_field *fields, const json_t *object, void *record,
			   char **ret_error);
void snapshot_fields_release(const struct snapshot_field *fields, void *record);
