// SPDX-License-Identifier: GPL-2.0-only
/* textfile.c - the file that node_exporter's textfile collector reads: whole or not at all.
 *
 * Written beside the target as .NAME.nowake-PID, which does not end in .prom and so is not
 * read, then renamed over it. The directory may be a stranger's: it is opened anew each time
 * (it may be gone, or back), and no link is followed in it. There is no fsync: after a crash
 * of the host these numbers are old anyway, the first pass writes them anew, and a daemon
 * that watches for threads that hang must not itself hang in a slow disk's queue. */
#include "daemon/textfile.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

struct textfile {
	char *path; /* as it was given: settings come and go */
	char *dir;
	char *name;
	char *temp;
	char *prefix;	  /* of temp: all but the process id */
	struct stat mine; /* st_ino 0: nothing was written */
};

DEFINE_CLEANUP(DIR *, closedir);
DEFINE_CLEANUP(struct textfile *, textfile_free);

void textfile_free(struct textfile *f)
{
	if (!f)
		return;
	free(f->path);
	free(f->dir);
	free(f->name);
	free(f->temp);
	free(f->prefix);
	free(f);
}

static int open_dir(const struct textfile *f)
{
	int fd = open(f->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* Whether it is a file beside the target, of a process that is gone. */
static bool is_left_over(const struct textfile *f, const char *name)
{
	size_t len = strlen(f->prefix);
	char *end;
	long pid;

	if (strncmp(name, f->prefix, len) || !isdigit((unsigned char)name[len]))
		return false;
	errno = 0;
	pid = strtol(name + len, &end, 10);
	if (errno || *end || pid <= 0 || pid > INT_MAX)
		return false;
	return pid == getpid() || (kill((pid_t)pid, 0) && errno == ESRCH);
}

/* A process that was killed while it wrote leaves its file: not one for each time. */
static void clean(const struct textfile *f)
{
	_cleanup_(closedirp) DIR *dir = opendir(f->dir);
	const struct dirent *e;

	while (dir && (e = readdir(dir)))
		if (is_left_over(f, e->d_name))
			unlinkat(dirfd(dir), e->d_name, 0);
}

static int split(struct textfile *f, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return *path ? -EISDIR : -EINVAL;
	f->path = strdup(path);
	f->name = strdup(name);
	f->dir = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
	if (asprintf(&f->prefix, ".%s.nowake-", name) < 0)
		f->prefix = NULL;
	if (f->prefix && asprintf(&f->temp, "%s%d", f->prefix, (int)getpid()) < 0)
		f->temp = NULL;
	if (!f->path || !f->name || !f->dir || !f->prefix || !f->temp)
		return -ENOMEM;
	return strlen(f->temp) > NAME_MAX ? -ENAMETOOLONG : 0;
}

/* What stands at path is to be replaced, and removed in the end: only what begins as our own
 * metrics do, left by a daemon that was killed. */
static int check_target(const char *path)
{
	static const char head[] = TEXTFILE_HEAD;
	_cleanup_close_ int fd = -1;
	char begin[sizeof(head) - 1];
	struct stat st;

	if (lstat(path, &st))
		return 0;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return -EEXIST;
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (st.st_size && (read(fd, begin, sizeof(begin)) != sizeof(begin) ||
			   memcmp(begin, head, sizeof(begin)) != 0))
		return -EEXIST;
	return 0;
}

const char *textfile_error(int err)
{
	switch (err) {
	case -EEXIST:
		return "something is there that nowake has not written: give another name, or "
		       "remove it";
	case -EACCES:
		return "permission denied: the daemon has given up root's right to ignore modes";
	case -EROFS:
		return "its file system cannot be written to: in a systemd unit, ReadWritePaths= "
		       "allows its directory";
	default:
		return strerror(-err);
	}
}

int textfile_open(const char *path, struct textfile **ret)
{
	_cleanup_(textfile_freep) struct textfile *f = calloc(1, sizeof(*f));
	int err = f ? split(f, path) : -ENOMEM;

	err = err ? err : check_target(path);
	if (err)
		return err;
	clean(f);
	*ret = TAKE_PTR(f);
	return 0;
}

const char *textfile_path(const struct textfile *f)
{
	return f->path;
}

/* A file of that name can only be of an earlier process with this id, or planted. */
static int create(int dir, const char *name)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(dir, name, flags, 0600);

	if (fd < 0 && errno == EEXIST && !unlinkat(dir, name, 0))
		fd = openat(dir, name, flags, 0600);
	return fd < 0 ? -errno : fd;
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Takes fd. Some file systems say only at the end that there was no room. */
static int fill(int fd, const char *text, size_t len, struct stat *ret)
{
	int err = write_all(fd, text, len);

	if (!err && (fchmod(fd, 0644) || fstat(fd, ret)))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	return err;
}

/* Nothing of it is left when it fails. */
static int replace(const struct textfile *f, int dir, int fd, const char *text, size_t len,
		   struct stat *ret, const char **ret_step)
{
	const char *step = "write";
	int err = fill(fd, text, len, ret);

	if (!err) {
		step = "rename";
		err = renameat(dir, f->temp, dir, f->name) ? -errno : 0;
	}
	if (err) {
		unlinkat(dir, f->temp, 0);
		*ret_step = step;
	}
	return err;
}

int textfile_write(struct textfile *f, const char *text, size_t len, const char **ret_step)
{
	_cleanup_close_ int dir = open_dir(f);
	struct stat st;
	int fd, err;

	if (dir < 0) {
		*ret_step = "open its directory";
		return dir;
	}
	fd = create(dir, f->temp);
	if (fd < 0) {
		*ret_step = "create";
		return fd;
	}
	err = replace(f, dir, fd, text, len, &st, ret_step);
	if (!err)
		f->mine = st;
	return err;
}

/* The number of a file that is gone may be given to the next. */
static bool is_mine(const struct textfile *f, const struct stat *st)
{
	return f->mine.st_ino && st->st_ino == f->mine.st_ino && st->st_dev == f->mine.st_dev &&
	       st->st_size == f->mine.st_size && st->st_mtim.tv_sec == f->mine.st_mtim.tv_sec &&
	       st->st_mtim.tv_nsec == f->mine.st_mtim.tv_nsec;
}

int textfile_remove(struct textfile *f)
{
	_cleanup_close_ int dir = open_dir(f);
	struct stat st;

	if (dir < 0)
		return dir == -ENOENT ? 0 : dir;
	if (fstatat(dir, f->name, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : -errno;
	if (!is_mine(f, &st))
		return 0;
	if (unlinkat(dir, f->name, 0) && errno != ENOENT)
		return -errno;
	f->mine.st_ino = 0;
	return 0;
}
