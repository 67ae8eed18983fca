/* expect: none condition */
// SPDX-License-Identifier: GPL-2.0-only
/* pool_no_work.c - a pool that never had any work, main in accept() (TRAPS 2, 16, 26) */
#include "../plant.h"

#include <sys/socket.h>
#include <sys/un.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work = PTHREAD_COND_INITIALIZER;

static void *worker(void *arg)
{
	pthread_mutex_lock(&mutex);
	pthread_cond_wait(&work, &mutex);
	return arg;
}

int main(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);

	plant_init();
	strcpy(addr.sun_path, plant_path("s"));
	if (bind(listener, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(listener, 1) < 0)
		plant_fail("bind %s", addr.sun_path);
	for (int i = 0; i < 8; i++)
		plant_thread(worker, NULL);
	plant_blocked(8, SYS_futex);
	plant_ready();
	return accept(listener, NULL, NULL);
}
