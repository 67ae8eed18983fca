/* expect: none semaphore */
// SPDX-License-Identifier: GPL-2.0-only
/* pshared_unlinked.c - a semaphore in a file without a name, which another may map yet (TRAPS 17)
 *
 * As shm_open(), mmap(), shm_unlink() make it. Who has the descriptor, as the live process here,
 * maps it when it likes, and hands it on like a memfd.
 */
#include "../plant.h"

int main(void)
{
	sem_t *sem;
	pid_t child;
	char path[32];
	int fd;

	plant_init();
	snprintf(path, sizeof(path), "/nowake-plant.%d", (int)getpid());
	fd = shm_open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		plant_skip("shm_open");
	if (shm_unlink(path) < 0 || ftruncate(fd, 4096) < 0)
		plant_fail("%s", path);
	child = plant_fork();
	if (!child) {
		sem = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		close(fd);
		if (sem == MAP_FAILED || sem_init(sem, 1, 0) < 0)
			plant_fail("mmap");
		_exit(sem_wait(sem));
	}
	plant_child_blocked(child, 1, SYS_futex);
	plant_ready();
	plant_live();
}
