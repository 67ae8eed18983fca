// SPDX-License-Identifier: GPL-2.0-only
/* mark_dump.c - which goroutines of a running Go program nowake calls stuck, for mark.sh
 *
 *     mark_dump PID        their ids, one a line; how the marking went, on standard error
 *
 * Exits with 3 when the marking is not whole. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "golang/allgs.h"
#include "golang/mark.h"
#include "process.h"

#define BATCH 1024

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "mark_dump: %s\n", what);
	exit(1);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static __u64 *add_goroutines(const struct program *p, struct mark *m, size_t *ret_n)
{
	static struct goroutine batch[BATCH];
	__u64 count, *ids;
	size_t n;

	if (allgs_count(p, &count))
		die("goroutines cannot be counted");
	ids = calloc(count + 1, sizeof(*ids));
	if (!ids)
		die("out of memory");
	*ret_n = 0;
	for (__u64 i = 0; i < count; i += BATCH) {
		if (goroutine_read(p, i, count - i < BATCH ? count - i : BATCH, batch, &n))
			die("goroutines cannot be read");
		for (size_t k = 0; k < n; k++) {
			if (mark_add(m, &batch[k]))
				die("out of memory");
			ids[(*ret_n)++] = batch[k].id;
		}
	}
	return ids;
}

int main(int argc, char **argv)
{
	const struct mark_limits limits = { .bytes = 64ull << 30, .memory = 4ull << 30 };
	static struct process process;
	static struct program p;
	struct mark_result result;
	double began, took;
	const char *why;
	struct mark *m;
	__u64 *ids;
	size_t n;

	if (argc != 2)
		die("usage: see the head of its source");
	process_open(atoi(argv[1]), &process);
	if (program_find(&process.place, &p, &why))
		die(why);
	process_code(&process, &p);
	if (mark_new(&p, &limits, &m))
		die("out of memory");
	ids = add_goroutines(&p, m, &n);
	began = now();
	process.questions = process.pieces = process.bytes = 0;
	if (mark_run(m, &result))
		die("out of memory");
	took = now() - began;
	for (size_t i = 0; i < n; i++) {
		if (mark_is_stuck(m, i))
			printf("%llu\n", ids[i]);
	}
	fprintf(stderr,
		"%s: %zu goroutines, %llu spans, %llu objects, %llu MiB in %.3f s, %.2f GB/s; "
		"%llu questions, %llu pieces, %llu MiB\n",
		result.why ? result.why : "whole", n, result.spans, result.objects,
		result.bytes >> 20, took, (double)result.bytes / took / 1e9, process.questions,
		process.pieces, process.bytes >> 20);
	mark_free(m);
	free(ids);
	process_close(&process);
	return result.end == MARK_WHOLE ? 0 : 3;
}
