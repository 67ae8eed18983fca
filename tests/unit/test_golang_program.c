// SPDX-License-Identifier: GPL-2.0-only
/* test_golang_program.c - finding what the runtime knows, in memory that was made by hand
 *
 * tests/go/look.sh finds it in real programs. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golang/version.h"
#include "gomemory.h"

static const unsigned int minors[] = { 19, 21, 22, 23, 24, 25, 26, 27 };

/* Finds it, or says why not. */
static int find(struct gomemory *m, struct program *ret, const char **ret_why)
{
	const int rc = gomemory_find(m, ret, ret_why);

	free(m);
	return rc;
}

static void refused(struct gomemory *m, int want, const char *want_why)
{
	const char *why = "";
	struct program p;
	const int rc = find(m, &p, &why);

	cr_assert_eq(rc, want, "%d", rc);
	cr_assert_str_eq(why, want_why);
}

Test(golang_program, every_version_is_found)
{
	for (size_t i = 0; i < sizeof(minors) / sizeof(minors[0]); i++) {
		char version[32];
		struct program p;
		const char *why = "";

		snprintf(version, sizeof(version), "go1.%u.7", minors[i]);
		cr_assert(!find(gomemory_new(minors[i], version), &p, &why), "%s: %s", version,
			  why);
		cr_assert_str_eq(p.version, version);
		cr_assert_eq(p.layout->minor, minors[i]);
		cr_assert_eq(p.nmodules, 1);
		cr_assert_eq(p.modules[0].bss, GOMEMORY_BSS);
		cr_assert_eq(p.allgs, GOMEMORY_ALLGS);
		cr_assert_eq(p.semtable, 0);
	}
}

Test(golang_program, a_version_says_whether_it_is_known)
{
	static const struct {
		const char *text;
		unsigned int minor;
		bool released; /* with the layouts of its minor version */
	} known[] = {
		{ "go1.27.3", 27, true },
		{ "go1.22", 22, true },
		{ "go1.26.1 X:goroutineleakprofile", 26, true },
		{ "go1.26.1-X:jsonv2,goroutineleakprofile", 26, true },
		{ "go1.22.9 (Red Hat 1.22.9-2.el9_5)", 22, true },
		{ "go1.26.1 X:arenas", 26, false },
		{ "go1.27.1-X:simd", 27, false }, /* it was measured in 1.26 only */
		{ "go1.26.1-X:jsonv2,arenas", 26, false },
		{ "go1.26.1 X:", 26, false },
		{ "go1.22.9 (Red Hat 1.22.9-2.el9_5) X:arenas", 22, false },
		{ "go1.26rc1", 26, false },
		{ "go1.26beta2", 26, false },
		{ "go1.26-devel_3f1b2c", 26, false },
		{ "devel go1.27-3f1b2c Thu", 27, false },
		{ "devel +3f1b2c Thu", 0, false },
		{ "devel", 0, false },
		{ "go1.26.1-google", 26, false },
		{ "go1.26.", 26, false },
		{ "go1.26.01", 26, false },
		{ "go1.026", 0, false },
		{ "go1.", 0, false },
		{ "go1", 0, false },
		{ "go2.1", 0, false },
		{ "go1.99999999999999999999", 0, false },
		{ "", 0, false },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const char *why = "";

		cr_expect_eq(version_minor(known[i].text, &why), known[i].minor, "%s",
			     known[i].text);
		cr_expect_eq(!why, known[i].released, "%s", known[i].text);
	}
}

Test(golang_program, versions_that_differ_are_refused)
{
	refused(gomemory_new(27, "go1.29.1"), -ENOTSUP,
		"its version of Go is not one of those that were measured");
	refused(gomemory_new(21, "go1.20.5"), -ENOTSUP,
		"its version of Go is not one of those that were measured");
	refused(gomemory_new(27, "go1.27rc2"), -ENOTSUP, "its Go is a prerelease");
	refused(gomemory_new(27, "devel go1.28-1234"), -ENOTSUP, "its Go is a development version");
	refused(gomemory_new(27, "go1.27.1 X:runtimesecret"), -ENOTSUP,
		"it was built with an experiment of Go's (GOEXPERIMENT)");
	refused(gomemory_new(27, "go1.27.1-microsoft"), -ENOTSUP, "its Go is no release of Go's");
	refused(gomemory_new(27, "unknown"), -ENOENT, "its version of Go is not known");
}

/* A string variable, as runtime.buildVersion. */
static void say_version(struct gomemory *m, __u64 variable, __u64 at, const char *text)
{
	gomemory_text(m, at, text);
	gomemory_put(m, variable, at);
	gomemory_put(m, variable + 8, strlen(text));
}

Test(golang_program, the_version_is_also_a_variable)
{
	for (size_t i = 0; i < sizeof(minors) / sizeof(minors[0]); i++) {
		struct gomemory *m = gomemory_new(minors[i], NULL);
		char version[32];
		struct program p;
		const char *why = "";

		snprintf(version, sizeof(version), "go1.%u.3", minors[i]);
		say_version(m, GOMEMORY_VERSION, GOMEMORY_RODATA + 100, version);
		cr_assert(!find(m, &p, &why), "%s: %s", version, why);
		cr_assert_str_eq(p.version, version);
		cr_assert_eq(p.allgs, GOMEMORY_ALLGS);
	}
}

Test(golang_program, two_versions_are_none)
{
	struct gomemory *m = gomemory_new(26, NULL);

	say_version(m, GOMEMORY_VERSION, GOMEMORY_RODATA + 100, "go1.26.3");
	say_version(m, GOMEMORY_VERSION + 64, GOMEMORY_RODATA + 200, "go1.25.3");
	refused(m, -ENOENT, "its version of Go is not known");
}

Test(golang_program, what_is_no_build_info_is_passed_over)
{
	struct gomemory *m = gomemory_new(26, NULL);
	const char *why = "";
	struct program p;

	gomemory_text(m, GOMEMORY_DATA, "\xff Go buildinf:\x08"); /* pointers follow: before 1.18 */
	gomemory_info(m, GOMEMORY_DATA + 0x48, "go1.19.1");	  /* not where one may be */
	gomemory_info(m, GOMEMORY_DATA + 0x90, "");
	gomemory_info(m, GOMEMORY_DATA + 0xd0, "go1.19.2");
	m->bytes[GOMEMORY_DATA + 0xd0 + 32 - GOMEMORY_BASE] = 0xff; /* longer than any */
	gomemory_info(m, GOMEMORY_DATA + 0x140, "go1.26.4");
	cr_assert(!find(m, &p, &why), "%s", why);
	cr_assert_str_eq(p.version, "go1.26.4");
}

Test(golang_program, a_long_version_is_cut_and_printable)
{
	char version[120];
	struct program p;
	const char *why;

	memset(version, '\n', sizeof(version) - 1);
	memcpy(version, "go1.26.1", 8);
	version[sizeof(version) - 1] = '\0';
	cr_assert_eq(find(gomemory_new(26, version), &p, &why), -ENOTSUP);
	cr_assert_eq(strlen(p.version), PROGRAM_VERSION_MAX - 1);
	cr_assert_eq(p.version[8], '?');
}

/* ---- modules ---- */

Test(golang_program, a_pointer_to_the_table_is_not_enough)
{
	struct gomemory *m = gomemory_new(26, "go1.26.1");
	const char *why = "";
	struct program p;

	gomemory_put(m, GOMEMORY_DATA + 0x200, GOMEMORY_PCLNTAB);
	cr_assert(!find(m, &p, &why), "%s", why);
	cr_assert_eq(p.modules[0].address, GOMEMORY_MODULE);
	m = gomemory_new(26, "go1.26.1");
	gomemory_put(m, GOMEMORY_MODULE + m->layout->moduledata.ebss, GOMEMORY_BSS - 8);
	refused(m, -ENOENT, "what its function table is part of was not found");
}

/* ---- variables ---- */

static void slice(struct gomemory *m, __u64 at, __u64 p, __u64 n, __u64 cap)
{
	gomemory_put(m, at, p);
	gomemory_put(m, at + 8, n);
	gomemory_put(m, at + 16, cap);
}

Test(golang_program, other_slices_are_not_taken_for_goroutines)
{
	struct gomemory *m = gomemory_new(25, "go1.25.1");
	const __u64 words = gomemory_alloc(m, 64), twice = gomemory_alloc(m, 64);
	const __u64 g = gomemory_g(m, 7, "sleep");
	const char *why = "";
	struct program p;

	gomemory_put(m, words, GOMEMORY_HEAP + 8); /* into a g */
	gomemory_put(m, twice, g);
	gomemory_put(m, twice + 8, g);
	gomemory_put(m, twice + 16, g);
	slice(m, GOMEMORY_BSS, words, 1, 1);
	slice(m, GOMEMORY_BSS + 32, twice, 3, 3);
	slice(m, GOMEMORY_BSS + 64, GOMEMORY_LIST, 1ull << 40, 1ull << 40);
	slice(m, GOMEMORY_BSS + 96, GOMEMORY_WILD, 2, 2);
	slice(m, GOMEMORY_BSS + 128, GOMEMORY_LIST, 1, 1); /* an older copy */
	cr_assert(!find(m, &p, &why), "%s", why);
	cr_assert_eq(p.allgs, GOMEMORY_ALLGS);
}

Test(golang_program, a_program_without_goroutines_is_refused)
{
	struct gomemory *m = gomemory_new(25, "go1.25.1");

	gomemory_put(m, GOMEMORY_ALLGS + 8, 0);
	refused(m, -ENOENT, "its list of goroutines was not found");
}

Test(golang_program, forged_sizes_cost_little)
{
	struct gomemory *m = gomemory_new(25, "go1.25.1");
	const struct golang_moduledata *l = &m->layout->moduledata;
	struct program p;
	const char *why;

	gomemory_put(m, GOMEMORY_ALLGS + 8, 0);
	for (__u64 at = GOMEMORY_BSS; at < GOMEMORY_BSS_END - 24; at += 8)
		gomemory_put(m, at, GOMEMORY_LIST); /* each a slice */
	gomemory_put(m, GOMEMORY_MODULE + l->ebss, GOMEMORY_BSS + (1ull << 39));
	m->range[1].end = 1ull << 46;
	cr_assert_eq(gomemory_find(m, &p, &why), -ENOENT);
	cr_assert_lt(m->questions, 20000, "%u", m->questions);
	free(m);
}

Test(golang_program, waiters_show_where_the_table_of_semaphores_is)
{
	for (size_t i = 0; i < sizeof(minors) / sizeof(minors[0]); i++) {
		struct gomemory *m = gomemory_new(minors[i], NULL);
		const struct golang_layout *l = m->layout;
		char version[32];
		const __u64 g = gomemory_g(m, 5, "semacquire"), semaphore = 0x60008;
		const __u64 sudog = gomemory_sudog(m, g, 0, semaphore);
		const __u64 root = GOMEMORY_SEMTABLE +
				   (semaphore >> 3) % l->semtable.count * l->semtable.stride;
		const char *why = "";
		struct program p;

		snprintf(version, sizeof(version), "go1.%u", minors[i]);
		gomemory_info(m, GOMEMORY_INFO, version);
		gomemory_put32(m, sudog + l->sudog.ticket, 7);
		gomemory_put(m, root + l->sema.treap, sudog);
		gomemory_put32(m, root + l->sema.nwait, 1);
		cr_assert(!gomemory_find(m, &p, &why), "%s", why);
		cr_assert_eq(p.semtable, GOMEMORY_SEMTABLE);
		gomemory_put(m, root + 40, 1); /* where a root has nothing */
		cr_assert(!gomemory_find(m, &p, &why), "%s", why);
		cr_assert_eq(p.semtable, 0);
		free(m);
	}
}
