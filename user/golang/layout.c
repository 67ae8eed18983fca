// SPDX-License-Identifier: GPL-2.0-only
/* layout.c - the table of Go's runtime layouts.
 *
 * Pure. The numbers are made, not written: `make go-layouts`, and `make check-go-layouts` proves
 * that they are still what the toolchains say. A version is here only if a binary of it was read.
 * 1.20 is not: no Debian suite has it, and 1.19 and 1.21 differ in g, m and the wait reasons. What
 * has no row is read as its own DWARF says (layout_own.c); what has one never is. */
#include "golang/layout.h"

#include <stddef.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define WAIT_REASONS(names) .wait_reasons = names, .wait_reason_count = ARRAY_SIZE(names)

#include "golang/layout_table.inc"

/* Each row sets LAYOUT_MEMBERS members by name: if that is also how many there are, none is left 0
 * that should not be. */
_Static_assert(offsetof(struct golang_layout, funcid) + sizeof(struct golang_funcid) -
			       offsetof(struct golang_layout, g) ==
		       LAYOUT_MEMBERS * sizeof(__s32),
	       "struct golang_layout and members.txt differ");

const struct golang_layout *layout_find(unsigned int minor, enum golang_arch arch)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		if (table[i].minor == minor && table[i].arch == arch)
			return &table[i];
	}
	return NULL;
}

const char *layout_wait_reason(const struct golang_layout *layout, unsigned int number)
{
	return number < layout->wait_reason_count ? layout->wait_reasons[number] : NULL;
}

__u32 layout_g_head(const struct golang_layout *layout)
{
	const struct golang_g *g = &layout->g;
	const __s32 words[] = { g->stack_lo,   g->stack_hi, g->panic,	  g->defer,
				g->m,	       g->sched_sp, g->sched_pc,  g->sched_lr,
				g->sched_ctxt, g->goid,	    g->syscallsp, g->syscallpc };
	__s32 ret = g->tracking_seq + 1 > g->atomicstatus + 4 ? g->tracking_seq + 1
							      : g->atomicstatus + 4;

	ret = g->waitreason + 1 > ret ? g->waitreason + 1 : ret;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		ret = words[i] + 8 > ret ? words[i] + 8 : ret;
	return (__u32)ret;
}
