/* SPDX-License-Identifier: GPL-2.0-only */
/* version.h - which Go a program was built with, and whether its layouts are those of a release.
 *
 * As runtime.buildVersion says it: "go1.26.3", "go1.26.3 X:arenas",
 * since 1.26 "go1.26.3-X:arenas". */
#pragma once

#include <stddef.h>

/* The minor version that it names; 0: none. *ret_why: NULL if it is a
 * release of Go's with the layouts that releases of that minor version
 * have, else a static sentence why not. text is of hostile origin. */
unsigned int version_minor(const char *text, const char **ret_why);
