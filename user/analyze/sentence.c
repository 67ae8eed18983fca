// SPDX-License-Identifier: GPL-2.0-only
/* sentence.c - says in words what was judged: sources, rules, who waits for whom.
 *
 * Plain ASCII: names of other processes are escaped here. What a finding says of
 * itself is in evidence.c. */
#include "analyze/sentence.h"
#include "analyze/wakes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

const char *sentence_name(const struct wire_thread *t, char *ret, size_t size)
{
	char comm[ESCAPE_COMM];

	escape_name(comm, sizeof(comm), t->comm, sizeof(t->comm), false);
	snprintf(ret, size, "%s [%u]", comm, t->head.tid);
	return ret;
}

static const char *life_phrase(const struct judge *j, __u32 i)
{
	const struct state *s = &j->states[i];

	switch (s->life) {
	case LIFE_RUNNING:
		return "it runs";
	case LIFE_RECENT:
		return "it ran a moment ago";
	case LIFE_STOPPED:
		return "it is stopped and can be continued";
	case LIFE_FROZEN:
		return "it is frozen and can be thawed";
	case LIFE_EXITING:
		return "it is exiting";
	case LIFE_DUMPING:
		return "its process dumps core";
	case LIFE_SOURCE:
		return s->wait.what ? s->wait.what : wait_source_name(s->wait.source);
	case LIFE_UNSEEN:
		return s->wait.unknown ? s->wait.unknown : s->wakers.unknown;
	case LIFE_GO:
		return "a thread of a Go runtime: its goroutines are what counts";
	case LIFE_TIMERS:
		return "a timer of its process, which runs a signal handler";
	case LIFE_NONE:
	case LIFE_DEAD:
		break;
	}
	return NULL;
}

/* What the thread at the end of a chain of wakers is kept alive by, as "which …". */
static void print_end(FILE *out, const struct judge *j, __u32 i)
{
	const char *phrase = life_phrase(j, i);

	switch (j->states[i].life) {
	case LIFE_RUNNING:
		fputs("which runs", out);
		break;
	case LIFE_RECENT:
		fputs("which ran a moment ago", out);
		break;
	case LIFE_STOPPED:
	case LIFE_FROZEN:
		fputs("which is stopped", out);
		break;
	case LIFE_SOURCE:
		fprintf(out, "which waits for %s", phrase);
		break;
	default:
		fprintf(out, "of which is known: %s", phrase ? phrase : "nothing");
	}
}

static const char *const why_phrases[EDGE_WHY_COUNT] = {
	[EDGE_OWNER] = "the lock's owner",
	[EDGE_JOIN] = "the thread it joins",
	[EDGE_PIPE_END] = "a holder of the pipe's other end",
	[EDGE_SOCKET_PEER] = "a holder of the socket's other end",
	[EDGE_EVENTFD] = "a holder of the eventfd",
	[EDGE_CHILD] = "its child",
	[EDGE_VFORK] = "its vfork child",
	[EDGE_FILE_LOCK] = "the lock's holder",
	[EDGE_SHARES] = "a thread that shares the futex",
};

/* Which of the wakers' groups the thread `by` belongs to. */
static enum edge_why why_of(const struct judge *j, __u32 i, __u32 by)
{
	const struct wakers *k = &j->states[i].wakers;
	const struct wire_thread *t = &j->w->threads.v[by];

	for (size_t e = 0; e < k->v.n; e++) {
		const struct waker *waker = &k->v.v[e];
		__u64 key = waker->group == INDEX_KEYS	  ? t->head.tid
			    : waker->group == INDEX_MM	  ? t->mm
			    : waker->group == INDEX_FILES ? t->files
							  : t->tgid;

		if (waker->value == key)
			return waker->why;
	}
	return EDGE_SHARES;
}

/* The thread through which thread i is live: behind its group, if there is one. */
static __u32 through(const struct judge *j, __u32 i)
{
	__u32 node = graph_via(j->graph, i);

	while (node != GRAPH_NONE && node >= j->w->threads.n)
		node = graph_via(j->graph, node);
	return node;
}

/* Who has woken what it waits on, where a daemon has watched. */
static void print_wakes(FILE *out, const struct judge *j, __u32 i)
{
	const struct state *s = &j->states[i];
	const struct word *word =
		s->wait.nfutexes == 1 ? wakes_of(j->w, j->w->threads.v[i].mm, s->wait.futex.addr)
				      : NULL;

	if (!word || !word->seen.wakes)
		return;
	fputs("; ", out);
	wakes_say(out, j->w, word);
}

static char *source_of(const struct judge *j, __u32 i)
{
	char name[SENTENCE_NAME], *text = NULL;
	__u32 end = through(j, i);
	size_t size, steps = 0;
	FILE *out;

	if (end == GRAPH_NONE) {
		const char *phrase = life_phrase(j, i);

		return strdup(phrase ? phrase : "none that nowake has a name for");
	}
	out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	fprintf(out, "%s: %s, ", why_phrases[why_of(j, i, end)],
		sentence_name(&j->w->threads.v[end], name, sizeof(name)));
	for (__u32 next; (next = through(j, end)) != GRAPH_NONE; end = next)
		steps++;
	if (steps)
		fprintf(out, "and behind it %s, ",
			sentence_name(&j->w->threads.v[end], name, sizeof(name)));
	print_end(out, j, end);
	print_wakes(out, j, i);
	return fclose(out) ? NULL : text;
}

static const char *rule_of(const struct judge *j, __u32 i, enum verdict_class class)
{
	const struct state *s = &j->states[i];

	if (class == CLASS_IDLE)
		return through(j, i) == GRAPH_NONE
			       ? "It is live by itself, so it is no finding."
			       : "Somebody who can wake it is live, so it is no finding.";
	if (class == CLASS_UNKNOWN)
		return "A waker may exist that was not seen, so it is no finding.";
	if (s->role == ROLE_QUEUED)
		return "All who could wake it are stuck: it queues behind them.";
	switch (class) {
	case CLASS_DEADLOCK:
		return "It is in a ring of waits: each could only be woken by the next.";
	case CLASS_ORPHANED:
		return "Everybody who could have woken it is gone.";
	case CLASS_LOST_WAKEUP:
		return "What it waits for has happened, and no wake is on its way.";
	case CLASS_ACCUMULATING:
		return "More and more threads are made where it was made, and they do not end.";
	case CLASS_QUIESCENT:
		return "No thread that could wake it is live: all wait for each other.";
	default:
		return "";
	}
}

static int fill_waits_for(const struct judge *j, __u32 i, struct judged *one)
{
	const struct wakers *k = &j->states[i].wakers;

	for (size_t e = 0; e < k->v.n; e++) {
		const struct waker *waker = &k->v.v[e];
		struct waits_for edge = { .why = waker->why };
		__u32 node;
		const __u32 *v;
		size_t n;

		if (waker->group == INDEX_KEYS) {
			const struct wire_thread *t = world_thread(j->w, waker->value);

			if (!t)
				continue;
			edge.tid = t->head.tid;
			edge.pid = t->tgid;
			edge.live = graph_life(j->graph, judge_thread(j, t)) != GRAPH_STUCK;
		} else {
			v = index_range(j->ix, waker->group, waker->value, &n);
			if (!n)
				continue;
			edge.pid = j->w->threads.v[v[0]].tgid;
			/* A process of one thread is that thread. */
			edge.tid = n == 1 ? j->w->threads.v[v[0]].head.tid : 0;
			node = verdict_group(j, waker->group, waker->value);
			edge.live = node == GRAPH_NONE || graph_life(j->graph, node) != GRAPH_STUCK;
		}
		if (array_push(&one->waits_for, edge))
			return -ENOMEM;
	}
	return 0;
}

int sentence_write(struct judge *j)
{
	int err = 0;

	for (__u32 i = 0; !err && i < j->w->threads.n; i++) {
		struct judged *one;

		if (!j->states[i].judged)
			continue;
		one = &j->v->judged.v[j->states[i].judged - 1];
		if (!one->finding) {
			one->source = source_of(j, i);
			err = one->source ? 0 : -ENOMEM;
		}
		one->rule = rule_of(j, i, one->class);
		err = err ? err : fill_waits_for(j, i, one);
	}
	/* What history says has been written where it was found out. */
	for (size_t i = 0; !err && i < j->v->findings.n; i++)
		if (!j->v->findings.v[i].reason)
			err = evidence_write(j, &j->v->findings.v[i]);
	return err;
}
