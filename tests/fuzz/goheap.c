// SPDX-License-Identifier: GPL-2.0-only
/* goheap.c - fuzzes the readers of a Go program's memory: goroutines, what they wait on, the heap
 *
 * The input spoils a small program that is all right: pairs of a place and a word. Whatever is
 * there, reading has to end, within its bounds.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "golang/allgs.h"
#include "goheap.h"

#define PLACES 12
#define LIMIT (64u << 20)

struct patch {
	uint8_t what, which;
	uint16_t word;
	uint8_t value[8];
};

/* An address among what there is, and a word that looks like one of these. */
static uint64_t place_of(const struct patch *p)
{
	uint64_t word = 8ull * (p->word % 512);
	enum goheap_kind kind;

	switch (p->what % PLACES) {
	case 0:
		return GOHEAP_DATA + word;
	case 1:
		return GOHEAP_STACK(p->which % GOHEAP_MAX) + word % 2048;
	case 2:
		return GOHEAP_RECORDS + word;
	case 3:
		return goheap_span(p->which % GOHEAP_KINDS) + word % 256;
	default:
		kind = (p->what % PLACES - 4) %
		       GOHEAP_KINDS; /* of the last three there is one object */
		return goheap_at(kind, kind < GOHEAP_LIST ? p->which % GOHEAP_MAX : 0) + word % 512;
	}
}

static void spoil(const struct patch *p)
{
	struct patch other;
	uint64_t value;

	memcpy(&value, p->value, sizeof(value));
	memcpy(&other, p->value, sizeof(p->value));
	other.what = p->value[0];
	goheap_set(place_of(p), p->which & 0x80 ? place_of(&other) : value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned int minors[] = { 19, 21, 22, 23, 24, 25, 26, 27 };
	static struct goroutine seen[GOHEAP_MAX * 4];
	struct mark_limits limits = { LIMIT, LIMIT };
	struct mark_result result;
	struct mark *m;
	__u64 count = 0;
	size_t n = 0;

	if (!size)
		return 0;
	goheap_make(minors[data[0] % 8]);
	goheap_wait(0, 1, (const __u64[]){ goheap_at(GOHEAP_CHANNEL, 0) });
	goheap_wait(1, 2,
		    (const __u64[]){ goheap_at(GOHEAP_CHANNEL, 1), goheap_at(GOHEAP_CHANNEL, 2) });
	for (size_t at = 1; at + sizeof(struct patch) <= size; at += sizeof(struct patch)) {
		struct patch p;

		memcpy(&p, data + at, sizeof(p));
		spoil(&p);
	}
	if (allgs_count(&goheap_program, &count) ||
	    goroutine_read(&goheap_program, 0, count < GOHEAP_MAX * 4 ? count : GOHEAP_MAX * 4,
			   seen, &n))
		n = 0;
	if (mark_new(&goheap_program, &limits, &m))
		abort();
	for (size_t i = 0; i < n; i++)
		if (mark_add(m, &seen[i]))
			abort();
	for (size_t i = 0; i < GOHEAP_MAX; i++)
		if (mark_add(m, &goheap_g[i]))
			abort();
	if (mark_run(m, &result))
		abort();
	for (size_t i = 0; i < n + GOHEAP_MAX; i++)
		if (result.end != MARK_WHOLE && mark_is_stuck(m, i) &&
		    !mark_hopeless(i < n ? &seen[i] : &goheap_g[i - n]))
			abort(); /* nothing is known then */
	mark_free(m);
	return 0;
}
