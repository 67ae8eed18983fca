// SPDX-License-Identifier: GPL-2.0-only
/* test_procfs.c - this process's own memory, as /proc says it is */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
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

/* ---- shared memory: who can map it anew? ---- */

static int find_area(void *arg, const struct procfs_map *map)
{
	if (map->start > (__u64)area || map->end <= (__u64)area)
		return 0;
	*(int *)arg = map->closed;
	return 1;
}

/* Of what was mapped: -1 is nothing, as where this kernel has no such memory. */
static int closed(void *mapped)
{
	int ret = -1;

	area = mapped;
	if (mapped != MAP_FAILED)
		procfs_maps(getpid(), find_area, &ret);
	return ret;
}

static void *map_shared(int flags, int fd)
{
	return mmap(NULL, 2 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | flags, fd, 0);
}

static void *map_unlinked(const char *directory)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/nowake-test.XXXXXX", directory);
	fd = mkstemp(path);
	unlink(path);
	return fd < 0 ? MAP_FAILED : map_shared(0, fd);
}

/* A semaphore as sem_open(3) makes it: by one name, for another. */
Test(procfs, a_semaphore_is_closed_when_its_last_name_is_gone)
{
	char made[] = "/dev/shm/sem.XXXXXX", name[64];
	int fd = mkstemp(made);
	void *sem;

	if (fd < 0)
		cr_skip("/dev/shm: %s", strerror(errno));
	snprintf(name, sizeof(name), "/dev/shm/sem.nowake-test.%d", (int)getpid());
	sem = map_shared(0, fd);
	cr_assert_eq(link(made, name), 0);
	unlink(made);
	cr_expect_eq(closed(sem), 0);
	unlink(name);
	cr_expect_eq(closed(sem), geteuid() ? 0 : 1);
}

Test(procfs, anonymous_memory_is_closed)
{
	cr_expect_eq(closed(map_shared(MAP_ANONYMOUS, -1)), 1);
	cr_expect_eq(closed(map_shared(0, open("/dev/zero", O_RDWR))), 1);
	cr_expect_neq(closed(map_shared(MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE, -1)), 0);
}

Test(procfs, what_can_be_handed_on_is_not_closed)
{
	int segment = shmget(IPC_PRIVATE, 4096, 0600);

	cr_expect_eq(closed(map_shared(0, memfd_create("dev/zero", 0))), 0);
	cr_expect_eq(closed(map_unlinked("/tmp")), 0);
	cr_expect_neq(closed(map_unlinked("/dev/shm")), 1);
	cr_expect_neq(closed(shmat(segment, NULL, 0)), 1);
	shmctl(segment, IPC_RMID, NULL);
}
