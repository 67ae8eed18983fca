// SPDX-License-Identifier: GPL-2.0-only
/* snapshot.c - a world in a file: what one pass saw, to be judged anywhere.
 *
 * One JSON object a line: first {"kind":"nowake-snapshot"}, then for each look a
 * {"kind":"look"} and its records, at last {"kind":"end"}. So neither direction ever
 * holds more than a line in memory beside the world, a file that was cut is known by
 * its missing end, and a complaint can name the line. */
#include "report/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "report/snapshot_rows.h"
#include "report/snapshot_tables.h"

#define LOOKS_MAX 4
#define LINE_MAX_SIZE (32u << 20)
#define FILE_MAX_SIZE (1ull << 30) /* after decompression */
#define ROWS_MAX (1u << 22)	   /* of one kind: as many as there can be threads */

struct reader {
	const char *path;
	gzFile gz;
	char *line;
	size_t size;
	size_t number; /* of the line */
	unsigned long long total;
	struct world **looks;
	size_t n, promised;
	bool ended;
	char *error;
};

/* Sets the message for the user; -EINVAL. */
__attribute__((format(printf, 2, 3))) static int complain(struct reader *r, const char *fmt, ...)
{
	_cleanup_free_ char *what = NULL;
	char name[256];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&what, fmt, ap);
	va_end(ap);
	if (n < 0) {
		what = NULL;
		return -ENOMEM;
	}
	escape_name(name, sizeof(name), r->path, strlen(r->path), true);
	free(r->error);
	n = r->number ? asprintf(&r->error, "%s, line %zu: %s", name, r->number, what)
		      : asprintf(&r->error, "%s: %s", name, what);
	if (n < 0) {
		r->error = NULL;
		return -ENOMEM;
	}
	return -EINVAL;
}

static int complain_about_end(struct reader *r)
{
	int code;
	const char *text = gzerror(r->gz, &code);

	if (code == Z_ERRNO)
		return complain(r, "it cannot be read: %s", strerror(errno));
	if (code != Z_OK && code != Z_BUF_ERROR)
		return complain(r, "it cannot be decompressed: %s", text);
	return complain(r, r->n ? "the snapshot is cut short" : "this is no snapshot of nowake");
}

static int grow_line(struct reader *r)
{
	size_t size = r->size ? 2 * r->size : 65536;
	char *line;

	if (size > LINE_MAX_SIZE)
		return complain(r, r->n ? "the line is too long" : "this is no snapshot of nowake");
	line = realloc(r->line, size);
	if (!line)
		return -ENOMEM;
	r->line = line;
	r->size = size;
	return 0;
}

/* 1: there is a line; 0: the file has ended; or an error, also when it ended too early. */
static int read_line(struct reader *r, size_t *ret_len)
{
	size_t len = 0;

	r->number++;
	for (;;) {
		int err = len + 1 >= r->size ? grow_line(r) : 0;
		size_t got;

		if (err)
			return err;
		if (!gzgets(r->gz, r->line + len, (int)(r->size - len))) {
			gzerror(r->gz, &err);
			return r->ended && !len && err == Z_OK ? 0 : complain_about_end(r);
		}
		got = strlen(r->line + len);
		len += got;
		r->total += got;
		if (r->total > FILE_MAX_SIZE)
			return complain(r, "it is larger than any snapshot");
		if (len && r->line[len - 1] == '\n')
			break;
		if (len + 1 < r->size) /* a NUL within, or the last line has no end */
			return complain_about_end(r);
	}
	*ret_len = len;
	return 1;
}

static int read_header(struct reader *r, const char *kind, const json_t *object)
{
	json_int_t version = json_integer_value(json_object_get(object, "version"));
	json_int_t looks = json_integer_value(json_object_get(object, "looks"));

	if (strcmp(kind, SNAPSHOT_MAGIC))
		return complain(r, "this is no snapshot of nowake");
	if (version != SNAPSHOT_VERSION)
		return complain(r, "this snapshot has version %lld, and only %d can be read",
				(long long)version, SNAPSHOT_VERSION);
	if (looks < 1 || looks > LOOKS_MAX)
		return complain(r, "the number of looks is wrong");
	r->promised = (size_t)looks;
	r->looks = calloc(r->promised, sizeof(*r->looks));
	return r->looks ? 0 : -ENOMEM;
}

/* The look that was read last is complete. */
static int finish_look(struct reader *r)
{
	const char *error = "";

	if (r->n && snapshot_rows_settle(r->looks[r->n - 1], &error))
		return complain(r, "%s", error);
	return 0;
}

static int read_look(struct reader *r, const json_t *object)
{
	_cleanup_free_ char *error = NULL;
	int err = finish_look(r);

	if (err)
		return err;
	if (r->n == r->promised)
		return complain(r, "there are more looks than announced");
	r->looks[r->n] = world_new();
	if (!r->looks[r->n])
		return -ENOMEM;
	err = snapshot_fields_decode(snapshot_tables_look, object, r->looks[r->n++], &error);
	return err == -EINVAL ? complain(r, "look: %s", error) : err;
}

static int read_record(struct reader *r, const struct snapshot_kind *k, const json_t *object)
{
	_cleanup_free_ char *error = NULL;
	union snapshot_record record = {};
	struct world *w = r->looks[r->n - 1];
	const char *what = NULL;
	int err;

	if (k->count(w) >= ROWS_MAX)
		return complain(r, "%s: there are too many", k->name);
	err = snapshot_fields_decode(k->fields, object, &record, &error);
	if (!err)
		err = k->take(w, &record, &what);
	snapshot_fields_release(k->fields, &record);
	return err == -EINVAL ? complain(r, "%s: %s", k->name, error ? error : what) : err;
}

static int read_end(struct reader *r)
{
	int err = finish_look(r);

	if (err)
		return err;
	if (r->n != r->promised)
		return complain(r, "there are fewer looks than announced");
	r->ended = true;
	return 0;
}

static int read_object(struct reader *r, const json_t *object)
{
	const char *kind = json_string_value(json_object_get(object, "kind"));
	char name[64];

	if (!kind)
		return complain(r, r->promised ? "the line has no kind"
					       : "this is no snapshot of nowake");
	if (!r->promised)
		return read_header(r, kind, object);
	if (r->ended)
		return complain(r, "something follows the end");
	if (!strcmp(kind, "look"))
		return read_look(r, object);
	if (!r->n)
		return complain(r, "the first look is missing");
	if (!strcmp(kind, "end"))
		return read_end(r);
	for (const struct snapshot_kind *k = snapshot_kinds; k->name; k++)
		if (!strcmp(kind, k->name))
			return read_record(r, k, object);
	return complain(r, "the kind \"%s\" is not known",
			escape_name(name, sizeof(name), kind, strlen(kind), true));
}

static int read_all(struct reader *r)
{
	size_t len = 0;
	int err;

	while ((err = read_line(r, &len)) > 0) {
		json_error_t error;
		json_auto_t *object = json_loadb(r->line, len, JSON_REJECT_DUPLICATES, &error);

		if (!object && json_error_code(&error) == json_error_out_of_memory)
			return -ENOMEM;
		if (!object || !json_is_object(object))
			return complain(r, r->promised ? "the line is no JSON object"
						       : "this is no snapshot of nowake");
		err = read_object(r, object);
		if (err)
			return err;
	}
	return err;
}

static void reader_close(struct reader *r)
{
	if (r->gz)
		gzclose(r->gz);
	for (size_t i = 0; i < r->n; i++)
		world_free(r->looks[i]);
	free(r->looks);
	free(r->line);
	free(r->error);
}

static int reader_open(struct reader *r)
{
	bool standard = !strcmp(r->path, "-");
	int fd = standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
			  : open(r->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (standard)
		r->path = "standard input";
	if (fd < 0)
		return complain(r, "it cannot be opened: %s", strerror(errno));
	r->gz = gzdopen(fd, "rb");
	if (r->gz)
		return 0;
	close(fd);
	return -ENOMEM;
}

static int read_opened(struct reader *r, struct world ***ret_looks, size_t *ret_n, char **ret_error)
{
	int err = read_all(r);

	if (err) {
		*ret_error = r->error ? TAKE_PTR(r->error) : strdup("out of memory");
		return err;
	}
	*ret_n = r->n;
	*ret_looks = TAKE_PTR(r->looks);
	r->n = 0;
	return 0;
}

int snapshot_read(const char *path, struct world ***ret_looks, size_t *ret_n, char **ret_error)
{
	__attribute__((cleanup(reader_close))) struct reader r = { .path = path };
	int err = reader_open(&r);

	if (!err)
		return read_opened(&r, ret_looks, ret_n, ret_error);
	*ret_error = r.error ? TAKE_PTR(r.error) : strdup("out of memory");
	return err;
}

int snapshot_read_past(FILE *in, const char *who, struct world **ret, char **ret_error)
{
	__attribute__((cleanup(reader_close))) struct reader r = { .path = who };
	struct world **looks;
	int err, fd = fcntl(fileno(in), F_DUPFD_CLOEXEC, 0);
	size_t n;

	r.gz = fd < 0 ? NULL : gzdopen(fd, "rb");
	if (!r.gz) {
		if (fd >= 0)
			close(fd);
		return -ENOMEM;
	}
	err = read_opened(&r, &looks, &n, ret_error);
	if (err)
		return err;
	*ret = looks[0];
	for (size_t i = 1; i < n; i++)
		world_free(looks[i]);
	free(looks);
	return 0;
}
