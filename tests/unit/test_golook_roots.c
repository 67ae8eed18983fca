// SPDX-License-Identifier: GPL-2.0-only
/* test_golook_roots.c - which memory of C code is searched */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "golang/mark_inside.h"
#include "symbolize/golook_inside.h"
#include "symbolize/golook_roots.h"

static struct message_hole holes[8];
static size_t size; /* bytes of them that can be read */
static struct golook look;
static struct space space;
static struct mark mark;

static int answer(void *arg, const struct message_open *what)
{
	int fd = memfd_create("holes", MFD_CLOEXEC);

	(void)arg;
	cr_assert_eq(what->what, MESSAGE_OPEN_HOLES);
	cr_assert_eq(pwrite(fd, holes, size, 0), (ssize_t)size);
	return fd;
}

static int refuse(void *arg, const struct message_open *what)
{
	(void)arg;
	(void)what;
	return -EACCES;
}

static struct peer peer = { .open = answer };

static void add_part(__u64 start, __u64 end, __u64 ino, bool writable)
{
	const struct part part = { start, end, ino, writable };

	cr_assert(!array_push(&space.parts, part));
}

static void add_hole(__u64 start, __u64 end)
{
	holes[size / sizeof(holes[0])] = (struct message_hole){ start, end };
	size += sizeof(holes[0]);
}

/* A file's code and variables, where Go has some of the latter; and anonymous memory. */
static void setup(void)
{
	peer.open = answer;
	look.peer = &peer;
	look.program.nmodules = 1;
	look.program.modules[0] = (struct program_module){ .data = 0x2100, .edata = 0x2200 };
	add_part(0x1000, 0x2000, 7, false);
	add_part(0x2000, 0x3000, 7, true);
	add_part(0x4000, 0x8000, 0, true);
	add_part(0x9000, 0xa000, 0, true);
	add_part(0xa000, 0xb000, 0, false);
}

static void teardown(void)
{
	array_free(&space.parts);
	array_free(&mark.roots);
}

TestSuite(golook_roots, .init = setup, .fini = teardown);

/* "2000-2100 ", in hexadecimal */
static const char *roots(void)
{
	static char text[256];
	size_t len = 0;

	mark.roots.n = 0;
	cr_assert_eq(golook_roots(&look, &space, &mark), 0);
	text[0] = '\0';
	for (size_t i = 0; i < mark.roots.n; i++)
		len += snprintf(text + len, sizeof(text) - len, "%llx-%llx ", mark.roots.v[i].start,
				mark.roots.v[i].end);
	return text;
}

Test(golook_roots, but_holes)
{
	cr_expect_str_eq(roots(), "2000-2100 2200-3000 4000-8000 9000-a000 ");
	add_hole(0x1000, 0x1800); /* another's */
	add_hole(0x4000, 0x5000);
	add_hole(0x6000, 0x7000);
	add_hole(0x7800, 0x9800);
	cr_expect_str_eq(roots(), "2000-2100 2200-3000 5000-6000 7000-7800 9800-a000 ");
	add_hole(0x9900, 0x9a00);
	add_hole(0x9c00, 0xf000);
	cr_expect_str_eq(roots(), "2000-2100 2200-3000 5000-6000 7000-7800 9800-9900 9a00-9c00 ");
}

Test(golook_roots, all_that_is_not_known_to_be_one)
{
	add_hole(0x4000, 0x5000);
	add_hole(0x6000, 0x7000);
	size -= 4;
	cr_expect_str_eq(roots(), "2000-2100 2200-3000 5000-8000 9000-a000 ", "cut");
	size += 4;
	holes[1].start = 0x4800;
	cr_expect_str_eq(roots(), "2000-2100 2200-3000 5000-8000 9000-a000 ", "not in order");
	holes[1] = (struct message_hole){ 0x6000, 0x6000 };
	cr_expect_str_eq(roots(), "2000-2100 2200-3000 5000-8000 9000-a000 ", "empty");
	peer.open = refuse;
	cr_expect_str_eq(roots(), "2000-2100 2200-3000 4000-8000 9000-a000 ", "nobody knows");
}
