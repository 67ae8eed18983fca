// SPDX-License-Identifier: GPL-2.0-only
/* test_procfs.c - what of this process's own memory is there */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "collect/procfs.h"
#include "symbolize/message.h"

#define PAGES 2000 /* more than are asked for at once */

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

/* "3+2 ": pages of the area, of which there are two from the third on. */
static const char *runs(void)
{
	static char text[256];
	const __u64 start = (__u64)area, end = start + PAGES * page;
	int fd = memfd_create("runs", MFD_CLOEXEC);
	struct message_run run;
	__u64 last = 0;
	size_t len = 0;

	cr_assert_eq(procfs_write_runs(getpid(), fd), 0);
	text[0] = '\0';
	for (off_t at = 0; pread(fd, &run, sizeof(run), at) == sizeof(run); at += sizeof(run)) {
		cr_assert(run.start >= last && run.end > run.start);
		last = run.end;
		if (run.end <= start || run.start >= end)
			continue;
		run.start = run.start < start ? start : run.start;
		run.end = run.end > end ? end : run.end;
		len += snprintf(text + len, sizeof(text) - len, "%llu+%llu ",
				(run.start - start) / page, (run.end - run.start) / page);
	}
	close(fd);
	return text;
}

Test(procfs, runs_of_pages)
{
	make(PROT_READ | PROT_WRITE, MAP_PRIVATE);
	cr_expect_str_eq(runs(), "");
	touch(3, 2);
	touch(511, 2);
	touch(PAGES - 1, 1);
	cr_expect_str_eq(runs(), "3+2 511+2 1999+1 ");
	for (size_t i = 0; i < PAGES; i += 2)
		touch(i, 1);
	cr_expect(strstr(runs(), "10+1 12+1 14+1 "));
}

Test(procfs, no_runs_of_others)
{
	make(PROT_READ | PROT_WRITE, MAP_SHARED);
	touch(3, 2);
	cr_expect_str_eq(runs(), "");
	make(PROT_READ | PROT_WRITE, MAP_PRIVATE);
	touch(3, 2);
	mprotect(area, PAGES * page, PROT_READ);
	cr_expect_str_eq(runs(), "");
	cr_expect_lt(procfs_write_runs(0, STDERR_FILENO), 0);
}
