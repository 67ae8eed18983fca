// SPDX-License-Identifier: GPL-2.0-only
/* mark_threads.c - what the threads of a program do while it is searched.
 *
 * Pure but for whoever is asked. That a goroutine in a system call goes on is seen in its thread,
 * not in its g. While that sleeps, the goroutine holds no more than Go's own collector takes it to
 * (mgcmark.go, scanstack): what its frames hold above g.syscallsp. If the runtime has not noted
 * that, the stack counts from the thread's stack pointer on: what is below is left over from calls
 * that have returned. */
#include <stdlib.h>

#include "golang/mark_inside.h"

void mark_threads(struct mark *m, bool (*read)(void *arg, struct mark *m), void *arg)
{
	m->threads = read;
	m->threads_arg = arg;
}

void mark_threads_sleeper(struct mark *m, const struct mark_sleeper *sleeper)
{
	if (array_push(&m->sleepers, *sleeper))
		m->out_of_memory = true;
}

static int compare_sleepers(const void *a, const void *b)
{
	const __u64 x = ((const struct mark_sleeper *)a)->sp,
		    y = ((const struct mark_sleeper *)b)->sp;

	return x < y ? -1 : x > y;
}

void mark_threads_ask(struct mark *m)
{
	m->sleepers.n = 0;
	if (m->threads && !m->threads(m->threads_arg, m))
		mark_stop(m, MARK_UNREADABLE, "what its threads do cannot be read");
	if (m->sleepers.n)
		qsort(m->sleepers.v, m->sleepers.n, sizeof(*m->sleepers.v), compare_sleepers);
}

/* The one with the lowest stack pointer of those in a stretch of memory; NULL: there is none. */
static const struct mark_sleeper *find_sleeper(const struct mark *m, __u64 from, __u64 to)
{
	size_t lo = 0, hi = m->sleepers.n;

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;

		if (m->sleepers.v[mid].sp < from)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < m->sleepers.n && m->sleepers.v[lo].sp < to ? &m->sleepers.v[lo] : NULL;
}

bool mark_threads_slept(const struct mark *m, const struct member *member, __u64 lo, __u64 hi)
{
	const struct mark_sleeper *was = member->sleeper ? &m->slept.v[member->sleeper - 1] : NULL;
	const struct mark_sleeper *is = was ? find_sleeper(m, was->sp, was->sp + 1) : NULL;

	return is && is->tid == was->tid && is->switches == was->switches && is->sp >= lo &&
	       is->sp < hi;
}

__u64 mark_threads_note(struct mark *m, struct member *member, __u64 lo, __u64 hi)
{
	const struct mark_sleeper *is = member->restless ? NULL : find_sleeper(m, lo, hi);

	if (is && array_push(&m->slept, *is))
		m->out_of_memory = true;
	member->sleeper = is ? (__u32)m->slept.n : 0;
	return is ? is->sp : 0;
}
