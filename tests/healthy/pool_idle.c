/* expect: none condition */
// SPDX-License-Identifier: GPL-2.0-only
/* pool_idle.c - a thread pool between two pieces of work, main in epoll_wait() (TRAPS 1, 16) */
#include "../plant.h"

#include <sys/epoll.h>
#include <sys/socket.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work = PTHREAD_COND_INITIALIZER;
static _Atomic int queued = 4, done;

__attribute__((noreturn)) static void *worker(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&mutex);
	for (;; done++) {
		while (!queued)
			pthread_cond_wait(&work, &mutex);
		queued--;
	}
}

int main(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	int fds[2], epoll = epoll_create1(EPOLL_CLOEXEC);

	plant_init();
	for (int i = 0; i < 4; i++)
		plant_thread(worker, NULL);
	while (done < 4)
		plant_ms(1);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0 ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, fds[0], &event) < 0)
		plant_fail("epoll");
	plant_blocked(4, SYS_futex);
	plant_ready();
	return epoll_wait(epoll, &event, 1, -1);
}
