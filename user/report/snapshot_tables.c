// SPDX-License-Identifier: GPL-2.0-only
/* snapshot_tables.c - the fields of each kind of record that a world is made of.
 *
 * Who adds a member to wire.h or world.h adds it here; tests/unit/test_snapshot.c
 * fills every byte of every record and fails when one does not come back. */
#include "report/snapshot_tables.h"

#include "report/snapshot_rows.h"

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

const struct snapshot_field snapshot_tables_look[] = {
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

const struct snapshot_field snapshot_tables_thread[] = {
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
	FIELD(struct wire_thread, execs, UINT),
	FIELD(struct wire_thread, restart, UINTS),
	END,
};

const struct snapshot_field snapshot_tables_file[] = {
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
	FIELD(struct wire_file, queued, UINT),
	FIELD(struct wire_file, notes, UINT),
	FIELD(struct wire_file, tcp, UINT),
	FIELD(struct wire_file, saddr, HEX),
	FIELD(struct wire_file, daddr, HEX),
	END,
};

const struct snapshot_field snapshot_tables_lock[] = {
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

const struct snapshot_field snapshot_tables_fd[] = {
	TID(struct wire_fd),
	FIELD(struct wire_fd, tgid, UINT),
	FIELD(struct wire_fd, fd, INT),
	FIELD(struct wire_fd, files, ID),
	FIELD(struct wire_fd, file, ID),
	FIELD(struct wire_fd, inode, ID),
	FIELD(struct wire_fd, sk, ID),
	FIELD(struct wire_fd, refs, UINT),
	FIELD(struct wire_fd, flags, UINT),
	FIELD(struct wire_fd, tcp, UINT),
	FIELD_AS(struct wire_fd, tuple.saddr, HEX, "saddr"),
	FIELD_AS(struct wire_fd, tuple.daddr, HEX, "daddr"),
	FIELD_AS(struct wire_fd, tuple.netns, UINT, "netns"),
	FIELD_AS(struct wire_fd, tuple.sport, UINT, "sport"),
	FIELD_AS(struct wire_fd, tuple.dport, UINT, "dport"),
	END,
};

const struct snapshot_field snapshot_tables_process[] = {
	FIELD(struct process, tgid, UINT),
	FIELD(struct process, bits, UINT),
	FIELD(struct process, handlers, UINT),
	FIELD(struct process, sockets, UINT),
	FIELD(struct process, exe, STRING),
	FIELD(struct process, unit, STRING),
	END,
};

const struct snapshot_field snapshot_tables_mapper[] = {
	FIELD(struct mapper, key_id, ID),
	FIELD(struct mapper, key_word, UINT),
	FIELD(struct mapper, tgid, UINT),
	FIELD(struct mapper, open, UINT),
	END,
};

const struct snapshot_field snapshot_tables_kernel_wait[] = {
	FIELD(struct kernel_wait, tid, UINT),	 FIELD(struct kernel_wait, function, TEXT),
	FIELD(struct kernel_wait, where, TEXT),	 FIELD(struct kernel_wait, stack, TEXT),
	FIELD(struct kernel_wait, hidden, UINT), END,
};

const struct snapshot_field snapshot_tables_frame[] = {
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

const struct snapshot_field snapshot_tables_trace[] = {
	FIELD(struct snapshot_trace, frames, NUMBERS),
	FIELD(struct snapshot_trace, stop, STRING),
	END,
};

const struct snapshot_field snapshot_tables_stack[] = {
	FIELD(struct stack, tid, UINT),
	FIELD(struct stack, trace, UINT),
	FIELD(struct stack, lost, UINT),
	END,
};

const struct snapshot_field snapshot_tables_memory[] = {
	FIELD(struct snapshot_memory, mm, ID),
	FIELD(struct snapshot_memory, addr, UINT),
	FIELD(struct snapshot_memory, bytes, BYTES),
	END,
};

const struct snapshot_field snapshot_tables_blind[] = {
	FIELD(struct snapshot_blind, text, STRING),
	END,
};

const struct snapshot_field snapshot_tables_site[] = {
	FIELD(struct site, id, UINT),
	FIELD(struct site, tgid, UINT),
	FIELD(struct site, process_started, UINT),
	FIELD(struct site, trace, UINT),
	FIELD(struct site, since, UINT),
	FIELD(struct site, born, UINT),
	FIELD(struct site, ended, UINT),
	FIELD(struct site, alive, UINT),
	FIELD(struct site, made_at, UINT),
	FIELD_AS(struct site, floors.window_ns, UINT, "window_ns"),
	FIELD_AS(struct site, floors.n, UINT, "nfloors"),
	FIELD_AS(struct site, floors.at, UINTS, "floors"),
	FIELD_AS(struct site, floors.nprocess, UINT, "nprocess"),
	FIELD_AS(struct site, floors.process, UINTS, "process_floors"),
	FIELD_AS(struct site, floors.newest, UINT, "newest"),
	FIELD_AS(struct site, slow.window_ns, UINT, "slow_window_ns"),
	FIELD_AS(struct site, slow.n, UINT, "nslow"),
	FIELD_AS(struct site, slow.at, UINTS, "slow_floors"),
	FIELD_AS(struct site, slow.nprocess, UINT, "nslow_process"),
	FIELD_AS(struct site, slow.process, UINTS, "slow_process_floors"),
	FIELD_AS(struct site, slow.newest, UINT, "slow_newest"),
	END,
};

const struct snapshot_field snapshot_tables_birth[] = {
	FIELD(struct birth, tid, UINT),
	FIELD(struct birth, started, UINT),
	FIELD(struct birth, site, UINT),
	FIELD(struct birth, creator, UINT),
	FIELD(struct birth, creator_started, UINT),
	END,
};

const struct snapshot_field snapshot_tables_word[] = {
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

const struct snapshot_field snapshot_tables_stitch[] = {
	FIELD(struct stitch, tid, UINT),
	FIELD(struct stitch, started, UINT),
	FIELD(struct stitch, addr, UINT),
	FIELD(struct stitch, val, UINT),
	FIELD(struct stitch, since, UINT),
	FIELD(struct stitch, switches, UINT),
	END,
};

const struct snapshot_field snapshot_tables_go_process[] = {
	FIELD(struct go_process, tgid, UINT),
	FIELD(struct go_process, bits, UINT),
	FIELD(struct go_process, goroutines, UINT),
	FIELD(struct go_process, waiting, UINT),
	FIELD(struct go_process, searched, UINT),
	FIELD(struct go_process, read, UINT),
	FIELD(struct go_process, newest, UINT),
	FIELD(struct go_process, torn, UINT),
	FIELD(struct go_process, unsited, UINT),
	FIELD(struct go_process, version, TEXT),
	FIELD(struct go_process, trouble, TEXT),
	FIELD(struct go_process, unsearched, TEXT),
	END,
};

const struct snapshot_field snapshot_tables_go_wait[] = {
	FIELD(struct go_wait, tgid, UINT),     FIELD(struct go_wait, bits, UINT),
	FIELD(struct go_wait, id, UINT),       FIELD(struct go_wait, parent, UINT),
	FIELD(struct go_wait, since, UINT),    FIELD(struct go_wait, trace, UINT),
	FIELD(struct go_wait, created, UINT),  FIELD(struct go_wait, object, UINT),
	FIELD(struct go_wait, nobjects, UINT), FIELD(struct go_wait, count, UINT),
	FIELD(struct go_wait, capacity, UINT), FIELD(struct go_wait, made_at, UINT),
	FIELD(struct go_wait, turns, UINT),    FIELD(struct go_wait, holder, UINT),
	FIELD(struct go_wait, reason, TEXT),   END,
};

const struct snapshot_field snapshot_tables_go_site[] = {
	FIELD(struct go_site, tgid, UINT),
	FIELD(struct go_site, made_at, UINT),
	FIELD(struct go_site, alive, UINT),
	FIELD(struct go_site, stuck, UINT),
	FIELD(struct go_site, torn, UINT),
	FIELD(struct go_site, fresh, UINT),
	FIELD(struct go_site, old, UINT),
	FIELD(struct go_site, sleeping, UINT),
	FIELD(struct go_site, napping, UINT),
	FIELD(struct go_site, waiting, UINT),
	FIELD(struct go_site, network, UINT),
	FIELD(struct go_site, running, UINT),
	END,
};
