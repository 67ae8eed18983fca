/* SPDX-License-Identifier: GPL-2.0-only */
/* unreachable.h - what findings about goroutines have in common, of whatever class. */
#pragma once

#include "analyze/verdict.h"

/* Where it stands, and not of the stack alone: without one, findings differ in how they wait. */
__u64 unreachable_place(const struct judged_goroutine *one);
/* Whether findings of its goroutines can be proven; p may be NULL. */
bool unreachable_provable(const struct go_process *p);
/* What evidence says of the program; p may be NULL. 0 or -ENOMEM. */
int unreachable_program(struct finding *f, const struct go_process *p);
