// SPDX-License-Identifier: GPL-2.0-only
/* escape.c - names from other processes, made safe to print.
 *
 * A whitelist by structure: what is not a whole, shortest-form UTF-8 character
 * that shows itself and leaves its neighbours where they are becomes \xHH, byte
 * by byte. The escape itself is escaped, so no two names print alike. */
#include "base/escape.h"

#include <linux/types.h>
#include <stdint.h>
#include <string.h>

/* Characters that do not show, or that move, join or cut what stands around them:
 * Unicode's Cc, Cf, Zl, Zp, the variation selectors, the blank Hangul fillers and
 * what is no character at all. */
static const struct {
	uint32_t first, last;
} hidden[] = {
	{ 0x0000, 0x001f },   { 0x007f, 0x009f },   { 0x00ad, 0x00ad },	   { 0x034f, 0x034f },
	{ 0x0600, 0x0605 },   { 0x061c, 0x061c },   { 0x06dd, 0x06dd },	   { 0x070f, 0x070f },
	{ 0x0890, 0x0891 },   { 0x08e2, 0x08e2 },   { 0x115f, 0x1160 },	   { 0x17b4, 0x17b5 },
	{ 0x180b, 0x180f },   { 0x200b, 0x200f },   { 0x2028, 0x202e },	   { 0x2060, 0x206f },
	{ 0x3164, 0x3164 },   { 0xd800, 0xdfff },   { 0xe000, 0xf8ff },	   { 0xfdd0, 0xfdef },
	{ 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 },	   { 0xfff0, 0xfffb },
	{ 0xfffe, 0xffff },   { 0x110bd, 0x110bd }, { 0x110cd, 0x110cd },  { 0x13430, 0x1343f },
	{ 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0x10ffff },
};

static bool is_hidden(uint32_t c)
{
	if ((c & 0xfffe) == 0xfffe)
		return true;
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]) && hidden[i].first <= c; i++)
		if (c <= hidden[i].last)
			return true;
	return false;
}

/* Bytes of the character at s, 0 when it is not valid UTF-8 (RFC 3629). */
static size_t decode(const unsigned char *s, size_t len, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	uint32_t c;

	if (!n || n > len || s[0] > 0xf4)
		return 0;
	c = n == 1 ? s[0] : s[0] & (0x7f >> n);
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff)
		return 0;
	*ret = c;
	return n;
}

/* Bytes that may be printed as they are at s; 0: escape the first. */
static size_t plain(const unsigned char *s, size_t len, bool utf8, bool backslash)
{
	uint32_t c;
	size_t n = decode(s, len, &c);

	if (!n || (n > 1 && !utf8) || is_hidden(c) || (c == '\\' && !backslash))
		return 0;
	return n;
}

static char *copy(char *ret, size_t size, const char *src, size_t len, bool utf8, bool backslash)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *s = (const unsigned char *)src;
	size_t out = 0;

	if (!size)
		return ret;
	len = strnlen(src, len);
	for (size_t i = 0; i < len;) {
		size_t n = plain(s + i, len - i, utf8, backslash);

		if (out + (n ? n : 4) >= size)
			break;
		if (n) {
			memcpy(ret + out, s + i, n);
			out += n;
			i += n;
			continue;
		}
		memcpy(ret + out, "\\x", 2);
		ret[out + 2] = hex[s[i] >> 4];
		ret[out + 3] = hex[s[i] & 15];
		out += 4;
		i++;
	}
	ret[out] = '\0';
	return ret;
}

char *escape_name(char *ret, size_t size, const char *src, size_t len, bool utf8)
{
	return copy(ret, size, src, len, utf8, false);
}

char *escape_text(char *ret, size_t size, const char *src, bool utf8)
{
	return copy(ret, size, src, strlen(src), utf8, true);
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

bool escape_undo(char *ret, size_t size, const char *src, size_t *ret_len)
{
	size_t out = 0;

	while (*src) {
		int high = 0, low = 0;

		if (out == size)
			return false;
		if (*src != '\\') {
			ret[out++] = *src++;
			continue;
		}
		if (src[1] != 'x' || (high = hex_digit(src[2])) < 0 ||
		    (low = hex_digit(src[3])) < 0)
			return false;
		ret[out++] = (char)(high << 4 | low);
		src += 4;
	}
	*ret_len = out;
	return true;
}
