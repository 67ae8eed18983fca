// SPDX-License-Identifier: GPL-2.0-only
/* godwarf.c - fuzzes the layout that a Go program's own DWARF gives, and the words for its waits
 *
 * The data: how long .debug_abbrev is (2 bytes), that, and .debug_info. Corpus: what the code needs
 * of Go 1.27 on x86_64, and nothing else; loop: with types that stand for each other.
 */
#include <libelf.h>

#include "feed.h"
#include "symbolize/godwarf.h"

enum { ABBREV = 1, INFO, NAMES, SECTIONS };

static const char names[] = "\0.debug_abbrev\0.debug_info\0.shstrtab";
static const unsigned int name_of[SECTIONS] = { 0, 1, 15, 27 };

/* An ELF file with these sections; freed by the caller. */
static char *make_file(const uint8_t *abbrev, size_t n, const uint8_t *info, size_t m,
		       size_t *ret_size)
{
	const size_t size =
		sizeof(Elf64_Ehdr) + SECTIONS * sizeof(Elf64_Shdr) + sizeof(names) + n + m;
	Elf64_Ehdr *head = calloc(1, size);
	Elf64_Shdr *section = (Elf64_Shdr *)(head + 1);
	const struct {
		const void *v;
		size_t n;
	} parts[SECTIONS] = { [ABBREV] = { abbrev, n }, { info, m }, { names, sizeof(names) } };
	char *at = (char *)(section + SECTIONS);

	if (!head)
		abort();
	memcpy(head->e_ident, ELFMAG "\x02\x01\x01", 7);
	head->e_type = ET_EXEC;
	head->e_machine = FEED_MACHINE;
	head->e_version = EV_CURRENT;
	head->e_ehsize = sizeof(*head);
	head->e_shoff = sizeof(*head);
	head->e_shentsize = sizeof(*section);
	head->e_shnum = SECTIONS;
	head->e_shstrndx = NAMES;
	for (int i = ABBREV; i < SECTIONS; i++) {
		section[i] = (Elf64_Shdr){ .sh_name = name_of[i],
					   .sh_type = i == NAMES ? SHT_STRTAB : SHT_PROGBITS,
					   .sh_offset = at - (char *)head,
					   .sh_size = parts[i].n,
					   .sh_addralign = 1 };
		if (parts[i].n)
			memcpy(at, parts[i].v, parts[i].n);
		at += parts[i].n;
	}
	*ret_size = size;
	return (char *)head;
}

static void gather(void *arg, struct target_piece *pieces, size_t n)
{
	for (size_t i = 0; i < n; i++)
		pieces[i].there = feed_read(arg, pieces[i].address, pieces[i].to, pieces[i].len) ==
				  pieces[i].len;
}

static void read_reasons(const struct layout_own *own, struct feed *f)
{
	static struct layout_reasons reasons;
	const struct target target = { f, gather };
	struct golang_layout layout = own->layout;

	if (!layout_own_reasons(&target, own->reasons, own->nreasons, &reasons, &layout))
		return;
	for (unsigned int i = 0; i < layout.wait_reason_count; i++)
		if (strlen(layout_wait_reason(&layout, i)) >= LAYOUT_REASON_MAX)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed f = { data, size, 0 };
	struct layout_own own;
	uint16_t n;
	size_t len;
	Dwarf *dwarf;
	char *file;
	Elf *elf;

	if (size < sizeof(n))
		return 0;
	feed_take(&f, &n, sizeof(n));
	if (n > size - sizeof(n))
		n = size - sizeof(n);
	elf_version(EV_CURRENT);
	file = make_file(data + sizeof(n), n, data + sizeof(n) + n, size - sizeof(n) - n, &len);
	elf = elf_memory(file, len);
	dwarf = elf ? dwarf_begin_elf(elf, DWARF_C_READ, NULL) : NULL;
	for (unsigned int minor = 25; dwarf && minor <= 29; minor += 2) {
		if (!godwarf_layout(dwarf, minor, GOLANG_AMD64, &own))
			break;
		if (own.why[0])
			continue;
		if (layout_own_misfit(&own.layout) || !own.nreasons ||
		    own.nreasons > LAYOUT_REASONS_MAX)
			abort();
		read_reasons(&own, &f);
	}
	dwarf_end(dwarf);
	elf_end(elf);
	free(file);
	return 0;
}
