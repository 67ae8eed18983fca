// SPDX-License-Identifier: GPL-2.0-only
/* phrase.c - threads, waits and edges in the words that text, dot and explain share. */
#include "report/phrase.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/duration.h"
#include "base/escape.h"
#include "report/frames.h"

/* How a wait and the one who could end it are joined: "mutex 0x…, held by …". */
static const char *const relations[] = {
	[EDGE_OWNER] = "held by",
	[EDGE_JOIN] = "until the end of",
	[EDGE_PIPE_END] = "other end held by",
	[EDGE_SOCKET_PEER] = "other end held by",
	[EDGE_EVENTFD] = "open in",
	[EDGE_CHILD] = "until the end of",
	[EDGE_VFORK] = "until the exec of",
	[EDGE_FILE_LOCK] = "locked by",
	[EDGE_SHARES] = "shared with",
};
_Static_assert(sizeof(relations) / sizeof(relations[0]) == EDGE_WHY_COUNT, "a word is missing");

void phrase_count(FILE *out, size_t n, const char *noun)
{
	fprintf(out, "%zu %s%s", n, noun, n == 1 ? "" : "s");
}

char *phrase_comm(char *ret, const struct world *w, __u32 tgid, const struct wire_thread *other,
		  bool utf8)
{
	const struct wire_thread *t = world_thread(w, tgid);

	if (!t)
		t = other;
	if (!t)
		return strcpy(ret, "?");
	return escape_name(ret, ESCAPE_COMM, t->comm, sizeof(t->comm), utf8);
}

void phrase_thread(FILE *out, const struct world *w, __u32 tid, __u32 home, bool utf8)
{
	const struct wire_thread *t = world_thread(w, tid);
	char comm[ESCAPE_COMM];

	if (!t) {
		fprintf(out, "a thread that is gone [%u]", tid);
		return;
	}
	fprintf(out, "%s [%u]", escape_name(comm, sizeof(comm), t->comm, sizeof(t->comm), utf8),
		tid);
	if (home && t->tgid != home && t->tgid != tid)
		fprintf(out, " of %s [%u]", phrase_comm(comm, w, t->tgid, NULL, utf8), t->tgid);
}

void phrase_process(FILE *out, const struct world *w, __u32 tgid, bool utf8)
{
	char comm[ESCAPE_COMM];

	fprintf(out, "process %s [%u]", phrase_comm(comm, w, tgid, NULL, utf8), tgid);
}

static void file_name(FILE *out, const struct wire_file *f, bool utf8)
{
	char name[4 * WIRE_COMM + 1];

	if (f->name[0])
		fprintf(out, " \"%s\"",
			escape_name(name, sizeof(name), f->name, sizeof(f->name), utf8));
	else
		fprintf(out, " [%llu]", f->ino);
}

static void endpoint(FILE *out, const struct wire_file *f, const __u8 *addr, __u16 port)
{
	char text[INET6_ADDRSTRLEN];

	if (!inet_ntop(f->sk_v6 ? AF_INET6 : AF_INET, addr, text, sizeof(text)))
		return;
	fprintf(out, f->sk_v6 ? "[%s]:%u" : "%s:%u", text, port);
}

static void socket_name(FILE *out, const struct wire_file *f)
{
	if (f->family != AF_INET && f->family != AF_INET6) {
		fprintf(out, " [%llu]", f->ino);
		return;
	}
	fputc(' ', out);
	endpoint(out, f, f->saddr, f->sport);
	if (!f->dport)
		return;
	fputs(" to ", out);
	endpoint(out, f, f->daddr, f->dport);
}

static void child_name(FILE *out, const struct wait *wait)
{
	if (wait->child > 0)
		fprintf(out, " %d", wait->child);
	else if (wait->child == -1)
		fputs(", any", out);
}

void phrase_wait(FILE *out, const struct wait *wait, const char *primitive, bool utf8)
{
	fputs(primitive ? primitive : wait_kind_name(wait->kind), out);
	switch (wait->kind) {
	case WAIT_MUTEX:
	case WAIT_RWLOCK:
	case WAIT_CONDITION:
	case WAIT_SEMAPHORE:
	case WAIT_BARRIER:
	case WAIT_FUTEX:
		fprintf(out, " 0x%llx", wait->object);
		if (wait->nfutexes > 1)
			fprintf(out, " and %u more", wait->nfutexes - 1);
		break;
	case WAIT_PIPE:
	case WAIT_EVENTFD:
		if (wait->file)
			fprintf(out, " [%llu]", wait->file->ino);
		break;
	case WAIT_FIFO:
	case WAIT_FILE_LOCK:
	case WAIT_TTY:
	case WAIT_IO:
		if (wait->file)
			file_name(out, wait->file, utf8);
		break;
	case WAIT_SOCKET:
		if (wait->file)
			socket_name(out, wait->file);
		break;
	case WAIT_CHILD:
		child_name(out, wait);
		break;
	default:
		break;
	}
}

void phrase_target(FILE *out, const struct world *w, const struct waits_for *e, __u32 home,
		   bool utf8)
{
	if (e->tid)
		phrase_thread(out, w, e->tid, home, utf8);
	else
		phrase_process(out, w, e->pid, utf8);
}

static const char *relation(enum edge_why why)
{
	return why < EDGE_WHY_COUNT ? relations[why] : "waits for";
}

/* The holder, by its number alone where its name would only repeat the waiter's. */
static void holder(FILE *out, const struct world *w, const struct judged *j,
		   const struct waits_for *e, __u32 home, bool utf8)
{
	const struct wire_thread *t = e->tid ? world_thread(w, e->tid) : NULL;

	if (t && t == j->thread)
		fputs("itself", out);
	else if (t && t->tgid == j->thread->tgid &&
		 !strncmp(t->comm, j->thread->comm, sizeof(t->comm)))
		fprintf(out, "[%u]", e->tid);
	else if (!e->tid && e->pid == j->thread->tgid)
		fputs("its own process", out);
	else
		phrase_target(out, w, e, home, utf8);
}

void phrase_edges(FILE *out, const struct world *w, const struct judged *j, __u32 home, size_t most,
		  bool utf8)
{
	size_t n = j->waits_for.n;

	for (size_t i = 0; i < n && i < most; i++) {
		const struct waits_for *e = &j->waits_for.v[i];

		fputs(", ", out);
		if (!i || e->why != e[-1].why)
			fprintf(out, "%s ", relation(e->why));
		holder(out, w, j, e, home, utf8);
	}
	if (n > most)
		fprintf(out, " and %zu more", n - most);
}

void phrase_goroutine(FILE *out, const struct go_wait *g)
{
	fprintf(out, "goroutine %llu", g->id);
}

void phrase_go_wait(FILE *out, const struct go_wait *g, bool utf8)
{
	char reason[4 * sizeof(g->reason) + 1];

	escape_name(reason, sizeof(reason), g->reason, strnlen(g->reason, sizeof(g->reason)), utf8);
	fputs(*reason ? reason : "a wait that is not known", out);
	if (!g->object)
		return;
	fprintf(out, " on %s%s0x%llx", g->bits & GO_CLOSED ? "the closed " : "",
		g->bits & GO_CHANNEL ? "channel " : "", g->object);
	if (g->nobjects > 1)
		fprintf(out, " and %llu more", g->nobjects - 1);
	if (g->bits & GO_HELD)
		fprintf(out, ", to be unlocked by goroutine %llu", g->holder);
}

bool phrase_go_made(FILE *out, const struct judged_goroutine *one, bool utf8)
{
	if (one->created)
		frames_call(out, one->created, utf8);
	if (one->wait->parent)
		fprintf(out, "%sby goroutine %llu", one->created ? " " : "", one->wait->parent);
	return one->created || one->wait->parent;
}

void phrase_since(FILE *out, const struct world *w, __u64 age_ns)
{
	time_t look, then;
	struct tm a, b;
	char text[32];

	if (age_ns >= w->real_time)
		return;
	look = (time_t)(w->real_time / DURATION_SECOND);
	then = (time_t)((w->real_time - age_ns) / DURATION_SECOND);
	if (!localtime_r(&look, &a) || !localtime_r(&then, &b))
		return;
	if (strftime(text, sizeof(text),
		     a.tm_yday == b.tm_yday && a.tm_year == b.tm_year ? "%H:%M:%S"
								      : "%Y-%m-%d %H:%M:%S",
		     &b))
		fputs(text, out);
}
