/* expect: none semaphore|futex */
// SPDX-License-Identifier: GPL-2.0-only
/* pshared_file.c - a semaphore in a file, mapped at different addresses by strangers (TRAPS 17) */
#include "../plant.h"

static sem_t *map(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	void *mem;

	if (fd < 0 || ftruncate(fd, 4096) < 0)
		plant_fail("%s", path);
	mem = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return mem == MAP_FAILED ? NULL : mem;
}

int main(void)
{
	const char *path;
	sem_t *sem;
	pid_t child;

	plant_init();
	path = plant_path("sem");
	sem = map(path);
	if (!sem)
		plant_skip("shared mapping of a file");
	sem_init(sem, 1, 0);
	child = plant_fork();
	if (!child) {
		sem = map(path); /* a second one, elsewhere */
		_exit(sem_wait(sem));
	}
	plant_child_blocked(child, 1, SYS_futex);
	plant_ready();
	plant_live();
}
