// SPDX-License-Identifier: GPL-2.0-only
/* procfs.c - bounded reading of /proc/PID files.
 *
 * Formats: proc(5). Called under a guard: any of these reads may hang. */
#include "collect/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mapline.h"
#include "symbolize/message.h"

static int open_file(__u32 pid, const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

ssize_t procfs_read(__u32 pid, const char *name, char *ret, size_t size)
{
	_cleanup_close_ int fd = open_file(pid, name);
	size_t n = 0;

	if (fd < 0)
		return fd;
	while (n < size - 1) {
		ssize_t got = read(fd, ret + n, size - 1 - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			break;
		n += got;
	}
	ret[n] = '\0';
	return n;
}

/* Whether no name at all leads to the file of a mapping. The map tells only of the name that it
 * was opened by: sem_open(3) links what it has made to the real name, then unlinks that. The way
 * to the file needs CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN. */
static bool is_nameless(__u32 pid, const struct mapline *line)
{
	char path[96];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%u/map_files/%llx-%llx", pid,
		 (unsigned long long)line->start, (unsigned long long)line->end);
	return !stat(path, &st) && !st.st_nlink;
}

/* Anonymous shared memory has a file of the kernel's own, to which no descriptor leads: mm/shmem.c
 * and HUGETLB_ANON_FILE name it. Any other file that has lost its name can be handed on by a
 * descriptor, and a System V segment by its key, though both are called deleted; but for that of
 * a semaphore, whose descriptor sem_open(3) closes at once. Root's way through
 * /proc/PID/map_files is no more than writing into the memory of others. */
static bool is_closed(__u32 pid, const struct mapline *line)
{
	static const char semaphore[] = "/dev/shm/sem.", deleted[] = " (deleted)";
	const char *path = line->name;
	const size_t len = strlen(path);

	if (!strncmp(path, semaphore, strlen(semaphore)) && len > strlen(deleted) &&
	    !strcmp(path + len - strlen(deleted), deleted))
		return is_nameless(pid, line);
	return !strcmp(path, "/dev/zero (deleted)") || !strcmp(path, "/anon_hugepage (deleted)");
}

int procfs_maps(__u32 pid, int (*fn)(void *arg, const struct procfs_map *map), void *arg)
{
	_cleanup_fclose_ FILE *file = NULL;
	char text[MAPLINE_SIZE];
	struct mapline line;
	int fd = open_file(pid, "maps");
	int result = 0;

	if (fd < 0)
		return fd;
	file = fdopen(fd, "r");
	if (!file) {
		close(fd);
		return -ENOMEM;
	}
	while (!result && mapline_next(file, text, &line)) {
		struct procfs_map map = {
			.start = line.start,
			.end = line.end,
			.offset = line.offset,
			.ino = line.ino,
			.dev = line.dev,
			.writable = line.writable,
			.closed = is_closed(pid, &line),
		};

		snprintf(map.name, sizeof(map.name), "%s", line.name);
		result = fn(arg, &map);
	}
	return !result && ferror(file) ? -EIO : result;
}

/* One 64-bit word a page (Documentation/admin-guide/mm/pagemap.rst). */
#define PAGEMAP_THERE (3ull << 62) /* present, or swapped */

size_t procfs_populated(__u32 pid, __u64 address, size_t len)
{
	const __u64 page = (__u64)sysconf(_SC_PAGESIZE);
	_cleanup_close_ int fd = open_file(pid, "pagemap");
	__u64 words[PROCFS_POPULATED_MAX / 4096 + 1], end;
	size_t want, n = 0;
	ssize_t got;

	if (len > PROCFS_POPULATED_MAX)
		len = PROCFS_POPULATED_MAX;
	if (fd < 0 || !len || address + len < address)
		return 0;
	want = (address + len - 1) / page - address / page + 1;
	got = pread(fd, words, want * sizeof(*words), address / page * sizeof(*words));
	while (got > 0 && n < got / sizeof(*words) && (words[n] & PAGEMAP_THERE))
		n++;
	end = (address / page + n) * page;
	if (!n || end <= address)
		return 0;
	return end - address < len ? end - address : len;
}

/* ---- memory that was never touched ---- */

#define PAGES_AT_ONCE 2048
#define HOLES_AT_ONCE 256
#define HOLE_MIN 16  /* pages: what is less is read as soon as it is left out */
#define HOLES_MS 100 /* of a guarded call: what was not looked at by then is no hole */
#define HOLES_AREA_MAX (64ull << 30) /* nor is what lies in a larger mapping: that takes too long */

struct holes {
	int pagemap, to;
	__u64 page;
	__s64 until_ms;
	struct message_hole hole[HOLES_AT_ONCE]; /* not yet written */
	size_t n;
};

static int write_holes(struct holes *h)
{
	const size_t len = h->n * sizeof(*h->hole);

	h->n = 0;
	return write(h->to, h->hole, len) == (ssize_t)len ? 0 : -EIO;
}

static int add_hole(struct holes *h, __u64 start, __u64 end)
{
	if (end - start < HOLE_MIN * h->page)
		return 0;
	if (h->n == HOLES_AT_ONCE && write_holes(h))
		return -EIO;
	h->hole[h->n++] = (struct message_hole){ start, end };
	return 0;
}

/* Those of a mapping. Without a device it is of no file: private memory, and anonymous.
 * 1: it is late. */
static int add_holes(void *arg, const struct procfs_map *map)
{
	struct holes *h = arg;
	__u64 words[PAGES_AT_ONCE], at = map->start;
	__u64 start = at; /* from there on to at no page is there */
	int err = 0;

	if (map->dev || map->ino || !map->writable || at % h->page ||
	    map->end - at > HOLES_AREA_MAX)
		return 0;
	while (!err && map->end - at >= h->page && clock_ms() < h->until_ms) {
		const size_t left = (map->end - at) / h->page;
		const size_t want = left < PAGES_AT_ONCE ? left : PAGES_AT_ONCE;
		const ssize_t got = pread(h->pagemap, words, want * sizeof(*words),
					  at / h->page * sizeof(*words));

		if (got != (ssize_t)(want * sizeof(*words)))
			break;
		for (size_t i = 0; !err && i < want; i++, at += h->page) {
			if (!(words[i] & PAGEMAP_THERE))
				continue;
			err = add_hole(h, start, at);
			start = at + h->page;
		}
	}
	err = err ? err : add_hole(h, start, at);
	return err ? err : clock_ms() >= h->until_ms;
}

int procfs_write_holes(__u32 pid, int to)
{
	_cleanup_close_ int fd = open_file(pid, "pagemap");
	struct holes h = {
		.pagemap = fd,
		.to = to,
		.page = (__u64)sysconf(_SC_PAGESIZE),
		.until_ms = clock_ms() + HOLES_MS,
	};
	int err = fd < 0 ? fd : procfs_maps(pid, add_holes, &h);

	return err < 0 ? err : write_holes(&h);
}
