// SPDX-License-Identifier: GPL-2.0-only
/* image.c - ELF files: opened once, kept, asked for unwind information.
 *
 * Everything in them is hostile; libelf and libdw check what they read, and whatever they
 * miss ends this process, which is there for that (sandbox.c). Files come from the peer as
 * descriptors; libdw's own ways to find files are not used. */
#include "symbolize/image.h"

#include <elfutils/libdwelf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uthash.h>
#include <zlib.h>

#include "base/cleanup.h"
#include "symbolize/names.h"

#define LOADS_MAX 32
#define ROWS_MAX 65536 /* of unwind information that are kept */

/* One answer of the unwind tables. */
struct row {
	__u64 address;
	Dwarf_Frame *frame; /* NULL: they say nothing */
	UT_hash_handle hh;
};

struct load {
	__u64 offset;
	__u64 size;
	__u64 address;
};

enum { TABLE_EH, TABLE_DEBUG, TABLES };

struct image {
	struct image *next;
	struct images *all;
	struct stat identity; /* of the file; zeros for the vdso */
	unsigned char id[MESSAGE_ID_MAX];
	size_t id_len;
	struct image_source source; /* the mapping by which the current process reaches it */
	bool in_use;
	Dwfl *dwfl;
	Dwfl_Module *module;
	Dwarf_Addr bias;
	struct load loads[LOADS_MAX];
	size_t nloads;
	struct {
		bool tried;
		Dwarf_CFI *cfi;
		Dwarf_Addr bias;
	} tables[TABLES];
	struct row *rows;
	struct names *names;
	struct image_table table;
	struct layout_own *layout;
	struct {
		bool tried;
		Dwarf *dwarf;
		int fd;
	} alternate; /* debug information that several files share (dwz) */
};

/* ---- debug files ---- */

static bool has_build_id(int fd, const unsigned char *id, size_t len)
{
	Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	const void *other;
	ssize_t n = elf ? dwelf_elf_gnu_build_id(elf, &other) : -1;
	bool same = n > 0 && (size_t)n == len && !memcmp(other, id, len);

	elf_end(elf);
	return same;
}

/* The checksum that .gnu_debuglink holds: the CRC-32 that zlib computes, of the whole file. */
static bool has_checksum(int fd, __u32 want)
{
	unsigned char buffer[65536];
	uLong crc = crc32(0, NULL, 0);
	off_t at = 0;
	ssize_t n;

	while ((n = pread(fd, buffer, sizeof(buffer), at)) > 0) {
		crc = crc32(crc, buffer, n);
		at += n;
	}
	return !n && crc == want;
}

/* Asks for a debug file by build id; one that has another one is not taken. */
static int ask_build_id(const struct image *i, const unsigned char *id, size_t len)
{
	struct message_open open = {
		.what = MESSAGE_OPEN_BUILD_ID,
		.start = i->source.start,
		.end = i->source.end,
	};
	int fd;

	if (len < 2 || len > sizeof(open.id))
		return -1;
	memcpy(open.id, id, len);
	open.id_len = len;
	fd = i->all->peer->open(i->all->peer->arg, &open);
	if (fd >= 0 && !has_build_id(fd, id, len)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static int ask_link(const struct image *i, const char *name, __u32 checksum)
{
	struct message_open open = {
		.what = MESSAGE_OPEN_LINK,
		.start = i->source.start,
		.end = i->source.end,
	};
	int fd;

	if (!name || !*name || strlen(name) >= sizeof(open.name) || strchr(name, '/'))
		return -1;
	strcpy(open.name, name);
	fd = i->all->peer->open(i->all->peer->arg, &open);
	if (fd >= 0 && !has_checksum(fd, checksum) && !has_build_id(fd, i->id, i->id_len)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* libdwfl asks for a module's debug file. */
static int find_debuginfo(Dwfl_Module *mod, void **userdata, const char *modname, Dwarf_Addr base,
			  const char *file_name, const char *link, GElf_Word checksum,
			  char **ret_name)
{
	const struct image *i = *userdata;
	int fd;

	(void)mod, (void)modname, (void)base, (void)file_name;
	*ret_name = NULL;
	if (!i)
		return -1;
	fd = i->id_len ? ask_build_id(i, i->id, i->id_len) : -1;
	return fd >= 0 ? fd : ask_link(i, link, checksum);
}

static int find_nothing(Dwfl_Module *mod, void **userdata, const char *modname, Dwarf_Addr base,
			char **ret_name, Elf **ret_elf)
{
	(void)mod, (void)userdata, (void)modname, (void)base, (void)ret_name, (void)ret_elf;
	return -1;
}

static const Dwfl_Callbacks callbacks = {
	.find_elf = find_nothing,
	.find_debuginfo = find_debuginfo,
	.section_address = dwfl_offline_section_address,
};

static void find_alternate(struct image *i)
{
	Dwarf_Addr bias;
	Dwarf *dwarf;
	const char *name;
	const void *id;
	ssize_t n;
	int fd;

	if (i->alternate.tried)
		return;
	i->alternate.tried = true;
	dwarf = dwfl_module_getdwarf(i->module, &bias);
	n = dwarf ? dwelf_dwarf_gnu_debugaltlink(dwarf, &name, &id) : 0;
	fd = n > 0 ? ask_build_id(i, id, n) : -1;
	if (fd < 0)
		return;
	i->alternate.dwarf = dwarf_begin(fd, DWARF_C_READ);
	if (!i->alternate.dwarf) {
		close(fd);
		return;
	}
	i->alternate.fd = fd;
	dwarf_setalt(dwarf, i->alternate.dwarf);
}

/* ---- opening ---- */

static void rows_free(struct image *i)
{
	struct row *row, *next;

	HASH_ITER (hh, i->rows, row, next) {
		HASH_DEL(i->rows, row);
		free(row->frame);
		free(row);
	}
}

static void image_free(struct image *i)
{
	rows_free(i);
	names_free(&i->names);
	free(i->layout);
	if (i->dwfl)
		dwfl_end(i->dwfl);
	if (i->alternate.dwarf) {
		dwarf_end(i->alternate.dwarf);
		close(i->alternate.fd);
	}
	free(i);
}

DEFINE_CLEANUP(struct image *, image_free);

/* Header and build id, before libdwfl sees the file: only executables and libraries. */
static int read_header(struct image *i, int fd)
{
	Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	const void *id;
	GElf_Ehdr ehdr;
	ssize_t n;
	int err = -ENOEXEC;

	if (elf && elf_kind(elf) == ELF_K_ELF && gelf_getehdr(elf, &ehdr) &&
	    (ehdr.e_type == ET_EXEC || ehdr.e_type == ET_DYN) &&
	    ehdr.e_machine == i->source.machine) {
		n = dwelf_elf_gnu_build_id(elf, &id);
		if (n > 0 && (size_t)n <= sizeof(i->id)) {
			memcpy(i->id, id, n);
			i->id_len = n;
		}
		err = 0;
	}
	elf_end(elf);
	return err;
}

static int read_loads(struct image *i)
{
	Elf *elf = dwfl_module_getelf(i->module, &i->bias);
	size_t n;

	if (!elf || elf_getphdrnum(elf, &n))
		return -ENOEXEC;
	for (size_t k = 0; k < n && i->nloads < LOADS_MAX; k++) {
		GElf_Phdr phdr;

		if (!gelf_getphdr(elf, k, &phdr))
			return -ENOEXEC;
		if (phdr.p_type == PT_LOAD && (phdr.p_flags & PF_X))
			i->loads[i->nloads++] =
				(struct load){ phdr.p_offset, phdr.p_filesz, phdr.p_vaddr };
	}
	return i->nloads ? 0 : -ENOEXEC;
}

/* Takes the descriptor, also when it fails. */
static int load(struct image *i, int fd)
{
	void **userdata;

	i->dwfl = dwfl_begin(&callbacks);
	if (i->dwfl) {
		dwfl_report_begin(i->dwfl);
		i->module = dwfl_report_elf(i->dwfl, "image", "", fd, 0, false);
	}
	if (!i->module) {
		close(fd);
		return -ENOEXEC;
	}
	dwfl_report_end(i->dwfl, NULL, NULL);
	dwfl_module_info(i->module, &userdata, NULL, NULL, NULL, NULL, NULL, NULL);
	*userdata = i;
	return read_loads(i);
}

/* ---- the cache ---- */

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* A build id is what its file says it is. Where root alone can have written both, they are
 * copies of each other: those of two containers. */
static bool same_build(const struct image *a, const struct image *b)
{
	return a->id_len >= 16 && a->id_len == b->id_len && !memcmp(a->id, b->id, a->id_len) &&
	       a->identity.st_size == b->identity.st_size && !a->identity.st_uid &&
	       !b->identity.st_uid && !((a->identity.st_mode | b->identity.st_mode) & 022);
}

static struct image *find_file(struct images *images, const struct stat *st, __u32 machine)
{
	for (struct image *i = images->first; i; i = i->next)
		if (same_file(&i->identity, st) && i->source.machine == machine)
			return i;
	return NULL;
}

static struct image *find_build(struct images *images, const struct image *like)
{
	for (struct image *i = images->first; i; i = i->next)
		if (i->source.machine == like->source.machine && same_build(i, like))
			return i;
	return NULL;
}

static struct image *use(struct image *i, const struct image_source *source)
{
	i->source = *source;
	i->in_use = true;
	return i;
}

/* Takes the descriptor. */
static struct image *open_new(struct images *images, const struct image_source *source,
			      const struct stat *st, int fd)
{
	_cleanup_(image_freep) struct image *i = calloc(1, sizeof(*i));
	struct image *known;

	if (!i) {
		close(fd);
		return NULL;
	}
	i->all = images;
	i->identity = *st;
	i->source = *source;
	if (read_header(i, fd)) {
		close(fd);
		return NULL;
	}
	known = find_build(images, i);
	if (known) {
		close(fd);
		return use(known, source);
	}
	if (load(i, fd))
		return NULL;
	i->next = images->first;
	images->first = i;
	images->n++;
	use(i, source);
	return TAKE_PTR(i);
}

struct image *image_open(struct images *images, const struct image_source *source)
{
	struct message_open open = {
		.what = source->memory ? MESSAGE_OPEN_MEMORY : MESSAGE_OPEN_MAPPED,
		.start = source->start,
		.end = source->end,
	};
	struct image *known;
	struct stat st;
	int fd = images->peer->open(images->peer->arg, &open);

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return NULL;
	}
	/* Each copy of the vdso is a file of its own: only its build id tells that it is known. */
	known = find_file(images, &st, source->machine);
	if (!known)
		return open_new(images, source, &st, fd);
	close(fd);
	return use(known, source);
}

void image_release_all(struct images *images)
{
	struct image **at = &images->first;

	while (*at) {
		struct image *i = *at;

		i->in_use = false;
		if (images->n <= IMAGES_MAX) {
			at = &i->next;
			continue;
		}
		*at = i->next;
		images->n--;
		image_free(i);
	}
}

void image_free_all(struct images *images)
{
	while (images->first) {
		struct image *i = images->first;

		images->first = i->next;
		image_free(i);
	}
	images->n = 0;
}

/* ---- what it says ---- */

bool image_address(const struct image *i, __u64 offset, __u64 *ret)
{
	for (size_t k = 0; k < i->nloads; k++) {
		const struct load *l = &i->loads[k];

		if (offset < l->offset || offset - l->offset >= l->size)
			continue;
		*ret = l->address + (offset - l->offset);
		return true;
	}
	return false;
}

static Dwarf_Frame *look_up(struct image *i, __u64 address)
{
	for (int k = 0; k < TABLES; k++) {
		Dwarf_Frame *frame = NULL;

		if (!i->tables[k].tried) {
			i->tables[k].tried = true;
			i->tables[k].cfi =
				k == TABLE_EH
					? dwfl_module_eh_cfi(i->module, &i->tables[k].bias)
					: dwfl_module_dwarf_cfi(i->module, &i->tables[k].bias);
		}
		if (i->tables[k].cfi &&
		    !dwarf_cfi_addrframe(i->tables[k].cfi, address + i->bias - i->tables[k].bias,
					 &frame))
			return frame;
	}
	return NULL;
}

Dwarf_Frame *image_frame(struct image *i, __u64 address)
{
	struct row *row;

	HASH_FIND(hh, i->rows, &address, sizeof(address), row);
	if (row)
		return row->frame;
	if (HASH_COUNT(i->rows) >= ROWS_MAX)
		rows_free(i);
	row = calloc(1, sizeof(*row));
	if (!row)
		return NULL;
	row->address = address;
	row->frame = look_up(i, address);
	HASH_ADD(hh, i->rows, address, sizeof(address), row);
	return row->frame;
}

Dwfl_Module *image_module(struct image *i, __u64 *ret_bias)
{
	find_alternate(i);
	*ret_bias = i->bias;
	return i->module;
}

struct image_table *image_table(struct image *i)
{
	return &i->table;
}

struct layout_own **image_layout(struct image *i)
{
	return &i->layout;
}

struct names **image_names(struct image *i)
{
	return &i->names;
}
