// SPDX-License-Identifier: GPL-2.0-only
/* listen.c - a listening unix socket that is root's, and who may use it.
 *
 * A socket's file outlives a daemon that is killed. Whether somebody still listens is found by
 * connecting. Two daemons that start at once could both find the file dead, and one remove
 * what the other has just made: the directory is locked meanwhile. */
#include "daemon/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "options.h"

#define BACKLOG 16
#define LOCK_TRIES 50
#define LOCK_PAUSE_US 20000

bool listen_address(const char *path, struct sockaddr_un *ret)
{
	size_t n = strlen(path);

	if (!n || n >= sizeof(ret->sun_path))
		return false;
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(ret->sun_path, path, n);
	return true;
}

bool listen_trusts(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) &&
	       (peer.uid == 0 || peer.uid == geteuid());
}

/* Returns err, with a sentence: "cannot", what, and why. */
static int cannot(const char *what, const char *path, int err, char **ret_error)
{
	if (asprintf(ret_error, "cannot %s %s: %s", what, path, strerror(-err)) < 0)
		*ret_error = NULL;
	return err;
}

/* Whether somebody listens there: 1 yes, 0 nobody does any more, else -errno. */
static int probe(const struct sockaddr_un *address)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (!connect(fd, (const struct sockaddr *)address, sizeof(*address)))
		return 1;
	if (errno == EAGAIN) /* its queue is full */
		return 1;
	return errno == ECONNREFUSED || errno == ENOENT ? 0 : -errno;
}

/* Removes the socket of a daemon that is dead; nothing else. */
static int replace(const struct listener *l, char **ret_error)
{
	const char *path = l->address.sun_path;
	struct stat st;
	int live;

	if (lstat(path, &st))
		return errno == ENOENT ? 0 : cannot("listen at", path, -errno, ret_error);
	if (!S_ISSOCK(st.st_mode))
		return cannot("replace what is no socket,", path, -EEXIST, ret_error);
	live = probe(&l->address);
	if (live < 0)
		return cannot("tell whether a daemon listens at", path, live, ret_error);
	if (!live)
		return unlink(path) && errno != ENOENT
			       ? cannot("remove the old socket", path, -errno, ret_error)
			       : 0;
	if (asprintf(ret_error, "another nowake daemon listens at %s", path) < 0)
		*ret_error = NULL;
	return -EADDRINUSE;
}

/* Opens the directory of path; the usual one is made when it is missing. */
static int open_directory(const char *path, int *ret)
{
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *name =
		slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
	int fd;

	if (!name)
		return -ENOMEM;
	if (!strcmp(path, OPTIONS_SOCKET) && mkdir(name, 0700) && errno != EEXIST)
		return -errno;
	fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret = fd;
	return 0;
}

/* Who holds it for longer than starting takes is no daemon: then it must go without. */
static void lock(int directory)
{
	for (int i = 0; i < LOCK_TRIES && flock(directory, LOCK_EX | LOCK_NB); i++)
		usleep(LOCK_PAUSE_US);
}

static int bind_it(struct listener *l, char **ret_error)
{
	const char *path = l->address.sun_path;

	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* The mode that the file is made with, less the umask: unix_bind() in the kernel. */
	if (l->fd < 0 || fchmod(l->fd, 0600) ||
	    bind(l->fd, (const struct sockaddr *)&l->address, sizeof(l->address)))
		return cannot("listen at", path, -errno, ret_error);
	if (lstat(path, &l->at) || listen(l->fd, BACKLOG)) {
		int err = -errno;

		unlink(path);
		return cannot("listen at", path, err, ret_error);
	}
	return 0;
}

int listen_open(const char *path, struct listener *ret, char **ret_error)
{
	_cleanup_close_ int directory = -1;
	int err;

	*ret = (struct listener){ .fd = -1 };
	if (!listen_address(path, &ret->address))
		return cannot("listen at", path, -ENAMETOOLONG, ret_error);
	err = open_directory(path, &directory);
	if (err)
		return cannot("use the directory of", path, err, ret_error);
	lock(directory);
	err = replace(ret, ret_error);
	return err ? err : bind_it(ret, ret_error);
}

void listen_close(struct listener *l)
{
	const char *path = l->address.sun_path;
	struct stat st;

	if (l->fd < 0)
		return;
	if (l->at.st_ino && !lstat(path, &st) && st.st_dev == l->at.st_dev &&
	    st.st_ino == l->at.st_ino)
		unlink(path);
	close(l->fd);
	l->fd = -1;
}
