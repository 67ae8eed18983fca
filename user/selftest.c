// SPDX-License-Identifier: GPL-2.0-only
/* selftest.c - plants a deadlock, an orphan, a lost wakeup and an idle pool in child
 * processes, and looks at the host: three must be found, one spared.
 *
 * The children die with nowake, however it ends. */
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pass.h"
#include "selftest.h"

#define SETTLE_MS 300
#define THRESHOLD_NS 100000000ull

static pthread_mutex_t locks[2] = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER };
static pthread_cond_t work = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t both;
static __u32 word;

static void *lock_both(void *arg)
{
	size_t first = (size_t)arg;

	pthread_mutex_lock(&locks[first]);
	pthread_barrier_wait(&both);
	pthread_mutex_lock(&locks[!first]);
	return NULL;
}

static void *lock_and_leave(void *arg)
{
	pthread_mutex_lock(&locks[0]);
	return arg;
}

static void *lock_first(void *arg)
{
	pthread_mutex_lock(&locks[0]);
	return arg;
}

static void *sleep_on_word(void *arg)
{
	syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0);
	return arg;
}

static void *wait_for_work(void *arg)
{
	pthread_mutex_lock(&locks[0]);
	for (;;)
		pthread_cond_wait(&work, &locks[0]);
	return arg;
}

static void start(void *(*fn)(void *arg), size_t arg)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, fn, (void *)arg))
		_exit(1);
}

static void plant_deadlock(void)
{
	pthread_barrier_init(&both, NULL, 2);
	start(lock_both, 0);
	start(lock_both, 1);
}

static void plant_orphan(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, lock_and_leave, NULL))
		_exit(1);
	pthread_join(thread, NULL);
	start(lock_first, 0);
}

/* A lock of the 0, 1, 2 kind whose unlock forgets the wake. */
static void plant_lost_wakeup(void)
{
	word = 2;
	start(sleep_on_word, 0);
	usleep(SETTLE_MS * 1000 / 2);
	__atomic_store_n(&word, 0, __ATOMIC_SEQ_CST);
}

static void plant_idle_pool(void)
{
	for (size_t i = 0; i < 3; i++)
		start(wait_for_work, i);
}

struct plant {
	const char *name;
	void (*run)(void);
	enum verdict_class expected; /* CLASS_NONE: no finding */
	pid_t pid;
};

static struct plant plants[] = {
	{ "deadlock of two mutexes", plant_deadlock, CLASS_DEADLOCK, 0 },
	{ "mutex whose owner ended", plant_orphan, CLASS_ORPHANED, 0 },
	{ "unlock without a wake", plant_lost_wakeup, CLASS_LOST_WAKEUP, 0 },
	{ "idle pool", plant_idle_pool, CLASS_NONE, 0 },
};

#define PLANTS (sizeof(plants) / sizeof(*plants))

static int plant_all(void)
{
	pid_t parent = getpid();

	fflush(NULL);
	for (size_t i = 0; i < PLANTS; i++) {
		plants[i].pid = fork();
		if (plants[i].pid < 0)
			return -errno;
		if (plants[i].pid)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		plants[i].run();
		for (;;)
			pause();
	}
	return 0;
}

static void uproot_all(void)
{
	for (size_t i = 0; i < PLANTS; i++) {
		if (plants[i].pid <= 0)
			continue;
		kill(plants[i].pid, SIGKILL);
		waitpid(plants[i].pid, NULL, 0);
	}
}

static enum verdict_class found(const struct verdicts *v, pid_t pid)
{
	for (size_t i = 0; i < v->findings.n; i++)
		if (v->findings.v[i].pid == (__u32)pid)
			return v->findings.v[i].class;
	return CLASS_NONE;
}

static int check(const struct verdicts *v, int failed)
{
	for (size_t i = 0; i < PLANTS; i++) {
		enum verdict_class class = found(v, plants[i].pid);
		bool right = class == plants[i].expected;

		printf("%-4s  %-26s  %s\n", right ? "ok" : "FAIL", plants[i].name,
		       class == CLASS_NONE ? "no finding" : verdict_class_name(class));
		failed += !right;
	}
	if (failed)
		printf("%d wrong: please report this, with the output of `nowake features`\n",
		       failed);
	if (fflush(stdout))
		return EXIT_BLIND;
	return failed ? EXIT_STUCK : EXIT_DONE;
}

int selftest_run(const struct options *opts)
{
	const struct pass_request request = { .threshold_ns = THRESHOLD_NS };
	struct pass_result r;
	struct pass *pass;
	char *error = NULL;
	int status = EXIT_BLIND, failed = 0, err;

	(void)opts;
	err = pass_open(&pass, &error);
	if (err) {
		fprintf(stderr, "nowake: %s\n", error ? error : strerror(-err));
		free(error);
		return EXIT_BLIND;
	}
	err = plant_all();
	usleep(2 * SETTLE_MS * 1000);
	err = err ? err : pass_run(pass, &request, &r);
	uproot_all();
	if (err) {
		fprintf(stderr, "nowake: the self-test could not run: %s\n", strerror(-err));
	} else {
		err = selftest_events(pass, &failed);
		status = err ? EXIT_BLIND : check(r.v, failed);
		pass_result_free(&r);
	}
	pass_free(pass);
	return status;
}
