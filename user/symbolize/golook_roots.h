/* SPDX-License-Identifier: GPL-2.0-only */
/* golook_roots.h - where a Go program may keep pointers, besides Go's own memory. */
#pragma once

#include "golang/mark.h"
#include "symbolize/golook.h"

/* Hands all of it to the marking: what can be written and is not Go's own. Memory that was reserved
 * and never touched is left out, such as most of each thread's stack. 0 or -ENOMEM. */
int golook_roots(const struct golook *g, const struct space *s, struct mark *m);
/* For mark_threads(): those of the program that golook is of. */
bool golook_roots_threads(void *golook, struct mark *m);
