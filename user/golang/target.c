// SPDX-License-Identifier: GPL-2.0-only
/* target.c - reading the memory of a Go program: one piece, many, or a long stretch.
 *
 * Pure but for the reader that is handed in. Nothing here trusts what was read. */
#include "golang/target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 4096u
#define PART (16 * PAGE) /* a hole costs its part a second question */

_Static_assert(TARGET_BYTES_MAX / PART <= TARGET_PIECES_MAX, "a view is one question");

bool target_read(const struct target *t, __u64 address, void *to, size_t len)
{
	while (len) {
		struct target_piece piece = {
			.address = address,
			.to = to,
			.len = len < TARGET_BYTES_MAX ? len : TARGET_BYTES_MAX,
		};

		t->read(t->arg, &piece, 1);
		if (!piece.there)
			return false;
		address += piece.len;
		to = (unsigned char *)to + piece.len;
		len -= piece.len;
	}
	return true;
}

bool target_word(const struct target *t, __u64 address, __u64 *ret)
{
	unsigned char word[8];

	if (!target_read(t, address, word, sizeof(word)))
		return false;
	*ret = target_u64(word);
	return true;
}

void target_read_all(const struct target *t, struct target_piece *pieces, size_t n)
{
	size_t k, bytes;

	while (n) {
		bytes = 0;
		for (k = 0; k < n && k < TARGET_PIECES_MAX; k++) {
			if (pieces[k].len > TARGET_BYTES_MAX - bytes)
				break;
			bytes += pieces[k].len;
			pieces[k].there = false;
		}
		if (!k) { /* longer than a question may be */
			pieces->there = false;
			k = 1;
		} else {
			t->read(t->arg, pieces, k);
		}
		pieces += k;
		n -= k;
	}
}

/* ---- a long stretch ---- */

/* All of it in parts; where one is not there, its pages. */
static void read_view(const struct target *t, __u64 address, unsigned char *to, size_t len)
{
	struct target_piece parts[TARGET_BYTES_MAX / PART], pages[PART / PAGE + 1];
	size_t n = 0, m;

	for (size_t at = 0; at < len; at += PART)
		parts[n++] = (struct target_piece){ address + at, to + at,
						    len - at < PART ? len - at : PART, false };
	t->read(t->arg, parts, n);
	for (size_t k = 0; k < n; k++) {
		if (parts[k].there)
			continue;
		memset(parts[k].to, 0, parts[k].len);
		m = 0;
		for (size_t at = 0; at < parts[k].len; at += pages[m++].len) {
			size_t room = PAGE - (parts[k].address + at) % PAGE;

			pages[m] = (struct target_piece){
				parts[k].address + at, (unsigned char *)parts[k].to + at,
				parts[k].len - at < room ? parts[k].len - at : room, false
			};
		}
		t->read(t->arg, pages, m);
		for (size_t i = 0; i < m; i++)
			if (!pages[i].there)
				memset(pages[i].to, 0, pages[i].len);
	}
}

int target_scan(const struct target *t, __u64 start, __u64 end, size_t overlap,
		bool (*see)(void *arg, const struct target_view *view), void *arg)
{
	struct target_view view = { .address = start };
	unsigned char *buffer;
	bool seen = false;

	if (start >= end)
		return 0;
	buffer = malloc(end - start < TARGET_BYTES_MAX ? end - start : TARGET_BYTES_MAX);
	if (!buffer)
		return -ENOMEM;
	view.v = buffer;
	for (;;) {
		view.n = end - view.address < TARGET_BYTES_MAX ? end - view.address
							       : TARGET_BYTES_MAX;
		read_view(t, view.address, buffer, view.n);
		seen = see(arg, &view);
		if (seen || end - view.address <= TARGET_BYTES_MAX)
			break;
		view.address += TARGET_BYTES_MAX - overlap;
	}
	free(buffer);
	return seen;
}

__u64 target_u64(const unsigned char *v)
{
	__u64 ret;

	memcpy(&ret, v, sizeof(ret));
	return ret;
}

__u32 target_u32(const unsigned char *v)
{
	__u32 ret;

	memcpy(&ret, v, sizeof(ret));
	return ret;
}
