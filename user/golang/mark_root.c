// SPDX-License-Identifier: GPL-2.0-only
/* mark_root.c - where a search begins besides goroutines: variables, finalizers, memory of C code.
 *
 * Pure but for the target. What the runtime keeps for itself is left out where it would lead to
 * objects that nobody holds: its records of spans, which name the first object of each, and what
 * its collector read last. */
#include <errno.h>

#include "golang/final.h"
#include "golang/mark_inside.h"

int mark_root(struct mark *m, __u64 start, __u64 end)
{
	return array_push(&m->roots, (struct range){ start, end }) ? -ENOMEM : 0;
}

/* All but what would lead to objects that nobody holds: mheap_ and the runtime's records of spans
 * name the first object of each. */
static void scan_kept(struct mark *m, __u64 start, __u64 end)
{
	struct heap_range kept;

	for (; heap_kept(&m->heap, start, end, &kept); start = kept.end)
		scan_range(&m->scan, kept.start, kept.end);
}

/* What of it is not Go's heap: there is no telling where that lies,
 * since Go 1.26, but by its arenas. */
static void scan_root(struct mark *m, const struct range *root)
{
	__u64 next;

	for (__u64 at = root->start; at < root->end; at = next) {
		const bool go = heap_is_arena(&m->heap, at, &next);

		next = next < root->end ? next : root->end;
		if (!go)
			scan_kept(m, at, next);
	}
}

int mark_root_globals(struct mark *m)
{
	const struct program *p = m->program;
	int r;

	for (size_t i = 0; i < p->nmodules; i++) {
		scan_kept(m, p->modules[i].data, p->modules[i].edata);
		scan_kept(m, p->modules[i].bss, p->modules[i].ebss);
	}
	r = final_scan(p, &m->scan);
	if (r == -EIO)
		mark_stop(m, MARK_UNREADABLE, "finalizers and cleanups cannot be read");
	else if (r == -E2BIG)
		mark_stop(m, MARK_CUT, "there are too many finalizers and cleanups");
	return r == -ENOMEM ? r : 0;
}

/* Each P has a buffer of the collector's, which still holds what that found there last. */
static int leave_out_buffers(struct mark *m)
{
	const struct golang_layout *l = m->program->layout;
	const __u64 head = l->heap.header_bytes > 0 ? l->heap.header_bytes : 0;
	const __u64 size = 1ull << m->heap.page_shift;
	struct heap_range buffers[SCAN_PS_MAX];
	size_t n = 0;
	__u64 buffer;

	for (size_t i = 0; l->p.gcw_ptr_buf >= 0 && i < m->scan.nps; i++)
		if (target_word(m->program->target, m->scan.ps[i] + head + l->p.gcw_ptr_buf,
				&buffer) &&
		    buffer && buffer + size > buffer)
			buffers[n++] = (struct heap_range){ buffer, buffer + size };
	return heap_leave_out(&m->heap, buffers, n);
}

int mark_root_search(struct mark *m)
{
	const int r = m->roots.n ? leave_out_buffers(m) : 0;

	for (size_t i = 0; !r && i < m->roots.n; i++)
		scan_root(m, &m->roots.v[i]);
	return r;
}
