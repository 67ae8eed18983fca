// SPDX-License-Identifier: GPL-2.0-only
/* table_dump.c - what nowake reads in the function table of a Go program, for table.sh to compare
 *
 *     table_dump search FILE                        offsets at which tables begin
 *     table_dump functions FILE AT SIZE             all functions
 *     table_dump places FILE AT SIZE                function and place of each instruction on input
 *     table_dump calls FILE AT SIZE GOFUNC SIZE     the same, with what is inlined there
 *     table_dump frames FILE AT SIZE                frame size of each instruction on input
 *     table_dump walk FILE AT SIZE GOFUNC SIZE      stacks on input, as `table live` writes them
 *
 * AT and GOFUNC are offsets in the file, instructions distances from the first function. */
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "golang/inlined.h"
#include "golang/unwind.h"

struct input {
	struct pclntab_bytes file;
	struct pclntab table;
	struct pclntab_bytes gofunc;
	__u64 base;  /* the first function */
	int wrapper; /* the id of functions that the compiler made up; -1: not known */
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "table_dump: %s\n", what);
	exit(1);
}

static struct pclntab_bytes map(const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY);
	void *v;

	if (fd < 0 || fstat(fd, &st))
		die("no such file");
	v = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (v == MAP_FAILED)
		die("it cannot be mapped");
	return (struct pclntab_bytes){ v, st.st_size };
}

static struct pclntab_bytes part(struct pclntab_bytes file, const char *at, const char *size)
{
	const __u64 a = strtoull(at, NULL, 10), n = strtoull(size, NULL, 10);

	if (a > file.n || n > file.n - a)
		die("the file is shorter");
	return (struct pclntab_bytes){ file.v + a, n };
}

static void find(const struct input *in, __u64 pc, struct pclntab_function *ret)
{
	if (pclntab_find(&in->table, pc + in->base, ret))
		die("an instruction has no function");
}

static void print_place(const struct pclntab_place *p)
{
	if (p->file.n)
		printf("\t%.*s\t%u\n", (int)p->file.n, p->file.v, p->line);
	else
		printf("\t?\t0\n");
}

/* ---- what is asked ---- */

static void search(struct pclntab_bytes file)
{
	for (size_t at = 0; (at = pclntab_search(file.v, file.n, at)) < file.n; at++)
		printf("%zu\n", at);
}

static void functions(const struct input *in)
{
	struct pclntab_function f;

	for (__u32 i = 0; i < in->table.nfunctions; i++) {
		if (pclntab_function(&in->table, i, &f))
			die("a function cannot be read");
		printf("%llu\t%llu\t%.*s\n", f.entry - in->base, f.end - in->base, (int)f.name.n,
		       f.name.v);
	}
}

static void place(const struct input *in, __u64 pc)
{
	struct pclntab_place p = {};
	struct pclntab_function f;

	find(in, pc, &f);
	pclntab_place(&in->table, &f, pc + in->base, &p);
	printf("%llu\t%.*s", pc, (int)f.name.n, f.name.v);
	print_place(&p);
}

/* As runtime.expandFinalInlineFrame: without wrappers where anything is inlined; up to Go 1.19 with
 * the function itself. (Those that it keeps because they panicked are not among these.) The runtime
 * has no name for what the first name of the table is, and table.sh leaves that out. */
static void calls(const struct input *in, __u64 pc)
{
	struct pclntab_function f;
	struct inlined_call call;
	struct inlined i;

	find(in, pc, &f);
	inlined_begin(&in->table, &f, in->gofunc, pc + in->base, &i);
	while (inlined_next(&i, &call)) {
		if ((const unsigned char *)call.name.v == in->table.names.v)
			continue;
		if (call.id == in->wrapper && (call.inlined || (i.depth && in->table.start_lines)))
			continue;
		printf("%llu\t%.*s", pc, (int)call.name.n, call.name.v);
		print_place(&call.place);
	}
	if (i.damaged)
		die("a tree of inlined calls cannot be read");
}

static void frame(const struct input *in, __u64 pc)
{
	struct pclntab_function f;
	__s32 size;

	find(in, pc, &f);
	if (pclntab_frame(&in->table, &f, pc + in->base, &size))
		printf("%llu\t%d\n", pc, size);
}

static void each_line(const struct input *in, void (*ask)(const struct input *in, __u64 pc))
{
	char line[64];

	while (fgets(line, sizeof(line), stdin))
		ask(in, strtoull(line, NULL, 10));
}

/* ---- stacks ---- */

struct stack {
	unsigned long long id, address;
	unsigned char *v;
	size_t n;
};

static bool read_stack(void *arg, __u64 address, void *ret, size_t len)
{
	const struct stack *s = arg;

	if (address < s->address || address - s->address > s->n ||
	    s->n - (address - s->address) < len)
		return false;
	memcpy(ret, s->v + (address - s->address), len);
	return true;
}

static void walk_one(const struct input *in, struct unwind_program *program,
		     const struct unwind_start *start, struct stack *s)
{
	static struct unwind_frames frames;

	program->arg = s;
	unwind_goroutine(program, start, NULL, &frames);
	for (size_t k = 0; k < frames.n; k++) {
		const struct unwind_frame *fr = &frames.frame[k];
		const __u64 pc = fr->pc - !fr->exact - program->program->modules[0].text;
		struct pclntab_function f;
		struct inlined_call call;
		struct inlined i;

		find(in, pc - in->base, &f);
		inlined_begin(&in->table, &f, in->gofunc, pc, &i);
		while (inlined_next(&i, &call)) {
			printf("%llu\t", s->id);
			if (call.inlined)
				printf("-\t-\t-");
			else
				printf("%llx\t%llx\t%llx", fr->pc, fr->sp, fr->cfa);
			printf("\t%.*s", (int)call.name.n, call.name.v);
			print_place(&call.place);
		}
	}
	if (frames.end != UNWIND_TOP)
		printf("%llu\tends early: %s\n", s->id, unwind_why(frames.end));
}

static void read_hex(const char *hex, struct stack *s)
{
	unsigned int byte;

	s->v = malloc(strlen(hex) / 2 + 1);
	if (!s->v)
		die("out of memory");
	for (s->n = 0; sscanf(hex + 2 * s->n, "%2x", &byte) == 1; s->n++)
		s->v[s->n] = byte;
}

static void walk(const struct input *in)
{
	const Elf64_Ehdr *ehdr = (const void *)in->file.v;
	struct program of = { .nmodules = 1,
			      .modules = { { .etext = ~0ull, .table = &in->table } } };
	struct unwind_program program = { .program = &of,
					  .has_link = ehdr->e_machine == EM_AARCH64,
					  .read = read_stack };
	unsigned long long text = 0, pc, sp, lr, lo, hi;
	struct unwind_start start = {};
	struct stack s = {};
	char *line = NULL;
	size_t room = 0;
	int call, hex;

	while (getline(&line, &room, stdin) > 0) {
		if (sscanf(line, "text %llu", &text) == 1)
			of.modules[0].text = text;
		else if (sscanf(line, "g %llu %llu %llu %llu %llu %llu %d", &s.id, &pc, &sp, &lr,
				&lo, &hi, &call) == 7)
			start = (struct unwind_start){
				.pc = pc, .sp = sp, .lr = lr, .lo = lo, .hi = hi, .syscall = call
			};
		else if (sscanf(line, "m %llu %n", &s.address, &hex) == 1) {
			read_hex(line + hex, &s);
			walk_one(in, &program, &start, &s);
			free(s.v);
		}
	}
	free(line);
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";
	struct pclntab_function first;
	struct pclntab_bytes bytes;
	struct input in = {};

	if (argc > 2)
		in.file = map(argv[2]);
	if (argc == 3 && !strcmp(what, "search")) {
		search(in.file);
		return 0;
	}
	if (argc < 5)
		die("usage: see the head of its source");
	bytes = part(in.file, argv[3], argv[4]);
	if (argc == 7)
		in.gofunc = part(in.file, argv[5], argv[6]);
	if (pclntab_open(bytes.v, bytes.n, &in.table) || pclntab_function(&in.table, 0, &first))
		die("that is no function table");
	in.base = first.entry;
	/* cmd/internal/objabi/funcid.go gives it that id in all versions */
	in.wrapper = pclntab_named(&in.table, "runtime.deferreturn", &first) ? first.id : -1;
	if (!strcmp(what, "functions"))
		functions(&in);
	else if (!strcmp(what, "places"))
		each_line(&in, place);
	else if (!strcmp(what, "calls"))
		each_line(&in, calls);
	else if (!strcmp(what, "frames"))
		each_line(&in, frame);
	else if (!strcmp(what, "walk"))
		walk(&in);
	else
		die("usage: see the head of its source");
	return 0;
}
