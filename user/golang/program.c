// SPDX-License-Identifier: GPL-2.0-only
/* program.c - where a Go program keeps what its runtime knows, found in its memory.
 *
 * Pure but for the target. Version first, for it says where all else lies: from the
 * build info, which the linker writes into every program since 1.18
 * (cmd/link/internal/ld/data.go, buildinfo), or from runtime.buildVersion when
 * somebody took that away. moduledata is what points to the function table and whose
 * addresses are in order. All of it is hostile: each step is bounded, and checked. */
#include "golang/program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "golang/globals.h"
#include "golang/version.h"

#define WORD 8
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define SEARCH_BYTES_MAX (256u << 20)
#define ARENA_MAX (1ull << 40) /* longer than any part of a program */

#define BUILDINFO_MAGIC "\xff Go buildinf:"
#define BUILDINFO_ALIGN 16
#define BUILDINFO_WORD 14  /* where it says how long a pointer is, */
#define BUILDINFO_FLAGS 15 /* and that strings follow (2), and are no longer big-endian (1) */
#define BUILDINFO_STRINGS 32

struct search {
	struct program *p;
	const struct program_place *place;
	bool found;
	__u64 left; /* bytes to search */
};

/* ---- where to look ---- */

typedef bool (*see_fn)(void *arg, const struct target_view *view);

static bool in_pass(const struct program_range *r, __u64 pclntab, int pass)
{
	if (r->writable)
		return pass == 0;
	return (pass == 1) == (r->end > pclntab) && pass;
}

/* All ranges until something is found: data first, then what lies behind the function table (of a
 * PIE also data, made read-only), then code. */
static int search(struct search *s, see_fn see)
{
	const struct program_range *ranges = s->place->ranges;
	int rc;

	s->found = false;
	s->left = SEARCH_BYTES_MAX;
	for (int pass = 0; pass < 3; pass++) {
		for (size_t i = 0; i < s->place->n; i++) {
			const __u64 start = (ranges[i].start + BUILDINFO_ALIGN - 1) &
					    ~(__u64)(BUILDINFO_ALIGN - 1);
			__u64 end = ranges[i].end;

			if (!in_pass(&ranges[i], s->place->pclntab, pass) || start >= end)
				continue;
			if (end - start > s->left)
				end = start + s->left;
			s->left -= end - start;
			rc = target_scan(s->p->target, start, end, 0, see, s);
			if (rc)
				return rc < 0 ? rc : 0;
		}
	}
	return -ENOENT;
}

/* ---- its version ---- */

/* Text of the program's own, of which the end is cut; only what can be printed. */
static void set_version(struct program *p, const unsigned char *text, size_t n)
{
	size_t k = 0;

	for (size_t i = 0; i < n && k < PROGRAM_VERSION_MAX - 1; i++)
		p->version[k++] = text[i] >= ' ' && text[i] < 0x7f ? text[i] : '?';
	p->version[k] = '\0';
}

static void take_version(struct search *s, const unsigned char *text, size_t n)
{
	set_version(s->p, text, n);
	s->found = true;
}

/* A magic number is not enough: programs that read build infos also have it. */
static bool see_build_info(void *arg, const struct target_view *view)
{
	const size_t magic = strlen(BUILDINFO_MAGIC);
	unsigned char v[BUILDINFO_STRINGS + 1 + PROGRAM_VERSION_MAX];
	struct search *s = arg;

	for (size_t at = 0; at + BUILDINFO_ALIGN <= view->n; at += BUILDINFO_ALIGN) {
		if (memcmp(view->v + at, BUILDINFO_MAGIC, magic) ||
		    view->v[at + BUILDINFO_WORD] != WORD || view->v[at + BUILDINFO_FLAGS] != 2 ||
		    !target_read(s->p->target, view->address + at, v, sizeof(v)))
			continue;
		/* a varint, of one byte for all lengths that versions have */
		if (!v[BUILDINFO_STRINGS] || v[BUILDINFO_STRINGS] >= 0x80)
			continue;
		take_version(s, v + BUILDINFO_STRINGS + 1, v[BUILDINFO_STRINGS]);
		return true;
	}
	return false;
}

/* A Go string that could be a version: its text is read; it is another than the one before? */
static bool see_version_string(struct search *s, __u64 address, __u64 len)
{
	unsigned char text[PROGRAM_VERSION_MAX];
	char before[PROGRAM_VERSION_MAX];

	if (!target_read(s->p->target, address, text, len) || memcmp(text, "go1.", 4))
		return false;
	memcpy(before, s->p->version, sizeof(before));
	take_version(s, text, len);
	return before[0] && strcmp(before, s->p->version);
}

/* Among the variables with pointers: a string of that kind. Two that differ: it is not known. */
static bool see_version_variable(void *arg, const struct target_view *view)
{
	struct search *s = arg;

	for (size_t at = 0; at + 2 * WORD <= view->n; at += WORD) {
		const __u64 p = target_u64(view->v + at), n = target_u64(view->v + at + WORD);

		if (n < strlen("go1.1") || n >= PROGRAM_VERSION_MAX ||
		    p < s->p->modules[0].rodata || p >= s->p->modules[0].etypes)
			continue;
		if (see_version_string(s, p, n)) {
			s->p->version[0] = '\0';
			s->found = false;
			return true;
		}
	}
	return false;
}

/* ---- its modules ---- */

static bool ordered(__u64 start, __u64 end)
{
	return start && start <= end && end - start < ARENA_MAX;
}

static bool module_parse(const struct golang_layout *layout, const unsigned char *v, __u64 address,
			 struct program_module *ret)
{
	const struct golang_moduledata *at = &layout->moduledata;
	const __u64 minpc = target_u64(v + at->minpc), maxpc = target_u64(v + at->maxpc);
	const struct program_module m = {
		.address = address,
		.pclntab = target_u64(v + at->pc_header),
		.text = target_u64(v + at->text),
		.etext = target_u64(v + at->etext),
		.noptrdata = target_u64(v + at->noptrdata),
		.enoptrdata = target_u64(v + at->enoptrdata),
		.data = target_u64(v + at->data),
		.edata = target_u64(v + at->edata),
		.bss = target_u64(v + at->bss),
		.ebss = target_u64(v + at->ebss),
		.noptrbss = target_u64(v + at->noptrbss),
		.enoptrbss = target_u64(v + at->enoptrbss),
		.rodata = target_u64(v + at->rodata),
		.types = target_u64(v + at->types),
		.etypes = target_u64(v + at->etypes),
		.gofunc = target_u64(v + at->gofunc),
	};

	if (!ordered(m.text, minpc) || minpc >= maxpc || !ordered(maxpc, m.etext) ||
	    !ordered(m.noptrdata, m.enoptrdata) || !ordered(m.data, m.edata) ||
	    !ordered(m.bss, m.ebss) || !ordered(m.noptrbss, m.enoptrbss) || m.data % WORD ||
	    m.bss % WORD)
		return false;
	*ret = m;
	return true;
}

static bool module_read(const struct program *p, __u64 address, struct program_module *ret,
			__u64 *ret_next)
{
	unsigned char v[LAYOUT_MODULEDATA_MAX];

	if (!target_read(p->target, address, v, p->layout->moduledata.size) ||
	    !module_parse(p->layout, v, address, ret))
		return false;
	*ret_next = target_u64(v + p->layout->moduledata.next);
	return true;
}

static bool see_module(void *arg, const struct target_view *view)
{
	struct search *s = arg;
	__u64 next;

	for (size_t at = 0; at + WORD <= view->n; at += WORD) {
		if (target_u64(view->v + at) != s->place->pclntab)
			continue;
		s->found = module_read(s->p,
				       view->address + at - s->p->layout->moduledata.pc_header,
				       &s->p->modules[0], &next);
		if (s->found)
			return true;
	}
	return false;
}

/* Then one address of code could be of two functions. */
static bool overlaps(const struct program *p, const struct program_module *m)
{
	for (size_t i = 0; i < p->nmodules; i++)
		if (m->text < p->modules[i].etext && p->modules[i].text < m->etext)
			return true;
	return false;
}

/* The first one, and those of plugins. All or none: whoever searches
 * them for pointers needs all. */
static int find_modules(struct search *s)
{
	struct program *p = s->p;
	__u64 next;
	int rc;

	rc = search(s, see_module);
	if (rc)
		return rc;
	p->nmodules = 1;
	if (!module_read(p, p->modules[0].address, &p->modules[0], &next))
		return -ENOENT;
	while (next) {
		struct program_module *m = &p->modules[p->nmodules];

		if (p->nmodules == PROGRAM_MODULES_MAX || !module_read(p, next, m, &next) ||
		    overlaps(p, m))
			return -EINVAL;
		p->nmodules++;
	}
	return 0;
}

/* ---- all together ---- */

/* Any layout that there is: what is used of it here, moduledata up to ebss, and its rodata and
 * types, is then looked for with each in turn. */
static int version_by_modules(struct search *s)
{
	struct program *p = s->p;
	const char *why;
	int rc;

	for (unsigned int minor = 1; minor < 100; minor++) {
		p->layout = layout_find(minor, s->place->arch);
		if (!p->layout || find_modules(s))
			continue;
		s->found = false;
		rc = target_scan(p->target, p->modules[0].data, p->modules[0].edata, WORD,
				 see_version_variable, s);
		if (rc < 0)
			return rc;
		if (s->found && version_minor(p->version, &why) == minor && !why)
			return 0;
		p->version[0] = '\0';
	}
	return -ENOENT;
}

static int find_version(struct search *s, const char **ret_why)
{
	char said[PROGRAM_VERSION_MAX];
	int rc = search(s, see_build_info);

	if (rc != -ENOENT &&
	    (rc || !strncmp(s->p->version, "go1.", 4) || !strncmp(s->p->version, "devel", 5)))
		return rc;
	memcpy(said, s->p->version, sizeof(said));
	s->p->version[0] = '\0';
	rc = version_by_modules(s);
	if (rc == -ENOENT) {
		memcpy(s->p->version, said, sizeof(said));
		*ret_why = "its version of Go is not known";
	}
	return rc;
}

/* From the table; of a version that has no row there, or may differ from it, its own. */
static int find_layout(struct search *s, const char **ret_why)
{
	const struct program_place *place = s->place;
	const char *why;
	const unsigned int minor = version_minor(s->p->version, &why);

	s->p->layout = minor && !why ? layout_find(minor, place->arch) : NULL;
	if (s->p->layout)
		return 0;
	*ret_why = why ? why : "its version of Go is not one of those that were measured";
	if (minor && place->own)
		s->p->layout = place->own(place->arg, minor, place->arch, ret_why);
	return s->p->layout ? 0 : -ENOTSUP;
}

int program_find(const struct program_place *place, struct program *ret, const char **ret_why)
{
	struct search s = { .p = ret, .place = place };
	int rc;

	*ret = (struct program){ .target = place->target };
	*ret_why = "out of memory";
	rc = find_version(&s, ret_why);
	rc = rc ? rc : find_layout(&s, ret_why);
	if (rc)
		return rc;
	ret->nmodules = 0;
	rc = find_modules(&s);
	if (rc == -ENOENT)
		*ret_why = "what its function table is part of was not found";
	else if (rc == -EINVAL)
		*ret_why = "what it says of its plugins cannot be read";
	if (rc)
		return rc;
	rc = globals_allgs(ret, &ret->allgs);
	if (rc) {
		if (rc != -ENOMEM)
			*ret_why = "its list of goroutines was not found";
		return rc;
	}
	rc = globals_semtable(ret, &ret->semtable);
	return rc == -ENOMEM ? rc : 0;
}

const struct program_module *program_function(const struct program *p, __u64 pc,
					      struct pclntab_function *ret)
{
	for (size_t i = 0; i < p->nmodules; i++) {
		const struct program_module *m = &p->modules[i];

		if (pc >= m->text && pc < m->etext)
			return m->table && !pclntab_find(m->table, pc - m->text, ret) ? m : NULL;
	}
	return NULL;
}
