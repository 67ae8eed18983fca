/* expect: none semaphore|futex */
// SPDX-License-Identifier: GPL-2.0-only
/* sem_named.c - a daemon waits on a semaphore in a file that a later process will open and post
 *
 * As sem_open(3) makes them: nobody else maps it now, and yet it is not for ever.
 */
#include "../plant.h"

int main(void)
{
	sem_t *sem;
	int fd;

	plant_init();
	fd = open(plant_path("sem"), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, sizeof(*sem)) < 0)
		plant_fail("%s", plant_path("sem"));
	sem = mmap(NULL, sizeof(*sem), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (sem == MAP_FAILED)
		plant_fail("mmap");
	close(fd);
	sem_init(sem, 1, 0);
	plant_ready();
	for (;;)
		sem_wait(sem);
}
