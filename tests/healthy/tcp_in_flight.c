/* expect: none socket,pipe */
/* needs: root */
// SPDX-License-Identifier: GPL-2.0-only
/* tcp_in_flight.c - rings over a loopback that is down: all go on when somebody sets it up again
 *
 * The kernel keeps what one end sent, and sends it again. A server waits for the request that its
 * client has sent, the client for the answer. Another client sends more than its own buffer
 * takes, though not more than the server's; the server waits for a word through a pipe then.
 */
#include "../plant_socket.h"

#define MUCH 32768 /* bytes: some buffers of LITTLE, and one of any server */
#define LITTLE 2048

static void set_loopback(int flags)
{
	if (plant_loopback(flags) < 0)
		plant_skip("no loopback");
}

static void connect_both(int *ends)
{
	struct sockaddr_in addr;
	int listener = plant_tcp_listener(&addr), little = LITTLE;

	ends[0] = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &little, sizeof(little));
	if (listener < 0 || connect(ends[0], (struct sockaddr *)&addr, sizeof(addr)) < 0)
		plant_fail("connect");
	ends[1] = accept(listener, NULL, NULL);
	close(listener);
}

/* A child that has no more than these two of its parent's files. */
static pid_t child(int a, int b)
{
	pid_t pid = plant_fork();

	for (int fd = 3; !pid && fd < 64; fd++)
		if (fd != a && fd != b)
			close(fd);
	return pid;
}

static void ask(int fd)
{
	char c = 'x';

	_exit(send(fd, &c, 1, 0) != 1 || recv(fd, &c, 1, 0) != 1);
}

static void answer(int fd)
{
	char c;

	_exit(recv(fd, &c, 1, 0) != 1 || send(fd, &c, 1, 0) != 1);
}

static void push(int fd, int word)
{
	static char much[MUCH];

	_exit(send(fd, much, sizeof(much), 0) != sizeof(much) || write(word, much, 1) != 1);
}

static void hear(int word)
{
	char c;

	_exit(read(word, &c, 1) != 1);
}

int main(void)
{
	int asked[2], pushed[2], words[2];
	pid_t pids[4];

	plant_init();
	if (unshare(CLONE_NEWNET) < 0)
		plant_skip("unshare(CLONE_NEWNET)");
	set_loopback(IFF_UP);
	connect_both(asked);
	connect_both(pushed);
	if (pipe(words) < 0)
		plant_fail("pipe");
	set_loopback(0);
	if (!(pids[0] = child(asked[0], -1)))
		ask(asked[0]);
	if (!(pids[1] = child(asked[1], -1)))
		answer(asked[1]);
	if (!(pids[2] = child(pushed[0], words[1])))
		push(pushed[0], words[1]);
	if (!(pids[3] = child(pushed[1], words[0])))
		hear(words[0]);
	for (int fd = 3; fd < 64; fd++)
		close(fd);
	plant_child_blocked(pids[0], 1, SYS_recvfrom);
	plant_child_blocked(pids[1], 1, SYS_recvfrom);
	plant_child_blocked(pids[2], 1, SYS_sendto);
	plant_child_blocked(pids[3], 1, SYS_read);
	plant_ready();
	plant_live();
}
