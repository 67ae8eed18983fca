// SPDX-License-Identifier: GPL-2.0-only
/* stale.c - the words of a P or a g that look like pointers and are none.
 *
 * Pure but for the target. A g begins with the bounds of its stack, and the upper one is the
 * address of whatever lies behind that. From Go 1.22 on the object begins with its type, which says
 * of each word whether it is a pointer: Go's own collector follows no other. Before, wbBuf is known
 * by its look. Soundness: nothing else has a P's size and type; nor as many bytes as a P and, right
 * before 512 words, one word that points behind the last of these and one to or behind one of them;
 * nor as many as a g and at its beginning the bounds of something that has a stack's size, a third
 * address in between, and no other stack pointer and no other g where those of a g are. */
#include "golang/stale.h"

#include <string.h>

#define WORD 8
#define KIND_PROGRAM 64	   /* up to 1.23: gcdata points to a program that makes the bits */
#define TFLAG_ON_DEMAND 16 /* from 1.24 on: to a pointer to them, 0 until they are made */
#define MASK_MAX 1024	   /* bytes of bits */
#define NOTED 512	   /* words of wbBuf.buf; 256 pairs up to Go 1.20 */
#define ROUNDED 2048	   /* bytes that an object of that size may have besides */
#define ROUNDED_G 256	   /* the same for a g */
#define STACK_MIN 2048	   /* runtime/stack.go, fixedStack: all sizes are powers of two */
#define GUARDS (~4095ull)  /* g.stackguard0 is one of these to have the goroutine yield */

/* The bits of a P's type. The slice of timers, which is of pointers for
 * sure, must be among them. */
static bool read_mask(const struct program *p, __u64 type, unsigned char *mask, __u64 *ret_pointers)
{
	const struct golang_layout *l = p->layout;
	unsigned char about[LAYOUT_TYPE_MAX];
	__u64 pointers, bits;

	if (type < p->modules[0].types || type >= p->modules[0].etypes ||
	    !target_read(p->target, type, about, l->type.size) ||
	    target_u64(about + l->type.bytes) != (__u64)l->p.size)
		return false;
	pointers = target_u64(about + l->type.ptr_bytes);
	bits = target_u64(about + l->type.gcdata);
	if (l->minor < 24 && about[l->type.kind] & KIND_PROGRAM)
		return false;
	if (l->minor >= 24 && about[l->type.tflag] & TFLAG_ON_DEMAND &&
	    (!target_word(p->target, bits, &bits) || !bits))
		return false;
	if (pointers > (__u64)l->p.size || pointers <= (__u64)l->p.timers ||
	    pointers / WORD / 8 + 1 > MASK_MAX ||
	    !target_read(p->target, bits, mask, pointers / WORD / 8 + 1))
		return false;
	*ret_pointers = pointers;
	return mask[l->p.timers / WORD / 8] >> l->p.timers / WORD % 8 & 1;
}

static bool clear_by_type(const struct program *p, unsigned char *bytes, size_t size)
{
	const size_t head = p->layout->heap.header_bytes;
	unsigned char mask[MASK_MAX];
	__u64 pointers;

	if (!read_mask(p, target_u64(bytes), mask, &pointers))
		return false;
	for (size_t i = 0; head + WORD * (i + 1) <= size; i++) {
		if (WORD * i >= pointers || !(mask[i / 8] >> i % 8 & 1))
			memset(bytes + head + WORD * i, 0, WORD);
	}
	return true;
}

/* struct wbBuf { next, end uintptr; buf [512]uintptr }: what lies from next on was dealt with. */
static bool clear_by_look(__u64 address, unsigned char *bytes, size_t size)
{
	for (size_t at = 0; at + WORD * (2 + NOTED) <= size; at += WORD) {
		const __u64 next = target_u64(bytes + at), end = target_u64(bytes + at + WORD);
		const __u64 buf = address + at + 2 * WORD;

		if (end == buf + WORD * NOTED && next >= buf && next <= end && next % WORD == 0) {
			memset(bytes + (next - address), 0, end - next);
			return true;
		}
	}
	return false;
}

static void clear_bounds(const struct golang_g *l, __u64 address, unsigned char *bytes)
{
	const __u64 lo = target_u64(bytes + l->stack_lo), hi = target_u64(bytes + l->stack_hi);
	const __u64 guard = target_u64(bytes + l->stackguard0);
	const __u64 sp = target_u64(bytes + l->sched_sp), g = target_u64(bytes + l->sched_g);

	if (lo < hi && hi - lo >= STACK_MIN && !((hi - lo) & (hi - lo - 1)) &&
	    ((guard > lo && guard < hi) || guard >= GUARDS) && (!sp || (sp >= lo && sp <= hi)) &&
	    (!g || g == address))
		memset(bytes + l->stack_hi, 0, WORD);
}

bool stale_clear(const struct program *p, __u64 address, unsigned char *bytes, size_t size)
{
	const struct golang_layout *l = p->layout;

	if (size >= (size_t)l->g.size && size <= (size_t)l->g.size + ROUNDED_G)
		clear_bounds(&l->g, address, bytes);
	if (size < (size_t)l->p.size || size > (size_t)l->p.size + ROUNDED)
		return false;
	return l->heap.header_bytes > 0 ? clear_by_type(p, bytes, size)
					: clear_by_look(address, bytes, size);
}
