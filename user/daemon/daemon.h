/* SPDX-License-Identifier: GPL-2.0-only */
/* daemon.h - `nowake daemon`: passes on a timer, for as long as it is left to run. */
#pragma once

#include "options.h"

/* Returns an exit status. */
int daemon_run(const struct options *opts);
