/* expect: none mutex */
// SPDX-License-Identifier: GPL-2.0-only
/* pshared_remapped.c - who holds a lock in a file has the page mapped only now and then
 *
 * It is not among those who can reach the word now, and yet it can come back and unlock it.
 */
#include "../plant.h"

int main(void)
{
	pthread_mutex_t *mutex;
	pid_t child;
	int fd;

	plant_init();
	fd = open(plant_path("lock"), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, sizeof(*mutex)) < 0)
		plant_fail("%s", plant_path("lock"));
	mutex = mmap(NULL, sizeof(*mutex), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (mutex == MAP_FAILED)
		plant_fail("mmap");
	plant_mutex(mutex, PTHREAD_MUTEX_ERRORCHECK, PLANT_SHARED);
	pthread_mutex_lock(mutex);
	child = plant_fork();
	if (!child)
		_exit(pthread_mutex_lock(mutex));
	munmap(mutex, sizeof(*mutex));
	plant_child_blocked(child, 1, SYS_futex);
	plant_ready();
	plant_live();
}
