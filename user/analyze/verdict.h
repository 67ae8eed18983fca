/* SPDX-License-Identifier: GPL-2.0-only */
/* verdict.h - the answer about every blocked thread, and the findings.
 *
 * Pure. Fed with a world, read by report/. A finding is one verdict for one
 * group of threads; every other blocked thread is idle or unknown. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>

#include "base/array.h"
#include "place.h"
#include "wait.h"
#include "world.h"

enum verdict_class {
	CLASS_NONE, /* not blocked, or not for long enough */
	CLASS_IDLE,
	CLASS_UNKNOWN,
	/* Findings, worst first. */
	CLASS_DEADLOCK,
	CLASS_ORPHANED,
	CLASS_LOST_WAKEUP,
	CLASS_QUIESCENT,
	CLASS_UNREACHABLE, /* of goroutines only */
	CLASS_ACCUMULATING,
	CLASS_COUNT,
};

enum confidence { CONFIDENCE_SUSPECT, CONFIDENCE_LIKELY, CONFIDENCE_PROVEN };

/* Why a waiter waits for somebody: the words of waits_for[].why. */
enum edge_why {
	EDGE_OWNER,	  /* owns the lock */
	EDGE_JOIN,	  /* must end */
	EDGE_PIPE_END,	  /* holds the other end of the pipe */
	EDGE_SOCKET_PEER, /* holds the other end of the socket */
	EDGE_EVENTFD,	  /* holds the eventfd */
	EDGE_CHILD,	  /* child that must end */
	EDGE_VFORK,	  /* vfork child that must exec or end */
	EDGE_FILE_LOCK,	  /* holds the lock on the file */
	EDGE_SHARES,	  /* shares the futex: any of them could wake it */
	EDGE_WHY_COUNT,
};

struct waits_for {
	__u32 tid; /* 0: any thread of pid */
	__u32 pid;
	enum edge_why why;
	bool live;
};

enum member_role {
	ROLE_KNOT,   /* on the cycle, or at the cause */
	ROLE_QUEUED, /* behind it */
};

/* One blocked thread, judged. Strings belong to struct verdicts. */
struct judged {
	const struct wire_thread *thread;
	struct wait wait; /* its kind is the stack's word where that knows better than memory */
	const char
		*primitive; /* static: "std::future", "Java park"; NULL: nothing to add to kind */
	const struct trace *trace; /* its stack; NULL: not read */
	struct place place;
	enum verdict_class class;
	enum confidence confidence; /* of findings */
	enum member_role role;
	__u64 age_ns;
	char *source; /* idle: the wakeup source, named; unknown: the reason; NULL for findings */
	const char *rule; /* static: which rule decided, one sentence, for explain */
	ARRAY(struct waits_for) waits_for;
	__u32 finding; /* index + 1 in verdicts.findings; 0: none */
};

/* One goroutine that waits for another one. */
struct judged_goroutine {
	const struct go_wait *wait;
	const struct trace *trace;   /* its stack; NULL: not read */
	const struct frame *created; /* where the go statement stands; NULL: not known */
	struct place place;
	__u64 age_ns;  /* it has waited for so long at least */
	__u32 finding; /* index + 1 in verdicts.findings; 0: none */
};

/* Of threads or of goroutines: either has members, or the other. */
struct finding {
	char id[17]; /* hex; the same for the same process, class and place */
	__u64 place; /* hash of where its cause stands; 0: no stack, or the whole process */
	enum verdict_class class;
	enum confidence confidence;
	__u32 pid;
	__u64 age_ns;	   /* of the one that has waited longest; of goroutines at least */
	__u64 youngest_ns; /* of the one that has waited shortest */
	char *reason;	   /* one sentence */
	ARRAY(char *) evidence;
	ARRAY(__u32) members; /* indices in verdicts.judged; the knot first, in the cycle's order */
	/* How many of members are ROLE_KNOT; of goroutines: are in the ring, or wait for the lock
	 * of one that nothing wakes. */
	__u32 nknot;
	__u32 behind; /* where all only queue: the thread at their cause, of another finding; else 0 */
	ARRAY(__u32) goroutines; /* indices in verdicts.goroutines; likewise */
	__u64 others; /* goroutines of it that are not among these: they were only counted */
	/* members[0..nknot-1], or goroutines, each wait for the next, the last for the first */
	bool cycle;
};

struct verdicts {
	const struct world *world;
	__u64 threshold_ns;
	/* every thread blocked for at least the threshold, and of places that make more and more of
	 * them all, by tid */
	ARRAY(struct judged) judged;
	ARRAY(struct judged_goroutine) goroutines; /* those of world.go_waits, in its order */
	ARRAY(struct finding) findings; /* worst class first, then oldest; all confidences */
	__u32 looks;			/* at which the findings held (confirm.h); 1 at first */
	__u64 first_look;		/* mono_time of the first of them */
	__u32 threads, processes;	/* seen in the scan */
	__u32 blocked, idle, unknown, stuck;
};

/* Judges a look. 0 or -ENOMEM. *ret is freed with verdict_free(); it points into w. */
int verdict_judge(const struct world *w, __u64 threshold_ns, struct verdicts **ret);
void verdict_free(struct verdicts *v);

/* Whether it is blocked for at least the threshold. */
static inline bool verdict_blocked(const struct verdicts *v, const struct judged *j)
{
	return j->age_ns >= v->threshold_ns;
}
/* How many threads or goroutines a finding has. */
static inline size_t verdict_count(const struct finding *f)
{
	return f->members.n + f->goroutines.n + f->others;
}
/* A thread of its process; NULL: of a goroutine's nothing is left. */
const struct wire_thread *verdict_thread(const struct verdicts *v, const struct finding *f);
const struct judged_goroutine *verdict_goroutine(const struct verdicts *v, __u32 tgid, __u64 id);
const struct judged *verdict_of(const struct verdicts *v, __u32 tid);
const char *verdict_class_name(enum verdict_class class);
const char *verdict_confidence_name(enum confidence confidence);
const char *verdict_why_name(enum edge_why why);
