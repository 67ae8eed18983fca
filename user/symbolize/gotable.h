/* SPDX-License-Identifier: GPL-2.0-only */
/* gotable.h - where a Go program's file keeps its table of functions. */
#pragma once

#include "golang/pclntab.h"
#include "symbolize/image.h"

struct gotable {
	struct pclntab table; /* in the image's own memory */
	__u64 address;	      /* of it, as the file counts */
	int wrapper;	      /* as pclntab_wrapper() says */
	bool has_c_code;
};

/* Finds the table, by the name of its section or else by its looks. False: there is none. */
bool gotable_find(struct image *i, struct gotable *ret);
/* What the file has from an address on, to the end of its segment; { NULL, 0 }: nothing. */
struct pclntab_bytes gotable_bytes(struct image *i, __u64 address);
