/* SPDX-License-Identifier: GPL-2.0-only */
/* selftest.h - the command `nowake selftest`. */
#pragma once

#include "options.h"

struct pass;

/* Exit status; EXIT_STUCK when a plant was judged wrong. */
int selftest_run(const struct options *opts);
/* selftest_events.c: what the daemon adds; prints its lines, and counts what is wrong. 0 or
 * -errno. */
int selftest_events(struct pass *pass, int *ret_failed);
