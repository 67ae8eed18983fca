// SPDX-License-Identifier: GPL-2.0-only
/* client.c - nowake's side of the symbolizer: starts it, asks it, ends it when it fails. */
#include "symbolize/client.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/resident.h"
#include "symbolize/child.h"
#include "symbolize/sandbox.h"

#define END_TRIES 200
#define END_PAUSE_US 1000
#define PATIENCE_MIN_MS 200
#define REST_MS 60000 /* without a question: then it is not worth its memory */

extern char **environ;

struct client {
	const char *program;
	pid_t pid;	   /* 0: it does not run */
	ARRAY(pid_t) left; /* killed, and not yet gone when they were waited for */
	int socket;
	bool broken; /* it failed in the current address space */
	__u32 restarts;
	__u32 begun; /* of these, before client_begin() */
	__s64 asked; /* last */
	__s64 until; /* when the time of client_begin() is over */
	const struct client_source *source;
	char trouble[160];
	union message question, answer;
};

struct client *client_new(const char *program)
{
	struct client *c = calloc(1, sizeof(*c));

	if (c) {
		c->program = program ? program : "/proc/self/exe";
		c->socket = -1;
		c->broken = true;
		client_begin(c, 2 * CLIENT_DEADLINE_MS);
	}
	return c;
}

/* Of those that were left behind, who is gone by now is to be no zombie. */
static void reap(struct client *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->left.n; i++)
		if (!waitpid(c->left.v[i], NULL, WNOHANG))
			c->left.v[n++] = c->left.v[i];
	c->left.n = n;
}

/* Ends the process, if it has not ended by itself; its wait status. Without its socket it ends
 * also where it may not be killed: it runs as another user. One that not even SIGKILL ends at once,
 * since it reads from a dead file server or the host is starved, is left behind: reap(). */
static int end(struct client *c)
{
	int status = 0;
	bool gone;

	if (!c->pid)
		return 0;
	close(c->socket);
	gone = waitpid(c->pid, &status, WNOHANG);
	for (int tries = 0; !gone && tries < END_TRIES; tries++) {
		kill(c->pid, SIGKILL);
		usleep(END_PAUSE_US);
		gone = waitpid(c->pid, &status, WNOHANG);
	}
	(void)(gone || array_push(&c->left, c->pid)); /* without memory it stays a zombie */
	c->pid = 0;
	c->socket = -1;
	return status;
}

void client_free(struct client *c)
{
	if (!c)
		return;
	end(c);
	reap(c);
	array_free(&c->left);
	free(c);
}

void client_begin(struct client *c, __u64 budget_ms)
{
	c->begun = c->restarts;
	c->until = clock_ms() + budget_ms;
}

void client_rest(struct client *c)
{
	reap(c);
	if (!c->pid ||
	    (clock_ms() - c->asked < REST_MS && resident_bytes(c->pid) <= CLIENT_RESIDENT_MAX))
		return;
	end(c);
	c->broken = true;
}

const char *client_trouble(const struct client *c)
{
	return c->trouble;
}

pid_t client_pid(const struct client *c)
{
	return c->pid;
}

__u32 client_restarts(const struct client *c)
{
	return c->restarts;
}

/* ---- starting and ending ---- */

static int spawn(struct client *c, int socket)
{
	const char *const argv[] = { "nowake", CHILD_WORD, NULL };
	posix_spawn_file_actions_t actions;
	int err;

	err = posix_spawn_file_actions_init(&actions);
	if (err)
		return -err;
	for (int fd = 0; !err && fd < 3; fd++)
#ifdef __SANITIZE_ADDRESS__
		if (fd != 2)
#endif
			err = posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR,
							       0);
	err = err ? err : posix_spawn_file_actions_adddup2(&actions, socket, SANDBOX_SOCKET);
	err = err ? err
		  : posix_spawn(&c->pid, c->program, &actions, NULL, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (err)
		c->pid = 0;
	return -err;
}

static int start(struct client *c)
{
	int pair[2], err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		err = -errno;
	else {
		err = spawn(c, pair[1]);
		close(pair[1]);
		if (err)
			close(pair[0]);
		else
			c->socket = pair[0];
	}
	if (err)
		snprintf(c->trouble, sizeof(c->trouble), "the symbolizer cannot be started: %s",
			 strerror(-err));
	return err;
}

/* Says what became of it, and ends it. Returns err. */
static int give_up(struct client *c, int err, __s64 waited_ms)
{
	int status;

	if (err == -EPIPE)
		usleep(END_PAUSE_US); /* it is about to end: its status tells why */
	status = end(c);
	if (err == -ETIMEDOUT)
		snprintf(c->trouble, sizeof(c->trouble),
			 "the symbolizer gave no answer within %lld.%lld s and was ended",
			 waited_ms / 1000, waited_ms % 1000 / 100);
	else if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_UNSAFE)
		snprintf(c->trouble, sizeof(c->trouble),
			 "the symbolizer cannot enter its sandbox (seccomp or limits are refused)");
	else if (err == -EPIPE && WIFSIGNALED(status))
		snprintf(c->trouble, sizeof(c->trouble),
			 "the symbolizer was killed by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else if (err == -EPIPE)
		snprintf(c->trouble, sizeof(c->trouble), "the symbolizer ended with status %d",
			 WEXITSTATUS(status));
	else
		snprintf(c->trouble, sizeof(c->trouble),
			 "the symbolizer said something wrong and was ended");
	c->broken = true;
	c->restarts++;
	return err;
}

/* ---- asking ---- */

static int answer_read(struct client *c, const struct message_read *question)
{
	struct message_bytes *b = &c->answer.bytes;

	b->len = 0;
	b->pad = 0;
	if (question->len <= sizeof(b->bytes))
		b->len =
			c->source->read(c->source->arg, question->address, b->bytes, question->len);
	b->head.kind = MESSAGE_BYTES;
	b->head.size = offsetof(struct message_bytes, bytes) + b->len;
	return message_send(c->socket, b, -1);
}

static int answer_gather(struct client *c, struct message_gather *question)
{
	struct message_gathered *g = &c->answer.gathered;
	size_t len = 0;

	for (__u32 i = 0; i < question->n; i++) {
		if (question->piece[i].len > sizeof(g->bytes) - len)
			return -EPROTO;
		len += question->piece[i].len;
	}
	g->n = question->n;
	g->len = len;
	c->source->gather(c->source->arg, question->piece, question->n, g->bytes);
	for (__u32 i = 0; i < MESSAGE_PIECES_MAX; i++)
		g->there[i] = i < g->n && question->piece[i].there == 1;
	g->head.kind = MESSAGE_GATHERED;
	g->head.size = offsetof(struct message_gathered, bytes) + g->len;
	return message_send(c->socket, g, -1);
}

static int answer_open(struct client *c, const struct message_open *question)
{
	struct message_file f = { .head = { MESSAGE_FILE, sizeof(f) } };
	int fd = c->source->open(c->source->arg, question), err;

	f.status = fd < 0 ? fd : 0;
	err = message_send(c->socket, &f, fd);
	if (fd >= 0)
		close(fd);
	return err;
}

static int answer_question(struct client *c)
{
	switch (c->question.head.kind) {
	case MESSAGE_READ:
		return answer_read(c, &c->question.read);
	case MESSAGE_GATHER:
		return answer_gather(c, &c->question.gather);
	default:
		return answer_open(c, &c->question.open);
	}
}

/* How long its answer is awaited. */
static __s64 patience(const struct client *c, enum message_kind answer)
{
	const __s64 most = answer == MESSAGE_GO_SEEN ? CLIENT_GO_DEADLINE_MS : CLIENT_DEADLINE_MS;
	__s64 half = (c->until - clock_ms()) / 2;

	if (half > most)
		return most;
	return half > PATIENCE_MIN_MS ? half : PATIENCE_MIN_MS;
}

/* Sends a request and answers questions until its answer, of this kind, is in c->question. */
static int ask(struct client *c, const void *request, int fd, enum message_kind kind)
{
	const unsigned int kinds = 1u << kind | MESSAGE_BIT(READ) | MESSAGE_BIT(GATHER) |
				   MESSAGE_BIT(OPEN);
	__s64 most = patience(c, kind), deadline = clock_ms() + most;
	int err = message_send(c->socket, request, fd);

	c->asked = clock_ms();
	while (!err) {
		__s64 left = deadline - clock_ms();
		int extra;

		if (left <= 0)
			err = -ETIMEDOUT;
		else
			err = message_receive(c->socket, kinds, (int)left, &c->question, &extra);
		if (err)
			break;
		if (extra >= 0)
			close(extra); /* nobody asked it for files */
		if (c->question.head.kind == (__u32)kind)
			return 0;
		err = answer_question(c);
	}
	return give_up(c, err, most);
}

int client_space(struct client *c, __u32 machine, int maps, const struct client_source *source)
{
	struct message_space request = {
		.head = { MESSAGE_SPACE, sizeof(request) },
		.machine = machine,
	};
	int err;

	c->broken = true;
	if (c->restarts - c->begun >= CLIENT_RESTARTS_MAX)
		return -EAGAIN;
	reap(c);
	err = c->pid ? 0 : start(c);
	if (err)
		return err;
	c->source = source;
	err = ask(c, &request, maps, MESSAGE_DONE);
	if (err)
		return err;
	if (c->question.done.status) {
		snprintf(c->trouble, sizeof(c->trouble), "its memory map cannot be read");
		return -EINVAL;
	}
	c->broken = false;
	return 0;
}

int client_unwind(struct client *c, struct message_unwind *request, struct message_trace *ret)
{
	int err;

	request->head.kind = MESSAGE_UNWIND;
	request->head.size = offsetof(struct message_unwind, bytes) + request->len;
	err = c->broken ? -EPIPE : ask(c, request, -1, MESSAGE_TRACE);
	if (!err)
		memcpy(ret, &c->question.trace, c->question.head.size);
	return err;
}

int client_name(struct client *c, __u64 address, bool exact, struct message_frames *ret)
{
	struct message_name request = {
		.head = { MESSAGE_NAME, sizeof(request) },
		.address = address,
		.exact = exact,
	};
	int err = c->broken ? -EPIPE : ask(c, &request, -1, MESSAGE_FRAMES);

	if (!err)
		memcpy(ret, &c->question.frames, c->question.head.size);
	return err;
}

int client_go(struct client *c, struct message_go *request, struct message_go_seen *ret)
{
	int err;

	request->head.kind = MESSAGE_GO;
	request->head.size =
		offsetof(struct message_go, site) + request->nsites * sizeof(request->site[0]);
	err = c->broken ? -EPIPE : ask(c, request, -1, MESSAGE_GO_SEEN);
	if (!err)
		memcpy(ret, &c->question.go_seen, c->question.head.size);
	return err;
}

int client_goroutine(struct client *c, __u64 number, struct message_goroutine_seen *ret)
{
	struct message_goroutine request = {
		.head = { MESSAGE_GOROUTINE, sizeof(request) },
		.number = number,
	};
	int err = c->broken ? -EPIPE : ask(c, &request, -1, MESSAGE_GOROUTINE_SEEN);

	if (!err)
		memcpy(ret, &c->question.goroutine_seen, c->question.head.size);
	return err;
}
