/* expect: none condition,child */
// SPDX-License-Identifier: GPL-2.0-only
/* time_namespace.c - waits with a timeout, by a clock that is ten days ahead of the host's */
#include "../plant.h"

#define AHEAD "monotonic 864000 0\n"

static void waits(void)
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	pthread_condattr_t attr;
	pthread_cond_t condition;
	struct timespec until;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&condition, &attr);
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += PLANT_LIFETIME / 2;
	pthread_mutex_lock(&mutex);
	while (!pthread_cond_timedwait(&condition, &mutex, &until))
		;
	_exit(0);
}

int main(void)
{
	pid_t child;
	int fd;

	plant_init();
	if (unshare(CLONE_NEWTIME))
		plant_skip("no time namespaces");
	fd = open("/proc/self/timens_offsets", O_WRONLY);
	if (fd < 0 || write(fd, AHEAD, strlen(AHEAD)) < 0)
		plant_skip("/proc/self/timens_offsets");
	close(fd);
	child = plant_fork();
	if (!child)
		waits();
	plant_child_blocked(child, 1, SYS_futex);
	plant_ready();
	return waitpid(child, NULL, 0) != child;
}
