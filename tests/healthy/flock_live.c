/* expect: none file-lock */
// SPDX-License-Identifier: GPL-2.0-only
/* flock_live.c - a second instance waits for the lock file of the first, which is well */
#include "../plant.h"

#include <sys/file.h>

int main(void)
{
	const char *path;
	pid_t child;
	int fd;

	plant_init();
	path = plant_path("lock");
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || flock(fd, LOCK_EX) < 0)
		plant_fail("flock %s", path);
	child = plant_fork();
	if (!child) {
		close(fd);
		_exit(flock(open(path, O_RDWR | O_CLOEXEC), LOCK_EX));
	}
	plant_child_blocked(child, 1, SYS_flock);
	plant_ready();
	plant_live();
}
