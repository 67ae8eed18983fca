// SPDX-License-Identifier: GPL-2.0-only
/* again.c - all stacks of one process, several times by one nowake: what does the first time cost?
 *
 * Usage: again PID TIMES. Links nowake's objects and is its own symbolizer, as a daemon would
 * be. A line a pass: seconds; CPU seconds of the symbolizer; peak MiB of nowake and of the
 * symbolizer; mapped files that it was given (to know them again) and debug files (to read
 * them), counted where nowake answers (--wrap=message_receive, =message_send); stacks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "pass.h"
#include "symbolize/child.h"
#include "symbolize/message.h"

static struct {
	__u32 what; /* that was asked for last */
	unsigned int mapped;
	unsigned int debug;
} files;

int __real_message_send(int socket, const void *message, int fd);
int __wrap_message_send(int socket, const void *message, int fd);
int __real_message_receive(int socket, unsigned int kinds, int timeout_ms, union message *ret,
			   int *ret_fd);
int __wrap_message_receive(int socket, unsigned int kinds, int timeout_ms, union message *ret,
			   int *ret_fd);

int __wrap_message_receive(int socket, unsigned int kinds, int timeout_ms, union message *ret,
			   int *ret_fd)
{
	int err = __real_message_receive(socket, kinds, timeout_ms, ret, ret_fd);

	if (!err && ret->head.kind == MESSAGE_OPEN)
		files.what = ret->open.what;
	return err;
}

int __wrap_message_send(int socket, const void *message, int fd)
{
	const struct message_head *head = message;

	if (head->kind == MESSAGE_FILE && fd >= 0) {
		files.mapped += files.what == MESSAGE_OPEN_MAPPED;
		files.debug += files.what == MESSAGE_OPEN_BUILD_ID ||
			       files.what == MESSAGE_OPEN_LINK;
	}
	return __real_message_send(socket, message, fd);
}

static double now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

/* The symbolizer: the only child that there is. */
static pid_t child_pid(void)
{
	FILE *f = fopen("/proc/thread-self/children", "re");
	int pid = 0;

	if (!f || fscanf(f, "%d", &pid) != 1)
		pid = 0;
	if (f)
		fclose(f);
	return pid;
}

static double child_cpu(void)
{
	clockid_t clock;
	pid_t pid = child_pid();

	return pid && !clock_getcpuclockid(pid, &clock) ? now(clock) : 0;
}

static double child_peak(void)
{
	char path[64], line[256];
	long kib = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", child_pid());
	f = fopen(path, "re");
	while (f && !kib && fgets(line, sizeof(line), f))
		if (!strncmp(line, "VmHWM:", 6))
			kib = strtol(line + 6, NULL, 10);
	if (f)
		fclose(f);
	return kib / 1024.0;
}

static double own_peak(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss / 1024.0;
}

static int look(struct pass *pass, const struct pass_request *request)
{
	double start = now(CLOCK_MONOTONIC), cpu = child_cpu(), seconds;
	struct pass_result r;
	size_t stacks;
	int err;

	memset(&files, 0, sizeof(files));
	err = pass_run(pass, request, &r);
	if (err)
		return err;
	seconds = now(CLOCK_MONOTONIC) - start;
	stacks = r.looks[r.nlooks - 1]->stacks.threads.n;
	printf("%.4f %.4f %.1f %.1f %u %u %zu\n", seconds, child_cpu() - cpu, own_peak(),
	       child_peak(), files.mapped, files.debug, stacks);
	pass_result_free(&r);
	return 0;
}

int main(int argc, char **argv)
{
	__u32 pid = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	const struct pass_request request = {
		.threshold_ns = 100000000,
		.all = true,
		.pids = &pid,
		.npids = 1,
	};
	struct pass *pass;
	char *error = NULL;
	int err;

	if (argc == 2 && !strcmp(argv[1], CHILD_WORD))
		return child_main();
	if (argc != 3) {
		fputs("usage: again PID TIMES\n", stderr);
		return 2;
	}
	err = pass_open(&pass, &error);
	if (err) {
		fprintf(stderr, "again: %s\n", error ? error : strerror(-err));
		free(error);
		return 1;
	}
	for (int i = 0; !err && i < atoi(argv[2]); i++)
		err = look(pass, &request);
	pass_free(pass);
	return err ? 1 : 0;
}
