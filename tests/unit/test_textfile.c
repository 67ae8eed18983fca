// SPDX-License-Identifier: GPL-2.0-only
/* test_textfile.c - whole or not at all, and nothing left beside it. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/textfile.h"

static char dir[64], path[96];

static void setup(void)
{
	strcpy(dir, "/tmp/nowake-textfile-XXXXXX");
	cr_assert(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/nowake.prom", dir);
}

/* Only what these tests put there; a directory in it is empty. */
static void cleanup(void)
{
	DIR *d = opendir(dir);
	const struct dirent *e;

	while (d && (e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			unlinkat(dirfd(d), e->d_name, e->d_type == DT_DIR ? AT_REMOVEDIR : 0);
	if (d)
		closedir(d);
	rmdir(dir);
}

TestSuite(textfile, .init = setup, .fini = cleanup);

static struct textfile *opened(void)
{
	struct textfile *f;

	cr_assert_eq(textfile_open(path, &f), 0);
	return f;
}

static void writes(struct textfile *f, const char *text)
{
	const char *step = "";
	int err = textfile_write(f, text, strlen(text), &step);

	cr_assert_eq(err, 0, "%s: %s", step, strerror(-err));
}

static void fails(struct textfile *f, const char *text, int expected, const char *expected_step)
{
	const char *step = "";
	int err = textfile_write(f, text, strlen(text), &step);

	cr_assert_eq(err, -expected, "%s: %s", step, strerror(-err));
	cr_assert_str_eq(step, expected_step);
}

Test(textfile, errors_say_what_to_do)
{
	cr_expect(strstr(textfile_error(-EROFS), "ReadWritePaths="));
	cr_expect(strstr(textfile_error(-EACCES), "root"));
	cr_expect_str_eq(textfile_error(-ENOSPC), strerror(ENOSPC));
}

static void put(const char *file, const char *text)
{
	FILE *out = fopen(file, "w");

	cr_assert(out && fputs(text, out) >= 0 && !fclose(out));
}

static void holds(const char *file, const char *expected)
{
	char text[256] = "";
	FILE *in = fopen(file, "r");

	cr_assert(in, "%s is not there", file);
	text[fread(text, 1, sizeof(text) - 1, in)] = '\0';
	fclose(in);
	cr_assert_str_eq(text, expected);
}

/* How many entries the directory has. */
static void entries(int expected)
{
	DIR *d = opendir(dir);
	int n = -2;

	cr_assert(d);
	while (readdir(d))
		n++;
	closedir(d);
	cr_assert_eq(n, expected, "%d entries, not %d", n, expected);
}

static void is_absent(void)
{
	struct stat st;

	cr_assert(lstat(path, &st) && errno == ENOENT);
}

Test(textfile, write_and_remove)
{
	struct textfile *f = opened();

	is_absent();
	writes(f, "a 1\n");
	holds(path, "a 1\n");
	writes(f, "");
	holds(path, "");
	entries(1);
	cr_assert_eq(textfile_remove(f), 0);
	entries(0);
	cr_assert_eq(textfile_remove(f), 0);
	textfile_free(f);
}

Test(textfile, mode)
{
	struct textfile *f = opened();
	struct stat st;

	umask(0777);
	writes(f, "a 1\n");
	cr_assert_eq(stat(path, &st), 0);
	cr_assert_eq(st.st_mode, S_IFREG | 0644);
	textfile_free(f);
}

Test(textfile, relative_path)
{
	struct textfile *f;

	cr_assert_eq(chdir(dir), 0);
	cr_assert_eq(textfile_open("x.prom", &f), 0);
	writes(f, "a 1\n");
	holds("x.prom", "a 1\n");
	textfile_free(f);
}

static void open_fails(const char *name, int expected)
{
	struct textfile *f = NULL;

	cr_expect_eq(textfile_open(name, &f), -expected, "%s", name);
	cr_expect_null(f);
}

Test(textfile, bad_paths)
{
	char longest[300] = { [0 ... 250] = 'x' };

	open_fails("", EINVAL);
	open_fails("/", EISDIR);
	open_fails("/tmp/", EISDIR);
	open_fails("/tmp/.", EISDIR);
	open_fails("..", EISDIR);
	open_fails(dir, EISDIR);
	open_fails(longest, ENAMETOOLONG);
}

/* What is there is replaced and removed: only our own may be. */
Test(textfile, what_others_have_written_is_refused)
{
	struct textfile *f;

	put(path, "precious\n");
	open_fails(path, EEXIST);
	put(path, "# HELP");
	open_fails(path, EEXIST);
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(symlink("/etc/passwd", path), 0);
	open_fails(path, EEXIST);
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(mkfifo(path, 0600), 0);
	open_fails(path, EEXIST);
	cr_assert_eq(unlink(path), 0);
	open_fails("/dev/null", EEXIST);
	put(path, "# HELP nowake_up x\n");
	f = opened();
	writes(f, "a 1\n");
	textfile_free(f);
	cr_expect(strstr(textfile_error(-EEXIST), "another name"));
}

/* Somebody else's file stays, whatever we wrote before. */
Test(textfile, removes_its_own_only)
{
	struct textfile *f = opened();

	put(path, "theirs\n");
	cr_assert_eq(textfile_remove(f), 0);
	holds(path, "theirs\n");
	writes(f, "ours 1\n");
	cr_assert_eq(unlink(path), 0);
	put(path, "theirs\n");
	cr_assert_eq(textfile_remove(f), 0);
	holds(path, "theirs\n");
	textfile_free(f);
}

Test(textfile, symbolic_link)
{
	struct textfile *f = opened();
	char other[96];
	struct stat st;

	snprintf(other, sizeof(other), "%s/victim", dir);
	put(other, "mine\n");
	cr_assert_eq(symlink(other, path), 0);
	writes(f, "a 1\n");
	cr_assert(!lstat(path, &st) && S_ISREG(st.st_mode));
	holds(other, "mine\n");
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(symlink(other, path), 0);
	cr_assert_eq(textfile_remove(f), 0);
	cr_assert(!lstat(path, &st) && S_ISLNK(st.st_mode));
	textfile_free(f);
}

static const char *temp_path(int pid)
{
	static char temp[128];

	snprintf(temp, sizeof(temp), "%s/.nowake.prom.nowake-%d", dir, pid);
	return temp;
}

/* What stands where the file beside the target is to be is not followed. */
Test(textfile, planted_beside)
{
	struct textfile *f = opened();
	char other[96];

	snprintf(other, sizeof(other), "%s/victim", dir);
	put(other, "mine\n");
	cr_assert_eq(symlink(other, temp_path(getpid())), 0);
	writes(f, "a 1\n");
	holds(other, "mine\n");
	entries(2);
	cr_assert_eq(mkdir(temp_path(getpid()), 0700), 0);
	fails(f, "a 2\n", EISDIR, "create");
	holds(path, "a 1\n");
	textfile_free(f);
}

/* Left by one that was killed; not by one that lives. */
Test(textfile, left_over)
{
	pid_t gone = fork();

	if (!gone)
		_exit(0);
	cr_assert_eq(waitpid(gone, NULL, 0), gone);
	put(temp_path(gone), "half");
	put(temp_path(1), "half");
	entries(2);
	textfile_free(opened());
	entries(1);
	holds(temp_path(1), "half");
}

Test(textfile, directory_in_its_place)
{
	struct textfile *f = opened();

	cr_assert_eq(mkdir(path, 0755), 0);
	fails(f, "a 1\n", EISDIR, "rename");
	entries(1);
	cr_assert_eq(textfile_remove(f), 0);
	entries(1);
	cr_assert_eq(rmdir(path), 0);
	writes(f, "a 1\n");
	textfile_free(f);
}

Test(textfile, directory_gone_and_back)
{
	struct textfile *f = opened();

	writes(f, "a 1\n");
	cr_assert(!unlink(path) && !rmdir(dir));
	fails(f, "a 2\n", ENOENT, "open its directory");
	cr_assert_eq(textfile_remove(f), 0);
	cr_assert_eq(mkdir(dir, 0755), 0);
	writes(f, "a 3\n");
	holds(path, "a 3\n");
	textfile_free(f);
}

/* The old file stays whole. */
Test(textfile, no_room)
{
	struct textfile *f = opened();
	struct rlimit all, none;

	writes(f, "a 1\n");
	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(getrlimit(RLIMIT_FSIZE, &all), 0);
	none = all;
	none.rlim_cur = 3;
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
	fails(f, "a 2\n", EFBIG, "write");
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &all), 0);
	holds(path, "a 1\n");
	entries(1);
	writes(f, "a 3\n");
	textfile_free(f);
}

Test(textfile, too_many_descriptors)
{
	struct textfile *f = opened();
	struct rlimit all, none;

	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &all), 0);
	none = all;
	none.rlim_cur = 0;
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	fails(f, "a 1\n", EMFILE, "open its directory");
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &all), 0);
	writes(f, "a 1\n");
	textfile_free(f);
}

#define SMALL (64 * 1024)

/* A real full disk, and a read-only one; only root can make them. */
Test(textfile, full_and_read_only)
{
	static char big[2 * SMALL];
	const char *step = "";
	struct textfile *f;

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("nowake", dir, "tmpfs", 0, "size=64k"))
		cr_skip_test("cannot mount: %s", strerror(errno));
	f = opened();
	writes(f, "a 1\n");
	memset(big, 'x', sizeof(big));
	cr_expect_eq(textfile_write(f, big, sizeof(big), &step), -ENOSPC);
	cr_expect_str_eq(step, "write");
	holds(path, "a 1\n");
	entries(1);
	cr_expect_eq(mount(NULL, dir, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	fails(f, "a 2\n", EROFS, "create");
	cr_expect_eq(textfile_remove(f), -EROFS);
	textfile_free(f);
	cr_assert_eq(umount(dir), 0);
}

static atomic_bool done;

/* Writes as long as it may. */
static void *writer(void *arg)
{
	static char text[20000];

	for (char c = 'a'; !done; c = c == 'z' ? 'a' : c + 1) {
		memset(text, c, sizeof(text) - 1);
		writes(arg, text);
	}
	return NULL;
}

/* A reader sees one file or the next, never a part of one. */
Test(textfile, whole_for_readers)
{
	static char text[20001];
	struct textfile *f = opened();
	pthread_t thread;

	writes(f, "");
	cr_assert_eq(pthread_create(&thread, NULL, writer, f), 0);
	for (int i = 0; i < 3000; i++) {
		int fd = open(path, O_RDONLY);
		ssize_t n;

		cr_assert_geq(fd, 0);
		n = read(fd, text, sizeof(text));
		close(fd);
		cr_assert(n == 0 || n == 19999, "%zd bytes", n);
		cr_assert(!n || text[0] == text[n - 1]);
	}
	done = true;
	cr_assert_eq(pthread_join(thread, NULL), 0);
	textfile_free(f);
}
