// SPDX-License-Identifier: GPL-2.0-only
/* test_procfs.c - this process's own memory, as /proc says it is */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "collect/procfs.h"
#include "symbolize/message.h"

#define PAGES 4000 /* more than are asked for at once */

static unsigned char *area;
static size_t page;

static void make(int protection, int flags)
{
	page = (size_t)sysconf(_SC_PAGESIZE);
	area = mmap(NULL, PAGES * page, protection, flags | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(area, MAP_FAILED);
	madvise(area, PAGES * page, MADV_NOHUGEPAGE);
}

static void touch(size_t first, size_t n)
{
	memset(area + first * page, 1, n * page);
}

/* "0+3 5+506 ": pages of the area, of which there are three from the first on that were never
 * touched. */
static const char *holes(void)
{
	static char text[256];
	const __u64 start = (__u64)area, end = start + PAGES * page;
	int fd = memfd_create("holes", MFD_CLOEXEC);
	struct message_hole hole;
	__u64 last = 0;
	size_t len = 0;

	cr_assert_eq(procfs_write_holes(getpid(), fd), 0);
	text[0] = '\0';
	for (off_t at = 0; pread(fd, &hole, sizeof(hole), at) == sizeof(hole); at += sizeof(hole)) {
		cr_assert(hole.start >= last && hole.end > hole.start);
		last = hole.end;
		if (hole.start < start || hole.end > end)
			continue;
		len += snprintf(text + len, sizeof(text) - len, "%llu+%llu ",
				(hole.start - start) / page, (hole.end - hole.start) / page);
		cr_assert_lt(len, sizeof(text));
	}
	close(fd);
	return text;
}

Test(procfs, holes)
{
	make(PROT_READ | PROT_WRITE, MAP_PRIVATE);
	cr_expect_str_eq(holes(), "0+4000 ");
	touch(20, 2);
	touch(2047, 2);
	touch(PAGES - 1, 1);
	cr_expect_str_eq(holes(), "0+20 22+2025 2049+1950 ");
	touch(10, 1); /* two that are too small, then */
	cr_expect_str_eq(holes(), "22+2025 2049+1950 ");
	for (size_t i = 0; i < PAGES; i += 10)
		touch(i, 1);
	cr_expect_str_eq(holes(), "");
}

Test(procfs, no_holes_of_others)
{
	make(PROT_READ | PROT_WRITE, MAP_SHARED);
	cr_expect_str_eq(holes(), "");
	make(PROT_READ, MAP_PRIVATE);
	cr_expect_str_eq(holes(), "");
	cr_expect_lt(procfs_write_holes(0, STDERR_FILENO), 0);
}
