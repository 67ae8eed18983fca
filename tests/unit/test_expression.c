// SPDX-License-Identifier: GPL-2.0-only
/* test_expression.c - DWARF expressions of unwind tables, and what is no expression. */
#include <criterion/criterion.h>
#include <dwarf.h>
#include <string.h>

#include "symbolize/expression.h"

/* Memory in which each word holds its own address plus one. */
static bool read_word(void *arg, __u64 address, void *ret, size_t len)
{
	__u64 value = address + 1;

	(void)arg;
	memcpy(ret, &value, len);
	return address >= 0x1000;
}

static struct registers regs = { .value = { [6] = 0x2000, [7] = 0x3000 }, .known = 0xc0 };

static bool evaluate(const Dwarf_Op *ops, size_t n, unsigned int word, __u64 *ret,
		     enum expression_kind *ret_kind)
{
	struct expression_context c = {
		.regs = &regs,
		.cfa = 0x4000,
		.has_cfa = true,
		.word = word,
		.read = read_word,
	};

	return expression_evaluate(&c, ops, n, ret, ret_kind);
}

static void assert_value(const Dwarf_Op *ops, size_t n, __u64 expected, enum expression_kind kind)
{
	enum expression_kind got_kind = EXPRESSION_ADDRESS;
	__u64 got = 0;

	cr_expect(evaluate(ops, n, 8, &got, &got_kind));
	cr_expect_eq(got, expected, "0x%llx, not 0x%llx", got, expected);
	cr_expect_eq(got_kind, kind);
}

static void assert_none(const Dwarf_Op *ops, size_t n)
{
	enum expression_kind kind;
	__u64 got;

	cr_expect_not(evaluate(ops, n, 8, &got, &kind));
}

#define VALUE(expected, kind, ...)                                                                 \
	assert_value((Dwarf_Op[]){ __VA_ARGS__ },                                                  \
		     sizeof((Dwarf_Op[]){ __VA_ARGS__ }) / sizeof(Dwarf_Op), expected,             \
		     EXPRESSION_##kind)
#define NONE(...)                                                                                  \
	assert_none((Dwarf_Op[]){ __VA_ARGS__ },                                                   \
		    sizeof((Dwarf_Op[]){ __VA_ARGS__ }) / sizeof(Dwarf_Op))

Test(expression, values)
{
	VALUE(0x2010, ADDRESS, { .atom = DW_OP_breg6, .number = 0x10 });
	VALUE(0x2ff8, ADDRESS, { .atom = DW_OP_bregx, .number = 7, .number2 = (Dwarf_Word)-8 });
	VALUE(0x3ff0, ADDRESS, { .atom = DW_OP_call_frame_cfa },
	      { .atom = DW_OP_plus_uconst, .number = (Dwarf_Word)-16 });
	VALUE(0x3001, ADDRESS, { .atom = DW_OP_breg7 }, { .atom = DW_OP_deref });
	VALUE(0x2000, VALUE, { .atom = DW_OP_reg6 });
	VALUE(5, VALUE, { .atom = DW_OP_lit5 }, { .atom = DW_OP_stack_value });
	/* the one of procedure linkage tables: sp + 8 + ((ip & 15) >= 11) * 8 */
	VALUE(0x3010, ADDRESS, { .atom = DW_OP_breg7, .number = 8 }, { .atom = DW_OP_lit12 },
	      { .atom = DW_OP_lit15 }, { .atom = DW_OP_and }, { .atom = DW_OP_lit11 },
	      { .atom = DW_OP_ge }, { .atom = DW_OP_lit3 }, { .atom = DW_OP_shl },
	      { .atom = DW_OP_plus });
	VALUE(1, ADDRESS, { .atom = DW_OP_lit1 }, { .atom = DW_OP_lit2 }, { .atom = DW_OP_swap },
	      { .atom = DW_OP_minus });
	VALUE(3, ADDRESS, { .atom = DW_OP_lit3 }, { .atom = DW_OP_lit2 }, { .atom = DW_OP_over },
	      { .atom = DW_OP_pick, .number = 2 }, { .atom = DW_OP_eq }, { .atom = DW_OP_drop },
	      { .atom = DW_OP_drop });
}

Test(expression, jumps)
{
	/* if 1, over the 9 */
	VALUE(4, ADDRESS, { .atom = DW_OP_lit4, .offset = 0 }, { .atom = DW_OP_lit1, .offset = 1 },
	      { .atom = DW_OP_bra, .number = 1, .offset = 2 }, { .atom = DW_OP_lit9, .offset = 5 },
	      { .atom = DW_OP_nop, .offset = 6 });
	/* for ever */
	NONE({ .atom = DW_OP_lit4, .offset = 0 },
	     { .atom = DW_OP_skip, .number = (Dwarf_Word)-4, .offset = 1 });
}

Test(expression, none)
{
	NONE({ .atom = DW_OP_breg3 });		     /* not known */
	NONE({ .atom = DW_OP_bregx, .number = 99 }); /* no register */
	NONE({ .atom = DW_OP_plus });		     /* of nothing */
	NONE({ .atom = DW_OP_lit1 }, { .atom = DW_OP_swap });
	NONE({ .atom = DW_OP_lit1 }, { .atom = DW_OP_deref }); /* nothing is there */
	NONE({ .atom = DW_OP_lit1 }, { .atom = DW_OP_deref_size, .number = 9 });
	NONE({ .atom = DW_OP_breg7 }, { .atom = DW_OP_drop });
	NONE({ .atom = 0xff });
	NONE({ .atom = DW_OP_lit0, .offset = 0 }, { .atom = DW_OP_dup, .offset = 1 },
	     { .atom = DW_OP_skip, .number = (Dwarf_Word)-4, .offset = 2 }); /* grows for ever */
}

Test(expression, narrow_addresses_wrap)
{
	const Dwarf_Op ops[] = { { .atom = DW_OP_breg6, .number = 0xfffffffful } };
	enum expression_kind kind;
	__u64 got;

	cr_expect(evaluate(ops, 1, 4, &got, &kind));
	cr_expect_eq(got, 0x1fff);
}
