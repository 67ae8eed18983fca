// SPDX-License-Identifier: GPL-2.0-only
/* made.c - verdicts made by hand, for the tests of what prints them. */
#include "made.h"

#include <criterion/criterion.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND 1000000000ull
#define LOOK (1714572315ull * SECOND)

static void add_world(struct world *w, const struct made_thread *threads)
{
	strcpy(w->host, "host");
	strcpy(w->kernel, "6.18.0");
	w->real_time = LOOK;
	w->machine = EM_X86_64;
	w->now = 1000000 * SECOND;
	w->scan_ns = 12 * SECOND / 1000;
	for (const struct made_thread *m = threads; m->tid; m++) {
		struct wire_thread t = { .tgid = m->tgid, .nr = 202, .switches = 7 };

		t.head.tid = m->tid;
		t.arrived = w->now - (__u64)(m->seconds * SECOND);
		memcpy(t.comm, m->comm, strnlen(m->comm, sizeof(t.comm) - 1));
		cr_assert(!array_push(&w->threads, t));
	}
}

struct verdicts *made_verdicts(const struct made_thread *threads)
{
	struct verdicts *v = calloc(1, sizeof(*v));
	struct world *w = world_new();

	cr_assert(v && w);
	setenv("TZ", "UTC0", 1);
	add_world(w, threads);
	v->world = w;
	v->threshold_ns = 30 * SECOND;
	v->processes = 1;
	for (const struct made_thread *m = threads; m->tid; m++) {
		struct judged j = { .class = m->class,
				    .role = m->role,
				    .confidence = CONFIDENCE_PROVEN };

		v->threads++;
		if (m->class == CLASS_NONE)
			continue;
		v->blocked++;
		v->idle += m->class == CLASS_IDLE;
		v->unknown += m->class == CLASS_UNKNOWN;
		v->stuck += m->class >= CLASS_DEADLOCK;
		j.thread = world_thread(w, m->tid);
		j.age_ns = (__u64)(m->seconds * SECOND);
		j.source = m->source ? strdup(m->source) : NULL;
		j.rule = "The rule.";
		j.wait = (struct wait){ .kind = m->kind,
					.object = m->object,
					.syscall = "futex",
					.timeout_ns = -1,
					.nfutexes = 1 };
		if (m->for_tid || m->for_pid)
			cr_assert(!array_push(
				&j.waits_for,
				(struct waits_for){ m->for_tid, m->for_pid, m->why, false }));
		cr_assert(!array_push(&v->judged, j));
	}
	return v;
}

struct finding *made_finding(struct verdicts *v, const char *reason, bool cycle, __u32 nknot,
			     const __u32 *tids)
{
	struct finding f = { .id = "0123456789abcdef", .cycle = cycle, .nknot = nknot };

	f.reason = strdup(reason);
	for (; *tids; tids++) {
		struct judged *j = (struct judged *)verdict_of(v, *tids);

		cr_assert(j);
		j->finding = v->findings.n + 1;
		f.class = j->class;
		f.confidence = j->confidence;
		f.pid = f.pid ? f.pid : j->thread->tgid;
		f.age_ns = j->age_ns > f.age_ns ? j->age_ns : f.age_ns;
		cr_assert(!array_push(&f.members, (__u32)(j - v->judged.v)));
	}
	cr_assert(!array_push(&v->findings, f));
	return &v->findings.v[v->findings.n - 1];
}

void made_evidence(struct finding *f, const char *text)
{
	cr_assert(!array_push(&f->evidence, strdup(text)));
}

void made_process(struct verdicts *v, __u32 tgid, const char *exe, const char *unit)
{
	struct process p = {
		.tgid = tgid, .bits = PROCESS_KNOWN, .exe = strdup(exe), .unit = strdup(unit)
	};

	cr_assert(!array_push(&((struct world *)v->world)->processes, p));
}

#define DEADLOCKED(role) CLASS_DEADLOCK, ROLE_##role, NULL

static const struct made_thread example[] = {
	{ 4711, 4711, "mutex_cycle2", WAIT_JOIN, 0x7f00, 34, DEADLOCKED(QUEUED), 4712, 4711,
	  EDGE_JOIN },
	{ 4712, 4711, "worker-a", WAIT_MUTEX, 0x55d0c2a4f060, 35.2, DEADLOCKED(KNOT), 4713, 4711,
	  EDGE_OWNER },
	{ 4713, 4711, "worker-b", WAIT_MUTEX, 0x55d0c2a4f0a0, 35.2, DEADLOCKED(KNOT), 4712, 4711,
	  EDGE_OWNER },
	{ 4714, 4711, "evil\033[31m\n\"\xff&", WAIT_MUTEX, 0x55d0c2a4f0a0, 35.2, DEADLOCKED(QUEUED),
	  4712, 4711, EDGE_OWNER },
	{ 4800, 4800,
	  "gr\xc3\xbc\xc3\x9f"
	  "e",
	  WAIT_PIPE, 77, 100000, CLASS_ORPHANED, ROLE_KNOT, NULL, 0, 4800, EDGE_PIPE_END },
	{ 4900, 4900, "self", WAIT_MUTEX, 0x1000, 777600, DEADLOCKED(KNOT), 4900, 4900,
	  EDGE_OWNER },
	{
		5000,
		5000,
		"redis",
		WAIT_EPOLL,
		0,
		125,
		CLASS_IDLE,
		ROLE_KNOT,
		"the network",
	},
	{ 5001, 5000, "bio", WAIT_FUTEX, 0x88, 125, CLASS_UNKNOWN, ROLE_KNOT,
	  "no owner is recorded" },
	{ 5002, 5000, "young", WAIT_RUNNING, 0, 1.5, CLASS_NONE },
	{},
};

struct verdicts *made_example(void)
{
	struct verdicts *v = made_verdicts(example);
	struct finding *f;

	v->processes = 4;
	made_process(v, 4711, "/usr/bin/mutex_cycle2", "session-3.scope");
	f = made_finding(v,
			 "worker-a [4712] waits for a mutex and worker-b [4713] for a mutex: each "
			 "could only be woken by the other; 2 more wait behind",
			 true, 2, (const __u32[]){ 4712, 4713, 4711, 4714, 0 });
	made_evidence(f, "mutex 0x55d0c2a4f060 is held (word 0x2) and records worker-b [4713] as "
			 "its owner");
	made_evidence(f, "hostile \033]0;title\007");
	made_finding(v, "It holds its own lock.", true, 1, (const __u32[]){ 4900, 0 });
	made_finding(v, "Nobody else holds the other end.", false, 1, (const __u32[]){ 4800, 0 });
	return v;
}

#define STACKS_ROOM 4096 /* frames: places point to them, so they must not move */

static const struct frame *frame_of(const struct stacks *s, const struct trace *t, int i)
{
	return i < 0 ? NULL : stack_frame(s, t, i);
}

void made_stack(struct verdicts *v, __u32 tid, const struct frame *frames, const char *stop,
		struct made_place where)
{
	struct stacks *s = &((struct world *)v->world)->stacks;
	struct judged *j = (struct judged *)verdict_of(v, tid);
	__u32 numbers[64], trace;
	size_t n = 0;

	if (!s->frames.cap) {
		s->frames.v = calloc(s->frames.cap = STACKS_ROOM, sizeof(*s->frames.v));
		s->traces.v = calloc(s->traces.cap = STACKS_ROOM, sizeof(*s->traces.v));
	}
	for (; frames[n].address; n++)
		cr_assert_eq(stack_add_frame(s, &frames[n], &numbers[n]), 0);
	cr_assert_eq(stack_add_trace(s, numbers, n, stop, &trace), 0);
	cr_assert_eq(stack_add_thread(s, tid, trace), 0);
	cr_assert(s->frames.n < STACKS_ROOM && s->traces.n < STACKS_ROOM);
	j->trace = stack_of(s, tid);
	j->place.hash = where.hash;
	j->place.blocking = frame_of(s, j->trace, where.blocking);
	j->place.start = frame_of(s, j->trace, where.start);
	for (int i = where.first; i >= 0 && i <= where.last; i++)
		j->place.callers[j->place.n++] = stack_frame(s, j->trace, i);
}

#define NAME(text) (char *)text
#define LIBC .module = NAME("/usr/lib/x86_64-linux-gnu/libc.so.6")
#define SERVER .module = NAME("/usr/bin/mutex_cycle2")

static const struct frame lock_stack[] = {
	{ .address = 0x7f0000001000, .offset = 0x1000, .function = NAME("__lll_lock_wait"), LIBC },
	{ .address = 0x7f0000002000,
	  .offset = 0x2000,
	  .function = NAME("pthread_mutex_lock"),
	  LIBC },
	{ .address = 0x55d000001234,
	  .offset = 0x1234,
	  .line = 7,
	  .inlined = true,
	  .function = NAME("Guard<std::mutex; int>::Guard(std::mutex&)"),
	  SERVER,
	  .file = NAME("/home/me/src/guard.h") },
	{ .address = 0x55d000001234,
	  .offset = 0x1234,
	  .line = 12,
	  .function = NAME("take"),
	  SERVER,
	  .file = NAME("/home/me/src/queue.c") },
	{ .address = 0x55d000001300, .offset = 0x1300, SERVER, .guessed = true },
	{ .address = 0x55d000001400,
	  .offset = 0x1400,
	  .function = NAME("worker"),
	  SERVER,
	  .file = NAME("/home/me/src/queue.c") },
	{ .address = 0x7f0000003000, .offset = 0x3000, .function = NAME("start_thread"), LIBC },
	{},
};

static const struct frame join_stack[] = {
	{ .address = 0x7f0000004000, .offset = 0x4000, .function = NAME("pthread_join"), LIBC },
	{ .address = 0x55d000002000,
	  .offset = 0x2000,
	  .line = 99,
	  .function = NAME("main"),
	  SERVER,
	  .file = NAME("main.c") },
	{},
};

static const struct frame hostile_stack[] = {
	{ .address = 0x10,
	  .function = NAME("f\033[31m\n;\"&\xff 1"),
	  .file = NAME("/x/\r"),
	  .module = NAME("") },
	{ .address = 0x7f0000005000 },
	{},
};

struct verdicts *made_stacks(void)
{
	static const struct frame none[] = { {} };
	struct verdicts *v = made_example();
	struct kernel_wait lock_k = { .tid = 4712, .stack = "futex_wait_queue\ndo_futex\n" };
	struct kernel_wait pipe_k = { .tid = 4800, .stack = "pipe_read\nvfs_read" };
	struct made_place lock = { 1, 2, 5, 5, 0xabc }, nowhere = { -1, -1, -1, -1, 0 };

	made_stack(v, 4711, join_stack, NULL, (struct made_place){ 0, 1, 1, 1, 0xdef });
	made_stack(v, 4712, lock_stack, NULL, lock);
	made_stack(v, 4713, lock_stack, NULL, lock);
	made_stack(v, 4714, hostile_stack, "no unwind information for \033x",
		   (struct made_place){ -1, 0, 1, -1, 0x123 });
	made_stack(v, 4900, none, "its memory could not be read", nowhere);
	v->findings.v[0].place = 0xabc;
	v->findings.v[0].youngest_ns = 34 * SECOND;
	((struct judged *)verdict_of(v, 4713))->age_ns = 34 * SECOND;
	((struct judged *)verdict_of(v, 4712))->primitive = "std::mutex";
	cr_assert(!array_push(&((struct world *)v->world)->kernel_waits, lock_k));
	cr_assert(!array_push(&((struct world *)v->world)->kernel_waits, pipe_k));
	return v;
}

void made_free(struct verdicts *v)
{
	struct world *w = (struct world *)v->world;

	verdict_free(v);
	world_free(w);
}

char *made_output(const struct output *output, const struct verdicts *v, const struct options *opts,
		  bool utf8, bool color)
{
	struct style style = { .utf8 = utf8, .color = color, .width = 80 };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	cr_assert(out);
	cr_assert_eq(output->print(out, v, opts, &style), 0);
	fclose(out);
	return text;
}
