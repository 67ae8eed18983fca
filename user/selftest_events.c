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
#define LOOKS 30
#define LOOKS_APART_MS 300
#define WAKES 5
#define WAKES_APART_MS 20

static __u32 word_of_child;

static void *wait_for_ever(void *arg)
{
	for (;;)
		syscall(SYS_futex, &word_of_child, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
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
		syscall(SYS_futex, &word_of_child, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
		usleep(WAKES_APART_MS * 1000);
	}
	for (;;)
		pause();
}

/* What one pass remembers of the child. */
struct seen {
	bool born;    /* the birth of its second thread */
	bool stack;   /* and the stack that it was made on */
	bool watched; /* the word that it waits on */
	__u64 wakes;  /* of that, by its main thread */
};

static void see(const struct world *w, pid_t pid, struct seen *ret)
{
	const struct wire_thread *main_thread = world_thread(w, pid);
	const struct past *past = &w->past;

	*ret = (struct seen){};
	for (size_t i = 0; i < past->births.n; i++) {
		const struct site *site = past_site(past, &past->births.v[i]);

		if (past->births.v[i].creator != (__u32)pid)
			continue;
		ret->born = true;
		ret->stack = site && site->trace;
	}
	for (size_t i = 0; main_thread && i < past->words.n; i++) {
		const struct word *word = &past->words.v[i];

		if (word->key.mm != main_thread->mm || word->key.addr != (__u64)&word_of_child)
			continue;
		ret->watched = true;
		ret->wakes = word->seen.wakers[0].tid == (__u64)pid ? word->seen.wakers[0].count
								    : 0;
	}
}

/* Looks until all is seen that can be, or it has taken too long. 0 or -errno. */
static int look(struct pass *pass, struct recall *recall, pid_t pid, int begin, struct seen *ret)
{
	const struct pass_request request = {
		.threshold_ns = THRESHOLD_NS,
		.remember = recall_remember,
		.arg = recall,
	};
	const bool hook = recall_hook(recall) != FUTEX_OFF;
	bool told = false;

	for (int i = 0; i < LOOKS; i++) {
		struct pass_result r;
		int err;

		usleep(LOOKS_APART_MS * 1000);
		err = pass_run(pass, &request, &r);
		if (err)
			return err;
		see(r.looks[r.nlooks - 1], pid, ret);
		pass_result_free(&r);
		if (ret->born && (!hook || ret->wakes == WAKES))
			break;
		if (ret->watched && !told && write(begin, "", 1) != 1)
			return -errno;
		told = ret->watched;
	}
	return 0;
}

static int check(const struct seen *seen, enum futex_hook hook)
{
	bool birth = seen->born && seen->stack, wakes = seen->wakes == WAKES;

	printf("%-4s  %-26s  %s\n", birth ? "ok" : "FAIL", "birth of a thread",
	       birth	    ? "seen, with its stack"
	       : seen->born ? "without a stack"
			    : "not seen");
	if (hook == FUTEX_OFF) {
		printf("skip  %-26s  this kernel takes neither fentry nor kprobes\n",
		       "wakes of a futex");
		return !birth;
	}
	printf("%-4s  %-26s  %llu of %d, by %s\n", wakes ? "ok" : "FAIL", "wakes of a futex",
	       (unsigned long long)seen->wakes, WAKES, options_table_hooks[hook]);
	return !birth + !wakes;
}

/* With kprobes where the kernel has nothing better: for this once their cost does not matter. */
static int open_recall(struct pass *pass, struct health *health, struct recall **ret,
		       char **ret_error)
{
	struct recall_settings settings = {
		.buffer = EVENTS_BUFFER,
		.hook = FUTEX_AUTO,
		.window_ns = 600000000000ull,
		.group_by = "{exe}",
		.group_limit = 1,
		.all_stacks = true,
	};
	struct recall *better;
	char *error = NULL;
	int err = recall_new(&settings, pass, health, ret, ret_error);

	if (err || recall_hook(*ret) != FUTEX_OFF)
		return err;
	settings.hook = FUTEX_KPROBE;
	if (!recall_new(&settings, pass, health, &better, &error)) {
		recall_free(*ret);
		*ret = better;
	}
	free(error);
	return 0;
}

int selftest_events(struct pass *pass, int *ret_failed)
{
	pid_t self = getpid(), pid;
	struct health health = {};
	struct seen seen = {};
	struct recall *recall;
	char *error = NULL;
	int begin[2];
	int err = open_recall(pass, &health, &recall, &error);

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
	err = pid < 0 ? -errno : look(pass, recall, pid, begin[1], &seen);
	if (!err)
		*ret_failed = check(&seen, recall_hook(recall));
	close(begin[0]);
	close(begin[1]);
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	recall_free(recall);
	return err;
}
