// SPDX-License-Identifier: GPL-2.0-only
/* test_golang_mark_broken.c - searches that end early, and memory that makes no sense */
#include <criterion/criterion.h>

#include "mark_case.h"

TestSuite(mark_broken, .init = mark_case_make);

Test(mark_broken, mark_case_limits)
{
	WAIT(1, C(0));
	mark_case_limits.bytes = 10000;
	mark_case_expect_end(MARK_CUT);
	mark_case_limits.bytes = 1u << 30;
	mark_case_limits.memory = 10000;
	mark_case_expect_end(MARK_CUT);
}

Test(mark_broken, unreadable)
{
	const __u64 places[] = { GOHEAP_DATA + 8, GOHEAP_STACK(3), goheap_span(GOHEAP_LARGE) + 32,
				 goheap_at(GOHEAP_LIST, 0) };

	for (size_t i = 0; i < 4; i++) {
		WAIT(1, C(0));
		goheap_unreadable = places[i];
		mark_case_expect_end(MARK_UNREADABLE);
	}
}

Test(mark_broken, no_heap)
{
	WAIT(1, C(0));
	goheap_set(goheap_program.modules[0].bss + 4096 + goheap_program.layout->mheap.arenas, 0);
	mark_case_expect_end(MARK_UNREADABLE);
}

Test(mark_broken, forged_spans)
{
	const struct golang_mspan *l = &goheap_program.layout->mspan;
	const __u64 span = goheap_span(GOHEAP_NUMBERS);
	const struct {
		__s32 at;
		__u64 value;
	} forged[] = {
		{ l->start, goheap_at(GOHEAP_CELL, 1) },
		{ l->start, ~0ull << 13 },
		{ l->start, goheap_at(GOHEAP_G, 0) },
		{ l->npages, 0 },
		{ l->npages, ~0ull },
		{ l->elemsize, 0 },
		{ l->elemsize, 4 },
		{ l->elemsize, 1ull << 40 },
		{ l->elemsize, ~7ull },
	};

	for (size_t i = 0; i < sizeof(forged) / sizeof(forged[0]); i++) {
		const __u64 was = goheap_get(span + forged[i].at);

		WAIT(1, C(0));
		goheap_set(span + forged[i].at, forged[i].value);
		mark_case_expect_end(MARK_UNREADABLE);
		goheap_set(span + forged[i].at, was);
	}
	mark_case_expect("1 ");
}

Test(mark_broken, loops)
{
	const struct golang_layout *l = goheap_program.layout;
	const __u64 record = GOHEAP_RECORDS + 8192;

	WAIT(1, C(0), C(1));
	goheap_set(goheap_g[1].sudog + l->sudog.waitlink, goheap_g[1].sudog);
	goheap_set(CELL(0), CELL(0));
	goheap_set(GOHEAP_DATA, CELL(0));
	mark_case_expect("1 ");
	mark_case_special(GOHEAP_CELL, record, 1, 0);
	goheap_set(record + l->special.next, record);
	mark_case_expect_end(MARK_CUT);
}

Test(mark_broken, wild)
{
	__u64 seed = 88172645463325252;

	WAIT(1, C(0));
	for (unsigned int i = 0; i < 512; i++) {
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		goheap_set(GOHEAP_DATA + 8 * i, i % 2 ? seed : ~0ull - i);
	}
	goheap_g[2].lo = ~0ull;
	goheap_set(goheap_g[2].address + goheap_program.layout->g.stack_lo, ~0ull);
	mark_case_expect_end(MARK_UNREADABLE);
	goheap_g[2].lo = goheap_g[2].hi;
	goheap_set(goheap_g[2].address + goheap_program.layout->g.stack_lo, goheap_g[2].lo);
	goheap_g[2].sp = 3;
	mark_case_expect("1 ");
	goheap_g[3].address = 3;
	goheap_g[3].torn = true;
	mark_case_expect_end(MARK_UNREADABLE);
}
