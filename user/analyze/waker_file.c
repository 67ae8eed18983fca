// SPDX-License-Identifier: GPL-2.0-only
/* waker_file.c - which processes hold the other end of a pipe, socket or file lock?
 *
 * An open file can also be held where no descriptor table shows it: in flight in a
 * socket's queue, registered with io_uring, kept by the kernel. So a set of holders
 * is complete only if the file's reference count is explained by the descriptors and
 * blocked calls that were seen; otherwise the wait is "unknown". */
#include "analyze/waker_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

static bool is_inet(const struct wire_file *f)
{
	return f->family == AF_INET || f->family == AF_INET6;
}

static struct wire_tuple far_end(const struct wire_file *f)
{
	struct wire_tuple far = { .netns = f->netns, .sport = f->dport, .dport = f->sport };

	memcpy(far.saddr, f->daddr, sizeof(far.saddr));
	memcpy(far.daddr, f->saddr, sizeof(far.daddr));
	return far;
}

static int want_object(struct wanted *ret, __u64 object)
{
	return object && array_push(&ret->objects, object) ? -ENOMEM : 0;
}

/* Locks on an inode: *ret_n of them. */
static const struct wire_lock *locks_on(const struct world *w, __u64 inode, size_t *ret_n)
{
	size_t low = 0, high = w->locks.n, end;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (w->locks.v[mid].inode < inode)
			low = mid + 1;
		else
			high = mid;
	}
	for (end = low; end < w->locks.n && w->locks.v[end].inode == inode;)
		end++;
	*ret_n = end - low;
	return w->locks.v + low;
}

static int want_locks(const struct world *w, __u64 inode, struct wanted *ret)
{
	size_t n;
	const struct wire_lock *v = locks_on(w, inode, &n);
	int err = 0;

	for (size_t i = 0; !err && i < n; i++)
		if (v[i].type != WIRE_POSIX)
			err = want_object(ret, v[i].file);
	return err;
}

int waker_file_want(const struct world *w, const struct wait *wait, struct wanted *ret)
{
	const struct wire_file *f = wait->file;
	int err;

	switch (wait->kind) {
	case WAIT_PIPE:
	case WAIT_FIFO:
		return want_object(ret, f->inode);
	case WAIT_EVENTFD:
		return want_object(ret, f->file);
	case WAIT_FILE_LOCK:
		return want_locks(w, f->inode, ret);
	case WAIT_SOCKET:
		err = want_object(ret, f->file); /* who has it, too, may shut it down */
		if (!err && is_inet(f))
			return array_push(&ret->tuples, far_end(f)) ? -ENOMEM : 0;
		return err ? err : want_object(ret, f->peer);
	default:
		return 0;
	}
}

/* ---- holders ---- */

/* Which descriptors lead to the object? */
enum match { MATCH_INODE, MATCH_FILE, MATCH_SK, MATCH_TUPLE };

struct search {
	const struct index *ix;
	enum match by;
	__u64 object;
	struct wire_tuple tuple;
	int mode; /* O_RDONLY, O_WRONLY: only files that can read, or write; -1: all */
	enum edge_why why;
	__u32 files; /* distinct open files that were found */
	__u32 tcp;   /* enum wire_tcp of all of them */
};

static bool matches(const struct search *s, const struct wire_fd *fd)
{
	int mode = fd->flags & O_ACCMODE;

	if (s->mode >= 0 && mode != s->mode && mode != O_RDWR)
		return false;
	switch (s->by) {
	case MATCH_INODE:
		return fd->inode == s->object;
	case MATCH_FILE:
		return fd->file == s->object;
	case MATCH_SK:
		return fd->sk == s->object;
	case MATCH_TUPLE:
		return fd->sk && !memcmp(&fd->tuple, &s->tuple, sizeof(s->tuple));
	}
	return false;
}

/* References to an open file by calls under way: the kernel takes one when the table
 * is shared by several threads. */
static __u64 references_of_calls(const struct index *ix, __u64 file)
{
	__u64 refs = 0;

	for (size_t i = 0; i < ix->w->files.n; i++) {
		const struct wire_file *f = &ix->w->files.v[i];
		const struct wire_thread *t;
		size_t n;

		if (f->file != file || f->queued)
			continue;
		t = world_thread(ix->w, f->head.tid);
		if (!t || (t->bits & WIRE_RUNNABLE))
			continue;
		index_range(ix, INDEX_FILES, t->files, &n);
		refs += n > 1;
	}
	return refs;
}

static const char *const hidden = "another end may be in flight or held by the kernel";

/* The descriptors of one open file are fds[0..n-1]. */
static int add_holders(struct search *s, const struct wire_fd *fds, size_t n, struct wakers *ret)
{
	int err = 0;

	s->files++;
	s->tcp |= fds->tcp;
	if (!fds->refs || fds->refs > n + references_of_calls(s->ix, fds->file))
		ret->unknown = hidden;
	for (size_t i = 0; !err && i < n; i++)
		err = waker_add(ret, INDEX_FILES, fds[i].files, s->why, true);
	return err;
}

static int find_holders(struct search *s, struct wakers *ret)
{
	const struct world *w = s->ix->w;
	int err = 0;

	if (!w->fds_complete) {
		ret->unknown = "the descriptors of the host could not be looked through";
		return 0;
	}
	for (size_t i = 0, end; !err && i < w->fds.n; i = end) {
		for (end = i + 1; end < w->fds.n && w->fds.v[end].file == w->fds.v[i].file;)
			end++;
		if (matches(s, &w->fds.v[i]))
			err = add_holders(s, &w->fds.v[i], end - i, ret);
	}
	return err;
}

static int find_pipe(struct search *s, const struct wait *wait, struct wakers *ret)
{
	__u32 ends = wait->direction == WAIT_READS ? wait->file->pipe_writers
						   : wait->file->pipe_readers;
	int err;

	s->by = MATCH_INODE;
	s->object = wait->file->inode;
	s->mode = wait->direction == WAIT_READS ? O_WRONLY : O_RDONLY;
	s->why = EDGE_PIPE_END;
	err = find_holders(s, ret);
	if (!err && !ret->unknown && s->files != ends)
		ret->unknown = hidden;
	return err;
}

/* What was lost between two ends of a connection the kernel sends again, and nobody has to do
 * anything for that: to a reader what its peer has sent. A writer goes on when what it has sent
 * is acknowledged, or its peer has room; the rest of a full buffer is on no way. */
static const char *on_the_way(const struct search *s, const struct wait *wait)
{
	if (s->tcp & WIRE_TCP_HOOKED)
		return "a BPF program may move what the other end of its socket gets";
	if ((s->tcp & WIRE_TCP_TIMEOUT) && (s->tcp & WIRE_TCP_PENDING))
		return "the other end of its connection has a timeout";
	if (wait->direction == WAIT_READS)
		return s->tcp & WIRE_TCP_PENDING ? "data for its socket may be on the way" : NULL;
	if ((wait->file->tcp & WIRE_TCP_SENT) || (s->tcp & WIRE_TCP_ROOM))
		return "what its socket sends may be on the way";
	return NULL;
}

static int find_socket(struct search *s, const struct wait *wait, struct wakers *ret)
{
	const struct wire_file *f = wait->file;
	int err;

	s->why = EDGE_SOCKET_PEER;
	if (is_inet(f)) {
		s->by = MATCH_TUPLE;
		s->tuple = far_end(f);
	} else {
		s->by = MATCH_SK;
		s->object = f->peer;
	}
	/* A datagram socket with a name takes messages from anybody. */
	if (!is_inet(f) && f->type == SOCK_DGRAM && f->bound) {
		ret->unknown = "any process may send to the socket";
		return 0;
	}
	err = find_holders(s, ret);
	if (!err && !ret->unknown && !s->files)
		ret->unknown = "nobody was found who holds the other end of the socket";
	if (!err && !ret->unknown)
		ret->unknown = on_the_way(s, wait);
	return err;
}

static bool conflicts(const struct wire_thread *t, const struct wire_file *f, bool flock,
		      const struct wire_lock *l)
{
	if (flock)
		return l->type == WIRE_FLOCK && l->file != f->file;
	if (l->type == WIRE_POSIX)
		return l->owner != t->files;
	return l->type == WIRE_OFD && l->file != f->file;
}

static bool list_is_cut(const struct wire_lock *v, size_t n, bool flock)
{
	size_t same = 0;

	for (size_t i = 0; i < n; i++)
		same += (v[i].type == WIRE_FLOCK) == flock;
	return same >= WIRE_LOCKS_MAX;
}

static int find_lock_holders(struct search *s, const struct wire_thread *t, const struct wait *wait,
			     struct wakers *ret)
{
	bool flock = wait->syscall && !strcmp(wait->syscall, "flock");
	size_t n;
	const struct wire_lock *v = locks_on(s->ix->w, wait->file->inode, &n);
	int err = 0;

	if (list_is_cut(v, n, flock)) {
		ret->unknown = "there are too many locks on the file";
		return 0;
	}
	s->why = EDGE_FILE_LOCK;
	s->by = MATCH_FILE;
	s->mode = -1;
	for (size_t i = 0; !err && i < n; i++) {
		if (!conflicts(t, wait->file, flock, &v[i]))
			continue;
		s->object = v[i].file;
		s->files = 0;
		if (v[i].type == WIRE_POSIX)
			err = waker_add(ret, INDEX_FILES, v[i].owner, s->why, true);
		else
			err = find_holders(s, ret);
		if (!err && v[i].type != WIRE_POSIX && !s->files)
			ret->unknown = "nobody was found who holds the lock";
	}
	if (!ret->v.n)
		ret->unknown = "the holders of the lock could not be found";
	return err;
}

int waker_file_find(const struct index *ix, const struct wire_thread *t, const struct wait *wait,
		    struct wakers *ret)
{
	struct search s = { .ix = ix, .mode = -1 };

	if (!wait->file)
		return 0;
	switch (wait->kind) {
	case WAIT_PIPE:
	case WAIT_FIFO:
		return find_pipe(&s, wait, ret);
	case WAIT_SOCKET:
		return find_socket(&s, wait, ret);
	case WAIT_EVENTFD:
		s.by = MATCH_FILE;
		s.object = wait->file->file;
		s.why = EDGE_EVENTFD;
		return find_holders(&s, ret);
	case WAIT_FILE_LOCK:
		return find_lock_holders(&s, t, wait, ret);
	default:
		return 0;
	}
}
