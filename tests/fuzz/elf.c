// SPDX-License-Identifier: GPL-2.0-only
/* elf.c - fuzzes what is read of an ELF file: unwind tables, symbols, DWARF
 *
 * The data is the file, mapped at three places of one address space; registers and stack come from
 * its first bytes.
 */
#include <libelf.h>

#include "feed.h"

#define BASE 0x400000ull

static const char maps[] = "00400000-00500000 r-xp 00000000 00:01 77 /bin/fuzz\n"
			   "00600000-00700000 r-xp 00001000 00:01 77 /bin/fuzz\n"
			   "7ffe0000-7ffe2000 r-xp 00000000 00:00 0 [vdso]\n";

static void ask(struct child *c, const void *request, int fd)
{
	static union message reply;

	child_answer(c, request, fd, &reply);
	if (!message_is_whole(&reply, reply.head.size, ~0u))
		abort(); /* nowake would take it for a lie */
}

static void unwind(struct child *c, struct feed *f, __u64 pc)
{
	static struct message_unwind u;

	f->at = 0;
	feed_take(f, u.reg, sizeof(u.reg));
	u.reg[7] = 0x7000;
	u.reg[16] = pc;
	u.stack = u.reg[7];
	u.len = 512;
	for (size_t i = 0; i < u.len; i += 8) {
		__u64 word = i % 16 ? BASE + 0x1000 + i : u.stack + i + 16;

		memcpy(u.bytes + i, &word, 8);
	}
	u.head = (struct message_head){ MESSAGE_UNWIND,
					offsetof(struct message_unwind, bytes) + u.len };
	ask(c, &u, -1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed f = { data, size, 0 };
	struct child c = { .peer = { &f, feed_read, feed_gather, feed_open } };
	struct message_space space = { .head = { MESSAGE_SPACE, sizeof(space) },
				       .machine = FEED_MACHINE };

	elf_version(EV_CURRENT);
	ask(&c, &space, feed_file(maps, sizeof(maps) - 1));
	for (__u64 at = 0; at < 0x3000; at += 0x311) {
		struct message_name name = { .head = { MESSAGE_NAME, sizeof(name) },
					     .address = BASE + at,
					     .exact = at & 1 };

		ask(&c, &name, -1);
		unwind(&c, &f, BASE + at);
	}
	child_clear(&c);
	return 0;
}
