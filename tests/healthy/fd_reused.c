/* expect: none join */
// SPDX-License-Identifier: GPL-2.0-only
/* fd_reused.c - the number that a blocked call was given leads to another file by now
 *
 * Two threads wait for a live process: for a word through a socket, for a lock on a file. Both
 * descriptors are closed meanwhile (the calls keep their files), and their numbers are those of a
 * pipe and of a file that only the blocked process itself could write to, or unlock.
 */
#include "../plant.h"

#include <sys/file.h>
#include <sys/socket.h>

static int ends[2], lock;

static void *wait_for_word(void *arg)
{
	char c;

	return read(ends[0], &c, 1) < 0 ? arg : NULL;
}

static void *wait_for_lock(void *arg)
{
	return flock(lock, LOCK_EX) < 0 ? arg : NULL;
}

static int open_locked(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || flock(fd, LOCK_EX) < 0)
		plant_fail("%s", path);
	return fd;
}

static void reuse(const char *path)
{
	int fds[2];

	if (close(ends[0]) < 0 || pipe(fds) < 0 || fds[0] != ends[0])
		plant_fail("the number of the socket was not given to the pipe");
	if (open_locked(path) < 0 || close(lock) < 0 || open(path, O_RDWR) != lock)
		plant_fail("the number of the file was not given to the other");
}

int main(void)
{
	char first[100], second[100];
	pid_t child;

	plant_init();
	strcpy(first, plant_path("first"));
	strcpy(second, plant_path("second"));
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		plant_fail("socketpair");
	open_locked(first);
	child = plant_fork();
	if (!child) {
		pthread_t reader = plant_thread(wait_for_word, NULL);

		close(ends[1]);
		lock = open(first, O_RDWR);
		plant_thread(wait_for_lock, NULL);
		plant_blocked(2, PLANT_ANY);
		reuse(second);
		pthread_join(reader, NULL);
	}
	plant_child_blocked(child, 3, PLANT_ANY);
	plant_ready();
	plant_live();
}
