// SPDX-License-Identifier: GPL-2.0-only
/* test_sandbox.c - what is left to a process in the symbolizer's sandbox: next to nothing. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "symbolize/sandbox.h"

#ifndef __SANITIZE_ADDRESS__ /* its runtime has a sandbox with more doors */

/* Runs fn in a sandbox; how it ended: its exit status, or minus the signal. */
static int in_sandbox(int (*fn)(void))
{
	pid_t pid = fork();
	int status;

	cr_assert_geq(pid, 0);
	if (!pid) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, SANDBOX_SOCKET);
		dup2(null, 77); /* must not stay open */
		_exit(sandbox_enter() ? 99 : fn());
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int opens(void)
{
	return open("/etc/passwd", O_RDONLY) >= 0 || errno != ENOENT;
}

static int creates(void)
{
	return open("/tmp/sandbox-file", O_CREAT | O_WRONLY, 0600) >= 0;
}

static int looks_up(void)
{
	struct stat st;

	return !fstatat(AT_FDCWD, "/etc/passwd", &st, AT_EMPTY_PATH);
}

static int keeps_descriptors(void)
{
	return write(77, "", 1) == 1 || write(SANDBOX_SOCKET, "", 1) != 1;
}

static int computes(void)
{
	char *memory =
		mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return 1;
	memory[5] = 1;
	return munmap(memory, 1 << 20);
}

static int takes_much_memory(void)
{
	return mmap(NULL, SANDBOX_MEMORY_MAX, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
	       MAP_FAILED;
}

static int connects(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static int forks(void)
{
	return fork() >= 0;
}

static int executes(void)
{
	return execl("/bin/true", "true", NULL);
}

static int traces(void)
{
	return (int)ptrace(PTRACE_ATTACH, getppid(), 0, 0);
}

static int signals(void)
{
	return kill(getppid(), 0);
}

static int maps_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != NULL;
}

static int makes_code(void)
{
	char *memory = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(memory, 4096, PROT_READ | PROT_EXEC);
}

static int gets_privileges(void)
{
	return setuid(0);
}

static int changes_limits(void)
{
	struct rlimit r = { RLIM_INFINITY, RLIM_INFINITY };

	return setrlimit(RLIMIT_AS, &r);
}

Test(sandbox, what_is_refused)
{
	cr_expect_eq(in_sandbox(computes), 0);
	cr_expect_eq(in_sandbox(opens), 0);
	cr_expect_eq(in_sandbox(creates), 0);
	cr_expect_eq(in_sandbox(keeps_descriptors), 0);
	cr_expect_eq(in_sandbox(takes_much_memory), 0);
	if (geteuid() == 0) /* whose root is empty then */
		cr_expect_eq(in_sandbox(looks_up), 0);
}

Test(sandbox, what_ends_it)
{
	int (*const deadly[])(void) = { connects,   forks,	     executes,
					traces,	    signals,	     maps_code,
					makes_code, gets_privileges, changes_limits };

	for (size_t i = 0; i < sizeof(deadly) / sizeof(*deadly); i++)
		cr_expect_eq(in_sandbox(deadly[i]), -SIGSYS, "number %zu", i);
}

#endif
