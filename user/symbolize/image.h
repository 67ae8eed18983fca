/* SPDX-License-Identifier: GPL-2.0-only */
/* image.h - ELF files: opened once, kept, asked for unwind information.
 *
 * One that is mapped by many processes is read once: it is known again by its device,
 * inode, size and time, or by its build id. Addresses are those of the file (p_vaddr). */
#pragma once

#include <elfutils/libdwfl.h>
#include <linux/types.h>
#include <stdbool.h>

#include "symbolize/peer.h"

struct image;
struct layout_own;

/* All images that are open; the caller keeps one for the life of the process. */
struct images {
	const struct peer *peer;
	struct image *first;
	size_t n;
};

#define IMAGES_MAX 200 /* kept open; then those that are not in use go */

struct image_source {
	__u64 start; /* of the mapping by which it is asked for */
	__u64 end;
	__u32 machine; /* EM_* that it must be for */
	bool memory;   /* it is no file: the vdso */
};

/* NULL when there is no such file, or it is none that can be read. Marks it as in use. */
struct image *image_open(struct images *images, const struct image_source *source);
/* A new address space: none is in use any more. Closes what is too much. */
void image_release_all(struct images *images);
void image_free_all(struct images *images);

/* The file's own address of a byte of the file; false when no segment holds it. */
bool image_address(const struct image *i, __u64 offset, __u64 *ret);
/* Where the unwind table says that the frame at address leads, or NULL: it says nothing.
 * The frame stays the image's. */
Dwarf_Frame *image_frame(struct image *i, __u64 address);
/* The module for symbol.c, and what to add to the file's addresses there. */
Dwfl_Module *image_module(struct image *i, __u64 *ret_bias);
/* What gotable.c knows of it; the image's. */
struct image_table {
	bool tried;
	__u64 address; /* of the table of Go's functions, as the file counts; 0: there is none */
	bool has_c_code;
};
struct image_table *image_table(struct image *i);
/* What golook.c knows of it: the layout that its own DWARF gives; NULL
 * at first, the image's, freed by it. */
struct layout_own **image_layout(struct image *i);
/* What symbol.c knows of it; the image's. */
struct names;
struct names **image_names(struct image *i);
