// SPDX-License-Identifier: GPL-2.0-only
/* perfmap.c - fuzzes the names of code that was made at run time
 */
#include "symbolize/perfmap.h"
#include "feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct perfmap *p = perfmap_new(feed_file(data, size));
	char name[64];

	for (__u64 address = 0; p && address < 0x4000; address += 0x123)
		if (perfmap_name(p, address, name, sizeof(name)) && strlen(name) >= sizeof(name))
			abort();
	perfmap_free(p);
	return 0;
}
