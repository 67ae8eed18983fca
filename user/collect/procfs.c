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
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mapline.h"

#define PROCFS_LINE_MAX 4352 /* a path may have 4096 bytes */

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

/* An anonymous shared mapping is a deleted file of the kernel's own. A memfd is passed on
 * by its descriptor, a System V segment by its key, though both are called deleted. */
static bool is_closed(const char *path)
{
	static const char deleted[] = " (deleted)";
	size_t len = strlen(path);

	return len > strlen(deleted) && !strcmp(path + len - strlen(deleted), deleted) &&
	       strncmp(path, "/memfd:", 7) && strncmp(path, "/SYSV", 5);
}

static bool parse_map(const char *text, struct procfs_map *ret)
{
	struct mapline line;

	if (!mapline_parse(text, &line))
		return false;
	*ret = (struct procfs_map){
		.start = line.start,
		.end = line.end,
		.offset = line.offset,
		.ino = line.ino,
		.dev = line.dev,
		.closed = is_closed(line.name),
	};
	snprintf(ret->name, sizeof(ret->name), "%s", line.name);
	return true;
}

int procfs_maps(__u32 pid, int (*fn)(void *arg, const struct procfs_map *map), void *arg)
{
	_cleanup_fclose_ FILE *file = NULL;
	char line[PROCFS_LINE_MAX];
	struct procfs_map map;
	int fd = open_file(pid, "maps");
	int result = 0;

	if (fd < 0)
		return fd;
	file = fdopen(fd, "r");
	if (!file) {
		close(fd);
		return -ENOMEM;
	}
	while (!result && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (parse_map(line, &map))
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
