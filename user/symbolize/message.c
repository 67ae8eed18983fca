// SPDX-License-Identifier: GPL-2.0-only
/* message.c - sends and receives the messages of nowake and its symbolizer, exactly. */
#include "symbolize/message.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define FDS_MAX 4 /* that are taken out of one message, so that none stays behind */

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(FDS_MAX * sizeof(int))];
};

int message_send(int socket, const void *message, int fd)
{
	const struct message_head *head = message;
	struct iovec data = { (void *)message, head->size };
	union control control = {};
	struct msghdr msg = { .msg_iov = &data, .msg_iovlen = 1 };
	ssize_t n;

	if (fd >= 0) {
		struct cmsghdr *c = &control.align;

		msg.msg_control = control.bytes;
		msg.msg_controllen = CMSG_SPACE(sizeof(fd));
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	do
		n = sendmsg(socket, &msg, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

/* Takes the first descriptor and closes all others. */
static int take_fd(struct msghdr *msg)
{
	int first = -1;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		int fds[FDS_MAX];

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = n < FDS_MAX ? n : FDS_MAX;
		memcpy(fds, CMSG_DATA(c), n * sizeof(int));
		for (size_t i = 0; i < n; i++) {
			if (first < 0)
				first = fds[i];
			else
				close(fds[i]);
		}
	}
	return first;
}

/* The length that a message of its kind must have; 0 where it says something wrong. */
static size_t right_size(const union message *m, size_t n)
{
#define UP_TO(type, array, count, most)                                                            \
	(n < offsetof(struct type, array) || (count) > (most)                                      \
		 ? 0                                                                               \
		 : offsetof(struct type, array) + (count) * sizeof(((struct type *)0)->array[0]))
	switch (m->head.kind) {
	case MESSAGE_SPACE:
		return sizeof(m->space);
	case MESSAGE_UNWIND:
		return UP_TO(message_unwind, bytes, m->unwind.len, MESSAGE_BYTES_MAX);
	case MESSAGE_NAME:
		return sizeof(m->name);
	case MESSAGE_READ:
		return sizeof(m->read);
	case MESSAGE_OPEN:
		return sizeof(m->open);
	case MESSAGE_BYTES:
		return UP_TO(message_bytes, bytes, m->bytes.len, MESSAGE_BYTES_MAX);
	case MESSAGE_FILE:
		return sizeof(m->file);
	case MESSAGE_DONE:
		return sizeof(m->done);
	case MESSAGE_TRACE:
		return UP_TO(message_trace, step, m->trace.n, STACK_FRAMES_MAX);
	case MESSAGE_FRAMES:
		return UP_TO(message_frames, frame, m->frames.n, MESSAGE_FRAMES_MAX);
	case MESSAGE_GATHER:
		return UP_TO(message_gather, piece, m->gather.n, MESSAGE_PIECES_MAX);
	case MESSAGE_GATHERED:
		return UP_TO(message_gathered, bytes, m->gathered.len, MESSAGE_GATHER_MAX);
	case MESSAGE_GO:
		return UP_TO(message_go, site, m->go.nsites, MESSAGE_SITES_MAX);
	case MESSAGE_GO_SEEN:
		return UP_TO(message_go_seen, site, m->go_seen.nsites, GO_SITES_MAX);
	case MESSAGE_GOROUTINE:
		return sizeof(m->goroutine);
	case MESSAGE_GOROUTINE_SEEN:
		return UP_TO(message_goroutine_seen, trace.step, m->goroutine_seen.trace.n,
			     STACK_FRAMES_MAX);
	}
	return 0;
#undef UP_TO
}

static bool ends(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

/* Whether every text in it ends inside its field. */
static bool is_terminated(const union message *m)
{
	switch (m->head.kind) {
	case MESSAGE_OPEN:
		return ends(m->open.name, sizeof(m->open.name)) &&
		       m->open.id_len <= sizeof(m->open.id);
	case MESSAGE_TRACE:
		return ends(m->trace.stop, sizeof(m->trace.stop));
	case MESSAGE_GO_SEEN:
		return ends(m->go_seen.process.version, sizeof(m->go_seen.process.version)) &&
		       ends(m->go_seen.process.trouble, sizeof(m->go_seen.process.trouble)) &&
		       ends(m->go_seen.process.unsearched, sizeof(m->go_seen.process.unsearched));
	case MESSAGE_GOROUTINE_SEEN:
		return ends(m->goroutine_seen.wait.reason, sizeof(m->goroutine_seen.wait.reason)) &&
		       ends(m->goroutine_seen.trace.stop, sizeof(m->goroutine_seen.trace.stop));
	case MESSAGE_FRAMES:
		for (size_t i = 0; i < m->frames.n; i++) {
			const struct message_frame *f = &m->frames.frame[i];

			if (!ends(f->function, sizeof(f->function)) ||
			    !ends(f->module, sizeof(f->module)) || !ends(f->file, sizeof(f->file)))
				return false;
		}
	}
	return true;
}

bool message_is_whole(const union message *m, size_t n, unsigned int kinds)
{
	return n >= sizeof(m->head) && m->head.size == n && m->head.kind < 32 &&
	       (kinds >> m->head.kind & 1) && right_size(m, n) == n && is_terminated(m);
}

static int await(int socket, int timeout_ms)
{
	struct pollfd p = { .fd = socket, .events = POLLIN };
	__s64 until = clock_ms() + timeout_ms, left = timeout_ms;
	int n;

	do {
		n = poll(&p, 1, (int)left);
		if (timeout_ms >= 0) {
			left = until - clock_ms();
			left = left > 0 ? left : 0;
		}
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n ? 0 : -ETIMEDOUT;
}

int message_receive(int socket, unsigned int kinds, int timeout_ms, union message *ret, int *ret_fd)
{
	struct iovec data = { ret, sizeof(*ret) };
	union control control;
	struct msghdr msg = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	int err = await(socket, timeout_ms), fd;
	ssize_t n;

	if (err)
		return err;
	do
		n = recvmsg(socket, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == ECONNRESET ? -EPIPE : -errno;
	fd = take_fd(&msg);
	if (!n)
		err = -EPIPE;
	else if ((msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) || !message_is_whole(ret, n, kinds))
		err = -EPROTO;
	if (err) {
		if (fd >= 0)
			close(fd);
		return err;
	}
	*ret_fd = fd;
	return 0;
}
