/* SPDX-License-Identifier: GPL-2.0-only */
/* groups_case.h - hosts, looks and events, for the tests of groups.c */
#pragma once

#include <linux/types.h>

#include "analyze/groups.h"

/* A process at a look; its threads are numbered from tgid on. */
struct run {
	__u32 tgid;
	__u32 threads;
	const char *exe; /* NULL: nobody tells its name */
	__u32 stuck;
	__u64 started; /* 0: tgid */
};

#define HOST(...) ((const struct run[]){ __VA_ARGS__, {} })
#define EMPTY ((const struct run[]){ {} })

/* Tells the name of a process, if it is wanted. */
void groups_case_tell(struct groups *g, const struct run *r);
/* Tells all names and looks; watch, if any, is called between the two. */
void groups_case_look(struct groups *g, const struct run *runs,
		      void (*watch)(const struct groups *g));
static inline void look(struct groups *g, const struct run *runs)
{
	groups_case_look(g, runs, NULL);
}

void birth_at(struct groups *g, __u32 tid, __u32 tgid, __u64 started);
void birth(struct groups *g, __u32 tid, __u32 tgid);
void death(struct groups *g, __u32 tid, __u32 tgid);
void exec(struct groups *g, __u32 tgid);

/* Every group as "name threads +born-ended", in their order. */
void says(const struct groups *g, const char *expected);
