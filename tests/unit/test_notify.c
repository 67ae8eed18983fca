// SPDX-License-Identifier: GPL-2.0-only
/* test_notify.c - what the service manager is told, at a socket that plays it. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/notify.h"

/* Receives at a name of which the first byte is '/' or '@'. */
static int manager(const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	cr_assert(fd >= 0 && strlen(name) < sizeof(at.sun_path));
	memcpy(at.sun_path, name, strlen(name));
	if (*name == '@')
		at.sun_path[0] = '\0';
	cr_assert(!bind(fd, (struct sockaddr *)&at,
			offsetof(struct sockaddr_un, sun_path) + strlen(name)));
	setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

static void receives(int fd, const char *expected)
{
	char text[256];
	ssize_t n = recv(fd, text, sizeof(text) - 1, 0);

	cr_assert(n >= 0, "nothing came: %s", strerror(errno));
	text[n] = '\0';
	cr_assert_str_eq(text, expected);
}

Test(notify, path)
{
	char name[64];
	int fd;

	snprintf(name, sizeof(name), "/tmp/nowake-notify-%d", (int)getpid());
	fd = manager(name);
	cr_expect_eq(notify_send("READY=1"), 0);
	receives(fd, "READY=1");
	close(fd);
	cr_expect_eq(notify_send("READY=1"), -ECONNREFUSED);
	unlink(name);
	cr_expect_eq(notify_send("READY=1"), -ENOENT);
}

Test(notify, abstract)
{
	char name[64];
	int fd;

	snprintf(name, sizeof(name), "@nowake-notify-%d", (int)getpid());
	fd = manager(name);
	cr_expect_eq(notify_send("STOPPING=1"), 0);
	receives(fd, "STOPPING=1");
	close(fd);
}

Test(notify, reloading)
{
	unsigned long long usec;
	char name[64], text[256];
	ssize_t n;
	int fd;

	snprintf(name, sizeof(name), "@nowake-reload-%d", (int)getpid());
	fd = manager(name);
	cr_expect_eq(notify_reloading(), 0);
	n = recv(fd, text, sizeof(text) - 1, 0);
	cr_assert(n > 0);
	text[n] = '\0';
	cr_expect_eq(sscanf(text, "RELOADING=1\nMONOTONIC_USEC=%llu", &usec), 1, "%s", text);
	close(fd);
}

/* A manager that does not read must not hold the daemon up. */
Test(notify, full_queue, .timeout = 10)
{
	char name[64];
	int fd, err = 0;

	snprintf(name, sizeof(name), "@nowake-full-%d", (int)getpid());
	fd = manager(name);
	for (int i = 0; !err && i < 100000; i++)
		err = notify_send("WATCHDOG=1");
	cr_expect_eq(err, -EAGAIN);
	close(fd);
}

Test(notify, nobody)
{
	char name[256] = "/";

	unsetenv("NOTIFY_SOCKET");
	cr_expect_eq(notify_send("READY=1"), 0);
	setenv("NOTIFY_SOCKET", "", 1);
	cr_expect_eq(notify_send("READY=1"), 0);
	setenv("NOTIFY_SOCKET", "vsock:2:1", 1);
	cr_expect_eq(notify_send("READY=1"), 0);
	memset(name, 'x', sizeof(name) - 1);
	name[0] = '/';
	setenv("NOTIFY_SOCKET", name, 1);
	cr_expect_eq(notify_send("READY=1"), -ENAMETOOLONG);
}

Test(notify, watchdog)
{
	char pid[32];

	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	cr_expect_eq(notify_watchdog_ns(), 0);
	setenv("WATCHDOG_USEC", "30000000", 1);
	cr_expect_eq(notify_watchdog_ns(), 15000000000ull);
	setenv("WATCHDOG_PID", "1", 1);
	cr_expect_eq(notify_watchdog_ns(), 0, "it is for another process");
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("WATCHDOG_PID", pid, 1);
	cr_expect_eq(notify_watchdog_ns(), 15000000000ull);
	setenv("WATCHDOG_USEC", "soon", 1);
	cr_expect_eq(notify_watchdog_ns(), 0);
}
