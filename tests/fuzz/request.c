// SPDX-License-Identifier: GPL-2.0-only
/* request.c - fuzzes the symbolizer's requests, one after the other, as they would come in packets
 *
 * A 16-bit length goes before each of them. What is no message must be refused, and what is one
 * must be answered by one.
 */
#include <libelf.h>

#include "feed.h"

#define KINDS                                                                                      \
	(MESSAGE_BIT(SPACE) | MESSAGE_BIT(UNWIND) | MESSAGE_BIT(NAME) | MESSAGE_BIT(GO) |          \
	 MESSAGE_BIT(GOROUTINE))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static union message request, reply;
	struct feed f = { data, size, 0 };
	struct child c = { .peer = { &f, feed_read, feed_gather, feed_open } };

	elf_version(EV_CURRENT);
	while (f.at + 2 < f.size) {
		uint16_t len;

		feed_take(&f, &len, sizeof(len));
		len %= sizeof(request);
		memset(&request, 0, sizeof(request));
		feed_take(&f, &request, len);
		if (!message_is_whole(&request, len, KINDS))
			continue;
		child_answer(&c, &request,
			     request.head.kind == MESSAGE_SPACE ? feed_file(data, size) : -1,
			     &reply);
		if (!message_is_whole(&reply, reply.head.size, ~KINDS))
			abort();
	}
	child_clear(&c);
	return 0;
}
