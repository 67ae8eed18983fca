// SPDX-License-Identifier: GPL-2.0-only
/* feed.c - from the iterators' bytes to the arrays of a world.
 *
 * Every record's kind and size are checked before it is used: a mismatch means that
 * the two sides were not built together, and ends the scan with -EPROTO. */
#include "collect/feed.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "nowake.skel.h"

#define CHUNK (64 * 1024) /* a read returns whole records, at most 8 pages of them */

/* Takes one record of a known kind and the right size. 0 or -errno. */
typedef int (*record_fn)(void *arg, const struct wire_head *head);

static size_t record_size(__u16 kind)
{
	switch (kind) {
	case WIRE_THREAD:
		return sizeof(struct wire_thread);
	case WIRE_FILE:
		return sizeof(struct wire_file);
	case WIRE_LOCK:
		return sizeof(struct wire_lock);
	case WIRE_TICK:
		return sizeof(struct wire_tick);
	case WIRE_FD:
		return sizeof(struct wire_fd);
	case WIRE_REGS:
		return sizeof(struct wire_regs);
	}
	return 0;
}

static int split(const char *bytes, size_t n, record_fn take, void *arg)
{
	while (n) {
		const struct wire_head *head = (const void *)bytes;
		int err;

		if (n < sizeof(*head) || !head->size || head->size != record_size(head->kind) ||
		    head->size > n)
			return -EPROTO;
		err = take(arg, head);
		if (err)
			return err;
		bytes += head->size;
		n -= head->size;
	}
	return 0;
}

static int iterate(struct bpf_link *link, record_fn take, void *arg)
{
	static char chunk[CHUNK] __attribute__((aligned(8)));
	int fd = bpf_iter_create(bpf_link__fd(link));
	ssize_t n;
	int err = 0;

	if (fd < 0)
		return -errno;
	while (!err) {
		n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0) {
			err = n ? -errno : 0;
			break;
		}
		err = split(chunk, n, take, arg);
	}
	close(fd);
	return err;
}

/* ---- the full scan ---- */

struct scan {
	struct world *w;
	__u32 reader; /* the thread that reads: its last arrival is the time of the scan */
};

static void mark_moved(struct wire_thread *t)
{
	t->bits |= t->bits & WIRE_RUNNABLE ? 0 : WIRE_MOVED;
	t->bits = (t->bits & ~WIRE_IN_SYSCALL) | WIRE_RUNNABLE;
	t->nr = -1;
}

static int take_thread(struct scan *s, const struct wire_thread *t)
{
	struct wire_thread self = *t;
	struct world *w = s->w;

	if (t->bits & WIRE_SELF) {
		w->self = t->tgid;
		if (t->head.tid == s->reader)
			w->now = t->arrived > t->accounted ? t->arrived : t->accounted;
		mark_moved(&self); /* never judged, but live: its parent waits for it */
		return array_push(&w->threads, self) ? -ENOMEM : 0;
	}
	return array_push(&w->threads, *t) ? -ENOMEM : 0;
}

static int take_scan(void *arg, const struct wire_head *head)
{
	struct scan *s = arg;

	switch (head->kind) {
	case WIRE_THREAD:
		return take_thread(s, (const void *)head);
	case WIRE_FILE:
		return array_push(&s->w->files, *(const struct wire_file *)head) ? -ENOMEM : 0;
	case WIRE_LOCK:
		return array_push(&s->w->locks, *(const struct wire_lock *)head) ? -ENOMEM : 0;
	}
	return -EPROTO;
}

static int compare_tid(const void *a, const void *b)
{
	__u32 x = ((const struct wire_head *)a)->tid, y = ((const struct wire_head *)b)->tid;

	return x < y ? -1 : x > y;
}

static __u64 read_number(const char *path)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	unsigned long long n = 0;

	return f && fscanf(f, "%llu", &n) == 1 ? n : 0;
}

/* What fork(2) goes by: threads of the host, and numbers for them. */
static __u64 thread_limit(void)
{
	__u64 threads = read_number("/proc/sys/kernel/threads-max");
	__u64 pids = read_number("/proc/sys/kernel/pid_max");

	return pids && pids < threads ? pids : threads;
}

static void describe_host(struct world *w)
{
	struct utsname u;

	uname(&u);
	snprintf(w->host, sizeof(w->host), "%s", u.nodename);
	snprintf(w->kernel, sizeof(w->kernel), "%s", u.release);
#ifdef __aarch64__
	w->machine = EM_AARCH64;
#else
	w->machine = EM_X86_64;
#endif
	w->thread_limit = thread_limit();
	w->real_time = clock_ns(CLOCK_REALTIME);
	w->mono_time = clock_ns(CLOCK_MONOTONIC);
	w->boot_time = clock_ns(CLOCK_BOOTTIME);
}

/* Gives up the CPU for a moment, so that the scheduler's clock, in which all ages are
 * counted, can be read off our own record: no other clock keeps the same time. */
static void arrive(void)
{
	struct timespec moment = { .tv_nsec = 1000 };

	nanosleep(&moment, NULL);
}

int feed_scan(struct bpf *b, struct world *w)
{
	struct nowake_bpf *skeleton = bpf_skeleton(b);
	struct scan s = { .w = w, .reader = gettid() };
	int err;

	arrive();
	describe_host(w);
	skeleton->bss->scan_mode = WIRE_MODE_FULL;
	err = iterate(skeleton->links.scan_threads, take_scan, &s);
	if (err)
		return err;
	if (!w->now)
		err = world_blind(w, "the scheduler's clock could not be read: all ages are 0");
	world_sort(w);
	return err;
}

/* ---- the second look at switch counts ---- */

struct recheck {
	struct world *w;
	size_t known; /* threads of the scan; new ones are added behind */
	size_t gone;
	bool *seen;
};

static struct wire_thread *find_thread(struct recheck *r, __u32 tid)
{
	struct wire_head key = { .tid = tid };

	if (!r->known)
		return NULL;
	return bsearch(&key, r->w->threads.v, r->known, sizeof(*r->w->threads.v), compare_tid);
}

/* A thread born since the scan: nothing is known but that its process is alive. */
static int take_newborn(struct recheck *r, const struct wire_tick *tick)
{
	struct wire_thread *sibling = find_thread(r, tick->tgid);
	struct wire_thread t = {
		.head = { .kind = WIRE_THREAD, .size = sizeof(t), .tid = tick->head.tid },
		.tgid = tick->tgid,
		.state = tick->state,
		.bits = WIRE_RUNNABLE,
		.started = tick->started,
		.switches = tick->switches,
		.nr = -1,
	};

	if (sibling) {
		t.mm = sibling->mm;
		t.files = sibling->files;
		t.ppid = sibling->ppid;
		t.ns_inum = sibling->ns_inum;
		memcpy(t.comm, sibling->comm, sizeof(t.comm));
	}
	return array_push(&r->w->threads, t) ? -ENOMEM : 0;
}

static int take_tick(void *arg, const struct wire_head *head)
{
	const struct wire_tick *tick = (const void *)head;
	struct recheck *r = arg;
	struct wire_thread *t;

	if (head->kind != WIRE_TICK)
		return -EPROTO;
	if (tick->tgid == r->w->self)
		return 0;
	t = find_thread(r, head->tid);
	if (!t)
		return take_newborn(r, tick);
	r->seen[t - r->w->threads.v] = true;
	if (t->started != tick->started || t->switches != tick->switches || !tick->state)
		mark_moved(t);
	return 0;
}

int feed_recheck(struct bpf *b, struct world *w)
{
	struct nowake_bpf *skeleton = bpf_skeleton(b);
	struct recheck r = { .w = w, .known = w->threads.n };
	int err;

	r.seen = calloc(w->threads.n + 1, sizeof(*r.seen));
	if (!r.seen)
		return -ENOMEM;
	skeleton->bss->scan_mode = WIRE_MODE_TICKS;
	err = iterate(skeleton->links.scan_threads, take_tick, &r);
	/* One that has ended was alive until now, and its end may have woken others. */
	for (size_t i = 0; !err && i < r.known; i++)
		if (!r.seen[i])
			mark_moved(&w->threads.v[i]);
	free(r.seen);
	if (!err)
		world_sort(w);
	return err;
}

/* ---- registers ---- */

struct registers {
	const struct world *w;
	const __u32 *tids;
	size_t n;
	struct feed_registers *ret;
};

static int compare_u32(const void *a, const void *b)
{
	__u32 x = *(const __u32 *)a, y = *(const __u32 *)b;

	return x < y ? -1 : x > y;
}

static int take_regs(void *arg, const struct wire_head *head)
{
	const struct wire_regs *regs = (const void *)head;
	struct registers *r = arg;
	const struct wire_thread *t;

	if (head->kind != WIRE_REGS)
		return -EPROTO;
	if (!bsearch(&head->tid, r->tids, r->n, sizeof(*r->tids), compare_u32))
		return 0;
	t = world_thread(r->w, head->tid);
	if (!t || t->started != regs->started || t->switches != regs->switches)
		return 0;
	return array_push(&r->ret->regs, *regs) ? -ENOMEM : 0;
}

int feed_regs(struct bpf *b, const struct world *w, const __u32 *tids, size_t n,
	      struct feed_registers *ret)
{
	struct nowake_bpf *skeleton = bpf_skeleton(b);
	struct registers r = { .w = w, .tids = tids, .n = n, .ret = ret };
	int err;

	skeleton->bss->scan_mode = WIRE_MODE_REGS;
	skeleton->bss->scan_tgid = 0;
	err = n ? iterate(skeleton->links.scan_threads, take_regs, &r) : 0;
	if (!err && ret->regs.n)
		qsort(ret->regs.v, ret->regs.n, sizeof(*ret->regs.v), compare_tid);
	return err;
}

static int take_process_regs(void *arg, const struct wire_head *head)
{
	struct feed_registers *ret = arg;

	if (head->kind != WIRE_REGS)
		return -EPROTO;
	return array_push(&ret->regs, *(const struct wire_regs *)head) ? -ENOMEM : 0;
}

int feed_process_regs(struct bpf *b, __u32 tgid, struct feed_registers *ret)
{
	struct nowake_bpf *skeleton = bpf_skeleton(b);

	skeleton->bss->scan_mode = WIRE_MODE_REGS;
	skeleton->bss->scan_tgid = tgid;
	return iterate(skeleton->links.scan_threads, take_process_regs, ret);
}

/* ---- descriptors ---- */

static int take_fd(void *arg, const struct wire_head *head)
{
	struct world *w = arg;

	if (head->kind != WIRE_FD)
		return -EPROTO;
	return array_push(&w->fds, *(const struct wire_fd *)head) ? -ENOMEM : 0;
}

static int fill(struct bpf_map *map, const void *keys, size_t n, size_t size)
{
	int fd = bpf_map__fd(map);
	char key[sizeof(struct wire_tuple)];
	__u8 one = 1;

	while (!bpf_map_get_next_key(fd, NULL, key))
		if (bpf_map_delete_elem(fd, key))
			return -errno;
	for (size_t i = 0; i < n; i++)
		if (bpf_map_update_elem(fd, (const char *)keys + i * size, &one, BPF_ANY))
			return -errno;
	return 0;
}

int feed_fds(struct bpf *b, const struct wanted *wanted, struct world *w)
{
	struct nowake_bpf *skeleton = bpf_skeleton(b);
	int err;

	err = fill(skeleton->maps.wanted, wanted->objects.v, wanted->objects.n, sizeof(__u64));
	if (!err)
		err = fill(skeleton->maps.wanted_tuples, wanted->tuples.v, wanted->tuples.n,
			   sizeof(struct wire_tuple));
	if (err == -E2BIG)
		return world_blind(w,
				   "more than %d pipes, sockets and locks are waited for: "
				   "who holds their other ends was not looked up",
				   WIRE_WANTED);
	if (!err)
		err = iterate(skeleton->links.scan_files, take_fd, w);
	if (err)
		return err;
	world_sort(w);
	w->fds_complete = true;
	return 0;
}
