/* cflags: -shared -fPIC */
// SPDX-License-Identifier: GPL-2.0-only
/* clock.c - a library that lets the wall clock of one process jump, not that of the host
 *
 * For LD_PRELOAD. The file that CLOCK_JUMP names says by how many seconds; none: not yet. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long jump(void)
{
	const char *path = getenv("CLOCK_JUMP");
	FILE *f = path ? fopen(path, "re") : NULL;
	long seconds = 0;

	if (f && fscanf(f, "%ld", &seconds) != 1)
		seconds = 0;
	if (f)
		fclose(f);
	return seconds;
}

int clock_gettime(clockid_t clock, struct timespec *ret)
{
	int err = (int)syscall(SYS_clock_gettime, clock, ret);

	if (!err && clock == CLOCK_REALTIME)
		ret->tv_sec += jump();
	return err;
}

time_t time(time_t *ret)
{
	struct timespec t = {};

	clock_gettime(CLOCK_REALTIME, &t);
	if (ret)
		*ret = t.tv_sec;
	return t.tv_sec;
}
