/* SPDX-License-Identifier: GPL-2.0-only */
/* wakes.h - what is known of the wakes of one word, for sentences. */
#pragma once

#include <stdio.h>

#include "analyze/world.h"

/* What is known of the word that a futex call of this address space waits on, or NULL. */
const struct word *wakes_of(const struct world *w, __u64 mm, __u64 addr);
/* "woken 12 times, every 5s, last 3s ago by producer [77]"; nothing when it never was. */
void wakes_say(FILE *out, const struct world *w, const struct word *word);
