/* SPDX-License-Identifier: GPL-2.0-only */
/* golook_sites.h - how many goroutines each go statement of a program has made that live. */
#pragma once

#include "golang/goroutine.h"
#include "symbolize/message.h"

#define GOLOOK_SITES_ROOM 1024
#define GOLOOK_SITES_KEPT 8 /* goroutines of each site that is asked for, that are shown */

struct golook_sites {
	__u64 now; /* CLOCK_MONOTONIC, of the listing */
	__u64 newest;
	__u64 torn;
	__u64 unsited;
	__u64 collected; /* the last time of which a goroutine says that garbage was collected */
	__u64 unsure[GOLOOK_SITES_ROOM]; /* of each row: sleep, but nothing says since when */
	__u32 n;
	__u32 kept[MESSAGE_SITES_MAX];		/* of each that is asked for */
	struct go_site rows[GOLOOK_SITES_ROOM]; /* a hash table by made_at; 0: free */
};

/* Counts one goroutine; whether it is to be shown for its site. */
bool golook_sites_count(struct golook_sites *s, const struct message_go *request,
			const struct goroutine *g, bool stuck);
/* The sites with the most goroutines, and in the process those of all others. */
void golook_sites_fill(struct golook_sites *s, struct message_go_seen *ret);
