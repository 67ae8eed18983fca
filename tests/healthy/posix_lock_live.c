/* expect: none file-lock */
// SPDX-License-Identifier: GPL-2.0-only
/* posix_lock_live.c - waits for a record lock of a live process */
#include "../plant.h"

int main(void)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	const char *path;
	pid_t child;
	int fd;

	plant_init();
	path = plant_path("lock");
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || fcntl(fd, F_SETLKW, &lock) < 0)
		plant_fail("lock %s", path);
	child = plant_fork();
	if (!child)
		_exit(fcntl(fd, F_SETLKW, &lock));
	plant_child_blocked(child, 1, SYS_fcntl);
	plant_ready();
	plant_live();
}
