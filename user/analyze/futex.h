/* SPDX-License-Identifier: GPL-2.0-only */
/* futex.h - what the memory around a futex word says: which lock it is, who owns it.
 *
 * Pure. Layouts are those of glibc (sysdeps/nptl/bits/struct_mutex.h,
 * struct_rwlock.h, thread-shared-types.h, internaltypes.h, libio's lock) on 64-bit and
 * 32-bit machines. Memory is hostile and may be something else entirely: a reading
 * counts only if every field has a value that the lock could have. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>

#include "analyze/index.h"
#include "analyze/wait.h"
#include "analyze/world.h"

enum futex_owner {
	FUTEX_OWNER_NONE,   /* this kind of lock records none, or it is not known what it is */
	FUTEX_OWNER_TID,    /* owner is a thread id in the pid namespace of the locker */
	FUTEX_OWNER_TLS,    /* owner is a thread pointer (stdio's locks) */
	FUTEX_OWNER_THREAD, /* owner is a thread id of the host (join) */
};

struct futex_view {
	enum wait_kind kind;
	enum futex_owner recorded;
	__u64 owner;
	bool known_word; /* word was read */
	__u32 word;
	bool enforced;	  /* of locks with an owner: nobody else can unlock it */
	bool bare;	  /* owner was read from the word alone: it may be no lock at all */
	bool lost;	  /* the word says that a wake is owed */
	bool private_;	  /* only threads of this address space can reach the word */
	bool shared;	  /* others that map the page can; if neither: not known */
	const char *lock; /* static: "mutex", "stdio lock", "condition variable", … */
};

void futex_view(const struct index *ix, const struct wire_thread *t, const struct wait_futex *f,
		struct futex_view *ret);
