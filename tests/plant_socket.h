/* SPDX-License-Identifier: GPL-2.0-only */
/* plant_socket.h - two processes at the ends of a connection, which do the same: for ever */
#pragma once

#include <arpa/inet.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "plant.h"

/* A bare initramfs has it down. */
static inline int plant_loopback(int flags)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = flags };
	int fd = socket(AF_INET, SOCK_STREAM, 0), err = ioctl(fd, SIOCSIFFLAGS, &lo);

	close(fd);
	return err;
}

/* A listening socket on the loopback, and its address; -1: there is none. */
static inline int plant_tcp_listener(struct sockaddr_in *ret)
{
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t len = sizeof(*ret);

	*ret = (struct sockaddr_in){ .sin_family = AF_INET };
	ret->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(listener, (struct sockaddr *)ret, len) < 0 || listen(listener, 1) < 0 ||
	    getsockname(listener, (struct sockaddr *)ret, &len) < 0)
		return -1;
	return listener;
}

/* Does not return, as those below: both are blocked in the call nr. */
static inline void plant_both_blocked(pid_t a, pid_t b, long nr)
{
	plant_child_blocked(a, 1, nr);
	plant_child_blocked(b, 1, nr);
	plant_ready();
	plant_live();
}

/* Each process calls end(), which does not return, with its descriptor, and has no other. */
static inline void plant_connection(int listener, const void *addr, socklen_t len,
				    void (*end)(int fd), long nr)
{
	pid_t server, client;
	int fd;

	server = plant_fork();
	if (!server) {
		fd = accept(listener, NULL, NULL);
		close(listener);
		end(fd);
	}
	close(listener);
	client = plant_fork();
	if (!client) {
		fd = socket(((const struct sockaddr *)addr)->sa_family, SOCK_STREAM, 0);
		if (connect(fd, addr, len) < 0)
			plant_fail("connect");
		end(fd);
	}
	plant_both_blocked(server, client, nr);
}

static inline void plant_tcp(void (*end)(int fd), long nr)
{
	struct sockaddr_in addr;
	int listener;

	plant_loopback(IFF_UP | IFF_LOOPBACK | IFF_RUNNING);
	listener = plant_tcp_listener(&addr);
	if (listener < 0)
		plant_skip("no loopback");
	plant_connection(listener, &addr, sizeof(addr), end, nr);
}

static inline pid_t plant_end(int mine, int other, void (*end)(int fd))
{
	pid_t pid = plant_fork();

	if (pid)
		return pid;
	close(other);
	end(mine);
	_exit(1);
}

/* The same with a socket pair. */
static inline void plant_socketpair(int type, void (*end)(int fd), long nr)
{
	int fds[2];
	pid_t a, b;

	if (socketpair(AF_UNIX, type, 0, fds) < 0)
		plant_fail("socketpair");
	a = plant_end(fds[0], fds[1], end);
	b = plant_end(fds[1], fds[0], end);
	close(fds[0]);
	close(fds[1]);
	plant_both_blocked(a, b, nr);
}
