// SPDX-License-Identifier: GPL-2.0-only
/* waker.c - who could end a wait on a lock, a child or a thread?
 *
 * Fed by verdict.c. Soundness: wherever a waker may exist that was not seen, the
 * answer is "unknown", which the graph takes as live. Files are in waker_file.c. */
#include "analyze/waker.h"

#include <errno.h>
#include <linux/futex.h>

#include "analyze/waker_file.h"

int waker_add(struct wakers *ret, enum index_key group, __u64 value, enum edge_why why, bool strong)
{
	struct waker k = { .group = group, .value = value, .why = why, .strong = strong };

	for (size_t i = 0; i < ret->v.n; i++)
		if (ret->v.v[i].group == group && ret->v.v[i].value == value)
			return 0;
	return array_push(&ret->v, k) ? -ENOMEM : 0;
}

void waker_free(struct wakers *wakers)
{
	array_free(&wakers->v);
}

void waker_wanted_free(struct wanted *wanted)
{
	array_free(&wanted->objects);
	array_free(&wanted->tuples);
	array_free(&wanted->words);
}

int waker_want(const struct world *w, const struct wire_thread *t, const struct wait *wait,
	       struct wanted *ret)
{
	if (wait->source != SOURCE_NONE)
		return 0;
	if (wait->nfutexes) {
		if ((t->bits & WIRE_FUTEX_KEY) && (t->key_offset & 1))
			return array_push(&ret->words, t->head.tid) ? -ENOMEM : 0;
		return 0;
	}
	return wait->file ? waker_file_want(w, wait, ret) : 0;
}

/* ---- futexes ---- */

/* First of the mappers of a shared word; *ret_n of them. */
static const struct mapper *mappers_of(const struct world *w, const struct wire_thread *t,
				       size_t *ret_n)
{
	const struct mapper *first = NULL;

	*ret_n = 0;
	for (size_t i = 0; i < w->mappers.n; i++) {
		const struct mapper *m = &w->mappers.v[i];

		if (m->key_id != t->key_id || m->key_word != t->key_word)
			continue;
		first = first ? first : m;
		++*ret_n;
	}
	return first;
}

/* Everybody who can reach the word. */
static int add_sharers(const struct index *ix, const struct wire_thread *t,
		       const struct futex_view *view, struct wakers *ret)
{
	const struct mapper *m;
	size_t n;
	int err = waker_add(ret, INDEX_MM, t->mm, EDGE_SHARES, false);

	if (view->private_ || err)
		return err;
	if (!view->shared) {
		ret->unknown = "whether other processes share the futex is not known";
		return 0;
	}
	if (!ix->w->mappers_complete) {
		ret->unknown = "not all processes that may map the shared futex were seen";
		return 0;
	}
	m = mappers_of(ix->w, t, &n);
	for (size_t i = 0; !err && i < n; i++) {
		err = waker_add(ret, INDEX_MM, index_mm(ix, m[i].tgid), EDGE_SHARES, false);
		if (m[i].open)
			ret->unknown = "any process may open the file that the futex lies in";
	}
	if (!n)
		ret->unknown = "the processes that map the shared futex could not be found";
	return err;
}

#define IDS_UNKNOWN "a thread was made by clone(2) itself, and may go by the id of another"

/* Who has this id among those who can reach the word. NULL: nobody has, or *ret_unknown says why
 * it may not be who is meant. */
static const struct wire_thread *find_tid(const struct index *ix, const struct wire_thread *t,
					  const struct futex_view *view, const char **ret_unknown)
{
	const struct wire_thread *owner = index_ns_tid(ix, t->mm, view->owner);
	const struct index_raw *raw = index_raw(ix, t->mm);
	const struct mapper *m;
	size_t n = 0;

	if (raw && (!owner || !view->private_ || raw->moved))
		*ret_unknown = IDS_UNKNOWN;
	m = view->private_ ? NULL : mappers_of(ix->w, t, &n);
	for (size_t i = 0; i < n; i++) {
		const struct wire_thread *lead = world_thread(ix->w, m[i].tgid);
		const __u64 mm = index_mm(ix, m[i].tgid);

		if (!lead || lead->ns_inum != t->ns_inum)
			*ret_unknown = "the owner may be of another pid namespace";
		else if (index_raw(ix, mm))
			*ret_unknown = IDS_UNKNOWN;
		owner = owner ? owner : index_ns_tid(ix, mm, view->owner);
	}
	return *ret_unknown ? NULL : owner;
}

/* The recorded owner; NULL when it is not alive, or *ret_unknown says why it is not known. */
static const struct wire_thread *find_owner(const struct index *ix, const struct wire_thread *t,
					    const struct futex_view *view, const char **ret_unknown)
{
	const struct wire_thread *owner = view->recorded == FUTEX_OWNER_TLS
						  ? index_tls(ix, t->mm, view->owner)
						  : find_tid(ix, t, view, ret_unknown);

	/* Made by clone(2) with the memory of its maker, one goes by its thread pointer, and id. */
	if (owner && index_tls_twins(ix, owner->mm, owner->tls)) {
		*ret_unknown = "its owner has its thread pointer in common with another thread";
		return NULL;
	}
	return owner;
}

/* Whether a thread of the parent process has (or, still running on, could have had)
 * the owner's id: then the lock was held there when this process was forked. */
static bool lost_in_fork(const struct index *ix, const struct wire_thread *t, __u32 owner)
{
	__u64 parent = index_mm(ix, t->ppid);

	return parent && parent != t->mm && (index_ns_tid(ix, parent, owner) || owner == t->ppid);
}

/* Whether somebody with the owner's id could map the page again. */
static bool may_come_back(const struct index *ix, const struct wire_thread *t,
			  const struct futex_view *view)
{
	const struct mapper *m;
	bool open = false;
	size_t n = 0;

	m = view->private_ ? NULL : mappers_of(ix->w, t, &n);
	for (size_t i = 0; i < n; i++)
		open |= m[i].open;
	return open && index_ns_has(ix, t->ns_inum, view->owner);
}

static int find_recorded(const struct index *ix, const struct wire_thread *t, struct wakers *ret)
{
	const struct futex_view *view = &ret->futex;
	const struct wire_thread *owner;

	if (view->recorded == FUTEX_OWNER_THREAD)
		return waker_add(ret, INDEX_KEYS, view->owner, EDGE_JOIN, true);
	owner = find_owner(ix, t, view, &ret->unknown);
	if (owner && !(owner->bits & WIRE_ZOMBIE))
		return waker_add(ret, INDEX_KEYS, owner->head.tid, EDGE_OWNER, true);
	if (ret->unknown)
		return 0;
	if (view->bare) /* perhaps no lock at all */
		return add_sharers(ix, t, view, ret);
	if (!view->private_ && !(view->shared && ix->w->mappers_complete)) {
		ret->unknown = "not all processes that may own the shared lock were seen";
		return 0;
	}
	if (may_come_back(ix, t, view)) {
		ret->unknown = "its owner may have the page mapped only now and then";
		return 0;
	}
	ret->gone = "its recorded owner is gone";
	ret->gone_tid = view->owner;
	ret->forked = lost_in_fork(ix, t, view->owner);
	return 0;
}

static int find_futex(const struct index *ix, const struct wire_thread *t, const struct wait *wait,
		      struct wakers *ret)
{
	bool inherits = wait->futex.op == FUTEX_LOCK_PI || wait->futex.op == FUTEX_LOCK_PI2;

	futex_view(ix, t, &wait->futex, &ret->futex);
	if (wait->nfutexes > 1) {
		/* Each of the words can wake it; all are in memory that somebody shares. */
		ret->futex.kind = WAIT_FUTEX;
		ret->futex.recorded = FUTEX_OWNER_NONE;
		ret->futex.lost = false;
		ret->futex.private_ = wait->futex.private_;
		if (!wait->futex.private_) {
			ret->unknown = "whether other processes share the futexes is not known";
			return 0;
		}
	}
	if (ret->futex.lost) {
		ret->lost = true;
		return 0;
	}
	if (ret->futex.recorded != FUTEX_OWNER_NONE)
		return find_recorded(ix, t, ret);
	if (inherits) {
		ret->unknown = "the owner of the priority-inheritance mutex could not be read";
		return 0;
	}
	return add_sharers(ix, t, &ret->futex, ret);
}

/* ---- children ---- */

static bool may_adopt(const struct wire_thread *t)
{
	return (t->bits & WIRE_SUBREAPER) || t->ns_tgid == 1 || t->tgid == 1;
}

/* Whether a child is one that the call waits for. */
static bool waits_for_child(const struct wire_thread *t, const struct wait *wait,
			    const struct wire_thread *child)
{
	if (wait->child_pidfd)
		return child->tgid == wait->object;
	if (wait->child > 0 && child->ns_inum == t->ns_inum)
		return child->ns_tgid == (__u32)wait->child;
	return true;
}

static int find_child(const struct index *ix, const struct wire_thread *t, const struct wait *wait,
		      struct wakers *ret)
{
	bool any = wait->child <= 0 && !wait->child_pidfd;
	size_t n;
	const __u32 *v = index_range(ix, INDEX_PPID, t->tgid, &n);
	int err = 0;

	if (any && may_adopt(t)) {
		ret->unknown = "orphans may be given to it at any time";
		return 0;
	}
	for (size_t i = 0; !err && i < n; i++) {
		const struct wire_thread *child = &ix->w->threads.v[v[i]];

		if (child->tgid != t->tgid && waits_for_child(t, wait, child))
			err = waker_add(ret, INDEX_TGID, child->tgid, EDGE_CHILD, true);
	}
	for (size_t i = 0; !err && i < ix->w->threads.n; i++)
		if (ix->w->threads.v[i].tracer == t->tgid)
			err = waker_add(ret, INDEX_KEYS, ix->w->threads.v[i].head.tid, EDGE_CHILD,
					true);
	if (!err && !ret->v.n)
		ret->unknown = "the child that it waits for was not found";
	if (!err && any) /* its other threads may start children */
		err = waker_add(ret, INDEX_MM, t->mm, EDGE_SHARES, false);
	return err;
}

static int find_vfork(const struct index *ix, const struct wire_thread *t, struct wakers *ret)
{
	size_t n;
	const __u32 *v = index_range(ix, INDEX_PPID, t->tgid, &n);
	int err = 0;

	for (size_t i = 0; !err && i < n; i++) {
		const struct wire_thread *child = &ix->w->threads.v[v[i]];

		if (child->tgid != t->tgid && (child->bits & WIRE_VFORK))
			err = waker_add(ret, INDEX_TGID, child->tgid, EDGE_VFORK, true);
	}
	if (!err && !ret->v.n)
		ret->unknown = "the vfork child was not found";
	return err;
}

/* Whether a group has no living member here: its threads are in another pid namespace,
 * were born after the scan, or belong to another machine. */
static bool has_unseen(const struct index *ix, const struct wakers *wakers)
{
	for (size_t i = 0; i < wakers->v.n; i++) {
		const struct waker *waker = &wakers->v.v[i];
		bool seen = waker->group == INDEX_KEYS;
		size_t n = 0;
		const __u32 *v = seen ? NULL : index_range(ix, waker->group, waker->value, &n);

		for (size_t k = 0; waker->value && !seen && k < n; k++)
			seen = !(ix->w->threads.v[v[k]].bits & WIRE_ZOMBIE);
		if (!seen)
			return true;
	}
	return false;
}

int waker_find(const struct index *ix, const struct wire_thread *t, const struct wait *wait,
	       struct wakers *ret)
{
	int err;

	*ret = (struct wakers){ .unknown = NULL };
	if (wait->nfutexes)
		err = find_futex(ix, t, wait, ret);
	else if (wait->kind == WAIT_CHILD)
		err = find_child(ix, t, wait, ret);
	else if (wait->kind == WAIT_VFORK)
		err = find_vfork(ix, t, ret);
	else
		err = waker_file_find(ix, t, wait, ret);
	if (!err && !ret->unknown && has_unseen(ix, ret))
		ret->unknown = "one who could end the wait was not seen";
	if (!err && !ret->v.n && !ret->unknown && !ret->gone && !ret->lost)
		ret->unknown = "nobody is known who could end this kind of wait";
	if (err)
		waker_free(ret);
	return err;
}
