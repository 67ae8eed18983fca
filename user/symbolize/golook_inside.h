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
};

struct golook {
	struct target target;
	const struct peer *peer;
	__s64 deadline_ms; /* CLOCK_MONOTONIC, of reading: the search must end; 0: none */
	bool late;	   /* it has passed */
	struct program program;
	struct gotable table;
	struct mapping *exe;
	__u64 bias; /* of addresses in memory, against those of the file */
	ARRAY(struct kept) kept;
	bool kept_cut; /* there are more */
	struct golook_sites sites;
	/* of a program that the table does not know: its layout, and what was wrong with it */
	struct golang_layout layout;
	struct layout_reasons reasons;
	char why[sizeof(((struct go_process *)0)->trouble)];
};
