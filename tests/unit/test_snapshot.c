// SPDX-License-Identifier: GPL-2.0-only
/* test_snapshot.c - what is written comes back, to the byte, and whole or not at all. */
#include <criterion/criterion.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/snapshot.h"
#include "snapshot_case.h"

#define KERNEL 0xffff800000000000ull

static char directory[] = "/tmp/nowake-test-XXXXXX";
static char path[64], path_gz[64];

static void setup(void)
{
	cr_assert(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/x.json", directory);
	snprintf(path_gz, sizeof(path_gz), "%s/x.json.gz", directory);
}

static void teardown(void)
{
	unlink(path);
	unlink(path_gz);
	rmdir(directory);
}

TestSuite(snapshot, .init = setup, .fini = teardown);

/* Every byte of a record differs from its neighbours, from zero, and between records. */
static void fill(void *record, size_t size, unsigned int seed)
{
	for (size_t i = 0; i < size; i++)
		((unsigned char *)record)[i] = (i * 7 + seed * 13) % 100 + 1;
}

#define FILL(w, array, seed, ...)                                                                  \
	do {                                                                                       \
		__typeof__(*(w)->array.v) r_;                                                      \
                                                                                                   \
		fill(&r_, sizeof(r_), seed);                                                       \
		__typeof__(r_) *r = &r_;                                                           \
		__VA_ARGS__;                                                                       \
		cr_assert(!array_push(&(w)->array, r_));                                           \
	} while (0)

#define TEXT(member) r->member[sizeof(r->member) - 1] = '\0'
/* Four bytes that the compiler leaves free behind a member. */
#define HOLE(member) memset((char *)r + offsetof(__typeof__(*r), member) + sizeof(r->member), 0, 4)
#define WIRE(kind_)                                                                                \
	r->head = (struct wire_head)                                                               \
	{                                                                                          \
		.kind = kind_, .size = sizeof(*r), .tid = 100 + seed                               \
	}

/* Frames that are alike but for their strings, in traces that share them. */
static void add_stack(struct world *w, unsigned int seed)
{
	struct trace t = { .stop = seed ? strdup("no unwind information for \033x") : NULL };

	FILL(w, stacks.frames, seed, r->inlined = seed == 1; r->guessed = seed == 2;
	     r->function = strdup("std::f(int, \xff\n;\\)");
	     r->module = seed ? strdup("/lib/x.so") : NULL; r->file = seed ? strdup("") : NULL);
	for (__u32 i = 0; i <= seed; i++)
		cr_assert(!array_push(&t.frames, seed - i));
	if (!seed)
		array_free(&t.frames);
	cr_assert(!array_push(&w->stacks.traces, t));
	cr_assert(!stack_add_thread(&w->stacks, 100 + seed, seed));
}

/* All fields of all records are set; small numbers stand for kernel addresses, so they
 * come back as they are. */
static void add_records(struct world *w, unsigned int seed)
{
	static const unsigned char bytes[] = { 0, 255, 1, 2 };

	FILL(w, threads, seed, WIRE(WIRE_THREAD); r->tgid = 100; TEXT(comm); r->nr = -1);
	FILL(w, files, seed, WIRE(WIRE_FILE); r->fd = -100; TEXT(name));
	FILL(w, locks, seed, WIRE(WIRE_LOCK); r->pad = 0; r->inode = seed);
	FILL(w, fds, seed, WIRE(WIRE_FD); r->file = seed);
	FILL(w, processes, seed, r->tgid = 100 + seed; r->exe = strdup("/bin/\xff\n\\");
	     r->unit = seed ? strdup("a.service") : NULL);
	FILL(w, mappers, seed, r->key_id = seed; r->open = 1);
	FILL(w, kernel_waits, seed, r->tid = 100 + seed; TEXT(function); TEXT(where); TEXT(stack);
	     r->hidden = seed % 2);
	add_stack(w, seed);
	FILL(w, go_processes, seed, r->tgid = 100 + seed; TEXT(version); TEXT(trouble);
	     TEXT(unsearched));
	FILL(w, go_waits, seed, r->tgid = 100; r->id = 7 + seed; r->trace = seed;
	     r->created = seed + 1; TEXT(reason));
	FILL(w, go_sites, seed, r->tgid = 100 + seed; r->pad = 0);
	FILL(w, past.sites, seed, r->tgid = 100; r->trace = seed;
	     r->floors.n = r->floors.nprocess = r->slow.n = r->slow.nprocess = seed + 1;
	     r->pad = 0);
	FILL(w, past.births, seed, r->tid = 100 + seed; r->site = seed; r->pad = 0);
	FILL(w, past.words, seed, r->key.mm = 7);
	FILL(w, past.stitches, seed, r->tid = 100 + seed);
	cr_assert(!memory_add(&w->memory, 7, 0x7fff00000000 + 16 * seed, bytes, sizeof(bytes)));
}

static struct world *made_world(void)
{
	struct world *w = world_new();

	strcpy(w->host, "h\xc3\xb6st \033");
	strcpy(w->kernel, "6.18.0-test");
	w->real_time = 1714572315000000000;
	w->mono_time = 2;
	w->boot_time = 3;
	w->now = ~0ull; /* more than JSON's integers hold */
	w->scan_ns = 5;
	w->machine = EM_X86_64;
	w->self = 6;
	w->restarts = 7;
	w->thread_limit = 8;
	w->past.since = 9;
	w->past.lost = 10;
	w->fds_complete = true;
	for (unsigned int seed = 0; seed < 3; seed++)
		add_records(w, seed);
	memory_sort(&w->memory);
	for (int i = 0; i < WORLD_BLIND_MAX + 5; i++)
		cr_assert(!world_blind(w, "sentence %d", i));
	return w;
}

static struct world **read_back(const char *name, size_t *n)
{
	struct world **looks = NULL;
	char *error = NULL;

	cr_assert_eq(snapshot_read(name, &looks, n, &error), 0, "%s", error);
	cr_assert_null(error);
	return looks;
}

#define SAME(a, b, array)                                                                          \
	do {                                                                                       \
		cr_assert_eq((a)->array.n, (b)->array.n, #array);                                  \
		for (size_t i_ = 0; i_ < (a)->array.n; i_++)                                       \
			cr_expect(!memcmp(&(a)->array.v[i_], &(b)->array.v[i_],                    \
					  sizeof(*(a)->array.v)),                                  \
				  #array " %zu", i_);                                              \
	} while (0)

static void same_processes(const struct world *a, const struct world *b)
{
	cr_assert_eq(a->processes.n, b->processes.n);
	for (size_t i = 0; i < a->processes.n; i++) {
		const struct process *x = &a->processes.v[i], *y = &b->processes.v[i];

		cr_expect(x->tgid == y->tgid && x->bits == y->bits && x->handlers == y->handlers &&
			  x->sockets == y->sockets);
		cr_expect_str_eq(x->exe, y->exe);
		cr_expect(!x->unit == !y->unit && (!x->unit || !strcmp(x->unit, y->unit)));
	}
}

static bool same_text(const char *a, const char *b)
{
	return !a == !b && (!a || !strcmp(a, b));
}

static void same_stacks(const struct stacks *a, const struct stacks *b)
{
	SAME(a, b, threads);
	cr_assert(a->frames.n == b->frames.n && a->traces.n == b->traces.n);
	for (size_t i = 0; i < a->frames.n; i++) {
		const struct frame *x = &a->frames.v[i], *y = &b->frames.v[i];

		cr_expect(x->address == y->address && x->offset == y->offset &&
			  x->line == y->line && x->inlined == y->inlined &&
			  x->guessed == y->guessed);
		cr_expect(same_text(x->function, y->function) && same_text(x->module, y->module) &&
			  same_text(x->file, y->file));
	}
	for (size_t i = 0; i < a->traces.n; i++) {
		const struct trace *x = &a->traces.v[i], *y = &b->traces.v[i];

		cr_expect(same_text(x->stop, y->stop));
		SAME(x, y, frames);
	}
}

static void same(const struct world *a, const struct world *b)
{
	cr_expect(!memcmp(a, b, offsetof(struct world, threads)));
	cr_expect(a->fds_complete == b->fds_complete && a->mappers_complete == b->mappers_complete);
	SAME(a, b, threads);
	SAME(a, b, files);
	SAME(a, b, locks);
	SAME(a, b, fds);
	SAME(a, b, mappers);
	SAME(a, b, kernel_waits);
	SAME(a, b, go_processes);
	SAME(a, b, go_waits);
	SAME(a, b, go_sites);
	SAME(a, b, past.sites);
	SAME(a, b, past.births);
	SAME(a, b, past.words);
	SAME(a, b, past.stitches);
	cr_expect(a->past.since == b->past.since && a->past.lost == b->past.lost);
	same_processes(a, b);
	same_stacks(&a->stacks, &b->stacks);
	cr_expect_eq(a->restarts, b->restarts);
	for (unsigned int seed = 0; seed < 3; seed++) {
		const void *p = memory_get(&b->memory, 7, 0x7fff00000000 + 16 * seed, 4);

		cr_assert(p);
		cr_expect(!memcmp(p, "\0\377\1\2", 4));
	}
	cr_assert_eq(b->blind.n, WORLD_BLIND_MAX + 1);
	cr_expect_str_eq(b->blind.v[0], "sentence 0");
	cr_expect_str_eq(b->blind.v[WORLD_BLIND_MAX], "and 5 more");
}

/* From the daemon to a report on the same host: kernel addresses are told as they are. */
Test(snapshot, the_past_alone)
{
	struct world *w = made_world(), *back;
	char *error = NULL;
	FILE *f;

	w->past.words.v[1].key.mm = KERNEL + 64;
	f = fopen(path, "w+");
	cr_assert(f);
	cr_assert_eq(snapshot_write_past(f, w), 0);
	rewind(f);
	cr_assert_eq(snapshot_read_past(f, "the daemon", &back, &error), 0, "%s", error);
	fclose(f);
	SAME(w, back, past.sites);
	SAME(w, back, past.births);
	SAME(w, back, past.words);
	SAME(w, back, past.stitches);
	cr_expect_eq(back->threads.n, 0);
	cr_expect_eq(back->past.since, 9);
	cr_expect_eq(back->stacks.traces.n, w->stacks.traces.n);
	world_free(w);
	world_free(back);
}

Test(snapshot, round_trip)
{
	struct world *w = made_world();
	const struct world *looks[] = { w, w };
	const char *const names[] = { path, path_gz };

	for (int i = 0; i < 2; i++) {
		struct world **back;
		struct stat st;
		size_t n;

		cr_assert_eq(snapshot_write(names[i], looks, 2), 0);
		cr_assert_eq(stat(names[i], &st), 0);
		cr_expect_eq(st.st_mode & 07777, 0600);
		back = read_back(names[i], &n);
		cr_assert_eq(n, 2);
		same(w, back[0]);
		same(w, back[1]);
		snapshot_case_free(back, n);
	}
	world_free(w);
}

/* Equal stays equal, in both looks and all kinds of records; no address is left. */
Test(snapshot, kernel_addresses_become_numbers)
{
	struct world *w = made_world(), **back;
	const struct world *looks[] = { w };
	char line[96];
	FILE *grep;
	size_t n;

	w->threads.v[0].files = w->fds.v[1].files = w->locks.v[0].owner = KERNEL | 0x1230;
	w->threads.v[0].mm = w->threads.v[1].mm = KERNEL | 0x4560;
	w->memory.ranges.v[0].mm = KERNEL | 0x4560;
	cr_assert_eq(snapshot_write(path, looks, 1), 0);
	snprintf(line, sizeof(line), "grep -c ffff80 %s", path);
	grep = popen(line, "r");
	cr_expect(fgets(line, sizeof(line), grep) && !strcmp(line, "0\n"));
	pclose(grep);
	back = read_back(path, &n);
	cr_expect_eq(back[0]->threads.v[0].files, 1);
	cr_expect_eq(back[0]->locks.v[0].owner, 1);
	cr_expect_eq(back[0]->fds.v[1].files, 1);
	cr_expect_eq(back[0]->threads.v[0].mm, 2);
	cr_expect_eq(back[0]->threads.v[1].mm, 2);
	cr_expect(memory_get(&back[0]->memory, 2, 0x7fff00000000, 4));
	snapshot_case_free(back, n);
	world_free(w);
}

Test(snapshot, unwritable_places)
{
	struct world *w = made_world();
	const struct world *looks[] = { w };
	struct stat st;

	cr_expect_eq(snapshot_write("/nonexistent/x", looks, 1), -ENOENT);
	cr_expect_eq(snapshot_write("/dev/full", looks, 1), -ENOSPC);
	cr_expect_eq(snapshot_write("/dev/null", looks, 1), 0);
	cr_expect(!stat("/dev/null", &st) && S_ISCHR(st.st_mode));
	cr_expect_eq(snapshot_write(directory, looks, 1), -EISDIR);
	world_free(w);
}

/* Which anybody may have put there. */
Test(snapshot, links)
{
	struct world *w = made_world(), **back;
	const struct world *looks[] = { w };
	struct stat st;
	size_t n;

	cr_assert_eq(symlink("/dev/null", path), 0);
	cr_expect_eq(snapshot_write(path, looks, 1), -ELOOP);
	cr_expect(!lstat(path, &st) && S_ISLNK(st.st_mode));
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(symlink("/nonexistent/x", path), 0);
	cr_expect_eq(snapshot_write(path, looks, 1), 0);
	cr_expect(!lstat(path, &st) && S_ISREG(st.st_mode));
	back = read_back(path, &n);
	snapshot_case_free(back, n);
	world_free(w);
}

Test(snapshot, descriptors)
{
	struct world *w = made_world(), **back;
	const struct world *looks[] = { w };
	char name[32];
	size_t n;
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	/* what stands there already is not overwritten */
	cr_assert_eq(write(fd, "\n\n", 2), 2);
	snprintf(name, sizeof(name), "/dev/fd/%d", fd);
	cr_expect_eq(snapshot_write(name, looks, 1), 0);
	cr_expect_gt(lseek(fd, 0, SEEK_CUR), 100);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	cr_assert(!lseek(fd, 0, SEEK_SET) && !ftruncate(fd, 0));
	cr_expect_eq(snapshot_write(name, looks, 1), 0);
	close(fd);
	back = read_back(path, &n);
	snapshot_case_free(back, n);
	world_free(w);
}

Test(snapshot, missing_files)
{
	struct world **looks;
	char *error = NULL;
	size_t n;

	cr_expect_eq(snapshot_read("/nonexistent/\033x", &looks, &n, &error), -EINVAL);
	cr_expect_str_eq(error,
			 "/nonexistent/\\x1bx: it cannot be opened: No such file or directory");
	free(error);
	cr_expect_eq(snapshot_read(directory, &looks, &n, &error), -EINVAL);
	cr_expect(strstr(error, "it cannot be read: Is a directory"), "%s", error);
	free(error);
}

static char *slurp(const char *name, size_t *ret_len)
{
	FILE *f = fopen(name, "r");
	char *bytes = malloc(1 << 20);

	cr_assert(f && bytes);
	*ret_len = fread(bytes, 1, 1 << 20, f);
	fclose(f);
	return bytes;
}

/* Whatever is cut off or changed in a real one: an error or a world, no crash. */
Test(snapshot, damaged)
{
	struct world *w = made_world();
	const struct world *looks[] = { w };
	const char *const names[] = { path, path_gz };
	unsigned int seed = 1;

	for (int i = 0; i < 2; i++) {
		size_t len;
		char *bytes;

		cr_assert_eq(snapshot_write(names[i], looks, 1), 0);
		bytes = slurp(names[i], &len);
		for (size_t n = 0; n < len; n += 1 + n / 64) {
			char *error = snapshot_case_error(bytes, n);

			cr_expect(error, "the first %zu bytes were taken", n);
			free(error);
		}
		for (int round = 0; round < 1500; round++) {
			size_t at = rand_r(&seed) % len;
			char was = bytes[at];

			bytes[at] = rand_r(&seed);
			free(snapshot_case_error(bytes, len));
			bytes[at] = was;
		}
		free(bytes);
	}
	world_free(w);
}
