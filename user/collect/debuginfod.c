// SPDX-License-Identifier: GPL-2.0-only
/* debuginfod.c - debug files from the servers in DEBUGINFOD_URLS. */
#include "collect/debuginfod.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"

#define ID_MAX 64
#define PATH_SIZE 4096
#define NOT_FOUND 127 /* exit status of a child that found no such program, as a shell's */

extern char **environ;

/* Starts debuginfod-find with its answer in a pipe. A process id or -errno. */
static pid_t start(const char *hex, int *ret_out)
{
	const char *const argv[] = { "debuginfod-find", "debuginfo", hex, NULL };
	posix_spawn_file_actions_t actions;
	int pair[2], err;
	pid_t pid;

	if (pipe2(pair, O_CLOEXEC))
		return -errno;
	err = posix_spawn_file_actions_init(&actions);
	if (!err) {
		err = posix_spawn_file_actions_adddup2(&actions, pair[1], 1);
		err = err ? err
			  : posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
		err = err ? err
			  : posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)argv,
					 environ);
		posix_spawn_file_actions_destroy(&actions);
	}
	close(pair[1]);
	if (err) {
		close(pair[0]);
		return -err;
	}
	*ret_out = pair[0];
	return pid;
}

/* Reads the path that it prints, until it ends or the time is over. */
static int read_path(int out, __u64 deadline, char *ret, size_t size)
{
	size_t n = 0;

	for (;;) {
		struct pollfd p = { .fd = out, .events = POLLIN };
		__u64 now = clock_ns(CLOCK_MONOTONIC);
		ssize_t got;

		if (now >= deadline)
			return -ETIMEDOUT;
		if (poll(&p, 1, (int)((deadline - now) / 1000000) + 1) <= 0)
			continue;
		got = read(out, ret + n, size - 1 - n);
		if (got <= 0)
			break;
		n += got;
	}
	ret[n] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
	return ret[0] == '/' ? 0 : -ENOENT;
}

/* The status of the process, which may have closed its output and go on: it is killed when the time
 * is over. */
static int reap(pid_t pid, __u64 deadline)
{
	const struct timespec moment = { .tv_nsec = 1000000 };
	int status = 0;
	pid_t ended;

	while ((ended = waitpid(pid, &status, WNOHANG)) == 0 &&
	       clock_ns(CLOCK_MONOTONIC) < deadline)
		nanosleep(&moment, NULL);
	if (ended) /* the id may be another's by now */
		return status;
	kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* -ENOPKG: there is no debuginfod-find. */
static int fetch(const char *hex, __u64 deadline, char *ret, size_t size)
{
	int out = -1, status, err;
	pid_t pid = start(hex, &out);

	if (pid < 0)
		return pid == -ENOENT ? -ENOPKG : pid;
	err = read_path(out, deadline, ret, size);
	close(out);
	status = reap(pid, deadline);
	return WIFEXITED(status) && WEXITSTATUS(status) == NOT_FOUND ? -ENOPKG : err;
}

static int open_fetched(const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return -errno;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return -EINVAL;
}

int debuginfod_open(struct debuginfod *d, const unsigned char *id, size_t len)
{
	char hex[2 * ID_MAX + 1], path[PATH_SIZE];
	__u64 start_ns = clock_ns(CLOCK_MONOTONIC), took;
	const char *urls = getenv("DEBUGINFOD_URLS");
	int err;

	if (!urls || !*urls)
		d->trouble = "DEBUGINFOD_URLS names no server";
	if (d->trouble || !d->left_ns || !len || len > ID_MAX)
		return -ENOENT;
	for (size_t i = 0; i < len; i++)
		snprintf(hex + 2 * i, 3, "%02x", id[i]);
	err = fetch(hex, start_ns + d->left_ns, path, sizeof(path));
	took = clock_ns(CLOCK_MONOTONIC) - start_ns;
	d->left_ns -= took < d->left_ns ? took : d->left_ns;
	if (err == -ENOPKG)
		d->trouble = "debuginfod-find is not installed (Debian: debuginfod)";
	else if (err == -ETIMEDOUT)
		d->trouble = "the time limit was reached";
	return err ? err : open_fetched(path);
}
