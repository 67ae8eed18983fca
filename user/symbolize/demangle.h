/* SPDX-License-Identifier: GPL-2.0-only */
/* demangle.h - the names that compilers make of names, as they were written. */
#pragma once

#include <stddef.h>

/* Demangles C++, Rust and D names, cut to size; others are taken as they are. */
void demangle_name(const char *name, char *ret, size_t size);
