// SPDX-License-Identifier: GPL-2.0-only
/* expression.c - DWARF expressions of unwind tables.
 *
 * libdw takes them apart and checks their form; here they are computed, on a stack of
 * bounded depth and for a bounded number of steps. Signal frames and procedure linkage
 * tables are where they are really used. */
#include "symbolize/expression.h"

#include <dwarf.h>
#include <string.h>

#define DEPTH 64
#define STEPS 1000

struct machine {
	const struct expression_context *c;
	__u64 stack[DEPTH];
	size_t depth;
	bool bad;
};

static void push(struct machine *m, __u64 value)
{
	if (m->depth == DEPTH)
		m->bad = true;
	else
		m->stack[m->depth++] = m->c->word == 4 ? (__u32)value : value;
}

static __u64 pop(struct machine *m)
{
	if (!m->depth) {
		m->bad = true;
		return 0;
	}
	return m->stack[--m->depth];
}

static __u64 at(struct machine *m, __u64 index)
{
	if (index >= m->depth) {
		m->bad = true;
		return 0;
	}
	return m->stack[m->depth - 1 - index];
}

static __u64 reg(struct machine *m, __u64 n)
{
	if (n >= EXPRESSION_REGS || !(m->c->regs->known >> n & 1)) {
		m->bad = true;
		return 0;
	}
	return m->c->regs->value[n];
}

bool expression_load(const struct expression_context *c, __u64 address, unsigned int size,
		     __u64 *ret)
{
	unsigned char bytes[8] = {};

	if (size > sizeof(bytes) || !c->read(c->arg, address, bytes, size))
		return false;
	*ret = 0;
	memcpy(ret, bytes, size); /* both machines are little endian */
	return true;
}

static void load(struct machine *m, unsigned int size)
{
	__u64 value = 0;

	if (!expression_load(m->c, pop(m), size, &value))
		m->bad = true;
	push(m, value);
}

/* Operations on two values; false: it is none of them. */
static bool binary(struct machine *m, unsigned int atom)
{
	__u64 b, a;

	if (m->depth < 2)
		return false;
	b = at(m, 0);
	a = at(m, 1);
	switch (atom) {
	case DW_OP_and:
		a &= b;
		break;
	case DW_OP_or:
		a |= b;
		break;
	case DW_OP_xor:
		a ^= b;
		break;
	case DW_OP_plus:
		a += b;
		break;
	case DW_OP_minus:
		a -= b;
		break;
	case DW_OP_mul:
		a *= b;
		break;
	case DW_OP_shl:
		a = b < 64 ? a << b : 0;
		break;
	case DW_OP_shr:
		a = b < 64 ? a >> b : 0;
		break;
	case DW_OP_eq:
		a = a == b;
		break;
	case DW_OP_ne:
		a = a != b;
		break;
	case DW_OP_lt:
		a = (__s64)a < (__s64)b;
		break;
	case DW_OP_le:
		a = (__s64)a <= (__s64)b;
		break;
	case DW_OP_gt:
		a = (__s64)a > (__s64)b;
		break;
	case DW_OP_ge:
		a = (__s64)a >= (__s64)b;
		break;
	default:
		return false;
	}
	m->depth -= 2;
	push(m, a);
	return true;
}

/* Operations that push a constant or a register's value; false: it is none of them. */
static bool leaf(struct machine *m, const Dwarf_Op *op)
{
	if (op->atom >= DW_OP_lit0 && op->atom <= DW_OP_lit31)
		push(m, op->atom - DW_OP_lit0);
	else if (op->atom >= DW_OP_breg0 && op->atom <= DW_OP_breg31)
		push(m, reg(m, op->atom - DW_OP_breg0) + op->number);
	else if (op->atom == DW_OP_bregx)
		push(m, reg(m, op->number) + op->number2);
	else if (op->atom >= DW_OP_const1u && op->atom <= DW_OP_consts)
		push(m, op->number);
	else if (op->atom == DW_OP_call_frame_cfa && m->c->has_cfa)
		push(m, m->c->cfa);
	else
		return false;
	return true;
}

/* Operations on the top of the stack. */
static void other(struct machine *m, const Dwarf_Op *op)
{
	__u64 a;

	switch (op->atom) {
	case DW_OP_nop:
		break;
	case DW_OP_dup:
		push(m, at(m, 0));
		break;
	case DW_OP_over:
		push(m, at(m, 1));
		break;
	case DW_OP_pick:
		push(m, at(m, op->number));
		break;
	case DW_OP_drop:
		pop(m);
		break;
	case DW_OP_swap:
		a = at(m, 1);
		if (m->bad)
			break;
		m->stack[m->depth - 2] = at(m, 0);
		m->stack[m->depth - 1] = a;
		break;
	case DW_OP_plus_uconst:
		push(m, pop(m) + op->number);
		break;
	case DW_OP_neg:
		push(m, -pop(m));
		break;
	case DW_OP_not:
		push(m, ~pop(m));
		break;
	case DW_OP_deref:
		load(m, m->c->word);
		break;
	case DW_OP_deref_size:
		load(m, op->number);
		break;
	default:
		m->bad = true;
	}
}

static __u64 named_register(const Dwarf_Op *op)
{
	if (op->atom == DW_OP_regx)
		return op->number;
	return op->atom - DW_OP_reg0;
}

/* Where a jump of op leads: libdw keeps the offset of each operation in the expression. */
static size_t target(const Dwarf_Op *ops, size_t n, const Dwarf_Op *op)
{
	__u64 offset = op->offset + 3 + (__s16)op->number;

	for (size_t i = 0; i < n; i++)
		if (ops[i].offset == offset)
			return i;
	return n;
}

bool expression_evaluate(const struct expression_context *c, const Dwarf_Op *ops, size_t n,
			 __u64 *ret, enum expression_kind *ret_kind)
{
	enum expression_kind kind = EXPRESSION_ADDRESS;
	struct machine m = { .c = c };
	size_t steps = 0;

	for (size_t i = 0; i < n && !m.bad && kind == EXPRESSION_ADDRESS; i++) {
		const Dwarf_Op *op = &ops[i];

		if (steps++ == STEPS)
			return false;
		if (op->atom == DW_OP_skip || (op->atom == DW_OP_bra && pop(&m))) {
			i = target(ops, n, op) - 1;
		} else if (op->atom == DW_OP_stack_value) {
			kind = EXPRESSION_VALUE;
		} else if (op->atom == DW_OP_regx ||
			   (op->atom >= DW_OP_reg0 && op->atom <= DW_OP_reg31)) {
			push(&m, reg(&m, named_register(op)));
			kind = EXPRESSION_VALUE;
		} else if (op->atom != DW_OP_bra && !leaf(&m, op) && !binary(&m, op->atom)) {
			other(&m, op);
		}
	}
	if (m.bad || !m.depth)
		return false;
	*ret = m.stack[m.depth - 1];
	*ret_kind = kind;
	return true;
}
