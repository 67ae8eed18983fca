// SPDX-License-Identifier: GPL-2.0-only
/* child.c - the symbolizer's own process: reads ELF and DWARF for nowake, in a sandbox.
 *
 * The same binary, executed again with its socket as descriptor 3 (client.c does that). It
 * is meant to be lost: whatever a hostile file does to it, nowake starts another one. */
#include "symbolize/child.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "symbolize/golook.h"
#include "symbolize/golook_seen.h"
#include "symbolize/sandbox.h"
#include "symbolize/symbol.h"
#include "symbolize/unwind.h"

/* ---- asking back ---- */

static size_t ask_memory(void *arg, __u64 address, void *ret, size_t len)
{
	static union message answer;
	struct message_read ask = {
		.head = { MESSAGE_READ, sizeof(ask) },
		.address = address,
		.len = len < MESSAGE_BYTES_MAX ? len : MESSAGE_BYTES_MAX,
	};
	int fd;

	(void)arg;
	if (message_send(SANDBOX_SOCKET, &ask, -1) ||
	    message_receive(SANDBOX_SOCKET, MESSAGE_BIT(BYTES), -1, &answer, &fd))
		_exit(1);
	if (fd >= 0)
		close(fd);
	len = answer.bytes.len < ask.len ? answer.bytes.len : ask.len;
	memcpy(ret, answer.bytes.bytes, len);
	return len;
}

/* A question that is being put together, and where its answer goes. */
struct gathering {
	struct message_gather ask;
	struct target_piece *from[MESSAGE_PIECES_MAX];
	unsigned char *to[MESSAGE_PIECES_MAX];
	size_t len;
};

static void gather_now(struct gathering *g)
{
	static union message answer;
	const unsigned char *bytes = answer.gathered.bytes;
	int fd;

	if (!g->ask.n)
		return;
	g->ask.head.kind = MESSAGE_GATHER;
	g->ask.head.size =
		offsetof(struct message_gather, piece) + g->ask.n * sizeof(g->ask.piece[0]);
	if (message_send(SANDBOX_SOCKET, &g->ask, -1) ||
	    message_receive(SANDBOX_SOCKET, MESSAGE_BIT(GATHERED), -1, &answer, &fd))
		_exit(1);
	if (fd >= 0)
		close(fd);
	if (answer.gathered.n != g->ask.n || answer.gathered.len != g->len)
		_exit(1);
	for (__u32 i = 0; i < g->ask.n; i++) {
		if (answer.gathered.there[i])
			memcpy(g->to[i], bytes, g->ask.piece[i].len);
		else
			g->from[i]->there = false;
		bytes += g->ask.piece[i].len;
	}
	g->ask.n = 0;
	g->len = 0;
}

/* Long pieces are asked for in parts. */
static void ask_gather(void *arg, struct target_piece *pieces, size_t n)
{
	static struct gathering g;

	(void)arg;
	for (size_t i = 0; i < n; i++) {
		pieces[i].there = true;
		for (size_t done = 0, part; done < pieces[i].len; done += part) {
			if (g.ask.n == MESSAGE_PIECES_MAX || g.len == MESSAGE_GATHER_MAX)
				gather_now(&g);
			part = pieces[i].len - done;
			if (part > MESSAGE_GATHER_MAX - g.len)
				part = MESSAGE_GATHER_MAX - g.len;
			g.from[g.ask.n] = &pieces[i];
			g.to[g.ask.n] = (unsigned char *)pieces[i].to + done;
			g.ask.piece[g.ask.n++] = (struct message_piece){
				.address = pieces[i].address + done,
				.len = part,
			};
			g.len += part;
		}
	}
	gather_now(&g);
}

static int ask_file(void *arg, const struct message_open *what)
{
	static union message answer;
	struct message_open ask = *what;
	int fd;

	(void)arg;
	ask.head = (struct message_head){ MESSAGE_OPEN, sizeof(ask) };
	if (message_send(SANDBOX_SOCKET, &ask, -1) ||
	    message_receive(SANDBOX_SOCKET, MESSAGE_BIT(FILE), -1, &answer, &fd))
		_exit(1);
	if (!answer.file.status)
		return fd < 0 ? -EBADF : fd;
	if (fd >= 0)
		close(fd);
	return answer.file.status < 0 ? answer.file.status : -EIO;
}

/* ---- answering ---- */

static void answer_space(struct child *c, const struct message_space *request, int fd,
			 struct message_done *ret)
{
	space_free(&c->space);
	image_release_all(&c->images);
	ret->head = (struct message_head){ MESSAGE_DONE, sizeof(*ret) };
	ret->status = fd < 0 ? -EBADF : space_read(&c->space, fd, request->machine);
	ret->mappings = c->space.mappings.n;
}

static void answer_unwind(struct child *c, const struct message_unwind *request,
			  struct message_trace *ret)
{
	memset(ret, 0, offsetof(struct message_trace, step));
	unwind_run(&c->space, &c->images, &c->peer, request, ret);
	ret->head.kind = MESSAGE_TRACE;
	ret->head.size = offsetof(struct message_trace, step) + ret->n * sizeof(ret->step[0]);
}

static void answer_name(struct child *c, const struct message_name *request,
			struct message_frames *ret)
{
	symbol_find(&c->space, &c->images, request->address, request->exact, ret);
	ret->head.kind = MESSAGE_FRAMES;
	ret->head.size = offsetof(struct message_frames, frame) + ret->n * sizeof(ret->frame[0]);
	ret->pad = 0;
}

static void answer_go(struct child *c, const struct message_go *request,
		      struct message_go_seen *ret)
{
	golook_read(&c->space, &c->images, request, ret);
	ret->head.kind = MESSAGE_GO_SEEN;
	ret->head.size =
		offsetof(struct message_go_seen, site) + ret->nsites * sizeof(ret->site[0]);
}

static void answer_goroutine(struct child *c, const struct message_goroutine *request,
			     struct message_goroutine_seen *ret)
{
	golook_seen_row(&c->space, request->number, ret);
	ret->head.kind = MESSAGE_GOROUTINE_SEEN;
	ret->head.size = offsetof(struct message_goroutine_seen, trace.step) +
			 ret->trace.n * sizeof(ret->trace.step[0]);
}

void child_answer(struct child *c, const union message *request, int fd, union message *reply)
{
	c->images.peer = &c->peer;
	switch (request->head.kind) {
	case MESSAGE_SPACE:
		answer_space(c, &request->space, fd, &reply->done);
		break;
	case MESSAGE_UNWIND:
		answer_unwind(c, &request->unwind, &reply->trace);
		break;
	case MESSAGE_GO:
		answer_go(c, &request->go, &reply->go_seen);
		break;
	case MESSAGE_GOROUTINE:
		answer_goroutine(c, &request->goroutine, &reply->goroutine_seen);
		break;
	default:
		answer_name(c, &request->name, &reply->frames);
	}
	if (fd >= 0)
		close(fd);
}

void child_clear(struct child *c)
{
	space_free(&c->space);
	image_free_all(&c->images);
}

int child_main(void)
{
	static union message request, reply;
	static struct child c = { .peer = { NULL, ask_memory, ask_gather, ask_file } };
	int err, fd;

	if (sandbox_enter())
		return CHILD_UNSAFE;
	elf_version(EV_CURRENT);
	for (;;) {
		err = message_receive(SANDBOX_SOCKET,
				      MESSAGE_BIT(SPACE) | MESSAGE_BIT(UNWIND) | MESSAGE_BIT(NAME) |
					      MESSAGE_BIT(GO) | MESSAGE_BIT(GOROUTINE),
				      -1, &request, &fd);
		if (err)
			_exit(err == -EPIPE ? 0 : 1);
		child_answer(&c, &request, fd, &reply);
		if (message_send(SANDBOX_SOCKET, &reply, -1))
			_exit(1);
	}
}
