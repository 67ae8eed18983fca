/* expect: deadlock likely socket threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* socket_mutex_shared.c - one reads a socket, whose peer waits for a mutex that it holds
 *
 * Their live parent has kept the reader's own end: it cannot write to it, but shut it down.
 */
#include "../plant_socket.h"

static pthread_mutex_t *mutex;

static void reads(int fd)
{
	char c;

	pthread_mutex_lock(mutex);
	_exit(recv(fd, &c, 1, 0) > 0);
}

static void locks(int fd)
{
	pthread_mutex_lock(mutex);
	_exit(send(fd, "x", 1, 0) > 0);
}

int main(void)
{
	pid_t reader, peer;
	int fds[2];

	plant_init();
	mutex = plant_shared(sizeof(*mutex));
	plant_mutex(mutex, PTHREAD_MUTEX_NORMAL, PLANT_SHARED);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
		plant_fail("socketpair");
	reader = plant_end(fds[0], fds[1], reads);
	plant_child_blocked(reader, 1, SYS_recvfrom);
	peer = plant_end(fds[1], fds[0], locks);
	close(fds[1]);
	plant_child_blocked(peer, 1, SYS_futex);
	plant_ready();
	plant_ms(PLANT_LIFETIME * 500);
	return shutdown(fds[0], SHUT_RDWR);
}
