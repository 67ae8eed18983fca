/* stack: in=pthread_mutex_lock by=wait_in_memfd,worker */
// SPDX-License-Identifier: GPL-2.0-only
/* memfd.c - the program itself lies in a memfd, and never had a name
 */
#include "again.h"

NOINLINE static void wait_in_memfd(void)
{
	stack_block();
}

static void *worker(void *arg)
{
	wait_in_memfd();
	return arg;
}

int main(void)
{
	char *argv[] = { "memfd", NULL };
	int fd;

	if (again_is_second())
		stack_main(worker, NULL);
	fd = memfd_create("program", MFD_CLOEXEC);
	if (fd < 0)
		plant_fail("memfd_create");
	again_copy("/proc/self/exe", fd);
	setenv(AGAIN, "memfd", 1);
	fexecve(fd, argv, environ);
	plant_fail("fexecve");
}
