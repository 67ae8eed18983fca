/* SPDX-License-Identifier: GPL-2.0-only */
/* gomemory.h - the memory of a Go program, made by hand */
#pragma once

#include "golang/goroutine.h"

#define GOMEMORY_BASE 0x10000u
#define GOMEMORY_SIZE 0x80000u
/* where its parts begin; the heap goes on to the end */
#define GOMEMORY_TEXT 0x10000u
#define GOMEMORY_RODATA 0x20000u
#define GOMEMORY_PCLNTAB 0x28000u
#define GOMEMORY_DATA 0x30000u
#define GOMEMORY_MODULE 0x34000u
#define GOMEMORY_BSS 0x38000u
#define GOMEMORY_BSS_END 0x44000u
#define GOMEMORY_LIST 0x50000u
#define GOMEMORY_HEAP 0x60000u
/* variables in its data and bss */
#define GOMEMORY_INFO (GOMEMORY_DATA + 0x40)
#define GOMEMORY_VERSION (GOMEMORY_DATA + 0x800)
#define GOMEMORY_ALLGS (GOMEMORY_BSS + 0x108)
#define GOMEMORY_SEMTABLE (GOMEMORY_BSS + 0x4000)
#define GOMEMORY_WILD 0xdead0000u

struct gomemory {
	unsigned char bytes[GOMEMORY_SIZE];
	const struct golang_layout *layout;
	__u64 heap; /* what comes next is made here */
	unsigned int questions;
	/* Called after a question was answered; to change something. */
	void (*then)(struct gomemory *m);
	/* As in struct program_place; arg is this. NULL: none. */
	const struct golang_layout *(*own)(void *arg, unsigned int minor, enum golang_arch arch,
					   const char **why);
	struct target target;
	struct program_range range[2];
};

/* A program of that version with a main goroutine that runs; freed by the caller. */
struct gomemory *gomemory_new(unsigned int minor, const char *version);
void gomemory_put(struct gomemory *m, __u64 address, __u64 word);
void gomemory_put32(struct gomemory *m, __u64 address, __u32 word);
void gomemory_text(struct gomemory *m, __u64 address, const char *text);
__u64 gomemory_alloc(struct gomemory *m, size_t size);
/* Writes a build info. */
void gomemory_info(struct gomemory *m, __u64 address, const char *version);
/* Adds a goroutine with a stack of 1 KiB; reason NULL: it runs. */
__u64 gomemory_g(struct gomemory *m, __u64 id, const char *reason);
/* A sudog of g's, on a channel or with an elem; it is in g.waiting when it is the first. */
__u64 gomemory_sudog(struct gomemory *m, __u64 g, __u64 channel, __u64 elem);
__u64 gomemory_channel(struct gomemory *m, __u64 count, __u64 capacity);
int gomemory_find(struct gomemory *m, struct program *ret, const char **ret_why);
/* Reads all its goroutines; the one with that id. */
struct goroutine gomemory_read(struct gomemory *m, __u64 id);
