// SPDX-License-Identifier: GPL-2.0-only
/* futex.c - what the memory around a futex word says.
 *
 * Read by waker.c. Soundness: a guess of the kind only changes words; an owner is only
 * recorded when the whole structure is plausible, and a wake is only "owed" when the
 * value slept on and the value now belong to a known protocol. */
#include "analyze/futex.h"

#include <linux/futex.h>
#include <stdint.h>

#define PID_MAX 4194304u /* PID_MAX_LIMIT of a 64-bit kernel */
#define USERS_MAX 1000000u
#define RESERVED_PIDS 300u /* kernel/pid.c: ids that start anew do not start below */

/* nptl/pthreadP.h: bits of pthread_mutex_t.__data.__kind */
#define MUTEX_RECURSIVE 1u
#define MUTEX_ERRORCHECK 2u
#define MUTEX_ADAPTIVE 3u
#define MUTEX_TYPE 3u
#define MUTEX_ROBUST 16u
#define MUTEX_SHARED 128u
#define MUTEX_ELISION 256u
#define MUTEX_KIND_MASK 0x3ffu	       /* up to the lock elision flags */
#define MUTEX_INCONSISTENT 0x7fffffffu /* as __owner */
/* Those that sleep on value 2: neither robust, nor with a protocol for priorities. */
#define MUTEX_PLAIN_MASK (MUTEX_TYPE | MUTEX_SHARED | MUTEX_ELISION | 2 * MUTEX_ELISION)
/* nptl/pthread_rwlock_common.c */
#define RWLOCK_WRLOCKED 2u
#define RWLOCK_FUTEX_USED 2u

struct reader {
	const struct index *ix;
	const struct wire_thread *t;
	__u64 addr;
	bool wide; /* a 64-bit process */
};

static bool word_at(const struct reader *r, __s64 offset, __u32 *ret)
{
	return memory_copy(&r->ix->w->memory, r->t->mm, r->addr + offset, ret, sizeof(*ret));
}

static bool words_at(const struct reader *r, __s64 offset, __u32 *ret, size_t n)
{
	return memory_copy(&r->ix->w->memory, r->t->mm, r->addr + offset, ret, n * sizeof(*ret));
}

static bool plausible_tid(__u32 tid)
{
	return tid > 0 && tid <= PID_MAX;
}

/* Threads of this address space, and of that which it may be a copy of. */
static size_t users_max(const struct reader *r)
{
	const __u64 parent = index_mm(r->ix, r->t->ppid);
	size_t own, parents = 0;

	index_range(r->ix, INDEX_MM, r->t->mm, &own);
	if (parent && parent != r->t->mm)
		index_range(r->ix, INDEX_MM, parent, &parents);
	return own + parents;
}

/* The least id that a thread of this process can have had, or of that which it may be a copy of.
 * The first process of a pid namespace bounds nothing: any small number would be an id of it. */
static __u32 first_tid(const struct reader *r)
{
	const struct wire_thread *parent = world_thread(r->ix->w, r->t->ppid);

	if (parent && parent->ns_inum == r->t->ns_inum && parent->ns_tgid > 1 &&
	    parent->ns_tgid < r->t->ns_tgid)
		return parent->ns_tgid;
	return r->t->ns_tgid;
}

/* Whether a thread of this process, or of that which it may be a copy of, can ever have had the
 * id: ids rise from that of the first thread, and start anew above the reserved ones. */
static bool possible_tid(const struct reader *r, __u32 tid)
{
	const __u64 parent = index_mm(r->ix, r->t->ppid);

	return plausible_tid(tid) &&
	       (tid >= RESERVED_PIDS || tid >= first_tid(r) || index_ns_tid(r->ix, r->t->mm, tid) ||
		(parent && index_ns_tid(r->ix, parent, tid)));
}

/* What one who sleeps on it by f can be, as far as its numbers say. */
static bool fits_mutex(const struct reader *r, const struct wait_futex *f, __u32 owner, __u32 users,
		       __u32 kind)
{
	if (kind & ~MUTEX_PLAIN_MASK || !(kind & MUTEX_SHARED) != f->private_)
		return false;
	if (!f->private_)
		return plausible_tid(owner) && users && users <= USERS_MAX;
	/* Its owner, and those who left it to wait for a condition. */
	return possible_tid(r, owner) && users && users <= users_max(r);
}

/* A pthread_mutex_t of which addr is __lock: lock, count, owner, then nusers, kind, spins
 * (64 bit) or kind, nusers (32 bit). */
static bool view_mutex(const struct reader *r, const struct wait_futex *f, struct futex_view *ret)
{
	__u32 m[5], list[4], kind, spins;

	if (!words_at(r, 0, m, 5))
		return false;
	kind = r->wide ? m[4] : m[3];
	if (!fits_mutex(r, f, m[2], r->wide ? m[3] : m[4], kind))
		return false;
	if (((kind & MUTEX_TYPE) == MUTEX_RECURSIVE) != (m[1] > 0))
		return false;
	/* Only robust mutexes are on a list, only adaptive ones and those with lock elision count
	 * spins; no other has anything there. */
	if (r->wide && (!words_at(r, 24, list, 4) || list[0] | list[1] | list[2] | list[3]))
		return false;
	if (r->wide && (kind & MUTEX_TYPE) != MUTEX_ADAPTIVE && !(kind & MUTEX_ELISION) &&
	    (!word_at(r, 20, &spins) || spins))
		return false;
	ret->kind = WAIT_MUTEX;
	ret->lock = "mutex";
	ret->recorded = FUTEX_OWNER_TID;
	ret->owner = m[2];
	ret->enforced = (kind & MUTEX_TYPE) == MUTEX_RECURSIVE ||
			(kind & MUTEX_TYPE) == MUTEX_ERRORCHECK;
	return true;
}

/* libio's lock: lock, count, then the owner's thread pointer. */
static bool view_stdio(const struct reader *r, struct futex_view *ret)
{
	__u32 count;
	__u64 owner;

	if (!r->wide || !word_at(r, 4, &count) || !count || count > USERS_MAX ||
	    !memory_copy(&r->ix->w->memory, r->t->mm, r->addr + 8, &owner, sizeof(owner)) || !owner)
		return false;
	if (!index_tls(r->ix, r->t->mm, owner))
		return false;
	ret->kind = WAIT_MUTEX;
	ret->lock = "stdio lock";
	ret->recorded = FUTEX_OWNER_TLS;
	ret->owner = owner;
	return true;
}

/* A lock word of the 0, 1, 2 protocol (Drepper, "Futexes Are Tricky"): 2 is held with
 * waiters, 0 is free. glibc, musl's callers, Rust and many others use it. */
static void view_contended(const struct reader *r, const struct wait_futex *f,
			   struct futex_view *ret)
{
	ret->kind = WAIT_MUTEX;
	ret->lock = "lock";
	if (ret->known_word && !ret->word) {
		ret->lost = true;
		return;
	}
	/* The C library sleeps on its own with FUTEX_WAIT. */
	if (f->op != FUTEX_WAIT || !ret->known_word || view_mutex(r, f, ret))
		return;
	view_stdio(r, ret);
}

/* glibc's kind, behind the word, says that the mutex is robust; its owner is in it twice, but for
 * one that has taken it from the dead. All sleep on it as shared, for so the kernel wakes. */
static bool is_robust(const struct reader *r, const struct wait_futex *f, __u32 word)
{
	__u32 m[5], kind;

	if (f->private_ || !words_at(r, 0, m, 5))
		return false;
	kind = r->wide ? m[4] : m[3];
	return kind & MUTEX_ROBUST && !(kind & ~MUTEX_KIND_MASK) &&
	       (m[2] == (word & FUTEX_TID_MASK) || m[2] == MUTEX_INCONSISTENT);
}

/* Whether a word holds a link of musl's list of the mutexes that a thread owns. */
static bool is_link(const struct reader *r, __s64 offset)
{
	__u32 half[2] = { 0, 0 };
	__u64 link;

	if (!words_at(r, offset, half, r->wide ? 2 : 1))
		return false;
	link = (__u64)half[1] << 32 | half[0];
	return link && !(link % (r->wide ? 8 : 4)) && !(link >> 56);
}

/* musl's pthread_mutex_t of which r->addr is _m_lock, when it is not normal: _m_type, _m_lock,
 * _m_waiters, on 64 bits two words of nothing and _m_count, _m_prev, _m_next (on 32 bits the count
 * comes last). Normal ones keep EBUSY (16) in the word, and musl's internal locks a count: no
 * owner. */
static bool is_musl(const struct reader *r, const struct wait_futex *f)
{
	__u32 m[5];

	if (!words_at(r, -4, m, 5) || !(m[0] & 3) || m[0] & ~(3 | MUTEX_SHARED) ||
	    !(m[0] & MUTEX_SHARED) != f->private_ || !m[2] || m[2] > USERS_MAX)
		return false;
	if (r->wide && m[3] | m[4])
		return false;
	return is_link(r, r->wide ? 20 : 8) && is_link(r, r->wide ? 28 : 12);
}

/* Robust and priority-inheritance mutexes, and some of musl's, hold the owner's id in the
 * word itself. */
static void view_owner_word(const struct reader *r, const struct wait_futex *f, bool inherits,
			    struct futex_view *ret)
{
	__u32 tid = ret->word & FUTEX_TID_MASK;
	bool robust = !inherits && ret->known_word && is_robust(r, f, ret->word);

	if (!inherits && !robust && !(ret->known_word && is_musl(r, f)))
		return;
	ret->kind = WAIT_MUTEX;
	ret->lock = inherits ? "priority-inheritance mutex" : "mutex";
	if (!ret->word && robust) {
		ret->lost = true;
		return;
	}
	if (!ret->known_word || ret->word & FUTEX_OWNER_DIED || !plausible_tid(tid))
		return;
	ret->recorded = FUTEX_OWNER_TID;
	ret->owner = tid;
	ret->enforced = inherits || robust;
	ret->bare = !inherits && !robust;
}

/* A condition variable's waiters sleep on one of two group words. The layout changed
 * in glibc 2.41 (the group reference counts went). */
static bool view_condition(const struct reader *r, struct futex_view *ret)
{
	static const struct {
		__s64 base, wrefs;
	} layout[] = { { -40, 36 }, { -44, 36 }, { -32, 28 }, { -36, 28 } };

	for (size_t i = 0; i < sizeof(layout) / sizeof(*layout); i++) {
		__u32 seq[4], wrefs, sizes[2];

		if (!words_at(r, layout[i].base, seq, 4) ||
		    !words_at(r, layout[i].base + layout[i].wrefs - 12, sizes, 2) ||
		    !word_at(r, layout[i].base + layout[i].wrefs, &wrefs))
			continue;
		/* At least one waiter holds a reference; and its position, which is below wseq, is
		 * not below g1_start: the waiters before that were all let go. */
		if (!(wrefs >> 3) || wrefs >> 3 > USERS_MAX || seq[0] >> 1 <= seq[2] >> 1 ||
		    seq[1] != seq[3])
			continue;
		if (sizes[0] > USERS_MAX || sizes[1] > USERS_MAX ||
		    (seq[0] >> 1) - (seq[2] >> 1) > USERS_MAX)
			continue;
		ret->kind = WAIT_CONDITION;
		ret->lock = "condition variable";
		return true;
	}
	return false;
}

/* sem_t: value, number of waiters, private flag (64 bit; nptl/sem_waitcommon.c). Like all
 * of glibc's untimed waits with a bit set it carries FUTEX_CLOCK_REALTIME, which tells it
 * from the counters of others (Rust's condition variables). */
static bool view_semaphore(const struct reader *r, const struct wait_futex *f,
			   struct futex_view *ret)
{
	__u32 s[3];

	if (!r->wide || !f->clock_realtime || f->val || !words_at(r, 0, s, 3))
		return false;
	if (!s[1] || s[1] > USERS_MAX || s[2] != (f->private_ ? 0 : FUTEX_PRIVATE_FLAG))
		return false;
	ret->kind = WAIT_SEMAPHORE;
	ret->lock = "semaphore";
	ret->lost = s[0] > 0 && s[0] < USERS_MAX;
	return true;
}

/* pthread_rwlock_t: readers, writers, wrphase_futex, writers_futex, …, cur_writer at
 * 24, shared at 28. Waiters sleep on one of the two futex words. */
static bool view_rwlock(const struct reader *r, const struct wait_futex *f, struct futex_view *ret)
{
	static const __s64 bases[] = { -12, -8 };

	if (!r->wide || !f->clock_realtime ||
	    (f->val != (RWLOCK_FUTEX_USED | 1) && f->val != RWLOCK_FUTEX_USED))
		return false;
	for (size_t i = 0; i < sizeof(bases) / sizeof(*bases); i++) {
		__u32 l[8];

		if (!words_at(r, bases[i], l, 8))
			continue;
		if (l[2] > 3 || l[3] > 3 || l[4] || l[5] || l[6] > PID_MAX || (l[7] & 0xff) > 1 ||
		    !((l[0] & RWLOCK_WRLOCKED) || l[1] || l[0] >> 3))
			continue;
		/* its own word must be in use */
		if (!((bases[i] == -12 ? l[3] : l[2]) & RWLOCK_FUTEX_USED))
			continue;
		ret->kind = WAIT_RWLOCK;
		ret->lock = "read-write lock";
		if (l[0] & RWLOCK_WRLOCKED && plausible_tid(l[6])) {
			ret->recorded = FUTEX_OWNER_TID;
			ret->owner = l[6];
		}
		return true;
	}
	return false;
}

/* Either may look like the other, by what lies around it: then it may be none of both. */
static bool view_condition_or_semaphore(const struct reader *r, const struct wait_futex *f,
					struct futex_view *ret)
{
	const struct futex_view none = *ret;
	const bool condition = view_condition(r, ret);

	if (!view_semaphore(r, f, ret))
		return condition;
	if (condition)
		*ret = none;
	return true;
}

/* pthread_barrier_t: in, current_round (slept on), count, shared, out: how many came; how many of
 * them their rounds are over for; how many of those left (nptl/pthread_barrier_wait.c). */
static bool view_barrier(const struct reader *r, const struct wait_futex *f, struct futex_view *ret)
{
	__u32 b[5];

	if (!words_at(r, -4, b, 5) || b[2] < 2 || b[2] > USERS_MAX || !b[0] || b[0] - b[1] > b[2] ||
	    b[0] - b[1] == 0 || b[1] % b[2] || b[4] > b[1] ||
	    b[3] != (f->private_ ? 0 : FUTEX_PRIVATE_FLAG))
		return false;
	ret->kind = WAIT_BARRIER;
	ret->lock = "barrier";
	return true;
}

/* pthread_join(3) sleeps on the word that the kernel zeroes and wakes when the thread
 * ends; its value is the thread's id (and may be gone already, with the thread). */
static const struct wire_thread *joined(const struct index *ix, const struct wire_thread *t,
					const struct wait_futex *f)
{
	const struct wire_thread *other = index_ns_tid(ix, t->mm, f->val);

	return other && other != t && other->cleartid == f->addr ? other : NULL;
}

static void view_sharing(const struct wire_thread *t, const struct wait_futex *f,
			 struct futex_view *ret)
{
	if (t->bits & WIRE_FUTEX_KEY) {
		ret->shared = t->key_offset & 1;
		ret->private_ = !ret->shared;
	} else {
		ret->private_ = f->private_;
	}
}

void futex_view(const struct index *ix, const struct wire_thread *t, const struct wait_futex *f,
		struct futex_view *ret)
{
	struct reader r = {
		.ix = ix,
		.t = t,
		.addr = f->addr,
		.wide = !(t->bits & WIRE_COMPAT),
	};
	bool inherits = f->op == FUTEX_LOCK_PI || f->op == FUTEX_LOCK_PI2;
	const struct wire_thread *join = joined(ix, t, f);

	*ret = (struct futex_view){ .kind = WAIT_FUTEX, .lock = "futex" };
	view_sharing(t, f, ret);
	ret->known_word = word_at(&r, 0, &ret->word);
	if (join) {
		ret->kind = WAIT_JOIN;
		ret->lock = "thread";
		ret->recorded = FUTEX_OWNER_THREAD;
		ret->owner = join->head.tid;
		ret->private_ = true;
		ret->shared = false;
	} else if (f->op == FUTEX_WAIT_REQUEUE_PI) {
		ret->kind = WAIT_CONDITION;
		ret->lock = "condition variable";
	} else if (inherits || (f->val & FUTEX_WAITERS && f->val != UINT32_MAX)) {
		view_owner_word(&r, f, inherits, ret);
	} else if (f->op == FUTEX_WAIT && f->val == 2) {
		view_contended(&r, f, ret);
	} else if (f->op == FUTEX_WAIT) {
		view_barrier(&r, f, ret);
	} else if (!view_rwlock(&r, f, ret) && !view_condition_or_semaphore(&r, f, ret) &&
		   f->val == 2) {
		view_contended(&r, f, ret);
	}
	/* Without the kernel's own key it may sleep on another word by now. */
	if (!(t->bits & WIRE_FUTEX_KEY))
		ret->lost = false;
}
