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
#include "symbolize/message.h"

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
		.writable = line.writable,
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

/* ---- what is there of all memory ---- */

#define AT_ONCE 512 /* pages, and runs */

struct runs {
	int pagemap, to;
	__u64 page;
	size_t pages_left;
	struct message_run run[AT_ONCE]; /* not yet written */
	size_t n;
};

static int write_runs(struct runs *r)
{
	const size_t len = r->n * sizeof(*r->run);

	r->n = 0;
	return write(r->to, r->run, len) == (ssize_t)len ? 0 : -EIO;
}

static int add_run(struct runs *r, __u64 start, __u64 end)
{
	if (r->n && r->run[r->n - 1].end == start) {
		r->run[r->n - 1].end = end;
		return 0;
	}
	if (r->n == AT_ONCE && write_runs(r))
		return -EIO;
	r->run[r->n++] = (struct message_run){ start, end };
	return 0;
}

/* Those of a mapping; what its page map does not say counts as there. */
static int add_runs(void *arg, const struct procfs_map *map)
{
	struct runs *r = arg;
	__u64 words[AT_ONCE], at = map->start;
	int err = 0;

	if (map->ino || !map->writable)
		return 0;
	while (!err && at < map->end && r->pages_left) {
		const size_t left = (map->end - at) / r->page;
		const size_t want = left < AT_ONCE ? left : AT_ONCE;
		const ssize_t got = pread(r->pagemap, words, want * sizeof(*words),
					  at / r->page * sizeof(*words));

		if (got != (ssize_t)(want * sizeof(*words)))
			break;
		for (size_t i = 0; !err && i < want; i++, at += r->page)
			if (words[i] & PAGEMAP_THERE)
				err = add_run(r, at, at + r->page);
		r->pages_left -= r->pages_left < want ? r->pages_left : want;
	}
	return err || at >= map->end ? err : add_run(r, at, map->end);
}

int procfs_write_runs(__u32 pid, int to)
{
	_cleanup_close_ int fd = open_file(pid, "pagemap");
	struct runs r = {
		.pagemap = fd,
		.to = to,
		.page = (__u64)sysconf(_SC_PAGESIZE),
		.pages_left = PROCFS_RUNS_PAGES,
	};
	int err = fd < 0 ? fd : procfs_maps(pid, add_runs, &r);

	return err ? err : write_runs(&r);
}
