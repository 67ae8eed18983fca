// SPDX-License-Identifier: GPL-2.0-only
/* test_golang_layout.c - the table of Go's layouts: what others say of these binaries, and sense.
 *
 * tests/go/layouts reads the DWARF with Go's own debug/dwarf; here offsets come from gdb, as by
 *	gdb -batch -ex 'set language c' \
 *		-ex "print (long)&(('runtime.g' *)0)->goid" subject-1.19-amd64
 * sizes from readelf, and constants were counted in the sources of runtime and internal/abi. */
#include <criterion/criterion.h>
#include <stddef.h>
#include <string.h>

#include "golang/layout.h"

static const unsigned int versions[] = { 19, 21, 22, 23, 24, 25, 26, 27 };

#define EACH_LAYOUT(l)                                                                             \
	for (unsigned int i_ = 0; i_ < 2 * sizeof(versions) / sizeof(versions[0]); i_++)           \
		for (const struct golang_layout *l = layout_find(versions[i_ / 2], i_ % 2); l;     \
		     l = NULL)

struct fact {
	unsigned int minor;
	enum golang_arch arch;
	size_t member;
	__s32 value;
};

#define FACT(minor, arch, member, value)                                                           \
	{                                                                                          \
		minor, arch, offsetof(struct golang_layout, member), value                         \
	}

static const struct fact facts[] = {
	FACT(19, GOLANG_AMD64, g.size, 392),
	FACT(19, GOLANG_AMD64, g.sched_bp, 104),
	FACT(19, GOLANG_AMD64, g.goid, 152),
	FACT(19, GOLANG_AMD64, g.waitsince, 168),
	FACT(19, GOLANG_AMD64, g.gopc, 296),
	FACT(19, GOLANG_AMD64, g.parent_goid, -1),
	FACT(19, GOLANG_AMD64, g.waiting, 328),
	FACT(19, GOLANG_AMD64, m.procid, 72),
	FACT(19, GOLANG_AMD64, m.alllink, 336),
	FACT(19, GOLANG_AMD64, sudog.c, 80),
	FACT(19, GOLANG_AMD64, hchan.sendq_first, 72),
	FACT(19, GOLANG_AMD64, mheap.arenas, 65936),
	FACT(19, GOLANG_AMD64, heap_arena.spans, 2097152),
	FACT(19, GOLANG_AMD64, mspan.spanclass, 98),
	FACT(19, GOLANG_AMD64, mspan.nelems_size, 8),
	FACT(19, GOLANG_AMD64, special.kind, 10),
	FACT(19, GOLANG_AMD64, moduledata.next, 544),
	FACT(19, GOLANG_AMD64, funcid.goexit, 7),
	FACT(19, GOLANG_AMD64, semtable.stride, 64),
	FACT(24, GOLANG_AMD64, g.goid, 160),
	FACT(24, GOLANG_AMD64, g.waitsince, 176),
	FACT(24, GOLANG_AMD64, hchan.elemtype, 40),
	FACT(24, GOLANG_AMD64, mspan.nelems_size, 2),
	FACT(24, GOLANG_AMD64, moduledata.gofunc, 320),
	FACT(26, GOLANG_ARM64, sudog.elem, 32),
	FACT(26, GOLANG_ARM64, sudog.c, 96),
	FACT(26, GOLANG_ARM64, mheap.arenas, 66072),
	FACT(26, GOLANG_ARM64, semtable.stride, 128),
	FACT(27, GOLANG_AMD64, g.sched_bp, 96),
	FACT(27, GOLANG_AMD64, g.startpc, 304),
	FACT(27, GOLANG_AMD64, m.curg, 184),
	FACT(27, GOLANG_AMD64, p.timers, 13680),
	FACT(27, GOLANG_AMD64, moduledata.gofunc, 344),
	FACT(27, GOLANG_AMD64, status.leaked, 10),
};

Test(golang_layout, agrees_with_gdb)
{
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		const struct golang_layout *l = layout_find(facts[i].minor, facts[i].arch);
		__s32 value;

		cr_assert_not_null(l);
		memcpy(&value, (const char *)l + facts[i].member, sizeof(value));
		cr_expect_eq(value, facts[i].value, "fact %zu of 1.%u: %d, not %d", i,
			     facts[i].minor, value, facts[i].value);
	}
}

Test(golang_layout, has_each_version_once_and_no_other)
{
	for (unsigned int minor = 0; minor < 40; minor++) {
		for (int arch = GOLANG_AMD64; arch <= GOLANG_ARM64; arch++) {
			const struct golang_layout *l = layout_find(minor, arch);

			cr_expect_eq(!!l, minor == 19 || (minor >= 21 && minor <= 27), "1.%u",
				     minor);
			cr_expect(!l || (l->minor == minor && l->arch == arch), "1.%u", minor);
		}
	}
	cr_expect_null(layout_find(27, (enum golang_arch)2));
}

/* What no version can do without. */
Test(golang_layout, rows_are_complete)
{
	EACH_LAYOUT(l)
	{
		const __s32 *value = (const __s32 *)&l->g;
		size_t n = (offsetof(struct golang_layout, funcid) + sizeof(l->funcid) -
			    offsetof(struct golang_layout, g)) /
			   sizeof(*value);

		for (size_t i = 0; i < n; i++)
			cr_expect_geq(value[i], -1, "1.%u, number %zu", l->minor, i);
		cr_expect_gt(l->g.size, l->g.select_done, "1.%u", l->minor);
		cr_expect_gt(l->m.size, l->m.vdso_pc, "1.%u", l->minor);
		cr_expect_gt(l->p.size, l->p.timers, "1.%u", l->minor);
		cr_expect_gt(l->sudog.size, l->sudog.c, "1.%u", l->minor);
		cr_expect_gt(l->hchan.size, l->hchan.sendq_last, "1.%u", l->minor);
		cr_expect_gt(l->mspan.size, l->mspan.specials, "1.%u", l->minor);
		cr_expect_gt(l->moduledata.size, l->moduledata.next, "1.%u", l->minor);
		cr_expect_eq(l->semtable.size, l->semtable.stride * l->semtable.count, "1.%u",
			     l->minor);
		cr_expect_geq(l->semtable.stride, l->sema.size, "1.%u", l->minor);
	}
}

/* The orders that Go's sources have in every version. */
Test(golang_layout, members_stand_in_order)
{
	EACH_LAYOUT(l)
	{
		cr_expect_eq(l->g.stack_hi, l->g.stack_lo + 8, "1.%u", l->minor);
		cr_expect_lt(l->g.sched_sp, l->g.sched_bp, "1.%u", l->minor);
		cr_expect_lt(l->g.atomicstatus, l->g.goid, "1.%u", l->minor);
		cr_expect_eq(l->g.goid % 8, 0, "1.%u", l->minor);
		cr_expect_lt(l->g.goid, l->g.waitsince, "1.%u", l->minor);
		cr_expect_eq(l->g.waitreason, l->g.waitsince + 8, "1.%u", l->minor);
		cr_expect_lt(l->g.gopc, l->g.startpc, "1.%u", l->minor);
		cr_expect_lt(l->sudog.elem, l->sudog.c, "1.%u", l->minor);
		cr_expect_lt(l->moduledata.text, l->moduledata.etext, "1.%u", l->minor);
		cr_expect_eq(l->moduledata.bss, l->moduledata.edata + 8, "1.%u", l->minor);
	}
}

/* 64 MiB arenas of 8 KiB pages; the whole of 48 bits of addresses, which are signed on amd64. */
Test(golang_layout, arenas_cover_the_addresses)
{
	EACH_LAYOUT(l)
	{
		__u64 bytes = (__u64)l->heap.arena_bytes;

		cr_expect_eq((__u64)l->heap.arena_pages, bytes / l->heap.page_bytes, "1.%u",
			     l->minor);
		cr_expect_eq(bytes << (l->heap.arena_l1_bits + l->heap.arena_l2_bits), 1ULL << 48,
			     "1.%u", l->minor);
		cr_expect_eq(l->arena_base_offset, l->arch == GOLANG_AMD64 ? 0xffff800000000000 : 0,
			     "1.%u", l->minor);
		cr_expect_eq(l->heap_arena.page_in_use - l->heap_arena.spans,
			     l->heap.arena_pages * 8, "1.%u", l->minor);
		cr_expect_eq(l->pclntab_magic, l->minor < 20 ? 0xfffffff0 : 0xfffffff1, "1.%u",
			     l->minor);
	}
}

Test(golang_layout, names_wait_reasons)
{
	const struct golang_layout *l = layout_find(19, GOLANG_AMD64);

	cr_expect_str_eq(layout_wait_reason(l, 0), "");
	cr_expect_str_eq(layout_wait_reason(l, 14), "chan receive");
	cr_expect_str_eq(layout_wait_reason(l, 18), "semacquire");
	cr_expect_str_eq(layout_wait_reason(l, 26), "debug call");
	cr_expect_null(layout_wait_reason(l, 27));
	cr_expect_null(layout_wait_reason(l, 255));
	/* 1.26 gave them other numbers */
	l = layout_find(25, GOLANG_ARM64);
	cr_expect_str_eq(layout_wait_reason(l, 3), "chan receive (nil chan)");
	l = layout_find(26, GOLANG_ARM64);
	cr_expect_str_eq(layout_wait_reason(l, 3), "dumping heap");
	cr_expect_str_eq(layout_wait_reason(l, 46), "cleanup wait");
	cr_expect_null(layout_wait_reason(l, 47));
}

/* Those that the verdict on a goroutine rests on. */
Test(golang_layout, knows_the_reasons_that_matter)
{
	static const struct {
		const char *name;
		unsigned int since;
	} reasons[] = {
		{ "chan receive", 19 },
		{ "chan receive (nil chan)", 19 },
		{ "chan send", 19 },
		{ "chan send (nil chan)", 19 },
		{ "select", 19 },
		{ "select (no cases)", 19 },
		{ "semacquire", 19 },
		{ "sleep", 19 },
		{ "IO wait", 19 },
		{ "sync.Cond.Wait", 19 },
		{ "finalizer wait", 19 },
		{ "GC worker (idle)", 19 },
		{ "sync.Mutex.Lock", 21 },
		{ "sync.RWMutex.RLock", 21 },
		{ "sync.RWMutex.Lock", 21 },
		{ "coroutine", 22 },
		{ "sync.WaitGroup.Wait", 24 },
		{ "cleanup wait", 25 },
	};

	EACH_LAYOUT(l)
	{
		for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
			unsigned int found = 0;

			for (unsigned int n = 0; n < l->wait_reason_count; n++)
				found += !strcmp(layout_wait_reason(l, n), reasons[i].name);
			cr_expect_eq(found, l->minor >= reasons[i].since, "1.%u: %s", l->minor,
				     reasons[i].name);
		}
	}
}
