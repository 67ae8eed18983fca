/* SPDX-License-Identifier: GPL-2.0-only */
/* golook_inside.h - what golook.c and its parts share. */
#pragma once

#include "golang/layout_own.h"
#include "golang/mark.h"
#include "symbolize/golook.h"
#include "symbolize/golook_sites.h"
#include "symbolize/gotable.h"
#include "symbolize/peer.h"

struct kept {
	struct goroutine g;
	bool stuck;
	bool asked; /* it was asked for, whatever it does */
	bool told;  /* what it is to unlock is known */
	/* id of one that never goes on, and is to unlock what it waits for; 0: none */
	__u64 holder;
};

/* The file with the code of a module. */
struct golook_code {
	struct pclntab table;
	const struct mapping *mapping;
	__u64 bias; /* of addresses in memory, against those of the file */
};

struct golook {
	struct target target;
	const struct peer *peer;
	__s64 deadline_ms; /* CLOCK_MONOTONIC, of reading: the search must end; 0: none */
	bool late;	   /* it has passed */
	struct program program;
	const struct image_table *table;	      /* of the executable's functions */
	struct golook_code code[PROGRAM_MODULES_MAX]; /* of each module */
	ARRAY(struct kept) kept;
	bool kept_cut;	/* there are more */
	size_t lockers; /* of these: they wait for a lock, and are kept for that only */
	bool lockers_cut;
	struct golook_sites sites;
	/* of a program that the table does not know: its layout, and what was wrong with it */
	struct golang_layout layout;
	struct layout_reasons reasons;
	char why[sizeof(((struct go_process *)0)->trouble)];
};

typedef int (*golook_each_fn)(void *arg, const struct goroutine *g);

/* Calls fn with all that are not dead, in the order of allgs, until it returns other than 0: what
 * it returned. 0, -ETIMEDOUT, or as goroutine_read(). */
int golook_each(const struct golook *g, golook_each_fn fn, void *arg);
