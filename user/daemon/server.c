// SPDX-License-Identifier: GPL-2.0-only
/* server.c - the daemon's socket: accepts, reads a line, sends the answer, closes.
 *
 * Everything is bounded: peers, their requests, the bytes that wait to be read, the time that a
 * peer may take. No call blocks, and each event moves one piece: the daemon goes on with
 * its passes whatever its peers do. How the socket gets its name: listen.c. */
#include "daemon/server.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "daemon/listen.h"

#define PATIENCE_FACTOR 6   /* of a peer that reads slowly, in idle times */
#define ACCEPT_PAUSE_MS 500 /* after accept() failed, since no descriptor was left */

struct peer {
	int fd; /* -1: free */
	size_t nrequest;
	char *reply; /* NULL: the request is not complete */
	size_t nreply, sent;
	__s64 idle_until, until; /* CLOCK_MONOTONIC, ms */
	char request[SERVER_REQUEST];
};

struct server {
	struct listener listener;
	int epoll;
	int idle_ms;
	bool accepting; /* the listening socket is being watched */
	__s64 pause_until;
	size_t pending; /* bytes of all replies */
	struct peer peers[SERVER_PEERS];
};

static int watch(struct server *s, int how, int fd, __u32 events, __u32 number)
{
	struct epoll_event e = { .events = events, .data.u32 = number };

	return epoll_ctl(s->epoll, how, fd, &e) ? -errno : 0;
}

/* Whether new peers are taken: a full house leaves them in the kernel's queue. */
static void accept_when(struct server *s, bool accepting)
{
	if (s->accepting != accepting &&
	    !watch(s, EPOLL_CTL_MOD, s->listener.fd, accepting ? EPOLLIN : 0, SERVER_PEERS))
		s->accepting = accepting;
}

/* ---- opening and closing ---- */

int server_open(const char *path, struct server **ret, char **ret_error)
{
	struct server *s = calloc(1, sizeof(*s));
	int err;

	*ret_error = NULL;
	if (!s)
		return -ENOMEM;
	s->epoll = -1;
	s->idle_ms = SERVER_IDLE_MS;
	for (size_t i = 0; i < SERVER_PEERS; i++)
		s->peers[i].fd = -1;
	err = listen_open(path, &s->listener, ret_error);
	if (!err) {
		s->epoll = epoll_create1(EPOLL_CLOEXEC);
		err = s->epoll < 0 ? -errno : 0;
		err = err ? err : watch(s, EPOLL_CTL_ADD, s->listener.fd, EPOLLIN, SERVER_PEERS);
		s->accepting = !err;
		if (err && asprintf(ret_error, "cannot watch %s: %s", path, strerror(-err)) < 0)
			*ret_error = NULL;
	}
	if (err) {
		server_close(s);
		return err;
	}
	*ret = s;
	return 0;
}

static void drop(struct server *s, struct peer *p)
{
	if (p->fd < 0)
		return;
	close(p->fd); /* epoll forgets it: there is no other descriptor of it */
	s->pending -= p->nreply;
	free(p->reply);
	*p = (struct peer){ .fd = -1 };
}

void server_close(struct server *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < SERVER_PEERS; i++)
		drop(s, &s->peers[i]);
	if (s->epoll >= 0)
		close(s->epoll);
	listen_close(&s->listener);
	free(s);
}

int server_fd(const struct server *s)
{
	return s->epoll;
}

void server_patience(struct server *s, int idle_ms)
{
	s->idle_ms = idle_ms;
}

unsigned int server_peers(const struct server *s)
{
	unsigned int n = 0;

	for (size_t i = 0; i < SERVER_PEERS; i++)
		n += s->peers[i].fd >= 0;
	return n;
}

/* ---- the time that peers have ---- */

static __s64 deadline(const struct peer *p)
{
	return p->idle_until < p->until ? p->idle_until : p->until;
}

int server_timeout_ms(const struct server *s)
{
	__s64 next = s->pause_until ? s->pause_until : INT64_MAX, left;

	for (size_t i = 0; i < SERVER_PEERS; i++)
		if (s->peers[i].fd >= 0 && deadline(&s->peers[i]) < next)
			next = deadline(&s->peers[i]);
	if (next == INT64_MAX)
		return -1;
	left = next - clock_ms();
	return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

static void expire(struct server *s)
{
	__s64 now = clock_ms();

	for (size_t i = 0; i < SERVER_PEERS; i++)
		if (s->peers[i].fd >= 0 && deadline(&s->peers[i]) <= now)
			drop(s, &s->peers[i]);
	if (s->pause_until && s->pause_until <= now)
		s->pause_until = 0;
}

/* ---- one peer ---- */

static void send_more(struct server *s, struct peer *p)
{
	ssize_t n =
		send(p->fd, p->reply + p->sent, p->nreply - p->sent, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		p->sent += (size_t)n;
	if (n < 0 || p->sent == p->nreply)
		drop(s, p);
	else
		p->idle_until = clock_ms() + s->idle_ms;
}

/* Takes reply, n bytes (NULL: no memory), and sends what of it can be sent. */
static void reply(struct server *s, struct peer *p, char *text, size_t n)
{
	p->reply = text;
	if (!text || watch(s, EPOLL_CTL_MOD, p->fd, EPOLLOUT, (__u32)(p - s->peers))) {
		drop(s, p);
		return;
	}
	p->nreply = n;
	s->pending += n;
	send_more(s, p);
}

static void refuse(struct server *s, struct peer *p, const char *words)
{
	char *text;
	int n = asprintf(&text, "error %s\n", words);

	reply(s, p, n < 0 ? NULL : text, n < 0 ? 0 : (size_t)n);
}

/* The answer with its first line, which can only be written when its size is known. */
static int build(const struct server_handler *handler, const char *request, char **ret,
		 size_t *ret_size)
{
	static const char head[] = "ok %010zu\n";
	_cleanup_free_ char *text = NULL;
	char first[32];
	size_t size, nfirst = (size_t)snprintf(first, sizeof(first), head, (size_t)0);
	FILE *out = open_memstream(&text, &size);
	int err;

	if (!out)
		return -ENOMEM;
	fwrite(first, 1, nfirst, out);
	err = handler->answer(handler->arg, request, out);
	if (!err && ferror(out))
		err = -ENOMEM;
	if (fclose(out) && !err)
		err = -ENOMEM;
	if (err)
		return err;
	snprintf(first, sizeof(first), head, size - nfirst);
	memcpy(text, first, nfirst);
	*ret = TAKE_PTR(text);
	*ret_size = size;
	return 0;
}

/* Why there is no answer. */
static const char *words_of(int err)
{
	return err == -EAGAIN ? "the last pass failed: ask again after the next" : strerror(-err);
}

static void answer(struct server *s, struct peer *p, const struct server_handler *handler)
{
	char *text;
	size_t size;
	int err;

	if (s->pending >= SERVER_PENDING) {
		refuse(s, p, "too many answers are waiting to be read");
		return;
	}
	err = build(handler, p->request, &text, &size);
	if (err)
		refuse(s, p, words_of(err));
	else
		reply(s, p, text, size);
}

/* Whether a request, up to its newline, is one line of plain characters. */
static bool is_plain(const char *line, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (line[i] < ' ' || line[i] > '~')
			return false;
	return n > 0;
}

static void receive(struct server *s, struct peer *p, const struct server_handler *handler)
{
	ssize_t n = recv(p->fd, p->request + p->nrequest, sizeof(p->request) - p->nrequest,
			 MSG_DONTWAIT);
	char *end;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		drop(s, p);
		return;
	}
	p->nrequest += (size_t)n;
	p->idle_until = clock_ms() + s->idle_ms;
	end = memchr(p->request, '\n', p->nrequest);
	if (end && is_plain(p->request, (size_t)(end - p->request))) {
		*end = '\0';
		answer(s, p, handler);
	} else if (end || p->nrequest == sizeof(p->request)) {
		refuse(s, p, "this is no request");
	}
}

/* ---- all of them ---- */

static struct peer *free_peer(struct server *s)
{
	for (size_t i = 0; i < SERVER_PEERS; i++)
		if (s->peers[i].fd < 0)
			return &s->peers[i];
	return NULL;
}

static void take(struct server *s)
{
	struct peer *p = free_peer(s);
	__s64 now = clock_ms();
	int fd;

	if (!p)
		return;
	fd = accept4(s->listener.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			s->pause_until = now + ACCEPT_PAUSE_MS;
		return;
	}
	if (!listen_trusts(fd) || watch(s, EPOLL_CTL_ADD, fd, EPOLLIN, (__u32)(p - s->peers))) {
		close(fd);
		return;
	}
	p->fd = fd;
	p->idle_until = now + s->idle_ms;
	p->until = now + (__s64)PATIENCE_FACTOR * s->idle_ms;
}

void server_serve(struct server *s, const struct server_handler *handler)
{
	struct epoll_event events[SERVER_PEERS + 1];
	int n = epoll_wait(s->epoll, events, SERVER_PEERS + 1, 0);

	for (int i = 0; i < n; i++) {
		struct peer *p = &s->peers[events[i].data.u32 % SERVER_PEERS];

		if (events[i].data.u32 == SERVER_PEERS)
			take(s);
		else if (p->fd >= 0 && p->reply)
			send_more(s, p);
		else if (p->fd >= 0)
			receive(s, p, handler);
	}
	expire(s);
	accept_when(s, free_peer(s) && !s->pause_until);
}
