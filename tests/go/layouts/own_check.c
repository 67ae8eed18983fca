// SPDX-License-Identifier: GPL-2.0-only
/* own_check.c - is the layout that nowake reads in a program's own DWARF the row of the table?
 *
 * usage: own_check PROGRAM...        named *-1.MINOR-*, of a version that has a row
 * The rows were made by extract.go, with Go's own debug/dwarf. All numbers
 * must be the same, but for those that no code reads where the program
 * lacks them; and so must be the words for why goroutines wait. */
#include <elf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <gelf.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "symbolize/godwarf.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static void die(const char *path, const char *what)
{
	fprintf(stderr, "own_check: %s: %s\n", path, what);
	exit(2);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* What the file has at an address, as if it ran. */
static bool read_piece(Elf *elf, const struct target_piece *piece)
{
	size_t n, size;
	const char *file = elf_rawfile(elf, &size);
	GElf_Phdr p;

	if (!file || elf_getphdrnum(elf, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		const __u64 at = gelf_getphdr(elf, i, &p) ? piece->address - p.p_vaddr : 0;

		if (p.p_type != PT_LOAD || at >= p.p_filesz || piece->len > p.p_filesz - at)
			continue;
		memcpy(piece->to, file + p.p_offset + at, piece->len);
		return true;
	}
	return false;
}

static void read_file(void *arg, struct target_piece *pieces, size_t n)
{
	for (size_t i = 0; i < n; i++)
		pieces[i].there = read_piece(arg, &pieces[i]);
}

static int compare_numbers(const char *path, const struct golang_layout *own,
			   const struct golang_layout *row)
{
	const __s32 *a = (const __s32 *)&own->g, *b = (const __s32 *)&row->g;
	const size_t n = (const __s32 *)(&row->funcid + 1) - b;
	int wrong = 0;

	for (size_t i = 0; i < n; i++) {
		if (a[i] == b[i])
			continue;
		printf("not ok %s: line %zu of the members is %d, and %d in the table\n", path,
		       i + 1, a[i], b[i]);
		wrong++;
	}
	if (own->arena_base_offset != row->arena_base_offset) {
		printf("not ok %s: arena_base_offset is %#llx\n", path, own->arena_base_offset);
		wrong++;
	}
	return wrong;
}

static int compare_reasons(const char *path, const struct golang_layout *own,
			   const struct golang_layout *row)
{
	int wrong = 0;

	if (own->wait_reason_count != row->wait_reason_count) {
		printf("not ok %s: %u wait reasons, not %u\n", path, own->wait_reason_count,
		       row->wait_reason_count);
		return 1;
	}
	for (__u32 i = 0; i < own->wait_reason_count; i++) {
		if (!strcmp(own->wait_reasons[i], row->wait_reasons[i]))
			continue;
		printf("not ok %s: wait reason %u is \"%s\", not \"%s\"\n", path, i,
		       own->wait_reasons[i], row->wait_reasons[i]);
		wrong++;
	}
	return wrong;
}

static int check(const char *path, const struct golang_layout *row, Elf *elf)
{
	static struct layout_reasons reasons;
	const struct target target = { elf, read_file };
	struct layout_own own;
	Dwarf *dwarf = dwarf_begin_elf(elf, DWARF_C_READ, NULL);
	const double began = now();
	int wrong;

	if (!dwarf || !godwarf_layout(dwarf, row->minor, row->arch, &own))
		die(path, "there is nothing of Go's runtime in its DWARF");
	if (own.why[0]) {
		printf("not ok %s: it %s\n", path, own.why);
		dwarf_end(dwarf);
		return 1;
	}
	wrong = compare_numbers(path, &own.layout, row);
	if (!layout_own_reasons(&target, own.reasons, own.nreasons, &reasons, &own.layout)) {
		printf("not ok %s: no wait reasons\n", path);
		wrong++;
	} else {
		wrong += compare_reasons(path, &own.layout, row);
	}
	if (!wrong)
		printf("ok %s: its own layout is the table's, read in %.1f ms\n", path,
		       (now() - began) * 1e3);
	dwarf_end(dwarf);
	return wrong;
}

static bool is_good(const char *path)
{
	const char *version = strstr(path, "-1.");
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	const struct golang_layout *row = NULL;
	bool good;
	GElf_Ehdr head;

	if (!elf || !gelf_getehdr(elf, &head))
		die(path, "it is no ELF file");
	if (version)
		row = layout_find(atoi(version + 3),
				  head.e_machine == EM_AARCH64 ? GOLANG_ARM64 : GOLANG_AMD64);
	if (!row)
		die(path, "the table has no row of its version");
	good = !check(path, row, elf);
	elf_end(elf);
	close(fd);
	return good;
}

int main(int argc, char **argv)
{
	int passed = 0, failed = 0;

	elf_version(EV_CURRENT);
	for (int i = 1; i < argc; i++)
		*(is_good(argv[i]) ? &passed : &failed) += 1;
	printf("%d passed, %d failed\n", passed, failed);
	return failed || !passed;
}
