// SPDX-License-Identifier: GPL-2.0-only
/* evidence.c - what a finding says of itself: one sentence, then one fact each.
 *
 * Only facts that were read; what was assumed is said as an assumption. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/handlers.h"
#include "analyze/sentence.h"

#define FACTS_MAX 8 /* of one kind; more would not be read */

int evidence_fact(struct finding *f, const char *fmt, ...)
{
	char *text;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len < 0)
		return -ENOMEM;
	for (size_t i = 0; i < f->evidence.n; i++) {
		if (!strcmp(f->evidence.v[i], text)) {
			free(text);
			return 0;
		}
	}
	if (!array_push(&f->evidence, text))
		return 0;
	free(text);
	return -ENOMEM;
}

static const struct judged *member(const struct judge *j, const struct finding *f, size_t i)
{
	return &j->v->judged.v[f->members.v[i]];
}

static const struct state *state_of(const struct judge *j, const struct judged *one)
{
	return &j->states[judge_thread(j, one->thread)];
}

/* "a mutex", "data from a pipe", … with an article. */
static const char *kind_phrase(enum wait_kind kind, enum wait_direction direction)
{
	switch (kind) {
	case WAIT_MUTEX:
		return "a mutex";
	case WAIT_RWLOCK:
		return "a read-write lock";
	case WAIT_CONDITION:
		return "a condition variable";
	case WAIT_SEMAPHORE:
		return "a semaphore";
	case WAIT_BARRIER:
		return "a barrier";
	case WAIT_JOIN:
		return "the end of a thread";
	case WAIT_PIPE:
	case WAIT_FIFO:
		return direction == WAIT_READS ? "data from a pipe" : "room in a pipe";
	case WAIT_SOCKET:
		return direction == WAIT_READS ? "data from a socket" : "room in a socket";
	case WAIT_EVENTFD:
		return "an eventfd";
	case WAIT_CHILD:
		return "a child process";
	case WAIT_VFORK:
		return "a vfork child";
	case WAIT_FILE_LOCK:
		return "a lock on a file";
	default:
		return "a futex";
	}
}

/* The name that the stack has for what it waits for; NULL if there is none. */
static const char *name_of(const struct judged *one)
{
	return wait_is_futex(one->wait.kind) ? one->primitive : NULL;
}

struct phrase {
	char text[SENTENCE_NAME];
};

/* What it waits for, by the name that its stack has for it: "a std::future", "the end of
 * a Rust thread"; else by its kind. */
static struct phrase object_phrase(const struct judged *one)
{
	const char *name = name_of(one);
	const char *article = name && strchr("AEIOaeio", *name) ? "an" : "a";
	struct phrase p;

	if (!name)
		snprintf(p.text, sizeof(p.text), "%s",
			 kind_phrase(one->wait.kind, one->wait.direction));
	else
		snprintf(p.text, sizeof(p.text), "%s%s %s",
			 one->wait.kind == WAIT_JOIN ? "the end of " : "", article, name);
	return p;
}

/* The same of what has an owner, or is free: memory says so, and whatever the stack calls
 * it must be a lock. */
static struct phrase lock_phrase(const struct judge *j, const struct judged *one)
{
	struct judged told = *one;

	if (one->wait.kind != WAIT_MUTEX && one->wait.kind != WAIT_RWLOCK) {
		told.wait.kind = state_of(j, one)->wait.kind;
		told.primitive = NULL;
	}
	return object_phrase(&told);
}

/* ---- reasons ---- */

/* What each member of a ring of two holds that the other needs; "" where it is not a
 * thing that one holds, or not the same kind of thing. */
static struct phrase held_thing(const struct judged *one, const struct judged *two)
{
	const char *name = name_of(one), *other = name_of(two);
	struct phrase p = {};

	if (one->wait.kind != two->wait.kind)
		return p;
	switch (one->wait.kind) {
	case WAIT_MUTEX:
	case WAIT_RWLOCK:
		snprintf(p.text, sizeof(p.text), "the %s",
			 name && other && !strcmp(name, other) ? name
			 : one->wait.kind == WAIT_MUTEX	       ? "mutex"
							       : "read-write lock");
		return p;
	case WAIT_FILE_LOCK:
		return (struct phrase){ "the file lock" };
	case WAIT_PIPE:
	case WAIT_FIFO:
		return (struct phrase){ "the other end of the pipe" };
	case WAIT_SOCKET:
		return (struct phrase){ "the other end of the socket" };
	default:
		return p;
	}
}

static void reason_deadlock(FILE *out, const struct judge *j, const struct finding *f)
{
	char a[SENTENCE_NAME], b[SENTENCE_NAME];
	const struct judged *one = member(j, f, 0);
	const struct judged *two = member(j, f, f->nknot > 1);
	struct phrase thing = held_thing(one, two);

	sentence_name(one->thread, a, sizeof(a));
	sentence_name(two->thread, b, sizeof(b));
	if (f->nknot == 1)
		fprintf(out, "%s waits for %s that it holds itself", a, lock_phrase(j, one).text);
	else if (f->nknot == 2 && *thing.text)
		fprintf(out, "%s and %s wait for each other: each holds %s that the other needs", a,
			b, thing.text);
	else if (f->nknot == 2)
		fprintf(out, "%s waits for %s and %s for %s: each could only be woken by the other",
			a, object_phrase(one).text, b, object_phrase(two).text);
	else
		fprintf(out, "%u threads wait in a ring: each could only be woken by the next",
			f->nknot);
}

static void reason_orphaned(FILE *out, const struct judge *j, const struct finding *f)
{
	const struct judged *one = member(j, f, 0);
	const struct state *s = state_of(j, one);
	char a[SENTENCE_NAME];

	sentence_name(one->thread, a, sizeof(a));
	if (s->wakers.forked)
		fprintf(out,
			"%s waits for %s that a thread of the parent process held when this "
			"process was forked: nobody here can unlock it",
			a, lock_phrase(j, one).text);
	else if (s->wakers.gone)
		fprintf(out, "%s waits for %s whose owner ended without unlocking it", a,
			lock_phrase(j, one).text);
	else
		fprintf(out, "%s waits for %s, and nobody holds the other end but who waits for it",
			a, object_phrase(one).text);
}

static void reason_lost(FILE *out, const struct judge *j, const struct finding *f)
{
	const struct judged *one = member(j, f, 0);
	char a[SENTENCE_NAME];

	sentence_name(one->thread, a, sizeof(a));
	if (state_of(j, one)->wait.kind == WAIT_SEMAPHORE)
		fprintf(out,
			"%s sleeps on %s that is above zero: the wake that belongs "
			"to the post never came",
			a,
			one->wait.kind == WAIT_SEMAPHORE ? object_phrase(one).text : "a semaphore");
	else
		fprintf(out,
			"%s sleeps on %s that is free: the wake that belongs to the unlock "
			"never came",
			a, name_of(one) ? lock_phrase(j, one).text : "a lock");
}

static void reason_quiescent(FILE *out, const struct judge *j, const struct finding *f)
{
	char a[SENTENCE_NAME];

	sentence_name(member(j, f, 0)->thread, a, sizeof(a));
	fprintf(out, "%s waits for %s, and of all who could wake it or let it go on none is live",
		a, object_phrase(member(j, f, 0)).text);
}

static char *reason_of(const struct judge *j, const struct finding *f)
{
	const struct wire_thread *behind = f->nknot ? NULL : world_thread(j->w, f->behind);
	char name[SENTENCE_NAME], *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	switch (f->nknot ? f->class : CLASS_QUIESCENT) { /* who only queues waits for all these */
	case CLASS_DEADLOCK:
		reason_deadlock(out, j, f);
		break;
	case CLASS_ORPHANED:
		reason_orphaned(out, j, f);
		break;
	case CLASS_LOST_WAKEUP:
		reason_lost(out, j, f);
		break;
	default:
		reason_quiescent(out, j, f);
	}
	if (behind)
		fprintf(out, "; it queues behind %s", sentence_name(behind, name, sizeof(name)));
	fputc('.', out);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

/* ---- facts ---- */

static int fact_owner(const struct judge *j, struct finding *f, const struct judged *one)
{
	const struct wakers *k = &state_of(j, one)->wakers;
	char name[SENTENCE_NAME];
	const struct wire_thread *owner;

	if (k->gone)
		return evidence_fact(
			f,
			"%s 0x%llx is held (word 0x%x) and records thread %u as its owner, "
			"which %s",
			k->futex.lock, (unsigned long long)one->wait.futex.addr, k->futex.word,
			k->gone_tid,
			k->forked ? "belongs to the parent process"
				  : "no longer exists in this process");
	if (k->lost)
		return evidence_fact(f, "%s 0x%llx: slept on value 0x%x, reads 0x%x now",
				     k->futex.lock, (unsigned long long)one->wait.futex.addr,
				     one->wait.futex.val, k->futex.word);
	if (!k->v.n || k->v.v[0].why != EDGE_OWNER)
		return 0;
	owner = world_thread(j->w, k->v.v[0].value);
	if (!owner)
		return 0;
	return evidence_fact(f, "%s 0x%llx is held (word 0x%x) and records %s as its owner",
			     k->futex.lock, (unsigned long long)one->wait.futex.addr, k->futex.word,
			     sentence_name(owner, name, sizeof(name)));
}

static int fact_file(struct finding *f, const struct judged *one)
{
	const struct wire_file *file = one->wait.file;
	char name[SENTENCE_NAME];

	sentence_name(one->thread, name, sizeof(name));
	if (!file)
		return 0;
	if (one->wait.kind == WAIT_PIPE)
		return evidence_fact(
			f,
			"%s: descriptor %d is pipe %llu (open files: %u to read, %u to write); all who hold them were found",
			name, file->fd, (unsigned long long)file->ino, file->pipe_readers,
			file->pipe_writers);
	if (one->wait.kind == WAIT_SOCKET || one->wait.kind == WAIT_EVENTFD)
		return evidence_fact(
			f, "%s: descriptor %d is %s %llu; all who hold its other end were found",
			name, file->fd, one->wait.kind == WAIT_SOCKET ? "socket" : "eventfd",
			(unsigned long long)file->ino);
	if (one->wait.kind == WAIT_FILE_LOCK)
		return evidence_fact(f, "%s: descriptor %d is the locked file, inode %llu", name,
				     file->fd, (unsigned long long)file->ino);
	return 0;
}

static int facts_members(const struct judge *j, struct finding *f)
{
	int err = 0;

	for (size_t i = 0; !err && i < f->members.n && i < FACTS_MAX; i++) {
		const struct judged *one = member(j, f, i);

		err = one->wait.nfutexes ? fact_owner(j, f, one) : fact_file(f, one);
	}
	return err;
}

/* How many threads of the lead's address space are stuck, of how many. */
static int fact_standstill(const struct judge *j, struct finding *f)
{
	size_t n, stuck = 0, alive = 0;
	const __u32 *v = index_range(j->ix, INDEX_MM, member(j, f, 0)->thread->mm, &n);

	for (size_t i = 0; i < n; i++) {
		alive += j->states[v[i]].life != LIFE_DEAD;
		stuck += judge_stuck(j, v[i]);
	}
	if (f->class == CLASS_QUIESCENT)
		return evidence_fact(
			f,
			"threads of the process: %zu, of which stuck in waits without a timeout: %zu",
			alive, stuck);
	if (f->class == CLASS_LOST_WAKEUP && f->nknot && f->confidence == CONFIDENCE_LIKELY)
		return evidence_fact(
			f, "assumes that no live thread of the process still owes it the wake");
	return 0;
}

/* Which signals its threads catch, where a handler is a doubt. */
static int fact_signals(const struct judge *j, struct finding *f)
{
	char list[128] = "";
	size_t len = 0;
	__u64 handlers = 0;
	bool known;

	for (size_t i = 0; i < f->members.n; i++)
		if (state_of(j, member(j, f, i))->doubts & DOUBT_HANDLER)
			handlers |= handlers_doubted(j, judge_thread(j, member(j, f, i)->thread),
						     &known);
	if (!handlers)
		return 0;
	for (unsigned int n = 1; n <= 64 && len < sizeof(list) - 8; n++)
		if (handlers >> (n - 1) & 1)
			len += snprintf(list + len, sizeof(list) - len, "%s%u", len ? ", " : "", n);
	return evidence_fact(
		f, "assumes that no signal handler wakes it: the process catches signals %s", list);
}

/* Whoever waits for those that are less sure, and are of other findings. */
static int fact_no_surer(const struct judge *j, struct finding *f, const struct judged *one)
{
	const __u32 other = state_of(j, one)->no_surer;
	char name[SENTENCE_NAME], than[SENTENCE_NAME];

	if (other == GRAPH_NONE)
		return 0;
	for (size_t i = 0; i < f->members.n; i++)
		if (member(j, f, i)->thread == &j->w->threads.v[other])
			return 0;
	return evidence_fact(f, "%s is no surer than that %s is stuck, who could let it go on (%s)",
			     sentence_name(one->thread, name, sizeof(name)),
			     sentence_name(&j->w->threads.v[other], than, sizeof(than)),
			     verdict_confidence_name(j->states[other].confidence));
}

static int facts_doubts(const struct judge *j, struct finding *f)
{
	static const struct {
		enum doubt doubt;
		const char *assumption;
	} facts[] = {
		{ DOUBT_UNLOCK, "no other thread unlocks a mutex that it does not own" },
		{ DOUBT_END,
		  "no other thread cancels it, shuts its socket down or ends its child" },
		{ DOUBT_URING, "no request that was handed to io_uring wakes it" },
		{ DOUBT_TIMER, "no timer ends the process that it waits for" },
	};
	__u32 doubts = 0;
	int err = 0;

	for (size_t i = 0; i < f->members.n; i++)
		doubts |= state_of(j, member(j, f, i))->doubts;
	for (size_t i = 0; !err && i < sizeof(facts) / sizeof(*facts); i++)
		if (doubts & facts[i].doubt)
			err = evidence_fact(f, "assumes that %s", facts[i].assumption);
	for (size_t i = 0; !err && i < f->members.n && i < FACTS_MAX; i++)
		err = fact_no_surer(j, f, member(j, f, i));
	return err ? err : fact_signals(j, f);
}

static int fact_horizon(const struct judge *j, struct finding *f)
{
	for (size_t i = 0; i < f->members.n; i++)
		if (member(j, f, i)->wait.beyond_horizon)
			return evidence_fact(f, "a timeout of more than a day counts as none");
	return 0;
}

int evidence_write(const struct judge *j, struct finding *f)
{
	int err;

	f->reason = reason_of(j, f);
	if (!f->reason)
		return -ENOMEM;
	err = facts_members(j, f);
	err = err ? err : fact_standstill(j, f);
	err = err ? err : facts_doubts(j, f);
	return err ? err : fact_horizon(j, f);
}
