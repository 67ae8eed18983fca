/* SPDX-License-Identifier: GPL-2.0-only */
/* process.h - the memory of a Go program that runs, for tests that read it from outside. */
#pragma once

#include <sys/types.h>

#include "golang/pclntab.h"
#include "golang/program.h"

#define PROCESS_RANGES_MAX 64

struct process {
	pid_t pid;
	struct program_range range[PROCESS_RANGES_MAX];
	size_t nranges;
	__u64 pclntab;			     /* where its function table lies */
	unsigned char *memory;		     /* a copy of the ranges that hold it */
	struct pclntab table;		     /* in that copy */
	struct pclntab_bytes gofunc, rodata; /* copies, too */
	unsigned long long questions, pieces, bytes;
	struct target target;
	struct program_place place;
};

/* What it is made of; exits with a message when that is no Go program. */
void process_open(pid_t pid, struct process *ret);
void process_close(struct process *p);
/* Gives a program that was found its table, gofunc and rodata. */
void process_code(struct process *s, struct program *p);
/* How far memory goes on from an address in range i, over ranges that follow it without a gap: what
 * the loader makes read-only ends at a page, and the function table of a PIE of Go 1.19 goes on. */
size_t process_extent(const struct process *p, size_t i, __u64 from);
