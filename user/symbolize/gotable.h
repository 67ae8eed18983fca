/* SPDX-License-Identifier: GPL-2.0-only */
/* gotable.h - where a Go program's file keeps its table of functions. */
#pragma once

#include "golang/pclntab.h"
#include "symbolize/image.h"

/* What is known of the table, found by the name of its section or else by its looks, once for each
 * image, which keeps it; NULL: there is none. */
const struct image_table *gotable_find(struct image *i);
/* What the file has from an address on, to the end of its segment; { NULL, 0 }: nothing. */
struct pclntab_bytes gotable_bytes(struct image *i, __u64 address);
