// SPDX-License-Identifier: GPL-2.0-only
/* world_sort.c - the order of a world's arrays, for whoever fills them.
 *
 * The look-ups of world.c, memory.c and waker_file.c rely on it. What is in order already
 * costs one comparison an element. */
#include <stdlib.h>
#include <string.h>

#include "analyze/world.h"

#define COMPARE(a, b) ((a) < (b) ? -1 : (a) > (b))

static int by_tid(const void *a, const void *b)
{
	return COMPARE(((const struct wire_head *)a)->tid, ((const struct wire_head *)b)->tid);
}

static int by_tid_arg(const void *a, const void *b)
{
	const struct wire_file *x = a, *y = b;
	int c = by_tid(a, b);

	return c ? c : COMPARE(x->arg, y->arg);
}

/* Every thread that waits for a lock brings the same locks again: but for the head, which
 * names the thread, they are alike. */
static int by_inode(const void *a, const void *b)
{
	const struct wire_lock *x = a, *y = b;
	int c = COMPARE(x->inode, y->inode);

	return c ? c : memcmp(&x->type, &y->type, sizeof(*x) - offsetof(struct wire_lock, type));
}

/* A table that several tasks share may be walked more than once. */
static int by_file(const void *a, const void *b)
{
	const struct wire_fd *x = a, *y = b;
	int c = COMPARE(x->file, y->file);

	c = c ? c : COMPARE(x->files, y->files);
	return c ? c : COMPARE(x->fd, y->fd);
}

static int by_key(const void *a, const void *b)
{
	const struct mapper *x = a, *y = b;
	int c = COMPARE(x->key_id, y->key_id);

	c = c ? c : COMPARE(x->key_word, y->key_word);
	return c ? c : COMPARE(x->tgid, y->tgid);
}

/* struct process, kernel_wait and go_process begin with the id that they are sorted by. */
static int by_id(const void *a, const void *b)
{
	return COMPARE(*(const __u32 *)a, *(const __u32 *)b);
}

/* How many are left when of those that are alike only the first is kept. */
static size_t sort(void *v, size_t n, size_t size, int (*compare)(const void *, const void *))
{
	char *at = v;
	size_t kept = 1;

	while (kept < n && compare(at + (kept - 1) * size, at + kept * size) < 0)
		kept++;
	if (kept >= n)
		return n;
	qsort(v, n, size, compare);
	kept = 1;
	for (size_t i = 1; i < n; i++)
		if (compare(at + (kept - 1) * size, at + i * size))
			memmove(at + kept++ * size, at + i * size, size);
	return kept;
}

#define SORT(array, compare)                                                                       \
	do {                                                                                       \
		size_t kept = sort((array).v, (array).n, sizeof(*(array).v), compare);             \
                                                                                                   \
		doubles += (array).n - kept;                                                       \
		(array).n = kept;                                                                  \
	} while (0)

size_t world_sort(struct world *w)
{
	size_t doubles = 0;

	SORT(w->threads, by_tid);
	SORT(w->files, by_tid_arg);
	SORT(w->locks, by_inode);
	SORT(w->fds, by_file);
	SORT(w->mappers, by_key);
	SORT(w->kernel_waits, by_id);
	SORT(w->go_processes, by_id);
	SORT(w->go_waits, world_by_goroutine);
	SORT(w->go_sites, world_by_site);
	if (w->processes.n)
		qsort(w->processes.v, w->processes.n, sizeof(*w->processes.v), by_id);
	for (size_t i = 1; i < w->processes.n; i++) /* they own strings: none is dropped */
		doubles += w->processes.v[i].tgid == w->processes.v[i - 1].tgid;
	memory_sort(&w->memory);
	return doubles;
}
