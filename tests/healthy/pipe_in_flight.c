/* expect: none pipe */
// SPDX-License-Identifier: GPL-2.0-only
/* pipe_in_flight.c - the write end of a pipe lies in a socket's queue, and in no fd table
 *
 * The live process at that socket can receive it at any time.
 */
#include "../plant.h"

#include <sys/socket.h>

static void send_fd(int socket, int fd)
{
	char c = 0, control[CMSG_SPACE(sizeof(int))] = "";
	struct iovec iov = { &c, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *cmsg;

	msg.msg_control = control;
	msg.msg_controllen = sizeof(control);
	cmsg = CMSG_FIRSTHDR(&msg);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	if (sendmsg(socket, &msg, 0) != 1)
		plant_fail("sendmsg");
}

int main(void)
{
	int fds[2], sockets[2];
	pid_t child;
	char c;

	plant_init();
	if (pipe(fds) < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) < 0)
		plant_fail("pipe");
	child = plant_fork();
	if (!child) {
		close(fds[1]);
		close(sockets[0]);
		close(sockets[1]);
		_exit(read(fds[0], &c, 1) > 0);
	}
	send_fd(sockets[0], fds[1]);
	close(fds[0]);
	close(fds[1]);
	plant_child_blocked(child, 1, SYS_read);
	plant_ready();
	plant_live();
}
