/* SPDX-License-Identifier: GPL-2.0-only */
/* space.h - the address space of one process: what code lies where. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>

#include "base/array.h"
#include "symbolize/image.h"
#include "symbolize/peer.h"

/* Code that is mapped; all else is left out. */
struct mapping {
	__u64 start;
	__u64 end;
	__u64 offset;	     /* in the file */
	__u64 ino;	     /* 0: anonymous memory */
	char *name;	     /* path, "[vdso]", or "" */
	struct image *image; /* once looked for; NULL: it has none */
	bool looked;
};

/* Any memory that can be read. */
struct part {
	__u64 start;
	__u64 end;
	__u64 ino; /* 0: anonymous memory */
	bool writable;
};

struct perfmap;
struct golook;

struct space {
	__u32 machine;			/* EM_* */
	ARRAY(struct mapping) mappings; /* sorted by start */
	ARRAY(struct part) parts;	/* likewise; code is among them */
	bool parts_cut;			/* there are more */
	struct golook *golook;		/* of its Go program, or NULL */
	struct perfmap *perfmap;	/* names of code made at run time, or NULL */
	bool perfmap_tried;
};

#define SPACE_MAPPINGS_MAX 65536 /* of code, or parts; more are left out */

/* Reads the text of /proc/PID/maps from fd. 0 or -errno. */
int space_read(struct space *ret, int fd, __u32 machine);
void space_free(struct space *s);

/* The code at an address, or NULL. */
struct mapping *space_find(const struct space *s, __u64 address);
/* The image of a mapping, from the cache or opened now; NULL: it has none. */
struct image *space_image(const struct space *s, struct mapping *m, struct images *images);
