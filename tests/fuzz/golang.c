// SPDX-License-Identifier: GPL-2.0-only
/* golang.c - fuzzes Go's function table, its inlined calls, stacks that are walked by it
 * and cleared of what does not live
 */
#include "golang/inlined.h"
#include "golang/stackmap.h"
#include "feed.h"

#define FUNCTIONS 64
#define STEPS 16
#define TEXT 0x400000u
#define STACK 0xc000000000u
#define STACK_BYTES 2048

static void check_name(struct pclntab_name name)
{
	if (name.n > PCLNTAB_NAME_MAX || (name.n && memchr(name.v, '\0', name.n)))
		abort();
}

static void ask(const struct pclntab *t, const struct pclntab_function *f,
		struct pclntab_bytes gofunc, __u64 pc)
{
	struct pclntab_place place = {};
	struct inlined_call call;
	struct inlined i;
	unsigned int n = 0;
	__s32 size;

	pclntab_frame(t, f, pc, &size);
	pclntab_place(t, f, pc, &place);
	check_name(place.file);
	inlined_begin(t, f, gofunc, pc, &i);
	for (; inlined_next(&i, &call); n++)
		check_name(call.name);
	if (!n || n > INLINED_DEPTH_MAX + 1 || call.inlined)
		abort();
}

static void ask_all(const struct pclntab *t, struct pclntab_bytes gofunc)
{
	struct pclntab_function f, found;

	for (__u32 k = 0; k < t->nfunctions && k < FUNCTIONS; k++) {
		if (pclntab_function(t, k, &f))
			continue;
		check_name(f.name);
		for (__u64 pc = f.entry; pc < f.end; pc += (f.end - f.entry) / STEPS + 1) {
			ask(t, &f, gofunc, pc);
			if (!pclntab_find(t, pc, &found) && (found.entry > pc || found.end <= pc))
				abort();
		}
	}
}

/* Any word of the stack is a return address, or what the data says. */
struct fed_stack {
	const struct feed *feed;
	__u64 code;
};

static bool read_stack(void *arg, __u64 address, void *ret, size_t len)
{
	const struct fed_stack *s = arg;
	__u8 byte = s->feed->data[address / 8 % s->feed->size];
	__u64 pc = TEXT + byte * s->code / 256;

	if (byte == 0xff)
		return feed_read((void *)s->feed, address, ret, len) == len;
	memcpy(ret, &pc, len);
	return true;
}

static void walk(const struct program *p, const struct feed *feed, bool has_link)
{
	static struct unwind_frames frames;
	struct pclntab_function last;
	const struct unwind_start user = { TEXT + 20,	   STACK + 0x8000, TEXT + 40,
					   STACK + 0x8000, STACK + 0x9000, false,
					   false };
	struct unwind_start start = user;
	const struct pclntab *t = p->modules[0].table;
	struct fed_stack s = { feed, 0 };
	const struct unwind_program program = { p, has_link, read_stack, &s };

	if (!pclntab_function(t, t->nfunctions - 1, &last))
		s.code = last.end;
	for (size_t k = 0; k < 8; k++) {
		start.pc = TEXT + s.code * k / 8;
		start.exact = k & 1;
		unwind_goroutine(&program, &start, k & 2 ? &user : NULL, &frames);
		if (frames.n > UNWIND_FRAMES_MAX || frames.end > UNWIND_CUT)
			abort();
		for (size_t n = 0; n < frames.n; n++)
			if (frames.frame[n].sp < user.lo || frames.frame[n].cfa > user.hi)
				abort();
	}
}

/* What is cleared is cleared whole, and nothing else is changed. */
static void clear(const struct program *p, const struct feed *feed)
{
	static unsigned char bytes[STACK_BYTES], before[STACK_BYTES];
	const struct pclntab *t = p->modules[0].table;
	struct unwind_start start = { .sp = STACK, .lo = STACK - 4096, .hi = STACK + STACK_BYTES };
	struct pclntab_function last = {};
	struct fed_stack s = { feed, 0 };

	if (!pclntab_function(t, t->nfunctions - 1, &last))
		s.code = last.end;
	for (size_t k = 0; k < 8; k++) {
		for (size_t at = 0; at < STACK_BYTES; at += 8) {
			read_stack(&s, STACK + at * 7, bytes + at, 8);
			if (!(feed->data[at % feed->size] & 3)) /* into the stack */
				memcpy(bytes + at, &(__u64){ STACK + (at * 9) % STACK_BYTES }, 8);
		}
		memcpy(before, bytes, STACK_BYTES);
		start.pc = TEXT + s.code * k / 8;
		stackmap_clear(p, &start, k & 1 ? STACK + k * 64 : 0, STACK + k * 128, bytes,
			       STACK_BYTES);
		for (size_t at = 0; at < STACK_BYTES; at += 8) {
			static const unsigned char zeros[8];

			if (memcmp(bytes + at, before + at, 8) && memcmp(bytes + at, zeros, 8))
				abort();
		}
	}
}

/* moduledata.gofunc points to the second half of the data. The code is
 * of two modules, that have one table. */
static void walk_and_clear(const struct pclntab *t, const struct feed *feed, enum golang_arch arch)
{
	const struct program_module first = {
		.text = TEXT,
		.etext = TEXT + feed->size * 4,
		.table = t,
		.gofunc_bytes = { feed->data + feed->size / 2, feed->size - feed->size / 2 },
		.rodata_bytes = { feed->data, feed->size },
	};
	struct program p = {
		.layout = layout_find(27, arch),
		.nmodules = 2,
		.modules = { first, first },
	};

	p.modules[1].text = first.etext;
	p.modules[1].etext = ~0ull;
	walk(&p, feed, arch == GOLANG_ARM64);
	clear(&p, feed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct feed feed = { data, size, 0 };
	struct pclntab_function f;
	struct pclntab t;
	size_t at = pclntab_search(data, size, 0);

	if (at > size)
		abort();
	if (at == size && pclntab_open(data, size, &t))
		return 0;
	if (at < size && pclntab_open(data + at, size - at, &t))
		abort();
	ask_all(&t, (struct pclntab_bytes){ data, size });
	ask_all(&t, (struct pclntab_bytes){});
	pclntab_named(&t, "runtime.deferreturn", &f);
	walk_and_clear(&t, &feed, GOLANG_AMD64);
	walk_and_clear(&t, &feed, GOLANG_ARM64);
	return 0;
}
