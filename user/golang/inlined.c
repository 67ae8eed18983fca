// SPDX-License-Identifier: GPL-2.0-only
/* inlined.c - which calls the Go compiler inlined at an instruction.
 *
 * Pure. As runtime/symtabinl.go does it: a table of values says which node of the tree an
 * instruction belongs to, and the node names an instruction of its caller. Up to Go 1.19 nodes had
 * indices of their parents as well, which say the same. Soundness: a hostile tree may go round in
 * circles, so its depth is bounded, and the function itself always comes last. */
#include "golang/inlined.h"

#include <string.h>

#define PCDATA_INLTREE 2
#define FUNCDATA_INLTREE 3

/* A node of Go 1.18 and 1.19: { int16 parent; uint8 funcID, pad; int32 file, line, func_,
 * parentPc }; since Go 1.20: { uint8 funcID, pad[3]; int32 nameOff, parentPc, startLine }. */
struct node {
	__u32 name;
	__u32 parent_pc;
	__u32 start_line;
	__u8 id;
};

enum { OLD_ID = 2, OLD_NAME = 12, OLD_PARENT_PC = 16, OLD_SIZE = 20 };
enum { NEW_ID = 0, NEW_NAME = 4, NEW_PARENT_PC = 8, NEW_START_LINE = 12, NEW_SIZE = 16 };

static __u32 load32(const unsigned char *at)
{
	__u32 v;

	memcpy(&v, at, sizeof(v));
	return v;
}

static bool read_node(const struct inlined *i, __u32 index, struct node *ret)
{
	const bool new = i->table->start_lines;
	const size_t size = new ? NEW_SIZE : OLD_SIZE;
	const unsigned char *b;
	__u32 tree;
	__u64 at;

	if (!pclntab_funcdata(i->table, i->function, FUNCDATA_INLTREE, &tree))
		return false;
	at = tree + (__u64)index * size;
	if (i->gofunc.n < size || at > i->gofunc.n - size)
		return false;
	b = i->gofunc.v + at;
	*ret = (struct node){
		.name = load32(b + (new ? NEW_NAME : OLD_NAME)),
		.parent_pc = load32(b + (new ? NEW_PARENT_PC : OLD_PARENT_PC)),
		.start_line = new ? load32(b + NEW_START_LINE) : 0,
		.id = b[new ? NEW_ID : OLD_ID],
	};
	return true;
}

/* Whether the instruction belongs to an inlined call, and to which. */
static bool find_node(struct inlined *i, struct node *ret)
{
	__s32 index;

	if (!pclntab_pcdata(i->table, i->function, PCDATA_INLTREE, i->pc, &index) || index < 0)
		return false;
	if (i->depth < INLINED_DEPTH_MAX && read_node(i, index, ret) &&
	    ret->parent_pc < i->function->end - i->function->entry)
		return true;
	i->damaged = true;
	return false;
}

void inlined_begin(const struct pclntab *table, const struct pclntab_function *function,
		   struct pclntab_bytes gofunc, __u64 pc, struct inlined *ret)
{
	*ret = (struct inlined){
		.table = table,
		.function = function,
		.gofunc = gofunc,
		.pc = pc,
	};
}

bool inlined_next(struct inlined *i, struct inlined_call *ret)
{
	const struct pclntab_function *f = i->function;
	struct pclntab_place place = {};
	struct node node;

	if (i->done)
		return false;
	pclntab_place(i->table, f, i->pc, &place);
	if (find_node(i, &node)) {
		*ret = (struct inlined_call){ pclntab_name(i->table, node.name), place,
					      node.start_line, node.id, true };
		i->pc = f->entry + node.parent_pc;
		i->depth++;
		return true;
	}
	*ret = (struct inlined_call){ f->name, place, f->start_line, f->id, false };
	i->done = true;
	return true;
}
