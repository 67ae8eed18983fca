// SPDX-License-Identifier: GPL-2.0-only
/* look_dump.c - what nowake sees in the memory of a Go program that runs, for look.sh to compare
 *
 *     look_dump program PID       version and addresses
 *     look_dump goroutines PID    what is in them, in lines as look/main.go prints them, and
 *                                 W id time, for those of whom the
 *                                 collector knows since when they wait
 *     look_dump time PID          how long listing them takes, and how many questions
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "golang/allgs.h"
#include "golang/goroutine.h"
#include "golang/inlined.h"
#include "golang/unwind.h"
#include "process.h"

#define BATCH 4096

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "look_dump: %s\n", what);
	exit(1);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void print_program(const struct program *p)
{
	printf("version %s\n", p->version);
	for (size_t i = 0; i < p->nmodules; i++)
		printf("module %llx text %llx\n", p->modules[i].address, p->modules[i].text);
	printf("allgs %llx\nsemtable %llx\n", p->allgs, p->semtable);
}

/* ---- goroutines ---- */

static const char *state(const struct goroutine *g)
{
	static const char *const names[] = {
		[GOROUTINE_IDLE] = "idle",	     [GOROUTINE_RUNNABLE] = "runnable",
		[GOROUTINE_RUNNING] = "running",     [GOROUTINE_SYSCALL] = "syscall",
		[GOROUTINE_WAITING] = "waiting",     [GOROUTINE_DEAD] = "dead",
		[GOROUTINE_COPYSTACK] = "copystack", [GOROUTINE_PREEMPTED] = "preempted",
		[GOROUTINE_LEAKED] = "leaked",
	};

	return g->reason && *g->reason ? g->reason : names[g->status];
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void print_objects(const struct goroutine *g)
{
	static char text[GOROUTINE_OBJECTS_MAX][128];

	if (!g->nobjects)
		return;
	printf("O\t%llu\t", g->id);
	if (g->nobjects > GOROUTINE_OBJECTS_MAX) {
		printf("many\n");
		return;
	}
	for (size_t i = 0; i < g->nobjects; i++) {
		const struct goroutine_object *o = &g->objects[i];

		if (o->channel)
			snprintf(text[i], sizeof(text[i]), "c%llx:%llu/%llu%s%s%s", o->address,
				 o->count, o->capacity, o->closed ? ":closed" : "",
				 o->send ? ":send" : "", o->timer ? ":timer" : "");
		else
			snprintf(text[i], sizeof(text[i]), "s%llx", o->address);
	}
	qsort(text, g->nobjects, sizeof(text[0]), by_text);
	for (size_t i = 0; i < g->nobjects; i++)
		printf("%s%s", i ? " " : "", text[i]);
	printf("\n");
}

static bool read_word(void *arg, __u64 address, void *ret, size_t len)
{
	return target_read(arg, address, ret, len);
}

static void print_stack(const struct unwind_program *u, const struct goroutine *g)
{
	const struct unwind_start start = goroutine_start(g);
	static struct unwind_frames frames;

	unwind_goroutine(u, &start, NULL, &frames);
	for (size_t k = 0; k < frames.n; k++) {
		const struct unwind_frame *fr = &frames.frame[k];
		const __u64 pc = fr->pc - !fr->exact;
		const struct program_module *m;
		struct pclntab_function f;
		struct inlined_call call;
		struct inlined i;

		m = program_function(u->program, pc, &f);
		if (!m)
			continue;
		inlined_begin(m->table, &f, m->gofunc_bytes, pc - m->text, &i);
		while (inlined_next(&i, &call))
			if (call.id != u->program->layout->funcid.wrapper)
				printf("F\t%llu\t%.*s\n", g->id, (int)call.name.n, call.name.v);
	}
	if (frames.end != UNWIND_TOP)
		printf("F\t%llu\tends early: %s\n", g->id, unwind_why(frames.end));
}

static struct goroutine *read_all(const struct program *p, size_t *ret_n)
{
	struct goroutine *g = NULL;
	__u64 count;
	size_t got;

	*ret_n = 0;
	if (allgs_count(p, &count))
		die("its goroutines cannot be counted");
	g = malloc((count + BATCH) * sizeof(*g));
	if (!g)
		die("out of memory");
	for (__u64 first = 0; first < count; first += BATCH) {
		if (goroutine_read(p, first, BATCH, g + *ret_n, &got))
			die("its goroutines cannot be read");
		*ret_n += got;
	}
	return g;
}

static void print_goroutines(const struct program *p)
{
	const struct unwind_program u = { p, false, read_word, (void *)p->target };
	size_t n;
	struct goroutine *g = read_all(p, &n);

	for (size_t i = 0; i < n; i++) {
		if (g[i].system)
			continue;
		printf("G\t%llu\t%llu\t%s\t%s%s\n", g[i].id, g[i].parent, state(&g[i]),
		       g[i].locked ? "true" : "false", g[i].torn ? "\ttorn" : "");
		if (g[i].wait_since)
			printf("W\t%llu\t%llu\n", g[i].id, g[i].wait_since);
		print_objects(&g[i]);
		print_stack(&u, &g[i]);
	}
	free(g);
}

static double used(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* In batches that are forgotten, as one does who wants to know little of each. */
static void print_time(struct process *s, const struct program *p)
{
	const double began = now(), used_before = used();
	const unsigned long long questions = s->questions, pieces = s->pieces, bytes = s->bytes;
	struct goroutine *g = malloc(BATCH * sizeof(*g));
	size_t got, n = 0, torn = 0, objects = 0;
	__u64 count;

	if (!g || allgs_count(p, &count))
		die("its goroutines cannot be counted");
	for (__u64 first = 0; first < count; first += BATCH) {
		if (goroutine_read(p, first, BATCH, g, &got))
			die("its goroutines cannot be read");
		n += got;
		for (size_t i = 0; i < got; i++) {
			torn += g[i].torn;
			objects += g[i].nobjects;
		}
	}
	printf("%zu goroutines, %zu objects, %zu torn: %.0f ms of the processor, %.0f in all, "
	       "%llu questions, %llu pieces, %llu MiB\n",
	       n, objects, torn, (used() - used_before) * 1e3, (now() - began) * 1e3,
	       s->questions - questions, s->pieces - pieces, (s->bytes - bytes) >> 20);
	free(g);
}

int main(int argc, char **argv)
{
	static struct process s;
	const char *why;
	struct program p;
	double began;
	int rc;

	if (argc != 3)
		die("usage: see the head of its source");
	process_open(atoi(argv[2]), &s);
	s.questions = s.pieces = s.bytes = 0;
	began = now();
	rc = program_find(&s.place, &p, &why);
	if (rc) {
		printf("refused %d: %s: %s\n", rc, why, p.version);
		return 2;
	}
	if (!strcmp(argv[1], "program")) {
		print_program(&p);
		fprintf(stderr, "found in %.1f ms, %llu questions, %llu pieces, %llu KiB\n",
			(now() - began) * 1e3, s.questions, s.pieces, s.bytes >> 10);
	}
	process_code(&s, &p);
	if (!strcmp(argv[1], "goroutines"))
		print_goroutines(&p);
	else if (!strcmp(argv[1], "time"))
		print_time(&s, &p);
	process_close(&s);
	return 0;
}
