// SPDX-License-Identifier: GPL-2.0-only
/* wakes.c - findings from who used to wake a word, and does not any more.
 *
 * Pure. Everybody who waits here is idle by the graph: some live thread shares the word,
 * and might wake it. History speaks against that where the wakes came regularly for long,
 * then ended: because the only one who ever did it has ended (likely, after a while), or right
 * after a wake that found nobody (a suspect: that is also how the last of many jobs looks). */
#include "analyze/wakes.h"

#include <errno.h>
#include <stdlib.h>

#include "analyze/judge.h"
#include "analyze/sentence.h"
#include "base/duration.h"

#define WAKES_MIN 10
#define QUIET_GAPS 20		  /* silence, in longest gaps between two wakes */
#define GAP_MIN_NS 100000000ull	  /* what comes in faster is a burst, not a habit */
#define QUIET_THRESHOLDS 30	  /* silence that makes it likely, in thresholds: half an hour */
#define MISSED_NS DURATION_SECOND /* between a wake that found nobody and the wait */

static int compare_key(const void *key, const void *item)
{
	const struct wire_word_key *x = key, *y = &((const struct word *)item)->key;

	if (x->mm != y->mm)
		return x->mm < y->mm ? -1 : 1;
	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

const struct word *wakes_of(const struct world *w, __u64 mm, __u64 addr)
{
	struct wire_word_key key = { mm, addr };

	return !w->past.words.n ? NULL
				: bsearch(&key, w->past.words.v, w->past.words.n,
					  sizeof(*w->past.words.v), compare_key);
}

/* Between two wakes, on average. */
static __u64 gap_of(const struct word *word)
{
	return word->seen.wakes > 1 ? (word->seen.last - word->seen.first) / (word->seen.wakes - 1)
				    : 0;
}

static const struct wire_waker *last_waker(const struct word *word)
{
	const struct wire_waker *last = &word->seen.wakers[0];

	for (int i = 1; i < WIRE_WAKERS && word->seen.wakers[i].tid; i++)
		if (word->seen.wakers[i].last > last->last)
			last = &word->seen.wakers[i];
	return last;
}

void wakes_say(FILE *out, const struct world *w, const struct word *word)
{
	const struct wire_waker *waker = last_waker(word);
	const struct wire_thread *t = world_thread(w, waker->tid);
	char gap[DURATION_TEXT], ago[DURATION_TEXT], name[SENTENCE_NAME];

	if (!word->seen.wakes)
		return;
	fprintf(out, "woken %llu time%s since it is watched", (unsigned long long)word->seen.wakes,
		word->seen.wakes == 1 ? "" : "s");
	if (gap_of(word))
		fprintf(out, ", every %s", duration_text(gap, sizeof(gap), gap_of(word)));
	fprintf(out, ", last %s ago",
		duration_text(ago, sizeof(ago), world_ago(w, word->seen.last)));
	if (!waker->last)
		return; /* all that are known found nobody */
	if (t && t->started == waker->started)
		fprintf(out, " by %s", sentence_name(t, name, sizeof(name)));
	else
		fprintf(out, " by thread %llu, which has ended", (unsigned long long)waker->tid);
}

/* It was woken for long and like a clock, and now for far longer not at all. */
static bool fell_silent(const struct judge *j, const struct word *word)
{
	const struct wire_word *seen = &word->seen;
	__u64 quiet = world_ago(j->w, seen->last);

	return seen->wakes >= WAKES_MIN && gap_of(word) >= GAP_MIN_NS &&
	       seen->longest <= 4 * gap_of(word) && seen->last - seen->first >= j->threshold_ns &&
	       quiet >= j->threshold_ns && quiet >= QUIET_GAPS * seen->longest;
}

/* Nobody has joined the process since the last wake who might have taken over. */
static bool has_newcomers(const struct judge *j, const struct word *word)
{
	size_t n;
	const __u32 *v = index_range(j->ix, INDEX_MM, word->key.mm, &n);

	for (size_t i = 0; i < n; i++)
		if (j->w->threads.v[v[i]].started > word->seen.last)
			return true;
	return false;
}

/* A condition variable of glibc has two words, side by side, that waiters use by turns (nptl,
 * pthread_cond_common.c): who wakes by one wakes by the other. NULL: it
 * was not seen. Words are sorted. */
static const struct word *twin_of(const struct judge *j, const struct word *word)
{
	const struct word *first = j->w->past.words.v, *end = first + j->w->past.words.n;
	const struct wire_word_key twin = { word->key.mm, word->key.addr ^ sizeof(__u32) };

	if (word > first && word[-1].key.mm == twin.mm && word[-1].key.addr == twin.addr)
		return word - 1;
	return word + 1 < end && word[1].key.mm == twin.mm && word[1].key.addr == twin.addr
		       ? word + 1
		       : NULL;
}

/* One thread woke it, nobody else tried to, and it has ended. */
static bool had_one_waker(const struct word *word)
{
	return !word->seen.others && !word->seen.wakers[1].tid && word->ended[0];
}

static bool is_orphaned(const struct judge *j, const struct word *word)
{
	const struct word *twin = twin_of(j, word);

	if (twin && twin->seen.wakers[0].tid &&
	    (!had_one_waker(twin) || twin->seen.wakers[0].tid != word->seen.wakers[0].tid))
		return false;
	return had_one_waker(word) && !has_newcomers(j, word);
}

/* By the shortest wait: whoever waits longer was there when it came. */
static bool was_missed(const struct word *word, __u64 began)
{
	const struct wire_word *seen = &word->seen;

	return seen->last_empty > seen->last && seen->last_empty <= began + MISSED_NS / 100 &&
	       seen->last_empty + MISSED_NS >= began;
}

static bool can_tell(const struct judge *j, const struct judged *one, const struct word *word)
{
	const struct state *s = &j->states[judge_thread(j, one->thread)];

	return one->class == CLASS_IDLE && s->life == LIFE_NONE && s->wait.nfutexes == 1 &&
	       s->wait.futex.private_ && s->wait.kind != WAIT_MUTEX && s->wait.kind != WAIT_JOIN &&
	       one->thread->mm == word->key.mm && s->wait.futex.addr == word->key.addr &&
	       one->thread->started < word->seen.first;
}

/* A worker that has no work any more looks the same, for a while. */
static bool is_long(const struct judge *j, const struct word *word)
{
	return world_ago(j->w, word->seen.last) >= QUIET_THRESHOLDS * j->threshold_ns;
}

static int say(const struct judge *j, struct finding *f, const struct word *word)
{
	char name[SENTENCE_NAME], ago[DURATION_TEXT], *text = NULL;
	const struct wire_thread *t = j->v->judged.v[f->members.v[0]].thread;
	size_t size;
	FILE *out;
	int err;

	if (f->class == CLASS_ORPHANED)
		err = asprintf(&f->reason,
			       "%s waits to be signalled, and the only thread that ever did it "
			       "ended %s ago.",
			       sentence_name(t, name, sizeof(name)),
			       duration_text(ago, sizeof(ago), world_ago(j->w, word->ended[0])));
	else
		err = asprintf(&f->reason,
			       "%s waits to be signalled, and the last signal came before it "
			       "waited, and found nobody.",
			       sentence_name(t, name, sizeof(name)));
	if (err < 0) {
		f->reason = NULL;
		return -ENOMEM;
	}
	out = open_memstream(&text, &size);
	if (!out)
		return -ENOMEM;
	fprintf(out, "futex 0x%llx: ", (unsigned long long)word->key.addr);
	wakes_say(out, j->w, word);
	if (word->seen.last_empty)
		fprintf(out, "; the last of %llu wakes that found nobody was %s ago",
			(unsigned long long)word->seen.empty,
			duration_text(ago, sizeof(ago), world_ago(j->w, word->seen.last_empty)));
	err = fclose(out) ? -ENOMEM : evidence_fact(f, "%s", text);
	free(text);
	return err ? err
		   : evidence_fact(f, "assumes that nobody else would signal it: nobody has since "
				      "it is watched");
}

/* The finding about one word, if there is one. */
static int make(struct judge *j, const struct word *word)
{
	struct finding f = { .place = word->key.addr, .youngest_ns = UINT64_MAX };
	bool condition = false;
	int err = 0;

	for (size_t i = 0; !err && i < j->v->judged.n; i++) {
		const struct judged *one = &j->v->judged.v[i];

		if (!can_tell(j, one, word))
			continue;
		condition = j->states[judge_thread(j, one->thread)].wait.kind == WAIT_CONDITION;
		f.pid = one->thread->tgid;
		f.age_ns = one->age_ns > f.age_ns ? one->age_ns : f.age_ns;
		f.youngest_ns = one->age_ns < f.youngest_ns ? one->age_ns : f.youngest_ns;
		err = array_push(&f.members, i) ? -ENOMEM : 0;
	}
	if (!err && f.members.n && is_orphaned(j, word)) {
		f.class = CLASS_ORPHANED;
		f.confidence = is_long(j, word) && (!condition || twin_of(j, word))
				       ? CONFIDENCE_LIKELY
				       : CONFIDENCE_SUSPECT;
	} else if (!err && f.members.n && was_missed(word, world_ago(j->w, f.youngest_ns))) {
		f.class = CLASS_LOST_WAKEUP;
		f.confidence = CONFIDENCE_SUSPECT;
	} else {
		array_free(&f.members);
		return err;
	}
	f.nknot = f.members.n;
	err = say(j, &f, word);
	for (size_t i = 0; !err && i < f.members.n; i++)
		j->v->judged.v[f.members.v[i]].class = f.class;
	return finding_add(j, &f, err);
}

int wakes_make(struct judge *j)
{
	int err = 0;

	for (size_t i = 0; !err && i < j->w->past.words.n; i++)
		if (fell_silent(j, &j->w->past.words.v[i]))
			err = make(j, &j->w->past.words.v[i]);
	return err;
}
