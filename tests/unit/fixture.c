// SPDX-License-Identifier: GPL-2.0-only
/* fixture.c - small worlds, built by hand, for the tests of analyze/. */
#include "fixture.h"

#include <criterion/criterion.h>
#include <elf.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SYS_READ 0
#define SYS_PAUSE 34
#define SYS_FUTEX 202
#define PIPEFS 0x50495045

struct world *fixture_world(void)
{
	struct world *w = world_new();

	cr_assert(w);
	w->now = w->mono_time = w->boot_time = FIXTURE_NOW;
	w->real_time = FIXTURE_NOW;
	w->machine = EM_X86_64;
	w->fds_complete = w->mappers_complete = true;
	return w;
}

static __u64 mm_of(__u32 tgid)
{
	return 0x1000 + tgid;
}

static __u64 files_of(__u32 tgid)
{
	return 0x2000 + tgid;
}

struct wire_thread *fixture_thread(struct world *w, __u32 tid, __u32 tgid)
{
	struct wire_thread t = {
		.head = { WIRE_THREAD, sizeof(t), tid },
		.tgid = tgid,
		.ppid = 1,
		.ns_tid = tid,
		.ns_tgid = tgid,
		.ns_inum = 1,
		.state = 1,
		.bits = WIRE_IN_SYSCALL,
		.started = tid,
		.switches = 1,
		.mm = mm_of(tgid),
		.files = files_of(tgid),
		.cleartid = 0x700000 + tid * 0x1000ull,
		.nr = SYS_PAUSE,
	};

	snprintf(t.comm, sizeof(t.comm), "t%u", tid);
	cr_assert_eq(array_push(&w->threads, t), 0);
	return &w->threads.v[w->threads.n - 1];
}

struct wire_thread *fixture_running(struct world *w, __u32 tid, __u32 tgid)
{
	struct wire_thread *t = fixture_thread(w, tid, tgid);

	t->bits = WIRE_RUNNABLE;
	t->state = 0;
	t->nr = -1;
	return t;
}

static struct wire_thread *futex(struct world *w, __u32 tid, __u32 tgid, __u32 op, __u64 addr,
				 __u32 val)
{
	struct wire_thread *t = fixture_thread(w, tid, tgid);

	t->nr = SYS_FUTEX;
	t->args[0] = addr;
	t->args[1] = op;
	t->args[2] = val;
	t->args[5] = FUTEX_BITSET_MATCH_ANY;
	t->bits |= WIRE_FUTEX_KEY;
	t->key_id = t->mm;
	t->key_word = addr & ~4095ull;
	t->key_offset = addr & 4095;
	return t;
}

struct wire_thread *fixture_locks(struct world *w, __u32 tid, __u32 tgid, __u64 addr)
{
	return futex(w, tid, tgid, FUTEX_WAIT_PRIVATE, addr, 2);
}

struct wire_thread *fixture_waits(struct world *w, __u32 tid, __u32 tgid, __u64 addr, __u32 val)
{
	return futex(w, tid, tgid, FUTEX_WAIT_BITSET_PRIVATE, addr, val);
}

struct wire_thread *fixture_joins(struct world *w, __u32 tid, __u32 tgid, __u32 joined)
{
	struct wire_thread *t = futex(w, tid, tgid, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME,
				      0x700000 + joined * 0x1000ull, joined);

	t->key_offset |= 2; /* FUT_OFF_MMSHARED */
	return t;
}

struct wire_thread *fixture_reads_pipe(struct world *w, __u32 tid, __u32 tgid, __u64 pipe)
{
	struct wire_thread *t = fixture_thread(w, tid, tgid);
	struct wire_file f = {
		.head = { WIRE_FILE, sizeof(f), tid },
		.fd = 3,
		.file = 0x5000 + pipe,
		.inode = pipe,
		.ino = pipe,
		.refs = 1,
		.mode = S_IFIFO | 0600,
		.magic = PIPEFS,
		.nlink = 1,
		.pipe_readers = 1,
		.pipe_writers = 1,
	};

	t->nr = SYS_READ;
	t->args[0] = 3;
	cr_assert_eq(array_push(&w->files, f), 0);
	return t;
}

void fixture_words(struct world *w, __u32 tgid, __u64 addr, const __u32 *words, size_t n)
{
	cr_assert_eq(memory_add(&w->memory, mm_of(tgid), addr, words, n * sizeof(*words)), 0);
}

void fixture_mutex(struct world *w, __u32 tgid, __u64 addr, __u32 word, __u32 owner)
{
	__u32 mutex[16] = { word, 0, owner, owner != 0, 0 };

	fixture_words(w, tgid, addr, mutex, 16);
}

void fixture_holds_pipe(struct world *w, __u32 tgid, __u64 pipe)
{
	struct wire_fd fd = {
		.head = { WIRE_FD, sizeof(fd), tgid },
		.tgid = tgid,
		.fd = 4,
		.files = files_of(tgid),
		.file = 0x6000 + pipe,
		.inode = pipe,
		.refs = 1,
		.flags = O_WRONLY,
	};

	for (size_t i = 0; i < w->fds.n; i++) /* the same open file, in one table more */
		if (w->fds.v[i].file == fd.file)
			fd.refs = ++w->fds.v[i].refs;
	cr_assert_eq(array_push(&w->fds, fd), 0);
}

void fixture_process(struct world *w, __u32 tgid, __u64 handlers, __u32 bits)
{
	struct process p = { .tgid = tgid, .bits = PROCESS_KNOWN | bits, .handlers = handlers };

	cr_assert_eq(array_push(&w->processes, p), 0);
}

struct world *fixture_two_pipes(void)
{
	struct world *w = fixture_world();

	fixture_reads_pipe(w, 10, 10, 77);
	fixture_holds_pipe(w, 20, 77);
	fixture_reads_pipe(w, 20, 20, 78);
	fixture_holds_pipe(w, 10, 78);
	fixture_process(w, 10, 0, 0);
	fixture_process(w, 20, 0, 0);
	return w;
}

static void print_finding(FILE *out, const struct verdicts *v, const struct finding *f)
{
	fprintf(out, "%s %s ", verdict_class_name(f->class),
		verdict_confidence_name(f->confidence));
	for (size_t i = 0; i < f->members.n; i++)
		fprintf(out, "%s%u",
			!i		? ""
			: i == f->nknot ? "+"
					: " ",
			v->judged.v[f->members.v[i]].thread->head.tid);
}

const char *fixture_verdict(struct world *w)
{
	static char text[1024];
	FILE *out = fmemopen(text, sizeof(text), "w");
	struct verdicts *v;

	world_sort(w);
	cr_assert_eq(verdict_judge(w, FIXTURE_THRESHOLD, &v), 0);
	for (size_t i = 0; i < v->findings.n; i++) {
		if (i)
			fputs("; ", out);
		print_finding(out, v, &v->findings.v[i]);
	}
	fputc('\0', out);
	fclose(out);
	verdict_free(v);
	return text;
}

const char *fixture_source(struct world *w, __u32 tid)
{
	static char text[512];
	const struct judged *one;
	struct verdicts *v;

	world_sort(w);
	cr_assert_eq(verdict_judge(w, FIXTURE_THRESHOLD, &v), 0);
	one = verdict_of(v, tid);
	snprintf(text, sizeof(text), "%s: %s", one ? verdict_class_name(one->class) : "not judged",
		 one && one->source ? one->source : "-");
	verdict_free(v);
	return text;
}

void assert_verdict(struct world *w, const char *expected)
{
	const char *got = fixture_verdict(w);

	cr_assert_str_eq(got, expected, "found \"%s\", not \"%s\"", got, expected);
	world_free(w);
}

void assert_source(struct world *w, __u32 tid, const char *part)
{
	const char *got = fixture_source(w, tid);

	cr_assert(strstr(got, part), "thread %u is \"%s\", not \"%s\"", tid, got, part);
	world_free(w);
}
