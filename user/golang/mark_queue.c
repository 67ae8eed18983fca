// SPDX-License-Identifier: GPL-2.0-only
/* mark_queue.c - the sudogs of those that wait, and the objects that are searched otherwise.
 *
 * Pure but for the target. */
#include "golang/mark_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define WORD 8
#define AT_ONCE TARGET_PIECES_MAX

_Static_assert(AT_ONCE *LAYOUT_OBJECT_MAX <= TARGET_BYTES_MAX, "one question has room for them");

/* ---- sudogs ---- */

/* What one says: the next of the same goroutine, if there is one; a
 * goroutine whose sudog is another's has moved, and lives. */
static int take_sudog(struct mark *m, const struct sudog *sudog, const unsigned char *bytes,
		      struct sudog *next, size_t *nnext)
{
	const struct golang_sudog *l = &m->program->layout->sudog;
	struct member *member = &m->members.v[sudog->owner];
	__u64 g, link;

	memcpy(&g, bytes + l->g, WORD);
	memcpy(&link, bytes + l->waitlink, WORD);
	if (g != member->address) {
		member->live = true;
		return 0;
	}
	member->nsudogs++;
	if (member->chain && link && member->nsudogs < member->nobjects)
		next[(*nnext)++] = (struct sudog){ link, sudog->owner };
	return array_push(&m->sudogs, *sudog) ? -ENOMEM : 0;
}

static int by_owner(const void *a, const void *b)
{
	const __u32 x = ((const struct sudog *)a)->owner, y = ((const struct sudog *)b)->owner;

	return x < y ? -1 : x > y;
}

/* One after the other of each goroutine, for all together. */
int mark_queue_read(struct mark *m)
{
	const struct target *t = m->program->target;
	const size_t size = m->program->layout->sudog.size;
	struct target_piece pieces[AT_ONCE];
	_cleanup_free_ unsigned char *bytes = malloc(AT_ONCE * LAYOUT_OBJECT_MAX);
	_cleanup_free_ struct sudog *now = calloc(m->members.n + 1, sizeof(*now));
	size_t n = 0, next, k;
	int r = 0;

	if (!bytes || !now)
		return -ENOMEM;
	for (size_t i = 0; i < m->members.n; i++) {
		if (!m->members.v[i].live && m->members.v[i].sudog)
			now[n++] = (struct sudog){ m->members.v[i].sudog, (__u32)i };
	}
	for (; n; n = next) {
		next = 0; /* never passes what was read */
		for (size_t i = 0; i < n; i += k) {
			k = n - i < AT_ONCE ? n - i : AT_ONCE;
			for (size_t j = 0; j < k; j++)
				pieces[j] = (struct target_piece){ now[i + j].address,
								   bytes + j * LAYOUT_OBJECT_MAX,
								   size };
			t->read(t->arg, pieces, k);
			for (size_t j = 0; !r && j < k; j++) {
				const struct sudog sudog = now[i + j];

				if (pieces[j].there)
					r = take_sudog(m, &sudog, pieces[j].to, now, &next);
				else
					m->members.v[sudog.owner].live = true;
			}
			if (r)
				return r;
		}
	}
	if (m->sudogs.n)
		qsort(m->sudogs.v, m->sudogs.n, sizeof(*m->sudogs.v), by_owner);
	for (size_t i = m->sudogs.n; i-- > 0;)
		m->members.v[m->sudogs.v[i].owner].sudogs = (__u32)i;
	return 0;
}

/* ---- objects that are not like others ---- */

/* A g or a sudog is an object of its own. */
static int add_closed(struct mark *m, __u64 address, int kind)
{
	struct heap_object o;

	if (!heap_object(&m->heap, address, &o) || heap_base(&m->heap, o) != address)
		return 0;
	return array_push(&m->specials, (struct scan_special){ address, kind, 0 }) ? -ENOMEM : 0;
}

static int add_awaited(struct mark *m, __u32 owner)
{
	struct member *member = &m->members.v[owner];
	struct heap_object o;

	for (size_t i = 0; i < member->nobjects; i++) {
		if (!heap_object(&m->heap, m->objects.v[member->objects + i], &o)) {
			member->live = true;
			return 0;
		}
	}
	for (size_t i = 0; i < member->nobjects; i++) {
		heap_object(&m->heap, m->objects.v[member->objects + i], &o);
		if (array_push(&m->specials, (struct scan_special){ heap_base(&m->heap, o),
								    SCAN_AWAITED, owner }))
			return -ENOMEM;
	}
	return 0;
}

static int by_base(const void *a, const void *b)
{
	const __u64 x = ((const struct scan_special *)a)->base;
	const __u64 y = ((const struct scan_special *)b)->base;

	return x < y ? -1 : x > y;
}

int mark_queue_specials(struct mark *m)
{
	for (size_t i = 0; i < m->members.n; i++) {
		if (!m->members.v[i].live && add_awaited(m, (__u32)i))
			return -ENOMEM;
	}
	for (size_t i = 0; i < m->members.n; i++) {
		if (!m->members.v[i].live && add_closed(m, m->members.v[i].address, SCAN_CLOSED))
			return -ENOMEM;
	}
	for (size_t i = 0; i < m->sudogs.n; i++) {
		if (!m->members.v[m->sudogs.v[i].owner].live &&
		    add_closed(m, m->sudogs.v[i].address, SCAN_SUDOG))
			return -ENOMEM;
	}
	if (m->specials.n)
		qsort(m->specials.v, m->specials.n, sizeof(*m->specials.v), by_base);
	return 0;
}
