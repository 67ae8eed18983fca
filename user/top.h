/* SPDX-License-Identifier: GPL-2.0-only */
/* top.h - nowake top: what the daemon sees, live, on a whole terminal. */
#pragma once

#include "options.h"

/* An exit status: EXIT_USAGE without a terminal, EXIT_BLIND without a daemon. */
int top_run(const struct options *opts);
