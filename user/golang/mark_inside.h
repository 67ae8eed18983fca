/* SPDX-License-Identifier: GPL-2.0-only */
/* mark_inside.h - what mark.c and mark_queue.c share. */
#pragma once

#include "base/array.h"
#include "golang/mark.h"
#include "golang/scan.h"

struct member {
	__u64 address, id;
	__u64 pc, sp, lr, lo, hi;
	__u64 sudog;
	__u32 objects, sudogs; /* where in m->objects, m->sudogs */
	__u8 nobjects, nsudogs;
	__u8 turns; /* with pc and sp: when it was listed */
	bool live;
	bool parked; /* and will be seen when it goes on */
	bool runnable;
	bool chain; /* it has a sudog for each object */
	bool by_choice;
};

struct sudog {
	__u64 address;
	__u32 owner;
};

struct range {
	__u64 start, end;
};

struct mark {
	const struct program *program;
	struct mark_limits limits;
	struct mark_result result;
	bool done;
	ARRAY(struct member) members;
	ARRAY(__u64) objects; /* addresses that are awaited */
	ARRAY(struct sudog) sudogs;
	ARRAY(struct range) roots;
	/* while it runs */
	struct heap heap;
	struct scan scan;
	ARRAY(struct scan_special) specials;
	ARRAY(__u32) woken;
	bool out_of_memory;
};
