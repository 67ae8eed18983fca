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

/* One line of `nowake features`. */
struct bpf_feature {
	const char *name;
	bool present;
	bool required;
	const char *lost; /* what nowake cannot do without it */
	char detail[160]; /* what was found, or why it is not there */
};

/* Looks at this kernel and these privileges; loads the programs by trial.
 * 0 or -ENOMEM; *ret_v is an array of *ret_n (free it). */
int bpf_features(struct bpf_feature **ret_v, size_t *ret_n);
