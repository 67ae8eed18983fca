/* SPDX-License-Identifier: GPL-2.0-only */
/* groups_pattern.h - the label of a process, made of what is known of it. */
#pragma once

#include "analyze/groups.h"

#define GROUPS_NAME 129 /* room for a label; longer ones are cut at a whole character */

/* Always valid UTF-8 that shows, never "" and never GROUPS_OTHER. Returns ret, GROUPS_NAME
 * bytes. */
char *groups_pattern_expand(char *ret, const char *pattern, const struct group_name *name);
/* The same for the label "unit"; "" where there is none. */
char *groups_pattern_unit(char *ret, const struct group_name *name);
