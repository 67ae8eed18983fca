/* expect: quiescent proven condition threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* quiescent_child.c - a parent waits for a child that is at a standstill: it queues behind it */
#include "../plant.h"

int main(void)
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
	pid_t child;

	plant_init();
	child = plant_fork();
	if (!child) {
		pthread_mutex_lock(&mutex);
		_exit(pthread_cond_wait(&cond, &mutex));
	}
	plant_child_blocked(child, 1, SYS_futex);
	plant_ready();
	waitpid(child, NULL, 0);
}
