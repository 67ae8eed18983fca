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
	__u64 pclntab; /* where its function table lies */
	unsigned long long questions, pieces, bytes;
	struct target target;
};

/* What it is made of; exits with a message when that is no Go program. */
void process_open(pid_t pid, struct process *ret);
