/* SPDX-License-Identifier: GPL-2.0-only */
/* message.h - what nowake and its symbolizer say to each other.
 *
 * A SOCK_SEQPACKET pair: one message a packet, fixed-width structs, no pointers; a file
 * comes as a descriptor beside it. nowake asks (MESSAGE_SPACE, _UNWIND, _NAME, _GO, _GOROUTINE);
 * while the symbolizer works it may ask back (MESSAGE_READ, _GATHER, _OPEN), and ends with its
 * answer (MESSAGE_DONE, _TRACE, _FRAMES, _GO_SEEN, _GOROUTINE_SEEN). Both sides check kind and
 * exact length of every message before they use it: neither trusts the other. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "analyze/goroutine.h"
#include "analyze/stack.h"

enum message_kind {
	MESSAGE_SPACE = 1, /* + a file with the text of /proc/PID/maps */
	MESSAGE_UNWIND,
	MESSAGE_NAME,
	MESSAGE_READ,
	MESSAGE_OPEN,
	MESSAGE_BYTES,	/* answers MESSAGE_READ */
	MESSAGE_FILE,	/* answers MESSAGE_OPEN; + the file, if status is 0 */
	MESSAGE_DONE,	/* answers MESSAGE_SPACE */
	MESSAGE_TRACE,	/* answers MESSAGE_UNWIND */
	MESSAGE_FRAMES, /* answers MESSAGE_NAME */
	MESSAGE_GATHER,
	MESSAGE_GATHERED, /* answers MESSAGE_GATHER */
	MESSAGE_GO,
	MESSAGE_GO_SEEN, /* answers MESSAGE_GO */
	MESSAGE_GOROUTINE,
	MESSAGE_GOROUTINE_SEEN, /* answers MESSAGE_GOROUTINE */
};

/* Opens every message; size is that of the whole. */
struct message_head {
	__u32 kind;
	__u32 size;
};

/* The address space that what follows is about; the one before is forgotten. */
struct message_space {
	struct message_head head;
	__u32 machine; /* EM_X86_64, EM_386, EM_AARCH64, EM_ARM */
	__u32 pad;
};

#define MESSAGE_REGS 33
#define MESSAGE_BYTES_MAX 16384u

/* A thread: its registers in the order of their DWARF numbers, program counter last
 * (see struct wire_regs), and the len bytes of its stack that begin at stack. */
struct message_unwind {
	struct message_head head;
	__u64 reg[MESSAGE_REGS];
	__u64 stack;
	__u32 len;
	__u32 pad;
	unsigned char bytes[MESSAGE_BYTES_MAX]; /* len of them are sent */
};

struct message_name {
	struct message_head head;
	__u64 address;
	__u32 exact; /* the instruction itself, not the one behind a call */
	__u32 pad;
};

struct message_read {
	struct message_head head;
	__u64 address;
	__u32 len; /* at most MESSAGE_BYTES_MAX */
	__u32 pad;
};

struct message_bytes {
	struct message_head head;
	__u32 len; /* less than asked for: the rest is not there */
	__u32 pad;
	unsigned char bytes[MESSAGE_BYTES_MAX]; /* len of them are sent */
};

#define MESSAGE_PIECES_MAX 512
#define MESSAGE_GATHER_MAX (128u << 10) /* bytes of all pieces together */

struct message_piece {
	__u64 address;
	__u32 len;
	__u32 there; /* in the answer: 1 when all of it was read, else 0 */
};

/* Many pieces of memory at once. */
struct message_gather {
	struct message_head head;
	__u32 n;
	__u32 pad;
	struct message_piece piece[MESSAGE_PIECES_MAX]; /* n of them are sent */
};

struct message_gathered {
	struct message_head head;
	__u32 n; /* as asked */
	__u32 len;
	__u8 there[MESSAGE_PIECES_MAX];
	unsigned char bytes
		[MESSAGE_GATHER_MAX]; /* len of them are sent: those of each piece, there or not */
};

enum message_what {
	MESSAGE_OPEN_MAPPED,   /* the file that is mapped from start to end */
	MESSAGE_OPEN_MEMORY,   /* a copy of what lies there: the vdso */
	MESSAGE_OPEN_BUILD_ID, /* the debug file of id, id_len bytes */
	MESSAGE_OPEN_LINK,     /* the debug file called name, beside what is mapped there */
	MESSAGE_OPEN_PERF_MAP, /* the names of JIT code that the process keeps */
	MESSAGE_OPEN_HOLES,    /* an array of struct message_hole */
	MESSAGE_OPEN_THREADS,  /* an array of struct message_thread, in no order */
};

struct message_thread {
	__u64 tid;
	__u64 asleep; /* 1: in a system call; 0: its registers may hold anything */
	__u64 switches; /* how often it has given up a CPU: if it is asleep, it ran when this changes */
	__u64 sp;
	__u64 reg[MESSAGE_REGS]; /* as in message_unwind */
};

/* Memory that was never touched: it is zeros. They are in order. */
struct message_hole {
	__u64 start, end;
};

#define MESSAGE_ID_MAX 64
#define MESSAGE_MEMORY_MAX (1u << 20)

struct message_open {
	struct message_head head;
	__u32 what;
	__u32 id_len;
	__u64 start;
	__u64 end;
	unsigned char id[MESSAGE_ID_MAX];
	char name[256]; /* terminated */
};

struct message_file {
	struct message_head head;
	__s32 status; /* 0 or -errno */
	__u32 pad;
};

struct message_done {
	struct message_head head;
	__s32 status;	/* 0 or -errno */
	__u32 mappings; /* that were understood */
};

enum message_step_bits {
	MESSAGE_STEP_EXACT = 1 << 0,   /* as in message_name */
	MESSAGE_STEP_GUESSED = 1 << 1, /* reached by frame pointers */
	MESSAGE_STEP_SIGNAL = 1 << 2,  /* no call: here the kernel called a signal's handler */
};

struct message_step {
	__u64 address;
	__u32 bits; /* enum message_step_bits */
	__u32 pad;
};

struct message_trace {
	struct message_head head;
	__u32 n;
	__u32 pad;
	char stop[STACK_NAME_MAX];		    /* why it ends early, or ""; terminated */
	struct message_step step[STACK_FRAMES_MAX]; /* n of them are sent */
};

struct message_frame {
	__u64 offset;
	__u32 line;
	__u32 inlined;
	char function[STACK_NAME_MAX]; /* terminated, as all; "" where not known */
	char module[STACK_NAME_MAX];
	char file[STACK_NAME_MAX];
};

#define MESSAGE_FRAMES_MAX 24 /* one function and what is inlined there */

struct message_frames {
	struct message_head head;
	__u32 n;
	__u32 pad;
	struct message_frame frame[MESSAGE_FRAMES_MAX]; /* n of them are sent, innermost first */
};

#define MESSAGE_SITES_MAX 16

/* A site of which some goroutines are to be kept, and counted that are as old as old. */
struct message_site {
	__u64 made_at; /* as in go_site */
	__u64 old;     /* the highest id; 0: count none */
};

/* Reads the Go program of this space, and what its goroutines wait on. */
struct message_go {
	struct message_head head;
	__u64 id;	  /* the goroutine that is asked for, whatever it does; 0: none */
	__u64 search_max; /* bytes of memory that may be searched; 0: no search */
	__u32 all;	  /* keep all that wait for another, not those that are stuck only */
	__u32 search_ms;  /* how long the search may take */
	/* go_process.newest of the look before: go_site.fresh are those above; 0: there was none */
	__u64 newest;
	__u32 nsites;
	__u32 pad;
	struct message_site site[MESSAGE_SITES_MAX]; /* nsites of them are sent */
};

struct message_go_seen {
	struct message_head head;
	__u64 kept; /* goroutines that can be asked for by MESSAGE_GOROUTINE */
	struct go_process process;
	__u32 nsites;
	__u32 pad;
	struct go_site site[GO_SITES_MAX]; /* nsites of them are sent */
};

struct message_goroutine {
	struct message_head head;
	__u64 number; /* below message_go_seen.kept */
};

struct message_goroutine_seen {
	struct message_head head;
	struct go_wait wait;	    /* without traces */
	__u64 created_at;	    /* behind the call that made it; 0: not known */
	struct message_trace trace; /* n of its steps are sent */
};

/* Room for any of them. */
union message {
	struct message_head head;
	struct message_space space;
	struct message_unwind unwind;
	struct message_name name;
	struct message_read read;
	struct message_bytes bytes;
	struct message_open open;
	struct message_file file;
	struct message_done done;
	struct message_trace trace;
	struct message_frames frames;
	struct message_gather gather;
	struct message_gathered gathered;
	struct message_go go;
	struct message_go_seen go_seen;
	struct message_goroutine goroutine;
	struct message_goroutine_seen goroutine_seen;
};

/* Sends one message, with a descriptor unless fd is -1. 0 or -errno. */
int message_send(int socket, const void *message, int fd);
/* Receives one whole message, whose kind is in the set (bit n: kind n) and whose length is
 * right for what it says it holds. *ret_fd is the descriptor that came with it, or -1. 0;
 * -ETIMEDOUT after timeout_ms (-1: never), -EPIPE when the other side is gone, -EPROTO when
 * the message is none (its descriptors are closed), -errno. */
int message_receive(int socket, unsigned int kinds, int timeout_ms, union message *ret,
		    int *ret_fd);

/* Whether the n bytes are a message of these kinds (for tests and fuzzing). */
bool message_is_whole(const union message *m, size_t n, unsigned int kinds);

#define MESSAGE_BIT(kind) (1u << MESSAGE_##kind)
