/* SPDX-License-Identifier: GPL-2.0-only */
/* godwarf.h - types, constants and variables of Go's runtime, in a program's DWARF. */
#pragma once

#include <elfutils/libdw.h>
#include <stdbool.h>

#include "golang/layout_own.h"

/* Reads the layout, as layout_own_read() does; ->reasons is as the DWARF counts addresses. False:
 * there is nothing of Go's runtime in it. */
bool godwarf_layout(Dwarf *dwarf, unsigned int minor, enum golang_arch arch,
		    struct layout_own *ret);
