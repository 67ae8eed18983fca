// SPDX-License-Identifier: GPL-2.0-only
/* space.c - the address space of one process: what code lies where.
 *
 * The text is the kernel's, the names in it are not: a newline in a path is written as
 * \012 there, so that a line is always one mapping. */
#include "symbolize/space.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mapline.h"
#include "symbolize/golook.h"
#include "symbolize/perfmap.h"

static int add_part(struct space *s, const struct mapline *line)
{
	const struct part part = {
		.start = line->start,
		.end = line->end,
		.ino = line->ino,
		.writable = line->writable,
	};

	if (!line->readable || !strncmp(line->name, "[v", 2)) /* vdso, vvar, vsyscall */
		return 0;
	if (s->parts.n == SPACE_MAPPINGS_MAX) {
		s->parts_cut = true;
		return 0;
	}
	return array_push(&s->parts, part) ? -ENOMEM : 0;
}

static int add(struct space *s, const struct mapline *line)
{
	struct mapping m = {
		.start = line->start,
		.end = line->end,
		.offset = line->offset,
		.ino = line->ino,
	};

	if (add_part(s, line))
		return -ENOMEM;
	if (!line->executable || s->mappings.n == SPACE_MAPPINGS_MAX)
		return 0;
	/* The kernel writes them in order; what is not is no map. */
	if (s->mappings.n && s->mappings.v[s->mappings.n - 1].end > m.start)
		return -EINVAL;
	m.name = strndup(line->name, STACK_NAME_MAX - 1);
	if (m.name && !array_push(&s->mappings, m))
		return 0;
	free(m.name);
	return -ENOMEM;
}

int space_read(struct space *ret, int fd, __u32 machine)
{
	struct space s = { .machine = machine };
	_cleanup_fclose_ FILE *file = NULL;
	struct mapline line;
	char text[MAPLINE_SIZE];
	int err = 0, copy = dup(fd);

	file = copy < 0 ? NULL : fdopen(copy, "r");
	if (!file) {
		err = -errno;
		if (copy >= 0)
			close(copy);
		return err;
	}
	while (!err && mapline_next(file, text, &line))
		err = add(&s, &line);
	err = !err && ferror(file) ? -EIO : err;
	if (err) {
		space_free(&s);
		return err;
	}
	*ret = s;
	return 0;
}

void space_free(struct space *s)
{
	for (size_t i = 0; i < s->mappings.n; i++)
		free(s->mappings.v[i].name);
	array_free(&s->mappings);
	array_free(&s->parts);
	golook_free(s->golook);
	perfmap_free(s->perfmap);
	*s = (struct space){};
}

struct mapping *space_find(const struct space *s, __u64 address)
{
	size_t low = 0, high = s->mappings.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct mapping *m = &s->mappings.v[middle];

		if (address < m->start)
			high = middle;
		else if (address >= m->end)
			low = middle + 1;
		else
			return m;
	}
	return NULL;
}

struct image *space_image(const struct space *s, struct mapping *m, struct images *images)
{
	bool vdso = !strcmp(m->name, "[vdso]");

	if (m->looked)
		return m->image;
	m->looked = true;
	if (m->ino || vdso)
		m->image = image_open(images, &(struct image_source){
						      .start = m->start,
						      .end = m->end,
						      .machine = s->machine,
						      .memory = vdso,
					      });
	return m->image;
}
