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
	/* Answers a question within the limits above: of each piece all, or that it is not there. */
	void (*read)(void *arg, struct target_piece *pieces, size_t n);
};

/* One piece of any length; false when not all of it is there. */
bool target_read(const struct target *t, __u64 address, void *to, size_t len);
/* A pointer, or 8 other bytes. */
bool target_word(const struct target *t, __u64 address, __u64 *ret);
/* Any number of pieces of at most TARGET_BYTES_MAX each. */
void target_read_all(const struct target *t, struct target_piece *pieces, size_t n);
