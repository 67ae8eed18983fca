/* SPDX-License-Identifier: GPL-2.0-only */
/* index.h - the threads of a world, found by what they share.
 *
 * Sorted arrays of thread numbers, made once per judgement. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "analyze/world.h"

enum index_key { INDEX_MM, INDEX_FILES, INDEX_TGID, INDEX_PPID, INDEX_KEYS };

/* An address space with threads that no C library made, but clone(2) called by hand: the kernel
 * clears nothing at their end. What is taken there for a thread's own id may be its maker's. */
struct index_raw {
	__u64 mm;
	bool moved; /* one of them may be in another pid namespace than its maker */
};

struct index {
	const struct world *w;
	__u32 *by[INDEX_KEYS]; /* numbers of threads, sorted by that key, then by ns_tid */
	__u32 *by_tls;	       /* sorted by (mm, tls) */
	__u32 *by_ns; /* sorted by (ns_inum, ns_tid); NULL: nobody maps what others wait on */
	struct index_raw *raw; /* nraw, sorted by mm */
	size_t nraw;
};

/* 0 or -ENOMEM. */
int index_new(const struct world *w, struct index **ret);
void index_free(struct index *ix);

/* All threads with that value of the key: *ret_n numbers of threads. */
const __u32 *index_range(const struct index *ix, enum index_key key, __u64 value, size_t *ret_n);
/* The address space of a process, also when its first thread has ended; 0 if not seen. */
__u64 index_mm(const struct index *ix, __u32 tgid);
/* The thread that has this id in its own pid namespace, in an address space. */
const struct wire_thread *index_ns_tid(const struct index *ix, __u64 mm, __u32 ns_tid);
/* Whether a thread of a pid namespace has this id, where somebody maps what others wait on. */
bool index_ns_has(const struct index *ix, __u32 ns_inum, __u32 ns_tid);
/* The thread with this thread pointer in an address space. */
const struct wire_thread *index_tls(const struct index *ix, __u64 mm, __u64 tls);
/* Whether more than one thread of an address space has this thread pointer. */
bool index_tls_twins(const struct index *ix, __u64 mm, __u64 tls);
/* NULL: no such thread is there. */
const struct index_raw *index_raw(const struct index *ix, __u64 mm);
