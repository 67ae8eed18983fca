/* expect: none timerfd,signalfd,inotify,poll,epoll,sleep */
// SPDX-License-Identifier: GPL-2.0-only
/* kernel_fds.c - one thread in each wait that the kernel itself ends (TRAPS 18) */
#include "../plant.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

static void *read_fd(void *fd)
{
	char buf[4096];

	return read(*(int *)fd, buf, sizeof(buf)) < 0 ? fd : NULL;
}

static void *poll_fd(void *fd)
{
	struct pollfd in = { .fd = *(int *)fd, .events = POLLIN };

	return poll(&in, 1, -1) < 0 ? fd : NULL;
}

static void *epoll_fd(void *fd)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	epoll_ctl(epoll, EPOLL_CTL_ADD, *(int *)fd, &event);
	return epoll_wait(epoll, &event, 1, -1) < 0 ? fd : NULL;
}

static void *sleep_long(void *arg)
{
	plant_ms(3600 * 1000L);
	return arg;
}

int main(void)
{
	struct itimerspec hour = { .it_value.tv_sec = 3600 };
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	int watch = inotify_init1(IN_CLOEXEC);
	int sig;
	sigset_t set;

	plant_init();
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	sig = signalfd(-1, &set, SFD_CLOEXEC);
	if (timerfd_settime(timer, 0, &hour, NULL) < 0 || sig < 0 ||
	    inotify_add_watch(watch, "/", IN_CREATE) < 0)
		plant_skip("timerfd, signalfd or inotify");
	plant_thread(read_fd, &timer);
	plant_thread(read_fd, &watch);
	plant_thread(read_fd, &sig);
	plant_thread(poll_fd, &timer);
	plant_thread(epoll_fd, &timer);
	plant_thread(sleep_long, NULL);
	plant_blocked(6, PLANT_ANY);
	plant_ready();
	plant_live();
}
