// SPDX-License-Identifier: GPL-2.0-only
/* test_debuginfod.c - what is made of a debuginfod-find that is not there, hangs, or answers. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "collect/debuginfod.h"

#define MS 1000000ull

TestSuite(debuginfod, .timeout = 60);

static char dir[] = "/tmp/nowake-debuginfod-XXXXXX", program[64];

/* PATH leads to a program with this text only; NULL: to none. */
static void install(const char *text)
{
	FILE *file;

	cr_assert(mkdtemp(dir));
	snprintf(program, sizeof(program), "%s/debuginfod-find", dir);
	setenv("PATH", dir, 1);
	setenv("DEBUGINFOD_URLS", "http://127.0.0.1:9", 1);
	if (!text)
		return;
	file = fopen(program, "w");
	cr_assert(file);
	fprintf(file, "#!/bin/sh\n%s\n", text);
	fclose(file);
	cr_assert_eq(chmod(program, 0700), 0);
}

static int ask(struct debuginfod *d)
{
	int fd = debuginfod_open(d, (const unsigned char *)"\x12\xab", 2);

	unlink(program);
	rmdir(dir);
	if (fd >= 0)
		close(fd);
	return fd;
}

Test(debuginfod, answers)
{
	struct debuginfod d = { .left_ns = 30000 * MS };

	install("[ \"$1 $2\" = 'debuginfo 12ab' ] && echo /etc/passwd");
	cr_expect_geq(ask(&d), 0);
	cr_expect_null(d.trouble);
}

Test(debuginfod, is_not_installed)
{
	struct debuginfod d = { .left_ns = 30000 * MS };

	install(NULL);
	cr_expect_eq(ask(&d), -ENOPKG);
	cr_expect(d.trouble && strstr(d.trouble, "not installed"));
}

Test(debuginfod, has_no_such_file)
{
	struct debuginfod d = { .left_ns = 30000 * MS };

	install("exit 1");
	cr_expect_eq(ask(&d), -ENOENT);
	cr_expect_null(d.trouble);
}

/* It has closed its output, and does not end. */
Test(debuginfod, is_not_waited_for)
{
	struct debuginfod d = { .left_ns = 200 * MS };
	__s64 start = clock_ms();

	install("exec >&- 2>&-; while :; do :; done");
	cr_expect_eq(ask(&d), -ENOENT);
	cr_expect_lt(clock_ms() - start, 20000);
	cr_expect_eq(d.left_ns, 0);
}
