// SPDX-License-Identifier: GPL-2.0-only
/* symbol.c - what is the code at an address called, and from which line was it made?
 *
 * The name comes from the symbol tables (.symtab, .dynsym, .gnu_debugdata, those of the
 * debug file), lines and inlined calls from DWARF. A symbol is taken only where it covers
 * the address: the next one before it says nothing. */
#include "symbolize/symbol.h"

#include <dwarf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "symbolize/demangle.h"
#include "symbolize/golook_seen.h"
#include "symbolize/names.h"
#include "symbolize/perfmap.h"

/* Assembly may leave a symbol without a size: it is believed for a short way. */
#define SIZELESS_MAX 512
#define MANGLED_MAX 2048
/* Of one unit's DWARF that are looked at for one address; deeper and longer ones are not
 * a compiler's. */
#define ENTRIES_MAX 4000000
#define DEPTH_MAX 256

static void set_text(char *ret, const char *text)
{
	snprintf(ret, STACK_NAME_MAX, "%s", text ? text : "");
}

/* Whether a file has the full symbol table, with which a symbol reaches to the next one; in
 * .dynsym there is a gap wherever a function is not exported. */
static bool is_full(Elf *elf)
{
	for (Elf_Scn *s = NULL; (s = elf_nextscn(elf, s));) {
		GElf_Shdr shdr;

		if (gelf_getshdr(s, &shdr) && shdr.sh_type == SHT_SYMTAB)
			return true;
	}
	return false;
}

/* The name in the symbol tables; an ELF version may follow it ("@@GLIBC_2.34"). */
static bool table_name(Dwfl_Module *module, Dwarf_Addr address, char *ret)
{
	char plain[MANGLED_MAX];
	GElf_Off offset;
	GElf_Word section;
	GElf_Sym sym;
	Elf *elf = NULL;
	const char *name =
		dwfl_module_addrinfo(module, address, &offset, &sym, &section, &elf, NULL);

	if (!name || !*name)
		return false;
	if (sym.st_size ? offset >= sym.st_size : offset > SIZELESS_MAX || !is_full(elf))
		return false;
	snprintf(plain, sizeof(plain), "%.*s", (int)strcspn(name, "@"), name);
	demangle_name(plain, ret, STACK_NAME_MAX);
	return ret[0];
}

/* The name that DWARF has for a function or an inlined call. */
static void die_name(Dwarf_Die *die, char *ret)
{
	Dwarf_Attribute attribute;
	const char *linkage = NULL;

	if (dwarf_attr_integrate(die, DW_AT_linkage_name, &attribute) ||
	    dwarf_attr_integrate(die, DW_AT_MIPS_linkage_name, &attribute))
		linkage = dwarf_formstring(&attribute);
	if (linkage)
		demangle_name(linkage, ret, STACK_NAME_MAX);
	else
		set_text(ret, dwarf_diename(die));
}

struct position {
	const char *file;
	int line;
};

static void set_position(struct message_frame *f, const struct position *at)
{
	set_text(f->file, at->file);
	f->line = at->file && at->line > 0 ? at->line : 0;
}

/* Where an inlined function was called. */
static struct position call_position(Dwarf_Die *cu, Dwarf_Die *die)
{
	struct position at = { NULL, 0 };
	Dwarf_Attribute attribute;
	Dwarf_Word file, line;
	Dwarf_Files *files;
	size_t n;

	if (dwarf_formudata(dwarf_attr(die, DW_AT_call_file, &attribute), &file) ||
	    dwarf_formudata(dwarf_attr(die, DW_AT_call_line, &attribute), &line) ||
	    dwarf_getsrcfiles(cu, &files, &n) || file >= n)
		return at;
	at.file = dwarf_filesrc(files, file, NULL, NULL);
	at.line = (int)line;
	return at;
}

static bool is_function(int tag)
{
	return tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine ||
	       tag == DW_TAG_entry_point;
}

/* The functions that enclose an address, as the code is nested, outermost first. */
struct nest {
	Dwarf_Addr address;
	Dwarf_Die die[MESSAGE_FRAMES_MAX];
	size_t n;
	size_t looked; /* entries that were looked at */
};

/* What code stands in, of which DWARF says no addresses. */
static bool is_scope(int tag)
{
	return tag == DW_TAG_namespace || tag == DW_TAG_module || tag == DW_TAG_structure_type ||
	       tag == DW_TAG_class_type || tag == DW_TAG_union_type ||
	       tag == DW_TAG_enumeration_type;
}

/* What else has addresses and may enclose code: all others need not be asked for theirs. */
static bool is_block(int tag)
{
	return tag == DW_TAG_lexical_block || tag == DW_TAG_try_block ||
	       tag == DW_TAG_catch_block || tag == DW_TAG_with_stmt;
}

/* Looks among the children of a DIE, and in theirs. libdw's dwarf_getscopes() does not look
 * into namespaces, where LLVM puts functions. */
static bool find_nest(struct nest *nest, Dwarf_Die *parent, unsigned int depth)
{
	Dwarf_Die die;

	if (depth == DEPTH_MAX || dwarf_child(parent, &die))
		return false;
	do {
		int tag = dwarf_tag(&die);
		bool here = (is_function(tag) || is_block(tag)) &&
			    dwarf_haspc(&die, nest->address) > 0;

		if (nest->looked++ == ENTRIES_MAX)
			return false;
		if (here && is_function(tag) && nest->n < MESSAGE_FRAMES_MAX)
			nest->die[nest->n++] = die;
		if ((here || is_scope(tag)) && dwarf_haschildren(&die) > 0 &&
		    find_nest(nest, &die, depth + 1))
			return true;
		if (here)
			return true;
	} while (!dwarf_siblingof(&die, &die));
	return false;
}

/* Fills the frames of what is inlined, and the file and line of each. */
static void inlined_frames(Dwfl_Module *module, Dwarf_Addr address, struct message_frames *ret)
{
	struct position at = { NULL, 0 };
	struct nest nest = { .n = 0 };
	Dwarf_Addr bias;
	Dwarf_Die *cu = dwfl_module_addrdie(module, address, &bias);
	Dwfl_Line *line;

	/* libdwfl counts what lies between two pieces of a unit as the unit's, too. */
	if (!cu || dwarf_haspc(cu, address - bias) <= 0) {
		ret->n = 1;
		return;
	}
	nest.address = address - bias;
	find_nest(&nest, cu, 0);
	line = dwfl_module_getsrc(module, address);
	if (line)
		at.file = dwfl_lineinfo(line, NULL, &at.line, NULL, NULL, NULL);
	for (size_t i = nest.n; i > 0; i--) {
		struct message_frame *f = &ret->frame[ret->n++];

		set_position(f, &at);
		die_name(&nest.die[i - 1], f->function);
		f->inlined = i > 1;
		at = call_position(cu, &nest.die[i - 1]);
	}
	if (!ret->n)
		set_position(&ret->frame[ret->n++], &at);
}

static void image_frames(struct image *image, __u64 address, bool exact, struct message_frames *ret)
{
	__u64 bias, lookup = address - !exact;
	Dwfl_Module *module;
	char name[STACK_NAME_MAX];

	if (names_find(*image_names(image), lookup, ret))
		return;
	module = image_module(image, &bias);
	lookup += bias;
	inlined_frames(module, lookup, ret);
	/* The symbol is what the debugger, the linker and the stripped binary agree on. */
	if (table_name(module, lookup, name))
		memcpy(ret->frame[ret->n - 1].function, name, sizeof(name));
	names_keep(image_names(image), address - !exact, ret);
}

static void jit_name(struct space *s, struct images *images, __u64 address, char *ret)
{
	struct message_open open = { .what = MESSAGE_OPEN_PERF_MAP };

	if (!s->perfmap_tried) {
		int fd = images->peer->open(images->peer->arg, &open);

		s->perfmap_tried = true;
		s->perfmap = fd < 0 ? NULL : perfmap_new(fd);
	}
	if (s->perfmap)
		perfmap_name(s->perfmap, address, ret, STACK_NAME_MAX);
}

void symbol_find(struct space *s, struct images *images, __u64 address, bool exact,
		 struct message_frames *ret)
{
	struct mapping *m = space_find(s, address - !exact);
	struct image *image = m ? space_image(s, m, images) : NULL;
	__u64 own = 0;

	if (golook_seen_name(s, address, exact, ret))
		return;
	memset(ret->frame, 0, sizeof(ret->frame));
	ret->n = 0;
	if (image && image_address(image, address - !exact - m->start + m->offset, &own)) {
		own += !exact;
		image_frames(image, own, exact, ret);
	} else {
		ret->n = 1;
		if (m && !m->ino)
			jit_name(s, images, address - !exact, ret->frame[0].function);
		else if (m)
			own = address - m->start + m->offset;
	}
	for (size_t i = 0; i < ret->n; i++) {
		ret->frame[i].offset = own;
		set_text(ret->frame[i].module, m ? m->name : "");
	}
}
