/* SPDX-License-Identifier: GPL-2.0-only */
/* accumulate.h - how fast a site grows. */
#pragma once

#include "analyze/past.h"

/* Threads a second, by the floors of its last windows; 0 when they do not say. */
double accumulate_rate(const struct site *s);
