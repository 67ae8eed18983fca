/* expect: none semaphore|futex */
/* needs: root */
// SPDX-License-Identifier: GPL-2.0-only
/* sem_created.c - a daemon waits on a semaphore that it made by sem_open(3), for others to post
 *
 * Its map calls the file deleted: it was linked to its name only after it had been mapped. Its
 * /dev/shm is its own, so that nothing is left there.
 */
#include "../plant.h"

#include <sys/mount.h>

int main(void)
{
	sem_t *sem;

	plant_init();
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", "/dev/shm", "tmpfs", 0, NULL) < 0)
		plant_skip("a /dev/shm of its own");
	sem = sem_open("/nowake-plant", O_CREAT | O_EXCL, 0600, 0);
	if (sem == SEM_FAILED)
		plant_skip("sem_open");
	plant_ready();
	for (;;)
		sem_wait(sem);
}
