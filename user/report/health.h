/* SPDX-License-Identifier: GPL-2.0-only */
/* health.h - what the daemon knows of itself: filled in daemon/, printed by prometheus.c
 * and summary.c. Counters since its start; times in ns. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>

#include "analyze/verdict.h"

enum health_event {
	HEALTH_BIRTH,
	HEALTH_STACK,
	HEALTH_EXEC,
	HEALTH_DEATH,
	HEALTH_WAKE,
	HEALTH_EVENTS
};

#define HEALTH_PROBES 8

/* One hook in the kernel. */
struct health_probe {
	const char *name; /* of the program: "lifetime_fork", "futex_wide"; events_costs() has it */
	__u64 ns;	  /* spent in it, all CPUs; estimated from samples */
};

struct health {
	__u64 started; /* CLOCK_BOOTTIME */
	__u64 passes;
	__u64 failed;	 /* passes that ended with an error */
	__u64 pass_ns;	 /* the last pass, all looks and judging */
	__u64 scan_ns;	 /* the last scan alone: the task iterator */
	__u64 last_pass; /* CLOCK_REALTIME of its end */
	__u64 interval_ns;
	__u64 events[HEALTH_EVENTS];
	__u64 lost;	      /* events that the ring buffer had no room for */
	__u64 stacks_dropped; /* of events: creation stacks that came faster than they are read */
	__u64 restarts;	      /* of the symbolizer */
	__u64 cpu_ns;	      /* user and system, with its children */
	__u64 resident;	      /* bytes */
	struct health_probe probes[HEALTH_PROBES];
	__u32 nprobes;
	bool futex_blind;	/* wakes are not seen, though this kernel could show them */
	const char *futex_hook; /* static: "fentry", "kprobe", "tracepoint", "off" */
	/* Findings since the start, by enum verdict_class. */
	__u64 found[CLASS_COUNT];
	__u64 resolved
		[CLASS_COUNT]; /* of found: whose threads woke, though nowake had said never */
};

const char *health_event_name(enum health_event event);
