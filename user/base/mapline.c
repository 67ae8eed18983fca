// SPDX-License-Identifier: GPL-2.0-only
/* mapline.c - one line of /proc/PID/maps. */
#include "base/mapline.h"

#include <string.h>

bool mapline_parse(const char *line, struct mapline *ret)
{
	unsigned long long start, end, offset, ino;
	unsigned int major, minor;
	char perms[5];
	int name = 0;

	if (sscanf(line, "%llx-%llx %4s %llx %x:%x %llu %n", &start, &end, perms, &offset, &major,
		   &minor, &ino, &name) != 7 ||
	    strlen(perms) != 4 || end <= start)
		return false;
	*ret = (struct mapline){
		.start = start,
		.end = end,
		.offset = offset,
		.ino = ino,
		.dev = major << 20 | (minor & 0xfffff),
		.readable = perms[0] == 'r',
		.writable = perms[1] == 'w',
		.executable = perms[2] == 'x',
		.name = name ? line + name : "",
	};
	return true;
}

/* A path may be longer than the kernel lets anybody name at once, and holds what its owner likes:
 * the rest of its line is no line. */
bool mapline_next(FILE *file, char text[MAPLINE_SIZE], struct mapline *ret)
{
	while (fgets(text, MAPLINE_SIZE, file)) {
		const size_t n = strcspn(text, "\n");

		for (int c = text[n]; c != '\n' && c != EOF;)
			c = getc(file);
		text[n] = '\0';
		if (mapline_parse(text, ret))
			return true;
	}
	return false;
}
