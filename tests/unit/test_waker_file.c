// SPDX-License-Identifier: GPL-2.0-only
/* test_waker_file.c - who holds the other end, and what is on the way from there. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "fixture.h"

/* Two threads of 20 share a table, so that a blocked write holds a reference of its own; one
 * that has another file than its number leads to now holds none of this one. */
static struct world *a_write_under_way(__u32 queued)
{
	struct world *w = fixture_world();

	fixture_reads_pipe(w, 10, 10, 77);
	fixture_holds_pipe(w, 20, 77);
	w->fds.v[0].refs = 2;
	fixture_thread(w, 20, 20);
	fixture_reads_pipe(w, 21, 20, 78);
	w->files.v[1].file = w->fds.v[0].file;
	w->files.v[1].queued = queued;
	return w;
}

Test(waker_file, a_call_holds_the_file_that_its_number_led_to)
{
	assert_source(a_write_under_way(0), 10, "idle");
	assert_source(a_write_under_way(1), 10, "unknown: another end may be in flight");
}

/* ---- two processes at the ends of a TCP connection over the loopback ---- */

#define READS 0 /* system calls */
#define WRITES 1
#define PENDING WIRE_TCP_PENDING
#define SENT WIRE_TCP_SENT
#define ROOM WIRE_TCP_ROOM

static const __u8 loopback[16] = { [10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1 };

static void add_end(struct world *w, __u32 pid, __s64 nr, __u32 tcp)
{
	struct wire_thread *t = fixture_thread(w, pid, pid);
	struct wire_file f = {
		.head = { WIRE_FILE, sizeof(f), pid },
		.fd = 3,
		.mode = S_IFSOCK,
		.file = 0x5000 + pid,
		.refs = 1,
		.sk = 0x6000 + pid,
		.family = AF_INET,
		.type = SOCK_STREAM,
		.protocol = 6,
		.sk_state = 1,
		.sk_v6 = 1,
		.sport = pid,
		.dport = 30 - pid,
		.rcvtimeo = INT64_MAX,
		.sndtimeo = INT64_MAX,
		.tcp = tcp,
	};
	struct wire_fd fd = {
		.head = { WIRE_FD, sizeof(fd), pid },
		.tgid = pid,
		.fd = 3,
		.files = t->files,
		.file = f.file,
		.sk = f.sk,
		.refs = 1,
		.tcp = tcp,
		.tuple = { .sport = f.sport, .dport = f.dport },
	};

	t->nr = nr;
	t->args[0] = 3;
	memcpy(f.saddr, loopback, 16);
	memcpy(f.daddr, loopback, 16);
	memcpy(fd.tuple.saddr, loopback, 16);
	memcpy(fd.tuple.daddr, loopback, 16);
	cr_assert_eq(array_push(&w->files, f), 0);
	cr_assert_eq(array_push(&w->fds, fd), 0);
	fixture_process(w, pid, 0, 0);
}

Test(waker_file, what_is_on_the_way_through_tcp)
{
	static const struct {
		const char *title;
		__s64 nr[2];
		__u32 tcp[2];
		bool stuck;
	} rows[] = {
		{ "nothing was sent", { READS, READS }, { ROOM, ROOM }, true },
		{ "a request that was sent", { READS, READS }, { PENDING | SENT | ROOM, ROOM } },
		{ "an answer that could not be", { READS, READS }, { ROOM, PENDING | ROOM } },
		{ "all buffers are full", { WRITES, WRITES }, { PENDING, PENDING }, true },
		{ "not acknowledged yet", { WRITES, WRITES }, { PENDING, PENDING | SENT } },
		{ "room that one does not know of",
		  { WRITES, WRITES },
		  { PENDING | ROOM, PENDING } },
		{ "the other end gives up",
		  { WRITES, READS },
		  { PENDING, PENDING | WIRE_TCP_TIMEOUT } },
		{ "a BPF program at the other end", { READS, READS }, { ROOM, WIRE_TCP_HOOKED } },
		{ "from an older snapshot", { READS, WRITES }, { 0, 0 }, true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct world *w = fixture_world();
		const char *got;

		add_end(w, 10, rows[i].nr[0], rows[i].tcp[0]);
		add_end(w, 20, rows[i].nr[1], rows[i].tcp[1]);
		got = fixture_verdict(w);
		cr_expect_str_eq(got, rows[i].stuck ? "deadlock proven 10 20" : "", "%s: %s",
				 rows[i].title, got);
		world_free(w);
	}
}

Test(waker_file, what_is_on_the_way_is_said)
{
	struct world *w = fixture_world();

	add_end(w, 10, READS, PENDING);
	add_end(w, 20, READS, 0);
	assert_source(w, 20, "unknown: data for its socket may be on the way");
	w = fixture_world();
	add_end(w, 10, WRITES, PENDING | SENT);
	add_end(w, 20, READS, 0);
	assert_source(w, 10, "unknown: what its socket sends may be on the way");
}
