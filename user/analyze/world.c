// SPDX-License-Identifier: GPL-2.0-only
/* world.c - look-ups in what one look saw.
 *
 * Pure: the arrays are filled and sorted by collect/ or report/snapshot.c. */
#include "analyze/world.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct world *world_new(void)
{
	return calloc(1, sizeof(struct world));
}

void world_free(struct world *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->processes.n; i++) {
		free(w->processes.v[i].exe);
		free(w->processes.v[i].unit);
	}
	for (size_t i = 0; i < w->blind.n; i++)
		free(w->blind.v[i]);
	array_free(&w->threads);
	array_free(&w->files);
	array_free(&w->locks);
	array_free(&w->fds);
	array_free(&w->processes);
	array_free(&w->mappers);
	array_free(&w->kernel_waits);
	array_free(&w->go_processes);
	array_free(&w->go_waits);
	array_free(&w->go_sites);
	array_free(&w->memory.ranges);
	array_free(&w->memory.bytes);
	past_free(&w->past);
	stack_free(&w->stacks);
	array_free(&w->blind);
	free(w);
}

static int compare_u32(const void *key, const void *item)
{
	__u32 a = *(const __u32 *)key, b = *(const __u32 *)item;

	return a < b ? -1 : a > b;
}

static int compare_tid(const void *key, const void *item)
{
	return compare_u32(key, &((const struct wire_head *)item)->tid);
}

const struct wire_thread *world_thread(const struct world *w, __u32 tid)
{
	if (!w->threads.n)
		return NULL;
	return bsearch(&tid, w->threads.v, w->threads.n, sizeof(*w->threads.v), compare_tid);
}

const struct process *world_process(const struct world *w, __u32 tgid)
{
	_Static_assert(offsetof(struct process, tgid) == 0, "searched by its first member");
	if (!w->processes.n)
		return NULL;
	return bsearch(&tgid, w->processes.v, w->processes.n, sizeof(*w->processes.v), compare_u32);
}

bool world_is_go(const struct world *w, __u32 tgid)
{
	const struct process *p = world_process(w, tgid);

	return p && (p->bits & PROCESS_GO);
}

const struct kernel_wait *world_kernel_wait(const struct world *w, __u32 tid)
{
	_Static_assert(offsetof(struct kernel_wait, tid) == 0, "searched by its first member");
	if (!w->kernel_waits.n)
		return NULL;
	return bsearch(&tid, w->kernel_waits.v, w->kernel_waits.n, sizeof(*w->kernel_waits.v),
		       compare_u32);
}

const struct go_process *world_go_process(const struct world *w, __u32 tgid)
{
	_Static_assert(offsetof(struct go_process, tgid) == 0, "searched by its first member");
	if (!w->go_processes.n)
		return NULL;
	return bsearch(&tgid, w->go_processes.v, w->go_processes.n, sizeof(*w->go_processes.v),
		       compare_u32);
}

static int compare_pairs(__u32 tgid, __u64 number, __u32 other_tgid, __u64 other)
{
	if (tgid != other_tgid)
		return tgid < other_tgid ? -1 : 1;
	return number < other ? -1 : number > other;
}

int world_by_goroutine(const void *a, const void *b)
{
	const struct go_wait *x = a, *y = b;

	return compare_pairs(x->tgid, x->id, y->tgid, y->id);
}

int world_by_site(const void *a, const void *b)
{
	const struct go_site *x = a, *y = b;

	return compare_pairs(x->tgid, x->made_at, y->tgid, y->made_at);
}

const struct go_wait *world_go_wait(const struct world *w, __u32 tgid, __u64 id)
{
	const struct go_wait want = { .tgid = tgid, .id = id };

	if (!w->go_waits.n)
		return NULL;
	return bsearch(&want, w->go_waits.v, w->go_waits.n, sizeof(want), world_by_goroutine);
}

const struct go_site *world_go_site(const struct world *w, __u32 tgid, __u64 made_at)
{
	const struct go_site want = { .tgid = tgid, .made_at = made_at };

	if (!w->go_sites.n)
		return NULL;
	return bsearch(&want, w->go_sites.v, w->go_sites.n, sizeof(want), world_by_site);
}

const struct wire_file *world_file(const struct world *w, __u32 tid, __u32 arg)
{
	const struct wire_file *f, *end = w->files.v + w->files.n;

	if (!w->files.n)
		return NULL;
	f = bsearch(&tid, w->files.v, w->files.n, sizeof(*w->files.v), compare_tid);
	if (!f)
		return NULL;
	while (f > w->files.v && f[-1].head.tid == tid)
		f--;
	for (; f < end && f->head.tid == tid; f++)
		if (f->arg == arg)
			return f;
	return NULL;
}

const struct wire_fd *world_fds(const struct world *w, __u64 file, size_t *ret_n)
{
	size_t low = 0, high = w->fds.n, end;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (w->fds.v[mid].file < file)
			low = mid + 1;
		else
			high = mid;
	}
	for (end = low; end < w->fds.n && w->fds.v[end].file == file;)
		end++;
	*ret_n = end - low;
	return w->fds.v + low;
}

const struct stitch *world_stitch(const struct world *w, const struct wire_thread *t)
{
	const struct stitch *s;

	_Static_assert(offsetof(struct stitch, tid) == 0, "searched by its first member");
	if (!w->past.stitches.n || !(t->bits & WIRE_IN_SYSCALL))
		return NULL;
	s = bsearch(&t->head.tid, w->past.stitches.v, w->past.stitches.n,
		    sizeof(*w->past.stitches.v), compare_u32);
	if (!s || s->started != t->started || s->switches != t->switches)
		return NULL;
	return s->addr == t->args[0] ? s : NULL;
}

__u64 world_age(const struct world *w, const struct wire_thread *t)
{
	/* accounted is in a clock that stands still while the CPU serves interrupts or
	 * other guests: never ahead of the truth, so the later of the two is right. */
	__u64 since = t->arrived > t->accounted ? t->arrived : t->accounted;
	const struct stitch *stitch = world_stitch(w, t);
	__u64 age = since < w->now ? w->now - since : 0;

	if (t->bits & WIRE_RUNNABLE)
		return 0;
	if (stitch && world_ago(w, stitch->since) > age)
		return world_ago(w, stitch->since);
	return age;
}

__u64 world_ago(const struct world *w, __u64 then)
{
	return w->boot_time > then ? w->boot_time - then : 0;
}

/* Says it in the last of the sentences. */
static int count_unsaid(struct world *w)
{
	char *text;

	w->unsaid++;
	if (asprintf(&text, "and %llu more", (unsigned long long)w->unsaid) < 0)
		return -ENOMEM;
	if (w->blind.n > WORLD_BLIND_MAX) {
		free(w->blind.v[WORLD_BLIND_MAX]);
		w->blind.v[WORLD_BLIND_MAX] = text;
		return 0;
	}
	if (!array_push(&w->blind, text))
		return 0;
	free(text);
	return -ENOMEM;
}

int world_blind(struct world *w, const char *fmt, ...)
{
	char *text;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len < 0)
		return -ENOMEM;
	for (size_t i = 0; i < w->blind.n; i++) {
		if (!strcmp(w->blind.v[i], text)) {
			free(text);
			return 0;
		}
	}
	if (w->blind.n < WORLD_BLIND_MAX && !array_push(&w->blind, text))
		return 0;
	free(text);
	return w->blind.n < WORLD_BLIND_MAX ? -ENOMEM : count_unsaid(w);
}
