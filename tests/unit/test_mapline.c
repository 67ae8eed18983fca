// SPDX-License-Identifier: GPL-2.0-only
/* test_mapline.c - lines of /proc/PID/maps, of which the paths are hostile */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/mapline.h"

#define FIRST "7f0000001000-7f0000003000 r-xp 00001000 fe:01 42 "
#define NEXT "7f0000005000-7f0000006000 rw-p 00000000 00:00 0"

/* "7f0000001000 /path ": where each begins, and the first bytes of its name. */
static const char *lines(const char *text)
{
	static char ret[256];
	char line[MAPLINE_SIZE];
	struct mapline one;
	FILE *file = fmemopen((void *)text, strlen(text), "r");
	size_t len = 0;

	ret[0] = '\0';
	while (mapline_next(file, line, &one))
		len += snprintf(ret + len, sizeof(ret) - len, "%llx %.8s ", one.start, one.name);
	fclose(file);
	return ret;
}

Test(mapline, one_after_the_other)
{
	cr_expect_str_eq(lines(FIRST "/bin/true\nnonsense\n" NEXT "\n"),
			 "7f0000001000 /bin/tru 7f0000005000  ");
	cr_expect_str_eq(lines(NEXT), "7f0000005000  ", "without an end");
	cr_expect_str_eq(lines("\n"), "");
}

/* The rest of a line that is too long is no line, whatever it says, and wherever it is cut. */
Test(mapline, a_path_that_says_it_is_a_line)
{
	char *text = malloc(MAPLINE_SIZE + 4096);
	const char *got;

	for (size_t shift = 0; shift < sizeof(NEXT); shift++) {
		strcpy(text, FIRST "/");
		memset(text + strlen(text), 'a', shift + 1);
		text[sizeof(FIRST) + 1 + shift] = '\0';
		while (strlen(text) < MAPLINE_SIZE + 256)
			strcat(text, NEXT " ");
		strcat(text, "\n" NEXT "\n");
		got = lines(text);
		cr_expect_eq(strncmp(got, "7f0000001000 /a", 15), 0, "%s", got);
		cr_expect_str_eq(got + 22, "7f0000005000  ", "%s", got);
	}
	free(text);
}
