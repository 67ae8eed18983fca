// SPDX-License-Identifier: GPL-2.0-only
/* selftest_events.c - the daemon's part of the self-test: does the kernel tell who makes
 * threads, and who wakes whom?
 *
 * A child's main thread wakes another one a few times, after that has waited for long enough
 * to be watched. The child dies with nowake, however it ends. */
#include <errno.h>
#include <fcntl.h>
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

#include "daemon/recall.h"
#include "options_table.h"
#include "selftest.h"

#define THRESHOLD_NS 100000000ull
#define WATCHED_MS 1500 /* by then a wait is watched */
#define WOKEN_MS 1000	/* by then all wakes have been */
#define WAKES 5
#define WAKES_APART_MS 20

static __u32 word;

static void *wait_for_ever(void *arg)
{
	for (;;)
		syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
	return arg;
}

/* begin: a pipe, which says when to wake. */
static void child_run(pid_t parent, int begin)
{
	pthread_t thread;
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || pthread_create(&thread, NULL, wait_for_ever, NULL))
		_exit(1);
	if (read(begin, &byte, 1) != 1)
		_exit(1);
	for (int i = 0; i < WAKES; i++) {
		syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
		usleep(WAKES_APART_MS * 1000);
	}
	for (;;)
		pause();
}

static int check_birth(const struct past *past, pid_t pid)
{
	const struct site *site = NULL;
	bool born = false;

	for (size_t i = 0; !born && i < past->births.n; i++) {
		born = past->births.v[i].creator == (__u32)pid;
		site = born ? past_site(past, &past->births.v[i]) : NULL;
	}
	printf("%-4s  %-26s  %s\n", born && site && site->trace ? "ok" : "FAIL",
	       "birth of a thread",
	       !born		     ? "not seen"
	       : site && site->trace ? "seen, with its stack"
				     : "without a stack");
	return !(born && site && site->trace);
}

static int check_wakes(const struct past *past, pid_t pid, enum futex_hook hook)
{
	const char *name = options_table_hooks[hook];
	__u64 count = 0;

	if (hook == FUTEX_OFF) {
		printf("skip  %-26s  this kernel takes neither fentry nor kprobes\n",
		       "wakes of a futex");
		return 0;
	}
	for (size_t i = 0; i < past->words.n; i++)
		if (past->words.v[i].seen.wakers[0].tid == (__u64)pid)
			count = past->words.v[i].seen.wakers[0].count;
	printf("%-4s  %-26s  %llu of %d, by %s\n", count == WAKES ? "ok" : "FAIL",
	       "wakes of a futex", (unsigned long long)count, WAKES, name);
	return count != WAKES;
}

/* One pass, of which only the past counts. 0 or -errno. */
static int run_pass(struct pass *pass, struct recall *recall, struct pass_result *ret)
{
	const struct pass_request request = {
		.threshold_ns = THRESHOLD_NS,
		.remember = recall_remember,
		.arg = recall,
	};

	return pass_run(pass, &request, ret);
}

static int look(struct pass *pass, struct recall *recall, pid_t pid, int begin, int *ret_failed)
{
	struct pass_result r;
	int err;

	usleep(WATCHED_MS * 1000);
	err = run_pass(pass, recall, &r);
	if (err)
		return err;
	pass_result_free(&r);
	if (write(begin, "", 1) != 1)
		return -errno;
	usleep(WOKEN_MS * 1000);
	err = run_pass(pass, recall, &r);
	if (err)
		return err;
	*ret_failed = check_birth(&r.looks[r.nlooks - 1]->past, pid) +
		      check_wakes(&r.looks[r.nlooks - 1]->past, pid, recall_hook(recall));
	pass_result_free(&r);
	return 0;
}

int selftest_events(struct pass *pass, int *ret_failed)
{
	const struct recall_settings settings = {
		.buffer = EVENTS_BUFFER,
		.hook = FUTEX_AUTO,
		.window_ns = 600000000000ull,
		.group_by = "{exe}",
		.group_limit = 1,
		.all_stacks = true,
	};
	pid_t self = getpid(), pid;
	struct health health = {};
	struct recall *recall;
	char *error = NULL;
	int begin[2];
	int err = recall_new(&settings, pass, &health, &recall, &error);

	*ret_failed = 0;
	if (err) {
		printf("skip  %-26s  %s\n", "events", error ? error : strerror(-err));
		free(error);
		return 0;
	}
	fflush(NULL);
	if (pipe2(begin, O_CLOEXEC)) {
		recall_free(recall);
		return -errno;
	}
	pid = fork();
	if (!pid)
		child_run(self, begin[0]);
	err = pid < 0 ? -errno : look(pass, recall, pid, begin[1], ret_failed);
	close(begin[0]);
	close(begin[1]);
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	recall_free(recall);
	return err;
}
