/* SPDX-License-Identifier: GPL-2.0-only */
/* selftest.h - the command `nowake selftest`. */
#pragma once

#include "options.h"

/* Exit status; EXIT_STUCK when a plant was judged wrong. */
int selftest_run(const struct options *opts);
