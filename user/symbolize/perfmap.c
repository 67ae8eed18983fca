// SPDX-License-Identifier: GPL-2.0-only
/* perfmap.c - names of code that was made at run time.
 *
 * Only where each piece lies is kept; its name is read again when somebody asks. */
#include "symbolize/perfmap.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"

#define PIECES_MAX (1u << 20)
#define LINE_SIZE 1024 /* longer names are cut */

struct piece {
	__u64 start;
	__u32 size;
	__u32 order; /* of its line: what comes later stands for what was there before */
	__u64 name;  /* where it stands in the file */
};

struct perfmap {
	int fd;
	ARRAY(struct piece) pieces; /* sorted by start, then by order */
	__u32 longest;		    /* of all sizes */
};

static int compare(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static bool parse(const char *line, struct piece *ret)
{
	unsigned long long start, size;
	int name = 0;

	if (sscanf(line, "%llx %llx %n", &start, &size, &name) != 2 || !name || !size ||
	    size > UINT32_MAX || start + size < start)
		return false;
	ret->start = start;
	ret->size = (__u32)size;
	ret->name += name;
	return true;
}

/* One line, and what of it is longer than the room for it. */
static bool next_line(FILE *file, char *line, __u64 *ret_at)
{
	long at = ftell(file);

	if (at < 0 || !fgets(line, LINE_SIZE, file))
		return false;
	*ret_at = at;
	if (!strchr(line, '\n'))
		for (int c = fgetc(file); c != EOF && c != '\n';)
			c = fgetc(file);
	return true;
}

static void read_pieces(struct perfmap *p, FILE *file)
{
	char line[LINE_SIZE];
	__u64 at;

	while (p->pieces.n < PIECES_MAX && next_line(file, line, &at)) {
		struct piece one = { .name = at, .order = p->pieces.n };

		if (!parse(line, &one))
			continue;
		if (array_push(&p->pieces, one))
			break;
		if (one.size > p->longest)
			p->longest = one.size;
	}
	if (p->pieces.n)
		qsort(p->pieces.v, p->pieces.n, sizeof(*p->pieces.v), compare);
}

struct perfmap *perfmap_new(int fd)
{
	struct perfmap *p = calloc(1, sizeof(*p));
	_cleanup_fclose_ FILE *file = NULL;
	struct stat st;
	int copy = p ? dup(fd) : -1;

	file = copy < 0 ? NULL : fdopen(copy, "r");
	if (!file && copy >= 0)
		close(copy);
	if (!file || fstat(fd, &st)) {
		close(fd);
		free(p);
		return NULL;
	}
	p->fd = fd;
	fseek(file, st.st_size > PERFMAP_BYTES_MAX ? st.st_size - PERFMAP_BYTES_MAX : 0, SEEK_SET);
	read_pieces(p, file);
	return p;
}

void perfmap_free(struct perfmap *p)
{
	if (!p)
		return;
	close(p->fd);
	array_free(&p->pieces);
	free(p);
}

/* The first piece that starts behind the address. */
static size_t behind(const struct perfmap *p, __u64 address)
{
	size_t low = 0, high = p->pieces.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (p->pieces.v[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool perfmap_name(const struct perfmap *p, __u64 address, char *ret, size_t size)
{
	const struct piece *best = NULL;
	ssize_t n;

	for (size_t i = behind(p, address); i > 0; i--) {
		const struct piece *one = &p->pieces.v[i - 1];

		if (address - one->start >= p->longest)
			break;
		if (address - one->start < one->size && (!best || one->order > best->order))
			best = one;
	}
	if (!best)
		return false;
	n = pread(p->fd, ret, size - 1, best->name);
	if (n <= 0)
		return false;
	ret[n] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
	return ret[0];
}
