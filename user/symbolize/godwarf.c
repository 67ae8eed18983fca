// SPDX-License-Identifier: GPL-2.0-only
/* godwarf.c - types, constants and variables of Go's runtime, in a program's DWARF.
 *
 * Go's compiler and linker make one or two units of each package, and of these
 * only what stands right below the units of the runtime is looked at, once:
 * some 10,000 entries, in a program of any size. DWARF is hostile: what is
 * followed goes forward, or a few steps, and libdw checks what it reads. */
#include "symbolize/godwarf.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define NAME_MOST 256 /* bytes; what is asked for is shorter */
#define UNITS_MAX 65536
#define ENTRIES_MAX 262144 /* of all units of the runtime */
#define MEMBERS_MAX 4096   /* of one type */
#define TYPEDEFS_MAX 16	   /* of typedefs */
#define POINTER 8

/* Something with a name; the name is libdw's. */
struct entry {
	const char *name;
	Dwarf_Off at;
	UT_hash_handle hh;
};

enum what { TYPES, CONSTANTS, VARIABLES, WHATS };

struct godwarf {
	Dwarf *dwarf;
	struct entry *entries[WHATS];
	size_t left;
};

/* ---- the index ---- */

static enum what what_of(Dwarf_Die *die)
{
	switch (dwarf_tag(die)) {
	case DW_TAG_structure_type:
	case DW_TAG_typedef:
		return TYPES;
	case DW_TAG_constant:
		return CONSTANTS;
	case DW_TAG_variable:
		return VARIABLES;
	}
	return WHATS;
}

/* Of two with one name the first counts: a typedef and its struct are the same to who asks. */
static void add(struct godwarf *g, Dwarf_Die *die)
{
	const enum what what = what_of(die);
	const char *name = what == WHATS ? NULL : dwarf_diename(die);
	struct entry *entry;

	if (!name || strnlen(name, NAME_MOST) == NAME_MOST)
		return;
	HASH_FIND_STR(g->entries[what], name, entry);
	entry = entry ? NULL : calloc(1, sizeof(*entry));
	if (!entry)
		return;
	entry->name = name;
	entry->at = dwarf_dieoffset(die);
	HASH_ADD_KEYPTR(hh, g->entries[what], entry->name, strlen(entry->name), entry);
}

/* The next one on the same level. Entries may name their siblings, and never one before them. */
static bool next(Dwarf_Die *die)
{
	const Dwarf_Off at = dwarf_dieoffset(die);

	return !dwarf_siblingof(die, die) && dwarf_dieoffset(die) > at;
}

static void add_unit(struct godwarf *g, Dwarf_Die *unit)
{
	Dwarf_Die die;

	if (dwarf_child(unit, &die))
		return;
	do
		add(g, &die);
	while (--g->left && next(&die));
}

static void add_all(struct godwarf *g)
{
	Dwarf_CU *cu = NULL;
	Dwarf_Die unit;

	for (size_t n = 0; n < UNITS_MAX && g->left; n++) {
		const char *name;

		if (dwarf_get_units(g->dwarf, cu, &cu, NULL, NULL, &unit, NULL))
			return;
		name = dwarf_diename(&unit);
		if (name && (!strcmp(name, "runtime") || !strcmp(name, "internal/abi")))
			add_unit(g, &unit);
	}
}

static void clear(struct godwarf *g)
{
	struct entry *entry, *after;

	for (size_t i = 0; i < WHATS; i++) {
		HASH_ITER (hh, g->entries[i], entry, after) {
			HASH_DEL(g->entries[i], entry);
			free(entry);
		}
	}
}

static bool find(const struct godwarf *g, enum what what, const char *name, Dwarf_Die *ret)
{
	struct entry *entry;

	HASH_FIND_STR(g->entries[what], name, entry);
	return entry && dwarf_offdie(g->dwarf, entry->at, ret);
}

/* ---- one entry ---- */

static bool get_unsigned(Dwarf_Die *die, unsigned int what, __u64 *ret)
{
	Dwarf_Attribute attribute;
	Dwarf_Word value;

	if (!dwarf_attr(die, what, &attribute) || dwarf_formudata(&attribute, &value))
		return false;
	*ret = value;
	return true;
}

/* An address that does not change. Go writes it as a block, which libdw takes for no expression. */
static bool get_address(Dwarf_Die *die, __u64 *ret)
{
	Dwarf_Attribute attribute;
	Dwarf_Block block;

	if (!dwarf_attr(die, DW_AT_location, &attribute) || dwarf_formblock(&attribute, &block) ||
	    block.length != 1 + POINTER || block.data[0] != DW_OP_addr)
		return false;
	*ret = target_u64(block.data + 1);
	return true;
}

static bool bare(Dwarf_Die *type)
{
	Dwarf_Attribute attribute;

	for (int i = 0; i < TYPEDEFS_MAX; i++) {
		if (dwarf_tag(type) != DW_TAG_typedef)
			return true;
		if (!dwarf_attr(type, DW_AT_type, &attribute) ||
		    !dwarf_formref_die(&attribute, type))
			return false;
	}
	return false;
}

static bool type_of(Dwarf_Die *die, __u64 *ret)
{
	Dwarf_Attribute attribute;
	Dwarf_Die type;

	if (!dwarf_attr(die, DW_AT_type, &attribute) || !dwarf_formref_die(&attribute, &type) ||
	    !bare(&type))
		return false;
	*ret = dwarf_dieoffset(&type);
	return true;
}

/* ---- what is asked for ---- */

static bool type(void *arg, const char *name, __u64 *ret)
{
	Dwarf_Die die;

	if (!find(arg, TYPES, name, &die) || !bare(&die))
		return false;
	*ret = dwarf_dieoffset(&die);
	return true;
}

static bool constant(void *arg, const char *name, __u64 *ret)
{
	Dwarf_Attribute attribute;
	Dwarf_Sword value;
	Dwarf_Die die;

	if (!find(arg, CONSTANTS, name, &die) || !dwarf_attr(&die, DW_AT_const_value, &attribute) ||
	    dwarf_formsdata(&attribute, &value))
		return false;
	*ret = value;
	return true;
}

static bool variable(void *arg, const char *name, __u64 *ret_address, __u64 *ret_type)
{
	Dwarf_Die die;

	return find(arg, VARIABLES, name, &die) && get_address(&die, ret_address) &&
	       type_of(&die, ret_type);
}

static bool member(void *arg, __u64 in, const char *name, __u64 *ret_type, __u64 *ret_offset)
{
	const struct godwarf *g = arg;
	Dwarf_Die die;

	if (!dwarf_offdie(g->dwarf, in, &die) || dwarf_tag(&die) != DW_TAG_structure_type ||
	    dwarf_child(&die, &die))
		return false;
	for (int n = 0; n < MEMBERS_MAX; n++) {
		const char *its = dwarf_tag(&die) == DW_TAG_member ? dwarf_diename(&die) : NULL;

		if (its && !strcmp(its, name))
			return get_unsigned(&die, DW_AT_data_member_location, ret_offset) &&
			       type_of(&die, ret_type);
		if (!next(&die))
			return false;
	}
	return false;
}

static bool element(void *arg, __u64 array, __u64 *ret_type)
{
	const struct godwarf *g = arg;
	Dwarf_Die die;

	return dwarf_offdie(g->dwarf, array, &die) && dwarf_tag(&die) == DW_TAG_array_type &&
	       type_of(&die, ret_type);
}

static bool size(void *arg, __u64 of, __u64 *ret)
{
	const struct godwarf *g = arg;
	Dwarf_Die die;

	if (!dwarf_offdie(g->dwarf, of, &die))
		return false;
	if (get_unsigned(&die, DW_AT_byte_size, ret))
		return true;
	*ret = POINTER; /* Go says it of none */
	return dwarf_tag(&die) == DW_TAG_pointer_type || dwarf_tag(&die) == DW_TAG_subroutine_type;
}

bool godwarf_layout(Dwarf *dwarf, unsigned int minor, enum golang_arch arch, struct layout_own *ret)
{
	struct godwarf g = { .dwarf = dwarf, .left = ENTRIES_MAX };
	const struct layout_source source = { &g, type, constant, variable, member, element, size };

	bool found;

	add_all(&g);
	found = g.entries[TYPES];
	if (found)
		layout_own_read(&source, minor, arch, ret);
	clear(&g);
	return found;
}
