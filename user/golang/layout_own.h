/* SPDX-License-Identifier: GPL-2.0-only */
/* layout_own.h - the layout of a Go program that the table does not know, as its own DWARF says it.
 *
 * For versions without a row: between those that were measured, newer ones, prereleases,
 * experiments. All others go on using the table, even if their DWARF is there: it is the same
 * DWARF, read when the table was made, and a look that need not open tens of MB of it costs far
 * less. What is found here is as good as the program's word, and nobody has seen a program of that
 * kind: no finding that rests on it is proven. */
#pragma once

#include <stdbool.h>

#include "golang/layout.h"
#include "golang/target.h"

enum layout_kind { LAYOUT_TYPE, LAYOUT_CONSTANT, LAYOUT_VARIABLE };

/* Whoever can read the DWARF. Types are numbers of its own; a typedef is what it stands for. All
 * that is returned is hostile; false: there is no such thing, or none that can be read. */
struct layout_source {
	void *arg;
	bool (*type)(void *arg, const char *name, __u64 *ret);
	bool (*constant)(void *arg, const char *name, __u64 *ret);
	bool (*variable)(void *arg, const char *name, __u64 *ret_address, __u64 *ret_type);
	bool (*member)(void *arg, __u64 type, const char *name, __u64 *ret_type, __u64 *ret_offset);
	bool (*element)(void *arg, __u64 array, __u64 *ret_type);
	bool (*size)(void *arg, __u64 type, __u64 *ret);
};

struct layout_own {
	struct golang_layout layout; /* without its wait reasons; pclntab_magic is 0 */
	__u64 reasons;		     /* where the file has the array of these strings */
	__u32 nreasons;
	char why[128]; /* "has no g.goid (runtime.g: goid)"; "": all of it is good */
};

/* Reads all that the code needs, as Go 1.minor is expected to have it. Nothing is guessed: what is
 * missing, or has another size than any version that was measured, makes it useless. */
void layout_own_read(const struct layout_source *source, unsigned int minor, enum golang_arch arch,
		     struct layout_own *ret);

#define LAYOUT_REASONS_MAX 256 /* g.waitreason is a byte */
#define LAYOUT_REASON_MAX 64   /* bytes of one, with its NUL */

struct layout_reasons {
	const char *name[LAYOUT_REASONS_MAX]; /* into text */
	char text[LAYOUT_REASONS_MAX][LAYOUT_REASON_MAX];
};

/* Reads what g.waitreason means, from the array of strings at that address of the target, into ret,
 * and has the layout point there. False: it is none. */
bool layout_own_reasons(const struct target *target, __u64 address, __u32 n,
			struct layout_reasons *ret, struct golang_layout *layout);
/* Whether the layout can be used: what is in it fits where it is read to, and makes sense together.
 * For rows of the table as well. NULL, or the name of a member that does not. */
const char *layout_own_misfit(const struct golang_layout *layout);
