/* SPDX-License-Identifier: GPL-2.0-only */
/* nearest.h - "did you mean": is one word a slip of the other? */
#pragma once

#include <stdbool.h>

/* Whether word is more likely name, mistyped or cut short, than another word. */
bool nearest_resembles(const char *word, const char *name);
