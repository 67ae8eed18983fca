// SPDX-License-Identifier: GPL-2.0-only
/* ask.c - asks a daemon one thing through its socket.
 *
 * The answer is kept in a memory file until it is whole: a part of one is none. */
#include "daemon/ask.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/escape.h"
#include "daemon/listen.h"
#include "daemon/server.h"

#define HEAD 256    /* bytes of the first line */
#define RETRY_MS 20 /* while the daemon's queue is full */
#define PIECE (64u << 10)

enum stage { CONNECTING, SENDING, READING_HEAD, READING_BODY };

struct ask {
	char *path;
	struct sockaddr_un address;
	enum stage stage;
	int fd;
	FILE *body;
	size_t nrequest, nhead;
	unsigned long long left; /* bytes of the body that are to come */
	__s64 first_until, until;
	char request[SERVER_REQUEST];
	char head[HEAD + 1];
};

DEFINE_CLEANUP(struct ask *, ask_free);

/* Returns err, with a sentence about it. */
static int trouble(const struct ask *a, int err, const char *what, char **ret_error)
{
	char path[4 * sizeof(a->address.sun_path) + 1];

	escape_name(path, sizeof(path), a->path, strlen(a->path), true);
	if (asprintf(ret_error, "the daemon at %s %s", path, what) < 0)
		*ret_error = NULL;
	return err;
}

static int no_connection(const struct ask *a, int err, char **ret_error)
{
	if (err == -ENOENT || err == -ECONNREFUSED)
		return trouble(a, err, "does not run", ret_error);
	if (err == -EACCES || err == -EPERM)
		return trouble(a, err, "answers root only", ret_error);
	return trouble(a, err, strerror(-err), ret_error);
}

static void add_time(struct ask *a)
{
	a->first_until = clock_ms() + ASK_FIRST_MS;
	a->until = clock_ms() + ASK_ALL_MS;
}

int ask_begin(const char *path, const char *request, struct ask **ret, char **ret_error)
{
	_cleanup_(ask_freep) struct ask *a = calloc(1, sizeof(*a));
	int n;

	*ret_error = NULL;
	if (!a)
		return -ENOMEM;
	a->fd = -1;
	a->path = strdup(path);
	if (!a->path)
		return -ENOMEM;
	if (!listen_address(path, &a->address))
		return trouble(a, -ENAMETOOLONG, "cannot be: the path is too long", ret_error);
	n = snprintf(a->request, sizeof(a->request), "%s\n", request);
	if (n < 0 || (size_t)n >= sizeof(a->request))
		return -EINVAL;
	a->nrequest = (size_t)n;
	a->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (a->fd < 0)
		return no_connection(a, -errno, ret_error);
	add_time(a);
	*ret = TAKE_PTR(a);
	return 0;
}

void ask_free(struct ask *a)
{
	if (!a)
		return;
	if (a->fd >= 0)
		close(a->fd);
	if (a->body)
		fclose(a->body);
	free(a->path);
	free(a);
}

/* Before there is a connection there is nothing to poll for: it is tried again. */
int ask_fd(const struct ask *a)
{
	return a->stage == CONNECTING ? -1 : a->fd;
}

short ask_events(const struct ask *a)
{
	return a->stage == SENDING ? POLLOUT : POLLIN;
}

static __s64 deadline(const struct ask *a)
{
	return a->stage == READING_BODY || a->nhead ? a->until : a->first_until;
}

int ask_timeout_ms(const struct ask *a)
{
	__s64 left = deadline(a) - clock_ms();

	if (left > 0 && a->stage == CONNECTING)
		return RETRY_MS;
	return left < 0 ? 0 : (int)left;
}

/* ---- the stages: 0: go on; -EAGAIN: wait; else it has failed ---- */

static int connect_it(struct ask *a, char **ret_error)
{
	int err = 0;

	if (connect(a->fd, (const struct sockaddr *)&a->address, sizeof(a->address)))
		err = -errno;
	if (err == -EAGAIN || err == -EINTR)
		return -EAGAIN;
	if (err)
		return no_connection(a, err, ret_error);
	if (!listen_trusts(a->fd))
		return trouble(a, -EPERM, "is not root's: it is not asked", ret_error);
	a->stage = SENDING;
	return 0;
}

static int failed_or_wait(const struct ask *a, int err, char **ret_error)
{
	if (err == -EAGAIN || err == -EINTR)
		return -EAGAIN;
	return trouble(a, err, "has ended the conversation", ret_error);
}

static int send_it(struct ask *a, char **ret_error)
{
	/* A line this short fits into the socket's buffer, or nothing does. */
	ssize_t n = send(a->fd, a->request, a->nrequest, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0)
		return failed_or_wait(a, -errno, ret_error);
	memmove(a->request, a->request + n, a->nrequest - (size_t)n);
	a->nrequest -= (size_t)n;
	if (a->nrequest)
		return -EAGAIN;
	a->stage = READING_HEAD;
	return 0;
}

/* "ok BYTES" or "error WORDS" */
static int parse_head(struct ask *a, char **ret_error)
{
	static const char good[] = "ok ", bad[] = "error ";
	const char *digits = a->head + strlen(good);
	char words[4 * HEAD + 1];

	if (!strncmp(a->head, bad, strlen(bad))) {
		snprintf(words, sizeof(words), "refuses: ");
		escape_text(words + strlen(words), sizeof(words) - strlen(words),
			    a->head + strlen(bad), true);
		return trouble(a, -EREMOTEIO, words, ret_error);
	}
	if (strncmp(a->head, good, strlen(good)) || !*digits ||
	    digits[strspn(digits, "0123456789")] || strlen(digits) > 18)
		return trouble(a, -EPROTO, "is not understood", ret_error);
	a->left = strtoull(digits, NULL, 10);
	if (a->left > ASK_BYTES)
		return trouble(a, -EFBIG, "says too much", ret_error);
	return 0;
}

static int open_body(struct ask *a)
{
	int fd = memfd_create("nowake answer", MFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	a->body = fdopen(fd, "w+");
	if (a->body)
		return 0;
	close(fd);
	return -ENOMEM;
}

/* Reads no more than the first line: what follows it is the body's. */
static int read_head(struct ask *a, char **ret_error)
{
	ssize_t n = recv(a->fd, a->head + a->nhead, HEAD - a->nhead, MSG_DONTWAIT | MSG_PEEK);
	char *end;
	int err;

	if (n <= 0)
		return failed_or_wait(a, n ? -errno : -EPIPE, ret_error);
	end = memchr(a->head + a->nhead, '\n', (size_t)n);
	if (end)
		n = end + 1 - (a->head + a->nhead);
	n = recv(a->fd, a->head + a->nhead, (size_t)n, MSG_DONTWAIT);
	if (n <= 0)
		return failed_or_wait(a, n ? -errno : -EPIPE, ret_error);
	a->nhead += (size_t)n;
	if (!end)
		return a->nhead < HEAD ? 0 : trouble(a, -EPROTO, "is not understood", ret_error);
	*end = '\0';
	if (strlen(a->head) + 1 != a->nhead)
		return trouble(a, -EPROTO, "is not understood", ret_error);
	err = parse_head(a, ret_error);
	if (!err) {
		a->stage = READING_BODY;
		err = open_body(a);
	}
	return err;
}

static int read_body(struct ask *a, char **ret_error)
{
	char piece[PIECE];
	size_t want = a->left < sizeof(piece) ? (size_t)a->left : sizeof(piece);
	ssize_t n = want ? recv(a->fd, piece, want, MSG_DONTWAIT) : 0;

	if (n < 0 || (!n && want))
		return failed_or_wait(a, n ? -errno : -EPIPE, ret_error);
	if (fwrite(piece, 1, (size_t)n, a->body) != (size_t)n)
		return -ENOMEM;
	a->left -= (unsigned long long)n;
	return 0;
}

static int hand_over(struct ask *a, FILE **ret)
{
	if (fseek(a->body, 0, SEEK_SET))
		return -ENOMEM;
	*ret = TAKE_PTR(a->body);
	return 0;
}

int ask_step(struct ask *a, FILE **ret, char **ret_error)
{
	static int (*const stages[])(struct ask * a, char **ret_error) = {
		[CONNECTING] = connect_it,
		[SENDING] = send_it,
		[READING_HEAD] = read_head,
		[READING_BODY] = read_body,
	};
	int err = 0;

	*ret_error = NULL;
	while (!err) {
		if (clock_ms() >= deadline(a))
			return trouble(a, -ETIMEDOUT, "does not answer in time", ret_error);
		err = stages[a->stage](a, ret_error);
		if (!err && a->stage == READING_BODY && !a->left)
			return hand_over(a, ret);
	}
	return err;
}

int ask(const char *path, const char *request, FILE **ret, char **ret_error)
{
	_cleanup_(ask_freep) struct ask *a = NULL;
	int err = ask_begin(path, request, &a, ret_error);

	if (err)
		return err;
	while ((err = ask_step(a, ret, ret_error)) == -EAGAIN) {
		struct pollfd p = { .fd = ask_fd(a), .events = ask_events(a) };

		poll(&p, 1, ask_timeout_ms(a));
	}
	return err;
}
