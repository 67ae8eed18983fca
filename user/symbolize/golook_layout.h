/* SPDX-License-Identifier: GPL-2.0-only */
/* golook_layout.h - the layout of a Go program that the table does not know, from its own DWARF. */
#pragma once

#include "golang/layout.h"

/* As struct program_place says; arg is the struct golook. */
const struct golang_layout *golook_layout(void *arg, unsigned int minor, enum golang_arch arch,
					  const char **why);
