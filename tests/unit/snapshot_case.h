/* SPDX-License-Identifier: GPL-2.0-only */
/* snapshot_case.h - reads bytes as a snapshot, for the tests of what is wrong with it. */
#pragma once

#include "analyze/world.h"

/* The message, one line and safe to print, to be freed; NULL when it was read. */
char *snapshot_case_error(const char *text, size_t len);
void snapshot_case_free(struct world **looks, size_t n);
