// SPDX-License-Identifier: GPL-2.0-only
/* version.c - which Go a program was built with, and whether its layouts are those of a release.
 *
 * Pure. Whoever built it with an experiment may have moved what the runtime keeps where: the table
 * is not for such programs, but for experiments that were seen to move nothing. */
#include "golang/version.h"

#include <stdbool.h>
#include <string.h>

/* With these, in the minor versions named, the layouts of all that members.txt (tests/go/layouts)
 * names were the same as without. Not so with greenteagc in 1.25, and without it in 1.26. */
static const struct {
	const char *name;
	int first, last;
} harmless[] = {
	{ "boringcrypto", 25, 26 }, { "goroutineleakprofile", 26, 26 },
	{ "jsonv2", 25, 26 },	    { "loopvar", 26, 26 },
	{ "simd", 26, 26 },	    { "synctest", 25, 25 },
};

static bool is_harmless(const char *name, size_t n, int minor)
{
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		if (strlen(harmless[i].name) == n && !memcmp(harmless[i].name, name, n))
			return minor >= harmless[i].first && minor <= harmless[i].last;
	return false;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A number of up to three digits, without a leading zero unless it is 0; -1: there is none. */
static int number(const char **text)
{
	const char *c = *text;
	int n = 0;

	if (!is_digit(*c) || (*c == '0' && is_digit(c[1])))
		return -1;
	for (; is_digit(*c); c++) {
		if (c - *text == 3)
			return -1;
		n = n * 10 + *c - '0';
	}
	*text = c;
	return n;
}

/* Names with commas between. */
static bool all_harmless(const char *names, int minor)
{
	for (;;) {
		const size_t n = strcspn(names, ",");

		if (!is_harmless(names, n, minor))
			return false;
		if (!names[n])
			return true;
		names += n + 1;
	}
}

/* What follows the number of a release: nothing, an experiment, or a distributor's name. */
static const char *refuse_rest(const char *rest, int minor)
{
	const char *x = strstr(rest, "X:");

	if (x && x > rest && (x[-1] == ' ' || x[-1] == '-') && !all_harmless(x + 2, minor))
		return "it was built with an experiment of Go's (GOEXPERIMENT)";
	/* Red Hat changes cryptography: "go1.22.9 (Red Hat 1.22.9-2.el9_5)" */
	if (!*rest || x == rest + 1 || !strncmp(rest, " (Red Hat ", strlen(" (Red Hat ")))
		return NULL;
	if (*rest == 'r' || *rest == 'b')
		return "its Go is a prerelease";
	return "its Go is no release of Go's";
}

unsigned int version_minor(const char *text, const char **ret_why)
{
	const char *rest = text;
	bool devel = strstr(text, "-devel");
	int minor;

	if (!strncmp(text, "devel", strlen("devel"))) {
		devel = true;
		rest += strcspn(text, " ") + !!strchr(text, ' ');
	}
	*ret_why = devel ? "its Go is a development version" : "its version of Go is not known";
	if (strncmp(rest, "go1.", strlen("go1.")))
		return 0;
	rest += strlen("go1.");
	minor = number(&rest);
	if (minor <= 0)
		return 0;
	if (*rest == '.' && is_digit(rest[1])) {
		rest++;
		if (number(&rest) < 0)
			rest = "?";
	}
	if (!devel)
		*ret_why = refuse_rest(rest, minor);
	return minor;
}
