/* SPDX-License-Identifier: GPL-2.0-only */
/* self.h - what the daemon itself costs. */
#pragma once

#include <sys/types.h>

#include "report/health.h"

/* Fills cpu_ns and resident: of this process, of the child (0: there is none), and of the
 * children that have ended; cpu_ns not to less than it was. */
void self_measure(pid_t child, struct health *ret);
