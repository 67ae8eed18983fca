// SPDX-License-Identifier: GPL-2.0-only
/* maps.c - fuzzes the reading of a memory map: what is found in it is in order and whole
 */
#include "feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct space s = {};
	int fd = feed_file(data, size);

	if (!space_read(&s, fd, FEED_MACHINE)) {
		for (size_t i = 0; i < s.mappings.n; i++) {
			const struct mapping *m = &s.mappings.v[i];

			if (m->end <= m->start || (i && m[-1].end > m->start) ||
			    strlen(m->name) >= STACK_NAME_MAX || space_find(&s, m->start) != m ||
			    space_find(&s, m->end - 1) != m)
				abort();
		}
		space_free(&s);
	}
	close(fd);
	return 0;
}
