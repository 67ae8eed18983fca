// SPDX-License-Identifier: GPL-2.0-only
/* guard.c - one worker thread, replaced when it hangs.
 *
 * A worker is shared by the caller and the thread; the last of the two frees it. One that
 * hangs is kept in sight: a daemon runs for months, in which many a reading is slow for once,
 * and must not go blind for those that have come back. */
#include "collect/guard.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "collect/procfs.h"

struct worker {
	pthread_mutex_t lock;
	pthread_cond_t change;
	pid_t tid;
	int (*fn)(void *arg); /* set: a call is wanted */
	void *arg;
	void (*drop)(void *arg);
	unsigned int pid; /* it reads, or hung at */
	int result;
	bool done;
	bool abandoned; /* the caller has gone */
};

struct guard {
	unsigned int deadline_ms;
	unsigned int extensions; /* that may still be given before guard_forgive() */
	unsigned int nhung;
	struct worker *hung[GUARD_HUNG_MAX];
	struct worker *worker;
};

static void worker_free(struct worker *k)
{
	pthread_cond_destroy(&k->change);
	pthread_mutex_destroy(&k->lock);
	free(k);
}

static void *worker_main(void *arg)
{
	struct worker *k = arg;

	pthread_mutex_lock(&k->lock);
	k->tid = gettid();
	while (!k->abandoned) {
		if (!k->fn) {
			pthread_cond_wait(&k->change, &k->lock);
			continue;
		}
		pthread_mutex_unlock(&k->lock);
		k->result = k->fn(k->arg);
		pthread_mutex_lock(&k->lock);
		k->fn = NULL;
		k->done = true;
		pthread_cond_signal(&k->change);
	}
	pthread_mutex_unlock(&k->lock);
	worker_free(k);
	return NULL;
}

static struct worker *worker_new(void)
{
	struct worker *k = calloc(1, sizeof(*k));
	pthread_condattr_t clock;
	pthread_attr_t detached;
	pthread_t thread;
	int err;

	if (!k)
		return NULL;
	pthread_mutex_init(&k->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&k->change, &clock);
	pthread_condattr_destroy(&clock);
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&detached, 256 * 1024);
	err = pthread_create(&thread, &detached, worker_main, k);
	pthread_attr_destroy(&detached);
	if (err) {
		worker_free(k);
		return NULL;
	}
	return k;
}

/* Says goodbye, with its lock held; the thread frees the worker when, if ever, it comes back. */
static void worker_abandon(struct worker *k)
{
	k->abandoned = true;
	pthread_cond_signal(&k->change);
	pthread_mutex_unlock(&k->lock);
}

struct guard *guard_new(unsigned int deadline_ms)
{
	struct guard *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->deadline_ms = deadline_ms;
	g->extensions = GUARD_EXTENSIONS;
	return g;
}

void guard_free(struct guard *g)
{
	if (!g)
		return;
	for (unsigned int i = 0; i < g->nhung; i++) {
		pthread_mutex_lock(&g->hung[i]->lock);
		worker_abandon(g->hung[i]);
	}
	if (g->worker) {
		pthread_mutex_lock(&g->worker->lock);
		worker_abandon(g->worker);
	}
	free(g);
}

static struct timespec deadline_after(unsigned int ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += ms % 1000 * 1000000l;
	if (t.tv_nsec >= 1000000000l) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000l;
	}
	return t;
}

static bool has_hung(const struct guard *g, unsigned int pid)
{
	bool hung = g->nhung == GUARD_HUNG_MAX;

	for (unsigned int i = 0; i < g->nhung; i++)
		hung = hung || g->hung[i]->pid == pid;
	return hung;
}

void guard_forgive(struct guard *g)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < g->nhung; i++) {
		struct worker *k = g->hung[i];

		pthread_mutex_lock(&k->lock);
		if (!k->done) {
			pthread_mutex_unlock(&k->lock);
			g->hung[n++] = k;
			continue;
		}
		k->drop(k->arg);
		worker_abandon(k);
	}
	g->nhung = n;
	g->extensions = GUARD_EXTENSIONS;
}

/* Whether the thread is at work, or would be if there were a processor for it. Format: proc(5). */
static bool is_running(pid_t tid)
{
	char stat[128];
	const char *end =
		tid && procfs_read(tid, "stat", stat, sizeof(stat)) > 0 ? strrchr(stat, ')') : NULL;

	return !tid || (end && !strncmp(end, ") R", 3));
}

/* Waits until the call has come back, with the worker's lock held. 0, or ETIMEDOUT: it hangs. */
static int await(struct guard *g, struct worker *k)
{
	struct timespec deadline = deadline_after(g->deadline_ms);
	int err = 0;

	while (!k->done && err != ETIMEDOUT) {
		err = pthread_cond_timedwait(&k->change, &k->lock, &deadline);
		if (err != ETIMEDOUT || k->done || !g->extensions || !is_running(k->tid))
			continue;
		g->extensions--;
		deadline = deadline_after(g->deadline_ms);
		err = 0;
	}
	return k->done ? 0 : ETIMEDOUT;
}

int guard_call(struct guard *g, unsigned int pid, int (*fn)(void *arg), void (*drop)(void *arg),
	       void *arg)
{
	struct worker *k;
	int result;

	if (has_hung(g, pid))
		return -EBUSY;
	k = g->worker ? g->worker : worker_new();
	g->worker = k;
	if (!k)
		return -EAGAIN;
	pthread_mutex_lock(&k->lock);
	k->done = false;
	k->arg = arg;
	k->drop = drop;
	k->pid = pid;
	k->fn = fn;
	pthread_cond_signal(&k->change);
	if (await(g, k)) {
		pthread_mutex_unlock(&k->lock);
		g->worker = NULL;
		g->hung[g->nhung++] = k;
		return -ETIMEDOUT;
	}
	result = k->result;
	pthread_mutex_unlock(&k->lock);
	return result;
}

const char *guard_error(int err)
{
	switch (err) {
	case -ETIMEDOUT:
		return "that hangs";
	case -EBUSY:
		return "that, or too much else, hung before";
	default:
		return strerror(-err);
	}
}
