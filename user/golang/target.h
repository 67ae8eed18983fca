/* SPDX-License-Identifier: GPL-2.0-only */
/* target.h - the memory of a Go program that runs on, as its readers see it.
 *
 * What is there is hostile and moves. golang/ asks for many pieces at once, because each question
 * may cost a message to another process and a system call there; tests answer from arrays. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#define TARGET_PIECES_MAX 512	    /* of one question */
#define TARGET_BYTES_MAX (1u << 20) /* of all its pieces together */

struct target_piece {
	__u64 address;
	void *to;
	size_t len;
	bool there; /* answered: all len bytes are in to */
};

struct target {
	void *arg;
	/* Answers a question within the limits above: of each piece all,
	 * or that it is not there. */
	void (*read)(void *arg, struct target_piece *pieces, size_t n);
};

/* One piece of any length; false when not all of it is there. */
bool target_read(const struct target *t, __u64 address, void *to, size_t len);
/* A pointer, or 8 other bytes. */
bool target_word(const struct target *t, __u64 address, __u64 *ret);
/* Any number of pieces of at most TARGET_BYTES_MAX each, in as few questions as may be. */
void target_read_all(const struct target *t, struct target_piece *pieces, size_t n);

/* A part of a longer stretch of memory; what of it is not there is zeros. */
struct target_view {
	__u64 address;
	const unsigned char *v;
	size_t n;
};

/* Shows all from start to end, in views of up to TARGET_BYTES_MAX, of which the last `overlap`
 * bytes are also the first of the next one; until see() returns true. 1: it did, 0, or -ENOMEM. */
int target_scan(const struct target *t, __u64 start, __u64 end, size_t overlap,
		bool (*see)(void *arg, const struct target_view *view), void *arg);
/* 8 and 4 bytes of what was read. */
__u64 target_u64(const unsigned char *v);
__u32 target_u32(const unsigned char *v);
