/* SPDX-License-Identifier: GPL-2.0-only */
/* world.h - what one look at the host saw: the only input of all judging.
 *
 * Filled by collect/ (or read back from a snapshot), never changed by analyze/.
 * Values are as the kernel and the processes gave them: hostile until checked. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "analyze/goroutine.h"
#include "analyze/memory.h"
#include "analyze/past.h"
#include "analyze/stack.h"
#include "base/array.h"
#include "wire.h"

enum process_bits {
	PROCESS_GO = 1 << 0,	     /* its threads are the Ms of a Go runtime */
	PROCESS_UNREADABLE = 1 << 1, /* its memory could not be read */
	PROCESS_KNOWN = 1 << 2,	     /* the fields below were looked up */
};

/* What is only looked up for a process that may become a finding. */
struct process {
	__u32 tgid;
	__u32 bits;	/* enum process_bits */
	__u64 handlers; /* signals that it catches: bit n-1 is signal n */
	__u32 sockets;	/* that it has open, of its first 20,000 descriptors */
	char *exe;	/* path, or NULL */
	char *unit;	/* systemd unit or container id, or NULL */
};

/* A process that maps the page of a shared futex that somebody waits on. */
struct mapper {
	__u64 key_id; /* as in wire_thread */
	__u64 key_word;
	__u32 tgid;
	__u32 open; /* the file has a name or is passed on: others can map it later */
};

/* Text that the kernel has for a wait that no system call explains. */
struct kernel_wait {
	__u32 tid;
	char function[64]; /* innermost function of interest, "" if none is known */
	char where[64];	   /* page faults: the file that is mapped there, or "[userfaultfd]" */
	char stack[1024];  /* the kernel's functions, innermost first, each ended by a newline */
	__u32 hidden;	   /* it cannot be read: what the call waits for may be anything */
};

struct world {
	char host[65];
	char kernel[65];
	__u64 real_time;    /* CLOCK_REALTIME, ns */
	__u64 mono_time;    /* CLOCK_MONOTONIC, ns */
	__u64 boot_time;    /* CLOCK_BOOTTIME, ns: the clock of wire_thread.started */
	__u64 now;	    /* the scheduler's clock: that of arrived and accounted */
	__u64 scan_ns;	    /* how long the task iterator took */
	__u64 thread_limit; /* threads that the host can have; 0: not known */
	__u32 machine;	    /* EM_X86_64 or EM_AARCH64 */
	__u32 self;	    /* nowake's own process id: never judged */
	ARRAY(struct wire_thread) threads;	/* sorted by tid */
	ARRAY(struct wire_file) files;		/* sorted by (tid, arg) */
	ARRAY(struct wire_lock) locks;		/* sorted by inode, no doubles */
	ARRAY(struct wire_fd) fds;		/* sorted by (file, files, fd), no doubles */
	ARRAY(struct process) processes;	/* sorted by tgid */
	ARRAY(struct mapper) mappers;		/* sorted by (key_id, key_word, tgid) */
	ARRAY(struct kernel_wait) kernel_waits; /* sorted by tid */
	ARRAY(struct go_process) go_processes;	/* sorted by tgid */
	ARRAY(struct go_wait) go_waits;		/* sorted by (tgid, id) */
	ARRAY(struct go_site) go_sites;		/* sorted by (tgid, made_at) */
	struct memory memory;
	struct past past;      /* what a daemon remembers */
	struct stacks stacks;  /* of the threads that may be findings, or were asked for */
	__u32 restarts;	       /* of the symbolizer, during this pass */
	ARRAY(char *) blind;   /* what could not be seen, one sentence each */
	__u64 unsaid;	       /* sentences that found no room there */
	bool fds_complete;     /* every descriptor table was walked for the wanted files */
	bool mappers_complete; /* every process's map was searched for the wanted pages */
};

struct world *world_new(void);
void world_free(struct world *w);

/* Puts every array into its order and drops doubles; the look-ups below need that after
 * each change. How many doubles there were. */
size_t world_sort(struct world *w);

const struct wire_thread *world_thread(const struct world *w, __u32 tid);
const struct process *world_process(const struct world *w, __u32 tgid);
/* Whether its threads are the Ms of a Go runtime, as far as is known. */
bool world_is_go(const struct world *w, __u32 tgid);
const struct kernel_wait *world_kernel_wait(const struct world *w, __u32 tid);
const struct go_process *world_go_process(const struct world *w, __u32 tgid);
const struct go_wait *world_go_wait(const struct world *w, __u32 tgid, __u64 id);
/* The orders of go_waits and go_sites, as qsort() and bsearch() want them. */
int world_by_goroutine(const void *a, const void *b);
int world_by_site(const void *a, const void *b);
const struct go_site *world_go_site(const struct world *w, __u32 tgid, __u64 made_at);
/* The file that argument arg of the thread's blocked call names, or NULL. */
const struct wire_file *world_file(const struct world *w, __u32 tid, __u32 arg);

/* The descriptors that lead to an open file, as far as they were wanted: *ret_n of them. */
const struct wire_fd *world_fds(const struct world *w, __u64 file, size_t *ret_n);

/* A wait that it has come back to, unwoken; NULL: there is none. */
const struct stitch *world_stitch(const struct world *w, const struct wire_thread *t);

/* For how long it has not run, ns, but to come back to the same wait. Never more than the truth by
 * more than the time slice it last used; 0 for a thread that is running. */
__u64 world_age(const struct world *w, const struct wire_thread *t);
/* How long ago that was, ns, of the clock of boot_time; 0 of what is not past: a look takes a
 * while, and a snapshot may say anything. */
__u64 world_ago(const struct world *w, __u64 then);
#define WORLD_BLIND_MAX 256 /* more sentences would not be read: one more counts them */
/* Printf-like; a sentence that is there already is not added again. 0 or -ENOMEM. */
int world_blind(struct world *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
