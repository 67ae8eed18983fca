/* expect: quiescent proven semaphore threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* semaphore_unlinked.c - a semaphore without a name any more, as Python's multiprocessing makes
 * its locks: no descriptor leads to it, and nobody can come and post it */
#include "../plant.h"

int main(void)
{
	char name[32];
	pid_t child;
	sem_t *sem;

	plant_init();
	snprintf(name, sizeof(name), "/nowake-plant.%d", (int)getpid());
	sem = sem_open(name, O_CREAT | O_EXCL, 0600, 0);
	if (sem == SEM_FAILED)
		plant_skip("sem_open");
	if (sem_unlink(name) < 0)
		plant_fail("%s", name);
	child = plant_fork();
	if (!child)
		_exit(sem_wait(sem));
	plant_child_blocked(child, 1, SYS_futex);
	plant_ready();
	waitpid(child, NULL, 0);
}
