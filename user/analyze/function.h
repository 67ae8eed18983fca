/* SPDX-License-Identifier: GPL-2.0-only */
/* function.h - the bare name of a function, as place.c and primitive.c know functions. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Leaves of a demangled name what says which function it is: no return type, arguments,
 * template arguments, symbol version, compiler's suffix or hash; "std::__1::" and its like
 * become "std::", and Rust's "<T as Trait>::f" becomes "T::f" (of a T without a path,
 * "Trait::f"). "void std::f<int>(long)" becomes "std::f". Always ends ret with a NUL. */
void function_bare(const char *name, char *ret, size_t size);

/* Whether text is as one of the patterns says, which single spaces separate, and in which
 * each '*' stands for any text. */
bool function_matches(const char *patterns, const char *text);
