/* SPDX-License-Identifier: GPL-2.0-only */
/* layout.h - where things lie in the memory of a Go program, per version of its runtime.
 *
 * Offsets are in bytes from the start of the Go type, sizes in bytes; -1: this version has no such
 * member. Pointers have 8 bytes, everything is little-endian. A Go slice is pointer, length,
 * capacity; a string is pointer, length. Names are Go's own, in C's spelling; files named here are
 * in Go's src/runtime. The numbers come from real binaries: see tests/go/layouts/members.txt.
 *
 * The key is the minor version: between the patch levels 1.26.10 and 1.26.11, and 1.27.3 and
 * 1.27.4, no type or constant named here differs; the others were read at 1.19.8, 1.21.13, 1.22.12,
 * 1.23.5, 1.24.4 and 1.25.12. A program built with a GOEXPERIMENT says so in runtime.buildVersion,
 * behind "X:" (cmd/link/internal/ld/main.go), and may have other layouts: 1.22 with noallocheaders
 * has a bitmap before heap_arena.spans. Prereleases and "devel" may have any.
 *
 * Both architectures have frame pointers in every version here (runtime2.go, framepointer_enabled):
 * a parked goroutine's is at sched_bp. A running thread's g is in thread-local storage: without cgo
 * at %fs:-8 on amd64 (cmd/link/internal/ld/sym.go); on arm64 in R28, and in memory only with cgo
 * (tls_arm64.s). */
#pragma once

#include <linux/types.h>

/* Bytes of Go's types, at the most: their readers have room for that. */
#define LAYOUT_STRING 16
#define LAYOUT_G_MAX 512
#define LAYOUT_OBJECT_MAX 128 /* sudog, hchan, timer */
#define LAYOUT_ROOT_MAX 128   /* a semaRoot, padded */
#define LAYOUT_NOTIFY_LIST_MAX 112
#define LAYOUT_SPAN_MAX 256
#define LAYOUT_SPECIAL_MAX 64 /* with what follows it */
#define LAYOUT_BLOCK_HEAD 48  /* of a block of finalizers or cleanups, what is read of it */
#define LAYOUT_TYPE_MAX 64
#define LAYOUT_MODULEDATA_MAX 1024
#define LAYOUT_HEAP_MAX (16 << 20)  /* mheap, heapArena */
#define LAYOUT_OTHER_MAX (64 << 10) /* of which one member at a time is read */

enum golang_arch { GOLANG_AMD64, GOLANG_ARM64 };

/* A goroutine. Those that ever were: runtime.allgs, a slice of pointers, and allglen, allgptr
 * (proc.go). Dead ones stay there, to be used again. */
struct golang_g {
	__s32 size;
	__s32 stack_lo;
	__s32 stack_hi;
	__s32 stackguard0;
	__s32 panic;
	__s32 defer;
	__s32 m; /* 0 while it is parked */
	__s32 sched_sp;
	__s32 sched_pc;
	__s32 sched_g;
	__s32 sched_lr;
	__s32 sched_bp;
	__s32 sched_ctxt; /* the closure that it is about to run, perhaps on its stack */
	__s32 syscallsp;  /* these three hold while status is syscall: sched_ may be stale then */
	__s32 syscallpc;
	__s32 syscallbp;
	__s32 stktopsp;
	__s32 param;
	__s32 atomicstatus; /* 4 bytes: one of struct golang_status, perhaps with scan */
	__s32 goid;	    /* 8 bytes */
	__s32 schedlink;
	/* 8 bytes, CLOCK_MONOTONIC: when the first garbage collection began that found it parked
	 * (mgcmark.go, markroot); 0 if none did since it last ran. It may have parked while that
	 * one was marking, so up to that long after this time, or long before it. */
	__s32 waitsince;
	__s32 waitreason; /* 1 byte, see layout_wait_reason() */
	__s32 preempt;
	__s32 preempt_stop;
	__s32 async_safe_point; /* it was stopped by a signal: see asyncPreempt in preempt.go */
	__s32 parking_on_chan;
	__s32 active_stack_chans;
	__s32 coroexit;
	__s32 lockedm;
	__s32 parent_goid;
	__s32 gopc;
	__s32 ancestors;
	__s32 startpc;
	/* The sudogs it waits with, linked by waitlink: for channels in all versions, for
	 * semaphores and sync.Cond since 1.26 (sema.go). */
	__s32 waiting;
	__s32 labels;
	__s32 timer; /* made by its first time.Sleep, and kept */
	__s32 sleep_when;
	__s32 select_done;
	__s32 coroarg;
	/* 1 byte: one more each time that casgstatus takes it out of running (proc.go), so not when
	 * it is preempted for the collector or switches to a coroutine; nor, since 1.26, for a
	 * system call. It begins anywhere. */
	__s32 tracking_seq;
	__s32 xregs_state; /* its vector registers, when a signal interrupted it; else 0 */
};

struct golang_xregs {
	__s32 size;
};

/* A deferred call: g.defer is a list of them, on its stack or in the heap. */
struct golang_deferred {
	__s32 size;
	__s32 sp; /* of the function that deferred it, as struct unwind_frame's */
	__s32 fn;
	__s32 link;
};

/* A thread. All of them: runtime.allm, linked by alllink. */
struct golang_m {
	__s32 size;
	__s32 g0;
	__s32 procid; /* 8 bytes: the thread's id */
	__s32 gsignal;
	__s32 tls;
	__s32 curg;
	__s32 p;
	__s32 id;
	__s32 incgo;
	__s32 isextra;
	__s32 ncgo;
	__s32 alllink;
	__s32 lockedg;
	__s32 waitlock;
	__s32 libcallg;
	__s32 vdso_sp;
	__s32 vdso_pc;
};

/* What a thread needs to run goroutines. All of them: runtime.allp, a slice of pointers. */
struct golang_p {
	__s32 size;
	__s32 id;
	__s32 status;
	__s32 m;
	/* a slice: of struct timerWhen where there is one, else of pointers to timer */
	__s32 timers;
	__s32 gcw_ptr_buf; /* points to the collector's own words, as many as fill a page */
};

/* A goroutine in a list of waiters. elem and c: since 1.26 two words each, of which the collector
 * clears the first while it looks for leaks (runtime2.go,
 * maybeTraceablePtr); this is the second. */
struct golang_sudog {
	__s32 size;
	__s32 g;
	__s32 next; /* in a semaphore's tree: the right child */
	__s32 prev; /* the left one */
	__s32 elem; /* of a semaphore: its address; of a Cond: its notifyList, since 1.26 */
	__s32 acquiretime;
	__s32 ticket;
	__s32 is_select;
	__s32 success;
	__s32 waiters;
	__s32 parent;
	/* in g.waiting: the next case of the select; in a semaphore: the next waiter */
	__s32 waitlink;
	__s32 waittail;
	__s32 c; /* the channel; 0 for all else */
};

struct golang_hchan {
	__s32 size;
	__s32 qcount;
	__s32 dataqsiz;
	__s32 buf;
	__s32 elemsize; /* 2 bytes */
	__s32 closed;	/* 4 bytes */
	__s32 timer;	/* of a time.Timer's or Ticker's channel: who will send; else 0 */
	__s32 elemtype;
	__s32 sendx;
	__s32 recvx;
	__s32 recvq_first;
	__s32 recvq_last;
	__s32 sendq_first;
	__s32 sendq_last;
};

/* Waiters for semaphores whose address, divided by 8, leaves the same rest by semtable.count: a
 * binary tree of one sudog per address, each with a list (waitlink) of further waiters. */
struct golang_sema {
	__s32 size;
	__s32 treap;
	__s32 nwait;
};

struct golang_semtable {
	__s32 size;
	__s32 stride; /* with padding to a line of the cache, 128 bytes on arm64 */
	__s32 count;
};

/* In sync.Cond. wait == notify: nobody waits. */
struct golang_notify_list {
	__s32 size;
	__s32 wait;
	__s32 notify;
	__s32 head;
	__s32 tail;
};

struct golang_mutex {
	__s32 size;
	__s32 state; /* 4 bytes; bit 0: it is locked */
	__s32 sema;
};

/* It begins with a Mutex, for writers among themselves. */
struct golang_rwmutex {
	__s32 size;
	__s32 writer_sem;
	__s32 reader_sem;
	__s32 reader_count; /* 4 bytes; less than 0: a writer has it, or waits for it, */
	__s32 reader_wait;  /* 4 bytes: for so many readers that have it; 0: it has it */
};

/* runtime.mheap_. arenas is one pointer to an array of 1 << heap.arena_l2_bits pointers to
 * heapArena, indexed by (address - arena_base_offset) / heap.arena_bytes, in 64 bits. */
struct golang_mheap {
	__s32 size;
	__s32 allspans; /* a slice of pointers to mspan */
	__s32 arenas;
	__s32 arena_hints;
	/* a slice of the indices in use (8 bytes each); user arenas apart in 1.27 */
	__s32 arena_indices;
};

/* spans is an array of heap.arena_pages pointers to mspan, indexed by page in the arena. */
struct golang_heap_arena {
	__s32 size;
	__s32 bitmap;
	__s32 spans;
	__s32 page_in_use;
	__s32 zeroed_base;
};

/* nelems objects of elemsize bytes each, from start on and below limit; valid when state (1 byte)
 * is heap.span_in_use. spanclass (1 byte) is odd when the objects hold no pointers (noscan).
 * Object i is in use when i < freeindex, or when bit i of *alloc_bits is set (mbitmap.go). */
struct golang_mspan {
	__s32 size;
	__s32 start;
	__s32 npages;
	__s32 nelems;
	__s32 nelems_size; /* 8, or 2 */
	__s32 freeindex;
	__s32 freeindex_size;	  /* 8, or 2 */
	__s32 freeindex_for_scan; /* as wide as freeindex */
	__s32 alloc_bits;
	__s32 gcmark_bits;
	__s32 sweepgen;
	__s32 div_mul;
	__s32 alloc_count;
	__s32 spanclass;
	__s32 state;
	__s32 elemsize;
	__s32 limit;
	__s32 specials;
	__s32 is_user_arena;
	__s32 large_type;
};

/* What an object of a span has besides: what follows depends on kind (1 byte). */
struct golang_special {
	__s32 size;
	__s32 next;
	__s32 offset;
	__s32 offset_size; /* 2, or 8 */
	__s32 kind;
};

/* Roots: fn, and what the object itself points to (mgcmark.go, markrootSpans). */
struct golang_special_finalizer {
	__s32 size;
	__s32 fn;
	__s32 fint;
	__s32 ot;
};

/* Roots: fn, and arg. */
struct golang_special_cleanup {
	__s32 size;
	__s32 fn;
	__s32 arg;
};

/* Cleanups that wait to be run, all of them roots: from runtime.gcCleanups.all on, by alllink. */
struct golang_cleanup_block {
	__s32 size;
	__s32 alllink;
	__s32 count; /* 4 bytes */
	__s32 cleanups;
	__s32 cleanup_size;
};

/* Finalizers that wait to be run, all of them roots: from runtime.allfin on, by alllink. */
struct golang_finblock {
	__s32 size;
	__s32 alllink;
	__s32 next;
	__s32 count; /* 4 bytes */
	__s32 fin;
};

struct golang_finalizer {
	__s32 size;
	__s32 fn;
	__s32 arg;
};

struct golang_timer {
	__s32 size;
	__s32 pp;
	__s32 status;
	__s32 ts;
	__s32 state;
	__s32 is_chan; /* it is in no heap while nobody waits on its channel (time.go) */
	__s32 blocked;
	__s32 when; /* 8 bytes, CLOCK_MONOTONIC */
	__s32 period;
	__s32 f;
	__s32 arg; /* an interface: its second word is the goroutine that sleeps, or the channel */
	__s32 seq;
	__s32 mu;	  /* 8 bytes; not 0 while it changes */
	__s32 send_lock;  /* 8 bytes; not 0 while a value is sent */
	__s32 is_sending; /* 4 bytes; not 0 from when it fires until that */
};

struct golang_timer_when {
	__s32 size;
	__s32 timer;
	__s32 when;
};

/* Of iter.Pull: who is parked in it waits for gp, which is itself parked. */
struct golang_coro {
	__s32 size;
	__s32 gp;
	__s32 f;
};

struct golang_type {
	__s32 size;
	__s32 bytes;
	__s32 ptr_bytes; /* how much of it, from its start, may hold pointers */
	__s32 tflag;	 /* 1 byte */
	__s32 kind;	 /* 1 byte; more than the kind up to 1.23 */
	__s32 gcdata;	 /* pointer to a bit for each word */
};

/* Of runtime.firstmoduledata, and of plugins (next). From data to edata and from bss to ebss are
 * roots, of which gcdatamask and gcbssmask (number of words, pointer to bits) tell the pointers;
 * noptrdata and noptrbss hold none into the heap. Note that allgs, allp, semtable and sched are in
 * bss: by them every goroutine and every waiter for a semaphore can be reached. */
struct golang_moduledata {
	__s32 size;
	__s32 pc_header;
	__s32 funcnametab;
	__s32 cutab;
	__s32 filetab;
	__s32 pctab;
	__s32 pclntable;
	__s32 ftab;
	__s32 findfunctab;
	__s32 minpc;
	__s32 maxpc;
	__s32 text;
	__s32 etext;
	__s32 noptrdata;
	__s32 enoptrdata;
	__s32 data;
	__s32 edata;
	__s32 bss;
	__s32 ebss;
	__s32 noptrbss;
	__s32 enoptrbss;
	__s32 end;
	__s32 gcdata;
	__s32 gcbss;
	__s32 types;
	__s32 etypes;
	__s32 rodata;
	__s32 gofunc;
	__s32 textsectmap;
	__s32 modulename;
	__s32 hasmain;
	__s32 gcdatamask;
	__s32 gcbssmask;
	__s32 next;
};

/* Values of g.atomicstatus. */
struct golang_status {
	__s32 idle;
	__s32 runnable;
	__s32 running;
	__s32 syscall;
	__s32 waiting;
	__s32 dead;
	__s32 copystack;
	__s32 preempted;
	__s32 leaked; /* was waiting, and the collector found that nobody can wake it (mgc.go) */
	__s32 deadextra;
	__s32 scan; /* a bit that the collector adds */
};

struct golang_heap {
	__s32 page_bytes;
	__s32 arena_bytes;
	__s32 arena_pages;
	__s32 arena_l1_bits;
	__s32 arena_l2_bits;
	__s32 header_above; /* larger objects with pointers begin with header_bytes of their type */
	__s32 header_bytes;
	__s32 span_dead;
	__s32 span_in_use;
	__s32 span_manual;
	__s32 special_finalizer;
	__s32 special_weak_handle;
	__s32 special_cleanup;
};

/* Numbers of functions that the runtime itself treats apart when it unwinds (_func.funcID). */
struct golang_funcid {
	__s32 asmcgocall;
	__s32 async_preempt;
	__s32 cgocallback;
	__s32 corostart;
	__s32 debug_call;
	__s32 gc_bg_mark_worker;
	__s32 goexit;
	__s32 gogo;
	__s32 gopanic;
	__s32 handle_async_event;
	__s32 mcall;
	__s32 morestack;
	__s32 mstart;
	__s32 panicwrap;
	__s32 rt0_go;
	__s32 run_finalizers;
	__s32 run_cleanups;
	__s32 runtime_main;
	__s32 sigpanic;
	__s32 systemstack;
	__s32 systemstack_switch;
	__s32 wrapper;
};

struct golang_layout {
	__u16 minor; /* of Go 1.minor */
	__u16 arch;  /* enum golang_arch */
	__u32 pclntab_magic;
	__u64 arena_base_offset;
	const char *const *wait_reasons;
	__u32 wait_reason_count;
	struct golang_g g; /* from here to the end only __s32, which layout.c counts */
	struct golang_deferred deferred;
	struct golang_xregs xregs;
	struct golang_m m;
	struct golang_p p;
	struct golang_sudog sudog;
	struct golang_hchan hchan;
	struct golang_sema sema;
	struct golang_semtable semtable;
	struct golang_notify_list notify_list;
	struct golang_mutex mutex;
	struct golang_rwmutex rwmutex;
	struct golang_mheap mheap;
	struct golang_heap_arena heap_arena;
	struct golang_mspan mspan;
	struct golang_special special;
	struct golang_special_finalizer special_finalizer;
	struct golang_special_cleanup special_cleanup;
	struct golang_cleanup_block cleanup_block;
	struct golang_finblock finblock;
	struct golang_finalizer finalizer;
	struct golang_timer timer;
	struct golang_timer_when timer_when;
	struct golang_coro coro;
	struct golang_type type;
	struct golang_moduledata moduledata;
	struct golang_status status;
	struct golang_heap heap;
	struct golang_funcid funcid;
};

/* NULL for a version that has no row: it is read by no other row, for its neighbours differ, but as
 * its own DWARF says, if it has any (layout_own.h). */
const struct golang_layout *layout_find(unsigned int minor, enum golang_arch arch);

/* What g.waitreason means, in Go's words, "" for 0; NULL for a number that this version has not. */
const char *layout_wait_reason(const struct golang_layout *layout, unsigned int number);
/* How many bytes of a g say who it is, what it does, and where its stack was left off. */
__u32 layout_g_head(const struct golang_layout *layout);
