// SPDX-License-Identifier: GPL-2.0-only
/* mark_threads.c - what the threads of a program do while it is searched.
 *
 * Pure but for whoever is asked. A goroutine in a system call is no such goroutine that the
 * runtime would be asked of; but while its thread sleeps there, what lies below the stack pointer
 * is left over from calls that have returned, and the goroutine holds nothing else. */
#include <stdlib.h>

#include "golang/mark_inside.h"

void mark_threads(struct mark *m, bool (*read)(void *arg, struct mark *m), void *arg)
{
	m->threads = read;
	m->threads_arg = arg;
}

void mark_sleeper(struct mark *m, const struct mark_sleeper *sleeper)
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

void mark_ask_threads(struct mark *m)
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

bool mark_sleeps(const struct mark *m, const struct member *member)
{
	const struct mark_sleeper *was = member->sleeper ? &m->slept.v[member->sleeper - 1] : NULL;
	const struct mark_sleeper *is = was ? find_sleeper(m, was->sp, was->sp + 1) : NULL;

	return is && is->tid == was->tid && is->switches == was->switches;
}

__u64 mark_asleep(struct mark *m, struct member *member, __u64 lo, __u64 hi)
{
	const struct mark_sleeper *is = find_sleeper(m, lo, hi);

	member->sleeper = 0;
	if (!is)
		return lo;
	if (array_push(&m->slept, *is))
		m->out_of_memory = true;
	else
		member->sleeper = (__u32)m->slept.n;
	return is->sp;
}
