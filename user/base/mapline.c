// SPDX-License-Identifier: GPL-2.0-only
/* mapline.c - one line of /proc/PID/maps. */
#include "base/mapline.h"

#include <stdio.h>
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
