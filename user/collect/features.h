/* SPDX-License-Identifier: GPL-2.0-only */
/* features.h - what this kernel and these privileges allow. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* One line of `nowake features`. */
struct feature {
	const char *name;
	bool present;
	bool required;
	const char *lost; /* what nowake cannot do without it */
	char detail[160]; /* what was found, or why it is not there */
};

/* Looks at this kernel and these privileges; loads the programs by trial.
 * 0 or -ENOMEM; *ret_v is an array of *ret_n (free it). */
int features_try(struct feature **ret_v, size_t *ret_n);
