// SPDX-License-Identifier: GPL-2.0-only
/* snapshot_rows.c - the kinds of records that a world is made of, as tables.
 *
 * Their fields stand in snapshot_tables.c; here is how they come out of a world and into one,
 * checked. */
#include "report/snapshot_rows.h"

#include <errno.h>
#include <string.h>

#include "options.h"
#include "report/snapshot_tables.h"

/* ---- from the world's arrays and into them ---- */

#define COUNT_AT(name, array)                                                                      \
	static size_t count_##name(const struct world *w)                                          \
	{                                                                                          \
		return w->array.n;                                                                 \
	}
#define COUNT(array) COUNT_AT(array, array)
#define GIVE_AT(name, array, member)                                                               \
	static void give_##name(const struct world *w, size_t i, union snapshot_record *record)    \
	{                                                                                          \
		record->member = w->array.v[i];                                                    \
	}
/* valid is an expression about *record->member, r */
#define TAKE_AT(name, array, member, valid, message, ...)                                          \
	static int take_##name(struct world *w, union snapshot_record *record,                     \
			       const char **ret_error)                                             \
	{                                                                                          \
		__typeof__(record->member) *r = &record->member;                                   \
                                                                                                   \
		*ret_error = message;                                                              \
		if (!(valid))                                                                      \
			return -EINVAL;                                                            \
		__VA_ARGS__;                                                                       \
		if (array_push(&w->array, *r))                                                     \
			return -ENOMEM;                                                            \
		memset(record, 0, sizeof(*record));                                                \
		return 0;                                                                          \
	}
#define ROWS_AT(name, array, member, ...)                                                          \
	COUNT_AT(name, array)                                                                      \
	GIVE_AT(name, array, member)                                                               \
	TAKE_AT(name, array, member, __VA_ARGS__)
#define ROWS(array, member, ...) ROWS_AT(array, array, member, __VA_ARGS__)

#define HEAD(type, kind_) r->head.size = sizeof(type), r->head.kind = kind_
#define PID_MESSAGE "it has no number, or one that is too large"

static bool is_pid(__u32 pid)
{
	return pid && pid <= OPTIONS_PID_MAX;
}

ROWS(threads, thread, is_pid(r->head.tid) && is_pid(r->tgid), PID_MESSAGE,
     HEAD(struct wire_thread, WIRE_THREAD))
ROWS(files, file, is_pid(r->head.tid), PID_MESSAGE, HEAD(struct wire_file, WIRE_FILE))
ROWS(locks, lock, true, "", HEAD(struct wire_lock, WIRE_LOCK))
ROWS(fds, fd, true, "", HEAD(struct wire_fd, WIRE_FD))
ROWS(processes, process, is_pid(r->tgid), PID_MESSAGE)
ROWS(mappers, mapper, true, "")
ROWS(kernel_waits, kernel_wait, is_pid(r->tid), PID_MESSAGE)

static size_t count_memory(const struct world *w)
{
	return w->memory.ranges.n;
}

static void give_memory(const struct world *w, size_t i, union snapshot_record *record)
{
	const struct mem_range *r = &w->memory.ranges.v[i];

	record->memory = (struct snapshot_memory){
		.mm = r->mm,
		.addr = r->addr,
		.bytes = { w->memory.bytes.v + r->pos, r->len },
	};
}

static int take_memory(struct world *w, union snapshot_record *record, const char **ret_error)
{
	struct snapshot_memory *r = &record->memory;

	*ret_error = "it is empty, or wraps around the address space";
	if (!r->bytes.n || r->addr + r->bytes.n < r->addr)
		return -EINVAL;
	return memory_add(&w->memory, r->mm, r->addr, r->bytes.v, r->bytes.n) ? -ENOMEM : 0;
}

/* ---- stacks: rows name rows that stand above them ---- */

static size_t count_frames(const struct world *w)
{
	return w->stacks.frames.n;
}

static void give_frames(const struct world *w, size_t i, union snapshot_record *record)
{
	record->frame = w->stacks.frames.v[i];
}

static bool is_short(const char *text)
{
	return !text || strlen(text) < STACK_NAME_MAX;
}

/* Not by stack_add_frame(), which would give a double the number of the first. */
static int take_frames(struct world *w, union snapshot_record *record, const char **ret_error)
{
	const struct frame *f = &record->frame;

	*ret_error = "a name in it is too long";
	if (!is_short(f->function) || !is_short(f->module) || !is_short(f->file))
		return -EINVAL;
	if (array_push(&w->stacks.frames, *f))
		return -ENOMEM;
	memset(record, 0, sizeof(*record));
	return 0;
}

static size_t count_traces(const struct world *w)
{
	return w->stacks.traces.n;
}

static void give_traces(const struct world *w, size_t i, union snapshot_record *record)
{
	const struct trace *t = &w->stacks.traces.v[i];

	record->trace = (struct snapshot_trace){ { t->frames.v, t->frames.n }, t->stop };
}

static int take_traces(struct world *w, union snapshot_record *record, const char **ret_error)
{
	const struct snapshot_trace *r = &record->trace;
	struct trace t = { .frames = { r->frames.v, r->frames.n, r->frames.n }, .stop = r->stop };

	*ret_error = "it names a frame that is not there";
	for (size_t i = 0; i < t.frames.n; i++)
		if (t.frames.v[i] >= w->stacks.frames.n)
			return -EINVAL;
	*ret_error = "its reason is too long";
	if (!is_short(t.stop))
		return -EINVAL;
	if (array_push(&w->stacks.traces, t))
		return -ENOMEM;
	memset(record, 0, sizeof(*record));
	return 0;
}

static size_t count_stacks(const struct world *w)
{
	return w->stacks.threads.n;
}

static void give_stacks(const struct world *w, size_t i, union snapshot_record *record)
{
	record->stack = w->stacks.threads.v[i];
}

/* In the order of the threads: sorting them in one by one would take hours, if there were
 * as many as there may be. */
static int take_stacks(struct world *w, union snapshot_record *record, const char **ret_error)
{
	const struct stack *r = &record->stack, *last = w->stacks.threads.v;
	size_t n = w->stacks.threads.n;

	*ret_error = PID_MESSAGE;
	if (!is_pid(r->tid))
		return -EINVAL;
	*ret_error = "it names a trace that is not there";
	if (r->trace >= w->stacks.traces.n)
		return -EINVAL;
	*ret_error = "it does not follow the one above in the order of the threads";
	if (n && last[n - 1].tid >= r->tid)
		return -EINVAL;
	return stack_add_thread(&w->stacks, r->tid, r->trace);
}

ROWS(go_processes, go_process, is_pid(r->tgid), PID_MESSAGE)
ROWS(go_waits, go_wait,
     is_pid(r->tgid) && r->id && r->trace <= w->stacks.traces.n && r->created <= w->stacks.traces.n,
     "its process, its number or one of its traces is wrong")

ROWS(go_sites, go_site, is_pid(r->tgid) && r->made_at, "its process or its place is wrong")

/* ---- the past ---- */

#define AFTER(array, member) (!w->array.n || w->array.v[w->array.n - 1].member < r->member)

static bool fit(const struct floors *f)
{
	return f->n <= SITE_WINDOWS && f->nprocess <= SITE_WINDOWS;
}

ROWS_AT(sites, past.sites, site,
	is_pid(r->tgid) && r->trace <= w->stacks.traces.n && fit(&r->floors) && fit(&r->slow),
	"its process, its trace or the number of its windows is wrong")
ROWS_AT(births, past.births, birth,
	is_pid(r->tid) && r->site <= w->past.sites.n && AFTER(past.births, tid),
	"its thread or its site is wrong, or it is out of order")
ROWS_AT(words, past.words, word, true, "")
ROWS_AT(stitches, past.stitches, stitch, is_pid(r->tid) && AFTER(past.stitches, tid),
	"its thread is wrong, or it is out of order")

COUNT(blind)

static void give_blind(const struct world *w, size_t i, union snapshot_record *record)
{
	record->blind.text = w->blind.v[i];
}

static int keep_text(struct world *w, const char *text)
{
	char *copy = strdup(text);

	if (copy && !array_push(&w->blind, copy))
		return 0;
	free(copy);
	return -ENOMEM;
}

static int take_blind(struct world *w, union snapshot_record *record, const char **ret_error)
{
	*ret_error = "it has no text";
	if (!record->blind.text)
		return -EINVAL;
	/* the last of them counts others, and is no other itself */
	if (w->blind.n == WORLD_BLIND_MAX)
		return keep_text(w, record->blind.text);
	return world_blind(w, "%s", record->blind.text);
}

#define KIND(kind, array)                                                                          \
	{                                                                                          \
#kind, snapshot_tables_##kind, count_##array, give_##array, take_##array           \
	}

const struct snapshot_kind snapshot_kinds[] = {
	KIND(thread, threads),
	KIND(file, files),
	KIND(lock, locks),
	KIND(fd, fds),
	KIND(process, processes),
	KIND(mapper, mappers),
	KIND(kernel_wait, kernel_waits),
	KIND(frame, frames),
	KIND(trace, traces),
	KIND(stack, stacks),
	KIND(go_process, go_processes),
	KIND(go_wait, go_waits),
	KIND(go_site, go_sites),
	KIND(site, sites),
	KIND(birth, births),
	KIND(word, words),
	KIND(stitch, stitches),
	KIND(memory, memory),
	KIND(blind, blind),
	{},
};

/* ---- order ---- */

int snapshot_rows_settle(struct world *w, const char **ret_error)
{
	*ret_error = "a record of which there can be only one is there twice";
	return world_sort(w) ? -EINVAL : 0;
}
