/* SPDX-License-Identifier: GPL-2.0-only */
/* trial.h - which ways of seeing events this kernel takes, and what each costs. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>

#include "analyze/past.h"

struct trial {
	bool measured;	/* what follows is known: some kernels do not count run times */
	__u64 birth_ns; /* spent in the kernel's hook, for one thread that is made */
	__u64 death_ns;
	__u64 wake_ns; /* for one FUTEX_WAKE of a word that nobody watches */
};

/* Loads, makes threads and wakes in this process, and unloads. What FUTEX_AUTO chose is
 * told in *ret_hook. 0 or -errno: also when nothing works. */
int trial_run(enum futex_hook hook, enum futex_hook *ret_hook, struct trial *ret);
