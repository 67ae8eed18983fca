// SPDX-License-Identifier: GPL-2.0-only
/* snapshot_write.c - puts a world into a file, or what it remembers into a stream: the lines
 * that snapshot.c reads. */
#include "report/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/cleanup.h"
#include "report/snapshot_rows.h"
#include "report/snapshot_tables.h"
#include "version.h"

/* Where lines go: one of the two. */
struct sink {
	gzFile gz;
	FILE *file;
};

static int write_chunk(const char *text, size_t len, void *arg)
{
	const struct sink *to = arg;

	if (to->file)
		return fwrite(text, 1, len, to->file) != len ? -1 : 0;
	return len && gzwrite(to->gz, text, len) != (int)len ? -1 : 0;
}

/* Writes one object with its kind as one line; releases it. */
static int write_object(struct sink *to, const char *kind, json_t *object)
{
	json_auto_t *line = object ? json_pack("{s:s}", "kind", kind) : NULL;
	json_auto_t *rest = object;

	if (!line || json_object_update(line, rest))
		return -ENOMEM;
	errno = 0;
	if (json_dump_callback(line, write_chunk, to, JSON_COMPACT) || write_chunk("\n", 1, to))
		return errno ? -errno : -EIO;
	return 0;
}

static int write_rows(struct sink *to, const struct snapshot_ids *ids,
		      const struct snapshot_kind *k, const struct world *w)
{
	int err = 0;

	for (size_t i = 0; !err && i < k->count(w); i++) {
		union snapshot_record record = {};

		k->give(w, i, &record);
		err = write_object(to, k->name, snapshot_fields_encode(ids, k->fields, &record));
	}
	return err;
}

static int write_look(struct sink *to, const struct snapshot_ids *ids, const struct world *w)
{
	int err = write_object(to, "look", snapshot_fields_encode(ids, snapshot_tables_look, w));

	for (const struct snapshot_kind *k = snapshot_kinds; !err && k->name; k++)
		err = write_rows(to, ids, k, w);
	return err;
}

static int collect_ids(struct snapshot_ids *ids, const struct world *w)
{
	int err = 0;

	for (const struct snapshot_kind *k = snapshot_kinds; !err && k->name; k++) {
		for (size_t i = 0; !err && i < k->count(w); i++) {
			union snapshot_record record = {};

			k->give(w, i, &record);
			err = snapshot_fields_collect(ids, k->fields, &record);
		}
	}
	return err;
}

static int write_all(struct sink *to, const struct world *const *looks, size_t n)
{
	struct snapshot_ids ids = {};
	int err = write_object(to, SNAPSHOT_MAGIC,
			       json_pack("{s:i, s:I, s:s}", "version", SNAPSHOT_VERSION, "looks",
					 (json_int_t)n, "nowake", NOWAKE_BOTH));

	for (size_t i = 0; !err && i < n; i++)
		err = collect_ids(&ids, looks[i]);
	snapshot_fields_ids_sort(&ids);
	for (size_t i = 0; !err && i < n; i++)
		err = write_look(to, &ids, looks[i]);
	array_free(&ids.v);
	return err ? err : write_object(to, "end", json_object());
}

/* Takes the descriptor. */
static int write_fd(int fd, bool compress, const struct world *const *looks, size_t n)
{
	gzFile gz = gzdopen(fd, compress ? "wb6" : "wbT");
	int err;

	if (!gz) {
		close(fd);
		return -ENOMEM;
	}
	err = write_all(&(struct sink){ .gz = gz }, looks, n);
	errno = 0;
	if (gzclose(gz) != Z_OK && !err)
		err = errno ? -errno : -EIO;
	return err;
}

static int write_past(struct sink *to, const struct world *w)
{
	static const char *const kinds[] = { "frame", "trace", "site", "birth", "word", "stitch" };
	int err = write_object(to, SNAPSHOT_MAGIC,
			       json_pack("{s:i, s:i}", "version", SNAPSHOT_VERSION, "looks", 1));

	err = err ? err
		  : write_object(to, "look", snapshot_fields_encode(NULL, snapshot_tables_look, w));
	for (const struct snapshot_kind *k = snapshot_kinds; !err && k->name; k++)
		for (size_t i = 0; !err && i < sizeof(kinds) / sizeof(kinds[0]); i++)
			if (!strcmp(kinds[i], k->name))
				err = write_rows(to, NULL, k, w);
	return err ? err : write_object(to, "end", json_object());
}

int snapshot_write_past(FILE *out, const struct world *w)
{
	return write_past(&(struct sink){ .file = out }, w);
}

static bool has_suffix(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n > m && !strcmp(s + n - m, suffix);
}

/* Into a new file beside path, then renamed over it: complete or not at all. */
static int write_beside(const char *path, const struct world *const *looks, size_t n)
{
	_cleanup_free_ char *temp = NULL;
	_cleanup_close_ int fd = -1;
	int copy, err;

	if (asprintf(&temp, "%s.XXXXXX", path) < 0) {
		temp = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(temp, O_CLOEXEC); /* with mode 0600 */
	if (fd < 0)
		return -errno;
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	err = copy < 0 ? -errno : write_fd(copy, has_suffix(path, ".gz"), looks, n);
	if (!err && (fsync(fd) || rename(temp, path)))
		err = -errno;
	if (err)
		unlink(temp);
	return err;
}

/* The descriptor that a name stands for; -1: it is one of a file. To open those would write from
 * the start of what the caller has begun. */
static int descriptor_of(const char *path)
{
	static const char *const names[] = { "/dev/stdin", "/dev/stdout", "/dev/stderr" };
	static const char *const directories[] = { "/dev/fd/", "/proc/self/fd/" };

	if (!strcmp(path, "-"))
		return STDOUT_FILENO;
	for (int i = 0; i < 3; i++)
		if (!strcmp(path, names[i]))
			return i;
	for (size_t i = 0; i < 2; i++) {
		const char *number = path + strlen(directories[i]);
		size_t digits;

		if (strncmp(path, directories[i], strlen(directories[i])))
			continue;
		digits = strspn(number, "0123456789");
		if (digits && digits < 10 && !number[digits])
			return atoi(number);
	}
	return -1;
}

/* Whether a new file takes its place: that of a file, and of a link to one or to nowhere; not that
 * of a pipe, or of /dev/null. A link to those is not followed either: who can write to the
 * directory may have put one to a disk there. */
static bool is_replaced(const char *path, struct stat *ret)
{
	struct stat behind;

	if (lstat(path, ret) || S_ISREG(ret->st_mode))
		return true;
	return S_ISLNK(ret->st_mode) && (stat(path, &behind) || S_ISREG(behind.st_mode));
}

int snapshot_write(const char *path, const struct world *const *looks, size_t n)
{
	struct stat st;
	int fd = descriptor_of(path);

	if (fd >= 0)
		fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	else if (is_replaced(path, &st))
		return write_beside(path, looks, n);
	else if (S_ISBLK(st.st_mode))
		return -ENOTSUP;
	else
		fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);
	return fd < 0 ? -errno : write_fd(fd, has_suffix(path, ".gz"), looks, n);
}
