/* expect: none condition|futex */
// SPDX-License-Identifier: GPL-2.0-only
/* pshared_condition.c - all threads of a process wait; the waker is another process (TRAPS 17) */
#include "../plant.h"

struct shared {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
};

int main(void)
{
	struct shared *shared;
	pthread_condattr_t attr;
	pid_t child;

	plant_init();
	shared = plant_shared(sizeof(*shared));
	plant_mutex(&shared->mutex, PTHREAD_MUTEX_NORMAL, PLANT_SHARED);
	pthread_condattr_init(&attr);
	pthread_condattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_cond_init(&shared->cond, &attr);
	child = plant_fork();
	if (!child) {
		pthread_mutex_lock(&shared->mutex);
		_exit(pthread_cond_wait(&shared->cond, &shared->mutex));
	}
	plant_child_blocked(child, 1, SYS_futex);
	plant_ready();
	plant_live();
}
