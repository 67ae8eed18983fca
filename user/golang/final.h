/* SPDX-License-Identifier: GPL-2.0-only */
/* final.h - what finalizers and cleanups keep alive: those that are set, and those that are due.
 *
 * They run when the objects they belong to are gone, so they live whoever else does. */
#pragma once

#include "golang/scan.h"

/* Reaches them. 0; -EIO: they could not be read; -E2BIG: there are too many; -ENOMEM. */
int final_scan(const struct program *p, struct scan *s);
