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
	FIELD(struct world, machine, UINT),
	FIELD(struct world, self, UINT),
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
	FIELD(struct process, tgid, UINT),     FIELD(struct process, bits, UINT),
	FIELD(struct process, handlers, UINT), FIELD(struct process, exe, STRING),
	FIELD(struct process, unit, STRING),   END,
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

/* ---- from the world's arrays and into them ---- */

#define COUNT(array)                                                                               \
	static size_t count_##array(const struct world *w)                                         \
	{                                                                                          \
		return w->array.n;                                                                 \
	}
#define GIVE(array, member)                                                                        \
	static void give_##array(const struct world *w, size_t i, union snapshot_record *record)   \
	{                                                                                          \
		record->member = w->array.v[i];                                                    \
	}
/* valid is an expression about *record->member, r */
#define TAKE(array, member, valid, message, ...)                                                   \
	static int take_##array(struct world *w, union snapshot_record *record,                    \
				const char **ret_error)                                            \
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
#define ROWS(array, member, ...)                                                                   \
	COUNT(array)                                                                               \
	GIVE(array, member)                                                                        \
	TAKE(array, member, __VA_ARGS__)

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
