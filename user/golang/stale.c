// SPDX-License-Identifier: GPL-2.0-only
/* stale.c - the words of a P that look like pointers and are none: of objects long lost.
 *
 * Pure but for the target. From Go 1.22 on the object begins with its type, which says of each word
 * whether it is a pointer: Go's own collector follows no other. Before, wbBuf is known by its look.
 * Soundness: nothing else has a P's size and type; nor as many bytes as a P and, right before 512
 * words, one word that points behind the last of these and one to or behind one of them. */
#include "golang/stale.h"

#include <string.h>

#define WORD 8
#define GCDATA 32     /* in internal/abi.Type: pointer to a bit for each word (Go 1.19 to 1.27) */
#define TYPE_BYTES 40 /* of it that are read */
#define MASK_MAX 1024 /* bytes of bits */
#define NOTED 512     /* words of wbBuf.buf; 256 pairs up to Go 1.20 */
#define ROUNDED 2048  /* bytes that an object of that size may have besides */

static void clear_by_type(const struct program *p, unsigned char *bytes, size_t size)
{
	const struct golang_layout *l = p->layout;
	const __u64 type = target_u64(bytes);
	const size_t head = l->heap.header_bytes;
	unsigned char about[TYPE_BYTES], mask[MASK_MAX];
	__u64 pointers;

	if (type < p->modules[0].types || type >= p->modules[0].etypes ||
	    !target_read(p->target, type, about, sizeof(about)) ||
	    target_u64(about + l->type.bytes) != (__u64)l->p.size)
		return;
	pointers = target_u64(about + l->type.ptr_bytes);
	if (pointers > (__u64)l->p.size || pointers / WORD / 8 + 1 > sizeof(mask) ||
	    !target_read(p->target, target_u64(about + GCDATA), mask, pointers / WORD / 8 + 1))
		return;
	for (size_t i = 0; head + WORD * (i + 1) <= size; i++) {
		if (WORD * i >= pointers || !(mask[i / 8] >> i % 8 & 1))
			memset(bytes + head + WORD * i, 0, WORD);
	}
}

/* struct wbBuf { next, end uintptr; buf [512]uintptr }: what lies from next on was dealt with. */
static void clear_by_look(__u64 address, unsigned char *bytes, size_t size)
{
	for (size_t at = 0; at + WORD * (2 + NOTED) <= size; at += WORD) {
		const __u64 next = target_u64(bytes + at), end = target_u64(bytes + at + WORD);
		const __u64 buf = address + at + 2 * WORD;

		if (end == buf + WORD * NOTED && next >= buf && next <= end && next % WORD == 0) {
			memset(bytes + (next - address), 0, end - next);
			return;
		}
	}
}

void stale_clear(const struct program *p, __u64 address, unsigned char *bytes, size_t size)
{
	if (size < (size_t)p->layout->p.size || size > (size_t)p->layout->p.size + ROUNDED)
		return;
	if (p->layout->heap.header_bytes > 0)
		clear_by_type(p, bytes, size);
	else
		clear_by_look(address, bytes, size);
}
