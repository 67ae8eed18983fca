/* SPDX-License-Identifier: GPL-2.0-only */
/* judge.h - the working state of one judgement, shared by verdict.c (who is live?),
 * cause.c (why is it stuck?), confidence.c (how sure is it?), finding.c (what belongs
 * together?) and sentence.c (how to say it?). */
#pragma once

#include "analyze/graph.h"
#include "analyze/index.h"
#include "analyze/verdict.h"
#include "analyze/waker.h"

/* Why a thread needs nobody to be live. */
enum life {
	LIFE_NONE,
	LIFE_RUNNING,
	LIFE_RECENT, /* blocked for less than the threshold */
	LIFE_STOPPED,
	LIFE_FROZEN,
	LIFE_EXITING,
	LIFE_DUMPING,
	LIFE_SOURCE, /* wait.source */
	LIFE_UNSEEN, /* wait.source or wakers.unknown: a waker may exist */
	LIFE_GO,     /* an M of a Go runtime */
	LIFE_TIMERS, /* a timer of its process runs a handler */
	LIFE_DEAD,   /* a zombie: neither wakes nor is woken */
};

struct state {
	struct wait wait; /* as memory says: what decides looks here, never at a stack's names */
	struct wakers wakers;
	enum life life;
	/* Of stuck threads: */
	enum verdict_class class;
	enum member_role role;
	__u32 lead;   /* process that the finding is filed under */
	__u32 cause;  /* the thread in whose name its cause goes; see judge_cause() */
	__u32 ring;   /* threads in its ring; 0: it is in none */
	__u32 judged; /* index + 1 in verdicts.judged */
	enum confidence confidence;
	__u32 doubts;	/* enum doubt: why it is not proven */
	__u32 no_surer; /* than this thread, who could wake it; GRAPH_NONE */
	/* Of causes: */
	__u64 place;
	/* Of threads whose site's population only rises: its number + 1 in past.sites. */
	__u32 site;
};

/* What was assumed of a stuck thread. Confidence says how bold that is. */
enum doubt {
	DOUBT_UNLOCK = 1 << 0,	/* a live thread unlocks a mutex that it does not own */
	DOUBT_HANDLER = 1 << 1, /* a signal handler wakes it, or interrupts its call */
	DOUBT_END = 1 << 2,	/* a live thread cancels it, or shuts its socket down */
	DOUBT_URING = 1 << 3,	/* requests that were handed to io_uring wake it */
	DOUBT_TIMER = 1 << 4,	/* a timer ends the process that it waits for */
};

/* Node i of the graph is thread i of the world; groups follow. */
struct waker_group {
	__u64 value;
	enum index_key key;
	__u32 node;
};

struct judge {
	const struct world *w;
	__u64 threshold_ns;
	struct index *ix;
	struct graph *graph;
	struct state *states;		  /* one per thread */
	ARRAY(struct waker_group) groups; /* by node */
	struct verdicts *v;
};

static inline __u32 judge_thread(const struct judge *j, const struct wire_thread *t)
{
	return t - j->w->threads.v;
}

static inline bool judge_stuck(const struct judge *j, __u32 i)
{
	return j->states[i].life == LIFE_NONE && graph_life(j->graph, i) == GRAPH_STUCK;
}

/* The thread in whose name the cause of thread i goes; GRAPH_NONE if i has none. */
static inline __u32 judge_cause(const struct judge *j, __u32 i)
{
	return judge_stuck(j, i) && j->states[i].class > CLASS_UNKNOWN ? j->states[i].cause
								       : GRAPH_NONE;
}

/* The members of a node: itself if it is a thread, else the group's threads. */
const __u32 *verdict_members(const struct judge *j, const __u32 *node, size_t *ret_n);

/* The node of one who could wake; GRAPH_NONE: a thread that was not seen. */
__u32 verdict_waker(const struct judge *j, const struct waker *waker);
/* The node of a group; GRAPH_NONE if nobody stuck waits for it. */
__u32 verdict_group(const struct judge *j, enum index_key key, __u64 value);

/* cause.c: gives every stuck thread its class, its cause and the process that it is filed
 * under. 0 or -ENOMEM. */
int cause_classify(struct judge *j);
/* Whether it waits for what somebody does through a descriptor. */
bool cause_by_descriptor(enum wait_kind kind);

/* confidence.c: says of every stuck thread how sure it is. 0 or -ENOMEM. */
int confidence_weigh(struct judge *j);

/* accumulate.c: marks the threads of sites that only grow; then, when all are judged, makes
 * the findings about them. 0 or -ENOMEM. */
void accumulate_find(struct judge *j);
int accumulate_make(struct judge *j);
/* wakes.c: the findings from who used to wake whom. 0 or -ENOMEM. */
int wakes_make(struct judge *j);

/* gowaits.c: what is known of every goroutine that waits. 0 or -ENOMEM. */
int gowaits_judge(struct judge *j);
/* unreachable.c: the findings about those that nothing reaches. 0 or -ENOMEM. */
int unreachable_make(struct judge *j);
/* gorings.c: then those about goroutines that wait for locks which
 * nobody will unlock. 0 or -ENOMEM. */
int gorings_make(struct judge *j);
/* gocrowd.c: then those about goroutines of sites that only grow. 0 or -ENOMEM. */
int gocrowd_make(struct judge *j);

/* finding.c: makes the findings of those judged. 0 or -ENOMEM. */
int finding_make(struct judge *j);
/* Adds one that has its members, and is told apart by its place; takes it, also when err,
 * which is then returned. */
int finding_add(struct judge *j, struct finding *f, int err);

/* sentence.c: fills source, rule and waits_for of everybody judged, reason and evidence
 * of every finding. 0 or -ENOMEM. */
int sentence_write(struct judge *j);
