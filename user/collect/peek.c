// SPDX-License-Identifier: GPL-2.0-only
/* peek.c - copies words out of blocked processes (process_vm_readv(2)).
 *
 * What is read counts only if the thread through which it was read has not moved:
 * feed_recheck() decides that afterwards. Wants of one address space are read in
 * batches; a page that is not there costs its own want, not the others. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "collect/peek.h"

#define BATCH 512

/* Belongs to the guarded thread until guard_call() has returned. */
struct job {
	__u32 tid;
	size_t n;
	struct mem_want want[BATCH];
	bool got[BATCH];
	size_t total;
	unsigned char *bytes; /* of all wants, one behind the other */
};

static void job_free(struct job *job)
{
	if (job)
		free(job->bytes);
	free(job);
}

static void job_drop(void *job)
{
	job_free(job);
}

/* Reads wants first.. into their places; how many came whole, or -errno. */
static int read_run(struct job *job, size_t first, unsigned char *to)
{
	struct iovec remote[BATCH] = {}, local;
	size_t n = job->n - first, want = 0;
	ssize_t got;
	int whole = 0;

	for (size_t i = 0; i < n; i++) {
		remote[i].iov_base = (void *)job->want[first + i].addr;
		remote[i].iov_len = job->want[first + i].len;
		want += job->want[first + i].len;
	}
	local = (struct iovec){ to, want };
	got = process_vm_readv(job->tid, &local, 1, remote, n, 0);
	if (got < 0)
		return errno == EFAULT ? 0 : -errno;
	for (size_t i = 0; i < n && (size_t)got >= remote[i].iov_len; i++) {
		got -= remote[i].iov_len;
		job->got[first + i] = true;
		whole++;
	}
	return whole;
}

static int job_run(void *arg)
{
	struct job *job = arg;
	unsigned char *to = job->bytes;
	size_t i = 0;

	while (i < job->n) {
		int whole = read_run(job, i, to);

		if (whole < 0)
			return whole;
		for (; whole > 0; whole--)
			to += job->want[i++].len;
		/* The first that did not come is skipped. */
		if (i < job->n)
			to += job->want[i++].len;
	}
	return 0;
}

static struct job *job_new(const struct mem_want *want, size_t n)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	job->tid = want->tid;
	job->n = n;
	memcpy(job->want, want, n * sizeof(*want));
	for (size_t i = 0; i < n; i++)
		job->total += want[i].len;
	job->bytes = calloc(1, job->total ? job->total : 1);
	if (!job->bytes) {
		free(job);
		return NULL;
	}
	return job;
}

static int keep(struct world *w, const struct job *job)
{
	const unsigned char *from = job->bytes;

	for (size_t i = 0; i < job->n; i++) {
		const struct mem_want *want = &job->want[i];

		if (job->got[i] && memory_add(&w->memory, want->mm, want->addr, from, want->len))
			return -ENOMEM;
		from += want->len;
	}
	return 0;
}

static int read_batch(struct guard *g, struct world *w, const struct mem_want *want, size_t n)
{
	const struct wire_thread *t = world_thread(w, want->tid);
	const __u32 tgid = t ? t->tgid : want->tid;
	struct job *job = job_new(want, n);
	int err;

	if (!job)
		return -ENOMEM;
	err = guard_call(g, tgid, job_run, job_drop, job);
	if (err == -ETIMEDOUT)
		return world_blind(w,
				   "reading the memory of process %u hangs: its map is locked "
				   "or a page does not come",
				   tgid);
	if (!err)
		err = keep(w, job);
	else if (err == -EBUSY)
		err = world_blind(w, "reading hung too often: more of the memory that blocked "
				     "threads use was not read");
	else if (err == -ESRCH)
		err = 0;
	else
		err = world_blind(w, "the memory of process %u could not be read: %s", tgid,
				  strerror(-err));
	job_free(job);
	return err;
}

static int compare_want(const void *a, const void *b)
{
	const struct mem_want *x = a, *y = b;

	if (x->mm != y->mm)
		return x->mm < y->mm ? -1 : 1;
	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x->len < y->len ? -1 : x->len > y->len;
}

int peek_read(struct guard *g, struct world *w, const struct mem_wants *wants)
{
	const size_t n = wants->want.n;
	struct mem_want *v = malloc(n * sizeof(*v) + 1);
	size_t unique = 0;
	int err = 0;

	if (!v)
		return -ENOMEM;
	if (n)
		memcpy(v, wants->want.v, n * sizeof(*v));
	qsort(v, n, sizeof(*v), compare_want);
	for (size_t i = 0; i < n; i++)
		if (!unique || compare_want(&v[unique - 1], &v[i]))
			v[unique++] = v[i];
	for (size_t i = 0, end; !err && i < unique; i = end) {
		for (end = i; end < unique && v[end].mm == v[i].mm && end - i < BATCH;)
			end++;
		err = read_batch(g, w, &v[i], end - i);
	}
	free(v);
	memory_sort(&w->memory);
	return err;
}
