/* SPDX-License-Identifier: GPL-2.0-only */
/* wire.h - what the BPF programs say to user space.
 *
 * The only header that both sides include: fixed width, no pointers, sizes
 * asserted. Written by scan.bpf.c and files.bpf.c, checked record by record in
 * collect/feed.c; by lifetime.bpf.c and futex.bpf.c, checked in collect/events.c.
 * Judged in analyze/, kept in snapshots (report/snapshot.c).
 * Fields that name a kernel object (mm, files, file, inode, sk) hold opaque
 * identities: equal means the same object at the time of the scan, 0 means none.
 * Times are nanoseconds of the scheduler's clock unless a field says otherwise. */
#pragma once

#ifndef __bpf__
#include <linux/types.h>
#endif

enum wire_kind {
	WIRE_THREAD = 1,
	WIRE_FILE,
	WIRE_LOCK,
	WIRE_TICK,
	WIRE_FD,
	WIRE_REGS,
	/* Events, through the ring buffer. */
	WIRE_BIRTH,
	WIRE_STACK,
	WIRE_EXEC,
	WIRE_DEATH,
};

/* Opens every record. size is that of the whole record, this header included. */
struct wire_head {
	__u16 kind;
	__u16 size;
	__u32 tid;
};

/* What scan.bpf.c finds out about a thread beside its state (wire_thread.bits). */
enum wire_bits {
	WIRE_COMPAT = 1 << 0,	       /* its system call is a 32-bit one */
	WIRE_STOPPED = 1 << 1,	       /* SIGSTOP, or stopped by a tracer */
	WIRE_FROZEN = 1 << 2,	       /* by its cgroup, or for a suspend */
	WIRE_EXITING = 1 << 3,	       /* it, or its whole process, is on its way out */
	WIRE_DUMPING = 1 << 4,	       /* a core dump of its process is under way */
	WIRE_ZOMBIE = 1 << 5,	       /* has exited (a group leader whose threads live on) */
	WIRE_RUNNABLE = 1 << 6,	       /* has a CPU or waits for one */
	WIRE_UNINTERRUPTIBLE = 1 << 7, /* state D */
	WIRE_SUBREAPER = 1 << 8,       /* adopts orphans: unknown children may end its wait */
	WIRE_TIMERS = 1 << 9,	       /* its process has a POSIX timer */
	WIRE_IN_SYSCALL = 1 << 10,     /* nr and args are those of a system call */
	WIRE_VFORK = 1 << 11,	       /* its vfork parent waits for it */
	WIRE_FUTEX_KEY = 1 << 12,      /* key_* hold the kernel's own queue key */
	WIRE_TRACED = 1 << 13,	       /* a tracer is attached */
	WIRE_RESTARTED = 1 << 14,      /* restart_* hold its restart block */
	WIRE_SELF = 1 << 15,	       /* a thread of the process that reads this scan */
	WIRE_ITIMER = 1 << 16,	       /* its process has a running alarm(2) or ITIMER_REAL */
	/* Set in user space, with WIRE_RUNNABLE: it slept, and ran while it was looked at. */
	WIRE_MOVED = 1 << 17,
	WIRE_URING = 1 << 18,  /* has handed requests to io_uring: the kernel may act for it */
	WIRE_TIMENS = 1 << 19, /* its monotonic and boot time are not the host's */
	WIRE_ASLEEP = 1 << 20, /* in a system call, and has no CPU: it ran when switches change */
};

#define WIRE_COMM 16

struct wire_thread {
	struct wire_head head;
	__u32 tgid;
	__u32 ppid;   /* process id of the real parent; 0 where there is none */
	__u32 tracer; /* process id of the tracer; 0 where there is none */
	__u32 ns_tid; /* as its own pid namespace sees it */
	__u32 ns_tgid;
	__u32 ns_inum;	 /* inode number of that namespace */
	__u32 state;	 /* the kernel's task state, as it is */
	__u32 bits;	 /* enum wire_bits */
	__u64 started;	 /* boot time, ns: with tid the identity of a thread */
	__u64 arrived;	 /* when it last got a CPU; 0: this kernel keeps no such time */
	__u64 accounted; /* when its run time was last added up: about when it last left one */
	__u64 switches;	 /* voluntary and involuntary context switches */
	__u64 mm;
	__u64 files;
	__u64 tls;	/* thread pointer: fs base, or TPIDR_EL0 */
	__u64 cleartid; /* user address that the kernel zeroes and wakes at its exit */
	__u64 fault;	/* last faulting user address */
	__s64 nr;	/* system call, or -1 */
	__u64 args[6];
	__u64 key_word;	  /* futex queue key: page address (private), page offset (shared) */
	__u64 key_id;	  /* mm (private), inode sequence (shared) */
	__u32 key_offset; /* offset in the page; bit 0: shared inode, bit 1: shared flag used */
	__u32 execs;	  /* of another program, since the first process; low half */
	__u64 restart[5]; /* arguments of a call that goes on, as the kernel's union holds them */
	char comm[WIRE_COMM];
};

/* What the kernel has yet to do for an end of a TCP connection; WIRE_TCP_HOOKED of any socket. */
enum wire_tcp {
	WIRE_TCP_PENDING = 1 << 0, /* data, or their end, that the other end has not acknowledged */
	WIRE_TCP_SENT = 1 << 1,	   /* some of that was sent */
	WIRE_TCP_ROOM = 1 << 2,	   /* the other end may send it more */
	WIRE_TCP_TIMEOUT = 1 << 3, /* it ends the connection if PENDING lasts (TCP_USER_TIMEOUT) */
	WIRE_TCP_HOOKED = 1 << 4, /* a BPF program (sockmap), or the kernel, takes and gives data */
};

/* Whether a thread sleeps in a queue of the file. */
enum wire_queued {
	WIRE_QUEUED,	       /* yes, or of this kind of file it is not asked */
	WIRE_QUEUED_ELSEWHERE, /* in none: its call has another file */
	WIRE_QUEUED_CROWD,     /* too many sleep there to tell */
};

/* A file that a blocked system call names; follows its thread's record. */
struct wire_file {
	struct wire_head head;
	__s32 fd;
	__u32 arg; /* which argument of the call it is */
	__u64 file;
	__u64 inode;
	__u64 ino;
	__u64 refs;  /* references to the open file; 0 where this kernel hides them */
	__u32 dev;   /* of the file system; the kernel's dev_t: major << 20 | minor */
	__u32 rdev;  /* of a device file, likewise */
	__u32 mode;  /* st_mode */
	__u32 flags; /* O_* */
	__u32 nlink;
	__u32 tcp;	    /* enum wire_tcp */
	__u64 magic;	    /* of the file system */
	__u32 pipe_readers; /* open files that can read from the pipe */
	__u32 pipe_writers;
	__u32 event_refs; /* eventfd: references; above 1 the kernel may signal it too */
	__u16 family;
	__u16 type;
	__u16 protocol;
	__u8 sk_state; /* as in enum tcp_state: 1 established, 10 listening */
	__u8 sk_v6;    /* saddr and daddr are set; IPv4 as ::ffff:a.b.c.d */
	__u16 sport;   /* host order */
	__u16 dport;   /* host order */
	__u64 sk;
	__u64 peer;	/* unix sockets: the other end; pidfd: the process id */
	__u64 rcvtimeo; /* jiffies; 0x7fff… means for ever */
	__u64 sndtimeo;
	__u32 netns;  /* inode number */
	__u32 bound;  /* unix sockets: has a name that others may send to */
	__u32 queued; /* enum wire_queued */
	__u32 notes;  /* pipes: not 0 if the kernel writes notifications into it */
	__u8 saddr[16];
	__u8 daddr[16];
	char name[WIRE_COMM]; /* "[eventfd]", "[timerfd]", …; start of the file's name */
};

#define WIRE_LOCKS_MAX 32 /* of one list, flock or POSIX and OFD; the rest is not emitted */

enum wire_lock_type { WIRE_FLOCK = 1, WIRE_POSIX, WIRE_OFD };

/* A lock that is held on a file that a blocked flock or fcntl names. */
struct wire_lock {
	struct wire_head head;
	__u32 type; /* enum wire_lock_type */
	__u32 write;
	__u32 pid; /* process that took it */
	__u32 pad;
	__u64 inode;
	__u64 file;
	__u64 owner; /* POSIX: files of the owner */
	__u64 start;
	__u64 end;
};

/* The short form: enough to see whether a thread moved between two scans. */
struct wire_tick {
	struct wire_head head;
	__u32 state;
	__u32 tgid;
	__u64 started;
	__u64 switches;
};

/* The user registers of a thread that sleeps: where unwinding its stack begins. Of one that runs
 * they are those of the moment when it came into the kernel last. In the
 * order of the DWARF numbers of its architecture (System V ABI, "DWARF register number
 * mapping"; "DWARF for the Arm 64-bit Architecture"): x86_64 has rax, rdx, rcx, rbx, rsi,
 * rdi, rbp, rsp, r8 to r15, rip; arm64 x0 to x30, sp, pc. */
#define WIRE_REGS_MAX 33
struct wire_regs {
	struct wire_head head;
	__u32 tgid;
	__u32 bits; /* WIRE_COMPAT, WIRE_ASLEEP */
	__u64 started;
	__u64 switches;
	__u64 reg[WIRE_REGS_MAX];
};

/* ---- events: lifetime.bpf.c, through one ring buffer (lifetime_ring) ---- */

/* A thread was made. */
struct wire_birth {
	struct wire_head head; /* the new thread */
	__u32 tgid;
	__u32 creator; /* thread */
	__u32 creator_tgid;
	__u32 pad;
	__u64 started; /* boot time, ns, as in wire_thread */
	__u64 creator_started;
	/* Births with the same key were made by the same chain of calls, as far as the kernel
	 * can tell; 0: it cannot. Unique within creator_tgid only. */
	__u64 site;
};

/* The stack that a thread was made on: registers and the bytes from the stack pointer up.
 * Comes once for a site, and only within the budget; follows the birth. */
#define WIRE_STACK_BYTES 4096
struct wire_stack {
	struct wire_head head; /* the new thread */
	__u32 tgid;
	__u32 creator;
	__u32 creator_tgid;
	__u32 bits; /* WIRE_COMPAT */
	__u64 creator_started;
	__u64 site;
	__u64 reg[WIRE_REGS_MAX];
	__u32 len; /* of bytes that could be read */
	__u32 pad;
	__u8 bytes[WIRE_STACK_BYTES];
};

/* A process became another program: its other threads are gone. */
struct wire_exec {
	struct wire_head head; /* the thread, which now leads its process */
	__u32 tgid;
	__u32 old; /* the id that it had before, which was that of another thread than the leader */
	__u64 started;
	__u64 time; /* boot time, ns */
};

struct wire_death {
	struct wire_head head;
	__u32 tgid;
	__u32 pad;
	__u64 started;
	__u64 time; /* boot time, ns */
};

/* What futex.bpf.c knows of a watched word, in a map with this key and this value; times
 * are boot time, ns. */
struct wire_word_key {
	__u64 mm;
	__u64 addr;
};

struct wire_waker {
	__u64 tid; /* 0: no more */
	__u64 started;
	__u64 count; /* of wakes that found somebody */
	__u64 last;  /* likewise; 0: none did */
};

#define WIRE_WAKERS 4
struct wire_word {
	__u64 since;	  /* watched since; set by user space */
	__u64 wakes;	  /* that found somebody */
	__u64 empty;	  /* that found nobody */
	__u64 first;	  /* wake that found somebody */
	__u64 last;	  /* likewise */
	__u64 last_empty; /* wake that found nobody */
	__u64 longest;	  /* between two wakes that found somebody, ns */
	__u64 others;	  /* calls by threads for which wakers had no room, whomever they found */
	struct wire_waker wakers[WIRE_WAKERS];
};

/* One end of a TCP connection, as it sees itself; zero for everything else. */
struct wire_tuple {
	__u8 saddr[16];
	__u8 daddr[16];
	__u32 netns;
	__u16 sport;
	__u16 dport;
};

/* One descriptor of one table that leads to a file somebody waits for. */
struct wire_fd {
	struct wire_head head;
	__u32 tgid;
	__s32 fd;
	__u64 files;
	__u64 file;
	__u64 inode;
	__u64 sk;
	__u64 refs;
	__u32 flags;		 /* O_* */
	__u32 tcp;		 /* enum wire_tcp */
	struct wire_tuple tuple; /* of TCP connections */
};

/* How scan.bpf.c finds the files of a call: element nr of its table. */
struct wire_call {
	__u8 fd[2];   /* argument number + 1 that is a descriptor; 0: none */
	__u8 lock;    /* emit the locks of the file too */
	__u8 futex;   /* look for the kernel's queue key */
	__u8 restart; /* it is restart_syscall(2) */
};

#define WIRE_CALLS 512 /* of one table; there are two: native, then 32-bit */

/* What scan.bpf.c is asked to do, set before each read of the iterator. */
enum wire_mode {
	WIRE_MODE_FULL,	 /* threads, files, locks */
	WIRE_MODE_TICKS, /* one wire_tick a thread */
	WIRE_MODE_REGS,	 /* one wire_regs a thread that sleeps; or all of a process (scan_tgid) */
};

#define WIRE_WORDS_MAX 4096  /* futex.bpf.c: words that can be watched at a time */
#define WIRE_WORD_BITS 65536 /* of the filter that tells most other words from them */

/* The bit of a word in the filter. */
static inline __attribute__((always_inline)) __u32 wire_word_hash(__u64 addr)
{
	return (addr >> 2) * 0x9e3779b97f4a7c15ull >> 48;
}

#define WIRE_WANTED 32768 /* files.bpf.c: objects that one walk can look for */

_Static_assert(sizeof(struct wire_head) == 8, "wire_head");
_Static_assert(sizeof(struct wire_thread) == 248, "wire_thread");
_Static_assert(sizeof(struct wire_file) == 200, "wire_file");
_Static_assert(sizeof(struct wire_lock) == 64, "wire_lock");
_Static_assert(sizeof(struct wire_tick) == 32, "wire_tick");
_Static_assert(sizeof(struct wire_regs) == 296, "wire_regs");
_Static_assert(sizeof(struct wire_fd) == 104, "wire_fd");
_Static_assert(sizeof(struct wire_birth) == 48, "wire_birth");
_Static_assert(sizeof(struct wire_stack) == 4408, "wire_stack");
_Static_assert(sizeof(struct wire_exec) == 32, "wire_exec");
_Static_assert(sizeof(struct wire_death) == 32, "wire_death");
_Static_assert(sizeof(struct wire_word) == 192, "wire_word");
_Static_assert(sizeof(struct wire_tuple) == 40, "wire_tuple");
