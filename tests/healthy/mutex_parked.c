/* expect: none mutex */
// SPDX-License-Identifier: GPL-2.0-only
/* mutex_parked.c - main parks its I/O threads on mutexes that it holds on purpose (TRAPS 3) */
#include "../plant.h"

#include <poll.h>

static pthread_mutex_t parking[3] = {
	PTHREAD_MUTEX_INITIALIZER,
	PTHREAD_MUTEX_INITIALIZER,
	PTHREAD_MUTEX_INITIALIZER,
};

static void *parked(void *mutex)
{
	pthread_mutex_lock(mutex);
	pthread_mutex_unlock(mutex);
	return NULL;
}

int main(void)
{
	int fds[2];
	struct pollfd in = { .events = POLLIN };

	plant_init();
	if (pipe(fds) < 0)
		plant_fail("pipe");
	for (int i = 0; i < 3; i++) {
		pthread_mutex_lock(&parking[i]);
		plant_thread(parked, &parking[i]);
	}
	in.fd = fds[0];
	plant_blocked(3, SYS_futex);
	plant_ready();
	return poll(&in, 1, -1);
}
