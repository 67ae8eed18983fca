// SPDX-License-Identifier: GPL-2.0-only
/* snapshot_rows.c - the kinds of records that a world is made of, as tables.
 *
 * Who adds a member to wire.h or world.h adds it here; tests/unit/test_snapshot.c
 * fills every byte of every record and fails when one does not come back. */
#include "report/snapshot_rows.h"

#include <errno.h>
#include <string.h>

#include "options.h"

#define FIELD_AS(of, member, what, name_)                                                          \
	{                                                                                          \
		.name = name_, .type = SNAPSHOT_##what, .offset = offsetof(of, member),            \
		.size = sizeof(((of *)0)->member),                                                 \
	}
#define FIELD(of, member, what) FIELD_AS(of, member, what, #member)
#define TID(of) FIELD_AS(of, head.tid, UINT, "tid")
#define END                                                                                        \
	{                                                                                          \
	}

const struct snapshot_field snapshot_look[] = {
	FIELD(struct world, host, TEXT),
	FIELD(struct world, kernel, TEXT),
	FIELD(struct world, real_time, UINT),
	FIELD(struct world, mono_time, UINT),
	FIELD(struct world, boot_time, UINT),
	FIELD(struct world, now, UINT),
	FIELD(struct world, scan_ns, UINT),
	FIELD(struct world, thread_limit, UINT),
	FIELD(struct world, machine, UINT),
	FIELD(struct world, self, UINT),
	FIELD(struct world, restarts, UINT),
	FIELD_AS(struct world, past.since, UINT, "past_since"),
	FIELD_AS(struct world, past.lost, UINT, "past_lost"),
	FIELD(struct world, fds_complete, BOOL),
	FIELD(struct world, mappers_complete, BOOL),
	END,
};

static const struct snapshot_field thread_fields[] = {
	TID(struct wire_thread),
	FIELD(struct wire_thread, tgid, UINT),
	FIELD(struct wire_thread, comm, TEXT),
	FIELD(struct wire_thread, ppid, UINT),
	FIELD(struct wire_thread, tracer, UINT),
	FIELD(struct wire_thread, ns_tid, UINT),
	FIELD(struct wire_thread, ns_tgid, UINT),
	FIELD(struct wire_thread, ns_inum, UINT),
	FIELD(struct wire_thread, state, UINT),
	FIELD(struct wire_thread, bits, UINT),
	FIELD(struct wire_thread, started, UINT),
	FIELD(struct wire_thread, arrived, UINT),
	FIELD(struct wire_thread, accounted, UINT),
	FIELD(struct wire_thread, switches, UINT),
	FIELD(struct wire_thread, mm, ID),
	FIELD(struct wire_thread, files, ID),
	FIELD(struct wire_thread, tls, UINT),
	FIELD(struct wire_thread, cleartid, UINT),
	FIELD(struct wire_thread, fault, UINT),
	FIELD(struct wire_thread, nr, INT),
	FIELD(struct wire_thread, args, UINTS),
	FIELD(struct wire_thread, key_word, UINT),
	FIELD(struct wire_thread, key_id, ID),
	FIELD(struct wire_thread, key_offset, UINT),
	FIELD(struct wire_thread, cgroup, UINT),
	FIELD(struct wire_thread, restart_fn, ID),
	FIELD(struct wire_thread, restart, UINTS),
	END,
};

static const struct snapshot_field file_fields[] = {
	TID(struct wire_file),
	FIELD(struct wire_file, arg, UINT),
	FIELD(struct wire_file, fd, INT),
	FIELD(struct wire_file, name, TEXT),
	FIELD(struct wire_file, file, ID),
	FIELD(struct wire_file, inode, ID),
	FIELD(struct wire_file, ino, UINT),
	FIELD(struct wire_file, refs, UINT),
	FIELD(struct wire_file, dev, UINT),
	FIELD(struct wire_file, rdev, UINT),
	FIELD(struct wire_file, mode, UINT),
	FIELD(struct wire_file, flags, UINT),
	FIELD(struct wire_file, nlink, UINT),
	FIELD(struct wire_file, magic, UINT),
	FIELD(struct wire_file, pipe_readers, UINT),
	FIELD(struct wire_file, pipe_writers, UINT),
	FIELD(struct wire_file, event_refs, UINT),
	FIELD(struct wire_file, family, UINT),
	FIELD(struct wire_file, type, UINT),
	FIELD(struct wire_file, protocol, UINT),
	FIELD(struct wire_file, sk_state, UINT),
	FIELD(struct wire_file, sk_v6, UINT),
	FIELD(struct wire_file, sport, UINT),
	FIELD(struct wire_file, dport, UINT),
	FIELD(struct wire_file, sk, ID),
	FIELD(struct wire_file, peer, ID),
	FIELD(struct wire_file, rcvtimeo, UINT),
	FIELD(struct wire_file, sndtimeo, UINT),
	FIELD(struct wire_file, netns, UINT),
	FIELD(struct wire_file, bound, UINT),
	FIELD(struct wire_file, saddr, HEX),
	FIELD(struct wire_file, daddr, HEX),
	END,
};

static const struct snapshot_field lock_fields[] = {
	TID(struct wire_lock),
	FIELD(struct wire_lock, type, UINT),
	FIELD(struct wire_lock, write, UINT),
	FIELD(struct wire_lock, pid, UINT),
	FIELD(struct wire_lock, inode, ID),
	FIELD(struct wire_lock, file, ID),
	FIELD(struct wire_lock, owner, ID),
	FIELD(struct wire_lock, start, UINT),
	FIELD(struct wire_lock, end, UINT),
	END,
};

static const struct snapshot_field fd_fields[] = {
	TID(struct wire_fd),
	FIELD(struct wire_fd, tgid, UINT),
	FIELD(struct wire_fd, fd, INT),
	FIELD(struct wire_fd, files, ID),
	FIELD(struct wire_fd, file, ID),
	FIELD(struct wire_fd, inode, ID),
	FIELD(struct wire_fd, sk, ID),
	FIELD(struct wire_fd, refs, UINT),
	FIELD(struct wire_fd, flags, UINT),
	FIELD_AS(struct wire_fd, tuple.saddr, HEX, "saddr"),
	FIELD_AS(struct wire_fd, tuple.daddr, HEX, "daddr"),
	FIELD_AS(struct wire_fd, tuple.netns, UINT, "netns"),
	FIELD_AS(struct wire_fd, tuple.sport, UINT, "sport"),
	FIELD_AS(struct wire_fd, tuple.dport, UINT, "dport"),
	END,
};

static const struct snapshot_field process_fields[] = {
	FIELD(struct process, tgid, UINT),
	FIELD(struct process, bits, UINT),
	FIELD(struct process, handlers, UINT),
	FIELD(struct process, sockets, UINT),
	FIELD(struct process, exe, STRING),
	FIELD(struct process, unit, STRING),
	END,
};

static const struct snapshot_field mapper_fields[] = {
	FIELD(struct mapper, key_id, ID),
	FIELD(struct mapper, key_word, UINT),
	FIELD(struct mapper, tgid, UINT),
	FIELD(struct mapper, open, UINT),
	END,
};

static const struct snapshot_field kernel_wait_fields[] = {
	FIELD(struct kernel_wait, tid, UINT),
	FIELD(struct kernel_wait, function, TEXT),
	FIELD(struct kernel_wait, where, TEXT),
	FIELD(struct kernel_wait, stack, TEXT),
	END,
};

static const struct snapshot_field frame_fields[] = {
	FIELD(struct frame, address, UINT),
	FIELD(struct frame, offset, UINT),
	FIELD(struct frame, line, UINT),
	FIELD(struct frame, inlined, BOOL),
	FIELD(struct frame, guessed, BOOL),
	FIELD(struct frame, function, STRING),
	FIELD(struct frame, module, STRING),
	FIELD(struct frame, file, STRING),
	END,
};

static const struct snapshot_field trace_fields[] = {
	FIELD(struct snapshot_trace, frames, NUMBERS),
	FIELD(struct snapshot_trace, stop, STRING),
	END,
};

static const struct snapshot_field stack_fields[] = {
	FIELD(struct stack, tid, UINT),
	FIELD(struct stack, trace, UINT),
	FIELD(struct stack, lost, UINT),
	END,
};

static const struct snapshot_field memory_fields[] = {
	FIELD(struct snapshot_memory, mm, ID),
	FIELD(struct snapshot_memory, addr, UINT),
	FIELD(struct snapshot_memory, bytes, BYTES),
	END,
};

static const struct snapshot_field blind_fields[] = {
	FIELD(struct snapshot_blind, text, STRING),
	END,
};

static const struct snapshot_field site_fields[] = {
	FIELD(struct site, id, UINT),
	FIELD(struct site, tgid, UINT),
	FIELD(struct site, process_started, UINT),
	FIELD(struct site, trace, UINT),
	FIELD(struct site, since, UINT),
	FIELD(struct site, born, UINT),
	FIELD(struct site, ended, UINT),
	FIELD(struct site, alive, UINT),
	FIELD(struct site, lifetimes, UINTS),
	FIELD_AS(struct site, floors.window_ns, UINT, "window_ns"),
	FIELD_AS(struct site, floors.n, UINT, "nfloors"),
	FIELD_AS(struct site, floors.at, UINTS, "floors"),
	FIELD_AS(struct site, floors.nprocess, UINT, "nprocess"),
	FIELD_AS(struct site, floors.process, UINTS, "process_floors"),
	FIELD_AS(struct site, slow.window_ns, UINT, "slow_window_ns"),
	FIELD_AS(struct site, slow.n, UINT, "nslow"),
	FIELD_AS(struct site, slow.at, UINTS, "slow_floors"),
	FIELD_AS(struct site, slow.nprocess, UINT, "nslow_process"),
	FIELD_AS(struct site, slow.process, UINTS, "slow_process_floors"),
	END,
};

static const struct snapshot_field birth_fields[] = {
	FIELD(struct birth, tid, UINT),
	FIELD(struct birth, started, UINT),
	FIELD(struct birth, site, UINT),
	FIELD(struct birth, creator, UINT),
	FIELD(struct birth, creator_started, UINT),
	END,
};

static const struct snapshot_field word_fields[] = {
	FIELD_AS(struct word, key.mm, ID, "mm"),
	FIELD_AS(struct word, key.addr, UINT, "addr"),
	FIELD_AS(struct word, seen.since, UINT, "since"),
	FIELD_AS(struct word, seen.wakes, UINT, "wakes"),
	FIELD_AS(struct word, seen.empty, UINT, "empty"),
	FIELD_AS(struct word, seen.first, UINT, "first"),
	FIELD_AS(struct word, seen.last, UINT, "last"),
	FIELD_AS(struct word, seen.last_empty, UINT, "last_empty"),
	FIELD_AS(struct word, seen.longest, UINT, "longest"),
	FIELD_AS(struct word, seen.others, UINT, "others"),
	FIELD_AS(struct word, seen.wakers, UINTS, "wakers"), /* its members, one after another */
	FIELD(struct word, ended, UINTS),
	END,
};

static const struct snapshot_field stitch_fields[] = {
	FIELD(struct stitch, tid, UINT),
	FIELD(struct stitch, started, UINT),
	FIELD(struct stitch, addr, UINT),
	FIELD(struct stitch, val, UINT),
	FIELD(struct stitch, since, UINT),
	FIELD(struct stitch, switches, UINT),
	END,
};

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

static int take_blind(struct world *w, union snapshot_record *record, const char **ret_error)
{
	*ret_error = "it has no text";
	if (!record->blind.text)
		return -EINVAL;
	return world_blind(w, "%s", record->blind.text) ? -ENOMEM : 0;
}

#define KIND(name, array, fields)                                                                  \
	{                                                                                          \
		name, fields, count_##array, give_##array, take_##array                            \
	}

const struct snapshot_kind snapshot_kinds[] = {
	KIND("thread", threads, thread_fields),
	KIND("file", files, file_fields),
	KIND("lock", locks, lock_fields),
	KIND("fd", fds, fd_fields),
	KIND("process", processes, process_fields),
	KIND("mapper", mappers, mapper_fields),
	KIND("kernel_wait", kernel_waits, kernel_wait_fields),
	KIND("frame", frames, frame_fields),
	KIND("trace", traces, trace_fields),
	KIND("stack", stacks, stack_fields),
	KIND("site", sites, site_fields),
	KIND("birth", births, birth_fields),
	KIND("word", words, word_fields),
	KIND("stitch", stitches, stitch_fields),
	KIND("memory", memory, memory_fields),
	KIND("blind", blind, blind_fields),
	{},
};

/* ---- order ---- */

int snapshot_rows_settle(struct world *w, const char **ret_error)
{
	*ret_error = "a record of which there can be only one is there twice";
	return world_sort(w) ? -EINVAL : 0;
}
