// SPDX-License-Identifier: GPL-2.0-only
/* wait_memory.c - asks for the memory that decoding a wait needs.
 *
 * What is there is used; what is not is wanted, again in every round: the reader
 * knows what it has tried in vain. */
#include "analyze/wait_decode.h"

#include <errno.h>

#define WINDOW 64
#define PAGE 4096 /* the smallest that any kernel has */

void wait_memory_want(struct decode *d, __u64 addr, size_t len)
{
	struct mem_want want = { .mm = d->t->mm, .addr = addr, .len = len, .tid = d->t->head.tid };

	if (!d->t->mm || d->err)
		return;
	if (memory_get(&d->w->memory, d->t->mm, addr, len))
		return;
	if (array_push(&d->wants->want, want))
		d->err = -ENOMEM;
}

bool wait_memory_read(struct decode *d, __u64 addr, void *ret, size_t len)
{
	if (memory_copy(&d->w->memory, d->t->mm, addr, ret, len))
		return true;
	wait_memory_want(d, addr, len);
	return false;
}

/* As a whole, for structures that lie across the word; and where it crosses into
 * another page also in two halves, so that a page that is not there costs only its own. */
void wait_memory_window(struct decode *d, __u64 addr)
{
	__u64 low = addr > WINDOW ? addr - WINDOW : 0;
	__u64 high = addr + WINDOW, edge = (high - 1) / PAGE * PAGE;

	if (high < addr)
		return;
	wait_memory_want(d, low, high - low);
	if (edge <= low)
		return;
	wait_memory_want(d, low, edge - low);
	wait_memory_want(d, edge, high - edge);
}
