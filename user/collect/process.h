/* SPDX-License-Identifier: GPL-2.0-only */
/* process.h - what only /proc and a process's own memory can tell.
 *
 * Every reading runs under a guard and is bounded: the text and bytes that come back
 * are hostile. A process that has gone is no error; one that cannot be read is listed
 * in w->blind. All return 0 or -errno for failures of nowake itself. */
#pragma once

#include "analyze/world.h"
#include "collect/guard.h"

/* Executable, unit, caught signals and runtime of the processes that own these
 * threads, into w->processes. */
int process_lookup(struct guard *g, struct world *w, const __u32 *tids, size_t n);

/* Whether the process of a thread is a Go program: 1 or 0, or -errno where that cannot be seen, now
 * at least. */
int process_is_go(struct guard *g, const struct wire_thread *t);

/* Kernel stacks of the threads that have stood for threshold_ns in a wait that no
 * system call explains, into w->kernel_waits. */
int process_kernel_waits(struct guard *g, struct world *w, __u64 threshold_ns);
/* The same for threads that are about to be a finding: a call can also sleep in a page
 * fault, or for a supervisor, and then its arguments do not say what it waits for. */
int process_kernel_check(struct guard *g, struct world *w, const __u32 *tids, size_t n);
/* The path of a process's executable and its unit or container, NULL where there is none;
 * both to be freed. 0 or -ENOMEM. */
int process_identify(__u32 tgid, char **ret_exe, char **ret_unit);
