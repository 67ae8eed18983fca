// SPDX-License-Identifier: GPL-2.0-only
/* trial.c - which ways of seeing events this kernel takes, and what each costs.
 *
 * The kernel itself counts how long its BPF programs run, while it is asked to; that counting
 * is in the numbers. */
#include "collect/trial.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "collect/events.h"

#define THREADS 200
#define WAKES 2000

static void *do_nothing(void *arg)
{
	return arg;
}

static void make_threads(void)
{
	for (int i = 0; i < THREADS; i++) {
		pthread_t t;

		if (!pthread_create(&t, NULL, do_nothing, NULL))
			pthread_join(t, NULL);
	}
}

static void make_wakes(void)
{
	__u32 word = 0;

	for (int i = 0; i < WAKES; i++)
		syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static int forget(void *arg, const struct wire_head *event)
{
	(void)arg;
	(void)event;
	return 0;
}

/* Of all programs whose names begin so; 0 when none has run. */
static __u64 cost_of(const struct events_cost *costs, size_t n, const char *begin)
{
	__u64 ns = 0, runs = 0;

	for (size_t i = 0; i < n; i++) {
		if (strncmp(costs[i].name, begin, strlen(begin)))
			continue;
		ns += costs[i].ns;
		runs = costs[i].runs > runs ? costs[i].runs : runs;
	}
	return runs ? ns / runs : 0;
}

static void measure(struct events *e, struct trial *ret)
{
	struct events_cost costs[EVENTS_COSTS];
	size_t n;

	if (events_stats(e, true))
		return;
	make_threads();
	make_wakes();
	events_stats(e, false);
	n = events_costs(e, costs);
	ret->birth_ns = cost_of(costs, n, "lifetime_fork");
	ret->death_ns = cost_of(costs, n, "lifetime_exit");
	ret->wake_ns = cost_of(costs, n, "futex_");
	ret->measured = ret->birth_ns != 0;
	events_drain(e, forget, NULL);
}

int trial_run(enum futex_hook hook, enum futex_hook *ret_hook, struct trial *ret)
{
	struct events *e;
	char *error = NULL;
	int err = events_open(EVENTS_BUFFER, hook, &e, &error);

	free(error);
	*ret = (struct trial){ .measured = false };
	if (err)
		return err;
	*ret_hook = events_hook(e);
	measure(e, ret);
	events_free(e);
	return 0;
}
