// SPDX-License-Identifier: GPL-2.0-only
/* names.c - what addresses of an image were found to mean.
 *
 * Filled and read by symbol.c; each image has its own (image.c). DWARF is searched entry by
 * entry, half a millisecond an address: what a hundred processes share is searched once. */
#include "symbolize/names.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct call {
	__u32 line;
	__u32 inlined;
	char *function;
	char *file;
};

struct names {
	__u64 address;
	__u32 n;
	UT_hash_handle hh;
	struct call call[]; /* n, innermost first */
};

static void free_one(struct names *one)
{
	for (__u32 i = 0; i < one->n; i++) {
		free(one->call[i].function);
		free(one->call[i].file);
	}
	free(one);
}

bool names_find(const struct names *names, __u64 address, struct message_frames *ret)
{
	const struct names *one;

	HASH_FIND(hh, names, &address, sizeof(address), one);
	if (!one)
		return false;
	for (__u32 i = 0; i < one->n; i++) {
		struct message_frame *f = &ret->frame[i];

		f->line = one->call[i].line;
		f->inlined = one->call[i].inlined;
		strcpy(f->function, one->call[i].function);
		strcpy(f->file, one->call[i].file);
	}
	ret->n = one->n;
	return true;
}

void names_keep(struct names **names, __u64 address, const struct message_frames *frames)
{
	struct names *one = calloc(1, sizeof(*one) + frames->n * sizeof(one->call[0]));
	bool good = one;

	if (HASH_COUNT(*names) >= NAMES_MAX)
		names_free(names);
	for (__u32 i = 0; good && i < frames->n; i++) {
		const struct message_frame *f = &frames->frame[i];
		struct call *call = &one->call[one->n++];

		call->line = f->line;
		call->inlined = f->inlined;
		call->function = strdup(f->function);
		call->file = strdup(f->file);
		good = call->function && call->file;
	}
	if (!good) {
		if (one)
			free_one(one);
		return;
	}
	one->address = address;
	HASH_ADD(hh, *names, address, sizeof(address), one);
}

void names_free(struct names **names)
{
	struct names *one, *next;

	HASH_ITER (hh, *names, one, next) {
		HASH_DEL(*names, one);
		free_one(one);
	}
}
