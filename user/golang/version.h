/* SPDX-License-Identifier: GPL-2.0-only */
/* version.h - which Go a program was built with, and whether its layouts are known.
 *
 * As runtime.buildVersion says it: "go1.26.3", "go1.26.3 X:arenas", since 1.26 "go1.26.3-X:arenas". */
#pragma once

#include <stddef.h>

/* The minor version, if it is a release of Go's with the layouts that releases of that minor version
 * have; 0: it is not, and *ret_why is a static sentence. text is of hostile origin. */
unsigned int version_minor(const char *text, const char **ret_why);
