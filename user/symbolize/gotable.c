// SPDX-License-Identifier: GPL-2.0-only
/* gotable.c - where a Go program's file keeps its table of functions.
 *
 * Sections keep their names when a binary is stripped of its symbols; a position-independent one
 * may have the table in a section that is called otherwise, among what is relocated. */
#include "symbolize/gotable.h"

#include <string.h>

#define CANDIDATES_MAX 64 /* places that look like the head of a table */

static Elf *elf_of(struct image *i)
{
	__u64 ours;
	Dwarf_Addr bias;

	return dwfl_module_getelf(image_module(i, &ours), &bias);
}

static struct pclntab_bytes raw(Elf *elf)
{
	struct pclntab_bytes file = {};

	file.v = (const unsigned char *)elf_rawfile(elf, &file.n);
	if (!file.v)
		file.n = 0;
	return file;
}

/* The bytes of a segment that are in the file. */
static struct pclntab_bytes segment_bytes(struct pclntab_bytes file, const GElf_Phdr *p)
{
	if (p->p_type != PT_LOAD || p->p_offset > file.n || p->p_filesz > file.n - p->p_offset)
		return (struct pclntab_bytes){ NULL, 0 };
	return (struct pclntab_bytes){ file.v + p->p_offset, p->p_filesz };
}

struct found {
	struct pclntab table; /* in the image's own memory */
	__u64 address;	      /* of it, as the file counts */
};

static bool is_table(struct pclntab_bytes bytes, __u64 address, struct found *ret)
{
	struct pclntab_function first;

	if (pclntab_open(bytes.v, bytes.n, &ret->table) || !ret->table.nfunctions ||
	    pclntab_function(&ret->table, 0, &first))
		return false;
	ret->address = address;
	return true;
}

static bool search(struct pclntab_bytes bytes, __u64 address, struct found *ret)
{
	size_t at = 0;

	for (int n = 0; n < CANDIDATES_MAX; n++, at++) {
		at = pclntab_search(bytes.v, bytes.n, at);
		if (at >= bytes.n)
			return false;
		if (is_table((struct pclntab_bytes){ bytes.v + at, bytes.n - at }, address + at,
			     ret))
			return true;
	}
	return false;
}

struct pclntab_bytes gotable_bytes(struct image *i, __u64 address)
{
	Elf *elf = elf_of(i);
	struct pclntab_bytes file = raw(elf);
	size_t n = 0;
	GElf_Phdr p;

	if (!file.v || elf_getphdrnum(elf, &n))
		n = 0;
	for (size_t k = 0; k < n; k++) {
		struct pclntab_bytes bytes;

		if (!gelf_getphdr(elf, k, &p))
			continue;
		bytes = segment_bytes(file, &p);
		if (bytes.v && address >= p.p_vaddr && address - p.p_vaddr < bytes.n)
			return (struct pclntab_bytes){ bytes.v + (address - p.p_vaddr),
						       bytes.n - (address - p.p_vaddr) };
	}
	return (struct pclntab_bytes){ NULL, 0 };
}

static bool by_section(struct image *i, struct found *ret)
{
	Elf *elf = elf_of(i);
	size_t names;

	if (elf_getshdrstrndx(elf, &names))
		return false;
	for (Elf_Scn *s = NULL; (s = elf_nextscn(elf, s));) {
		GElf_Shdr shdr;
		const char *name = gelf_getshdr(s, &shdr) ? elf_strptr(elf, names, shdr.sh_name)
							  : NULL;

		if (name &&
		    (!strcmp(name, ".gopclntab") || !strcmp(name, ".data.rel.ro.gopclntab")) &&
		    is_table(gotable_bytes(i, shdr.sh_addr), shdr.sh_addr, ret))
			return true;
	}
	return false;
}

static bool by_looks(struct image *i, struct found *ret)
{
	Elf *elf = elf_of(i);
	struct pclntab_bytes file = raw(elf);
	size_t n;
	GElf_Phdr p;

	if (!file.v || elf_getphdrnum(elf, &n))
		return false;
	for (size_t k = 0; k < n; k++)
		if (gelf_getphdr(elf, k, &p) && search(segment_bytes(file, &p), p.p_vaddr, ret))
			return true;
	return false;
}

static void learn(struct image *i, struct image_table *ret)
{
	struct pclntab_function f;
	struct found found;

	ret->tried = true;
	if (!by_section(i, &found) && !by_looks(i, &found))
		return;
	ret->address = found.address;
	/* C code that was linked in calls Go by it (runtime/cgo) */
	ret->has_c_code = pclntab_named(&found.table, "crosscall2", &f);
}

const struct image_table *gotable_find(struct image *i)
{
	struct image_table *known = image_table(i);

	if (!known->tried)
		learn(i, known);
	return known->address ? known : NULL;
}
