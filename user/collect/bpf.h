/* SPDX-License-Identifier: GPL-2.0-only */
/* bpf.h - nowake's programs in the kernel: loading them, and what this kernel allows. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct bpf;
struct nowake_bpf;

/* Loads and attaches all programs. 0 or -errno; on failure *ret_error says in one
 * line what is wrong and what to do (free it). */
int bpf_open(struct bpf **ret, char **ret_error);
void bpf_free(struct bpf *b);
/* For feed.c. */
struct nowake_bpf *bpf_skeleton(struct bpf *b);

/* The first privilege that is missing, or NULL. */
const char *bpf_missing_privilege(void);
bool bpf_has_btf(void);
/* libbpf's warnings are kept for explanations, and not printed. */
void bpf_quiet(void);
