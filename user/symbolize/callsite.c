// SPDX-License-Identifier: GPL-2.0-only
/* callsite.c - does a call stand right before an address? */
#include "symbolize/callsite.h"

#include <elf.h>
#include <string.h>

#define BEFORE 7 /* bytes of the longest call without prefixes: FF /2 with SIB and 32 bits */

/* Whether the n bytes at b are one call through register or memory: FF with 2 in the middle
 * of ModRM, of the length that ModRM says. */
static bool is_indirect(const unsigned char *b, size_t n)
{
	unsigned int mod = b[1] >> 6, rm = b[1] & 7;
	size_t len = 2;

	if (b[0] != 0xff || (b[1] >> 3 & 7) != 2)
		return false;
	if (mod != 3 && rm == 4)
		len++; /* SIB */
	if (mod == 1)
		len += 1;
	else if (mod == 2 || (mod == 0 && rm == 5) ||
		 (mod == 0 && rm == 4 && n > 3 && (b[2] & 7) == 5))
		len += 4;
	return len == n;
}

static bool before_x86(__u64 address, const unsigned char *b, struct callsite *ret)
{
	__s32 distance;

	if (b[BEFORE - 5] == 0xe8) {
		memcpy(&distance, b + BEFORE - 4, sizeof(distance));
		*ret = (struct callsite){ true, address + distance };
		return true;
	}
	for (size_t n = 2; n <= BEFORE; n++) {
		if (is_indirect(b + BEFORE - n, n)) {
			*ret = (struct callsite){ .direct = false };
			return true;
		}
	}
	return false;
}

static bool before_arm64(__u64 address, __u32 word, struct callsite *ret)
{
	__s64 distance = (__s64)((__s32)(word << 6) >> 6) * 4;

	if (word >> 26 == 0x25) { /* BL */
		*ret = (struct callsite){ true, address - 4 + distance };
		return true;
	}
	*ret = (struct callsite){ .direct = false };
	return (word & 0xfffffc1f) == 0xd63f0000 ||
	       (word & 0xfefff800) == 0xd63f0800; /* BLR, BLRA… */
}

bool callsite_before(__u32 machine, __u64 address,
		     bool (*read)(void *arg, __u64 address, void *ret, size_t len), void *arg,
		     struct callsite *ret)
{
	unsigned char bytes[BEFORE];
	__u32 word;

	if (machine == EM_AARCH64)
		return read(arg, address - sizeof(word), &word, sizeof(word)) &&
		       before_arm64(address, word, ret);
	return read(arg, address - BEFORE, bytes, sizeof(bytes)) && before_x86(address, bytes, ret);
}
