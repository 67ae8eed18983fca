// SPDX-License-Identifier: GPL-2.0-only
/* look_dump.c - what nowake sees in the memory of a Go program that runs, for look.sh to compare
 *
 *     look_dump program PID       version and addresses
 *     look_dump goroutines PID    one line each: id, parent, reason, class, flags, objects
 *     look_dump stacks PID        one line for each call: id, function
 *     look_dump time PID          how long listing takes, and how many questions
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "golang/goroutine.h"
#include "golang/inlined.h"
#include "golang/unwind.h"

#define RANGES 64
#define BATCH 4096

struct seen {
	pid_t pid;
	unsigned long long questions, pieces, bytes;
	struct program_range range[RANGES];
	size_t nranges;
	unsigned char *table; /* all from the function table on to the end of its range */
	size_t ntable;
	__u64 pclntab;
	struct pclntab functions;
};

static void die(const char *what)
{
	fprintf(stderr, "look_dump: %s\n", what);
	exit(1);
}

/* One system call for a question whose pieces are all there, as nearly all are. */
static void ask(void *arg, struct target_piece *pieces, size_t n)
{
	struct iovec local[TARGET_PIECES_MAX], remote[TARGET_PIECES_MAX];
	struct seen *s = arg;
	size_t at = 0, bytes = 0;

	if (n > TARGET_PIECES_MAX)
		die("a question has too many pieces");
	for (size_t i = 0; i < n; i++) {
		pieces[i].there = false;
		local[i] = (struct iovec){ pieces[i].to, pieces[i].len };
		remote[i] = (struct iovec){ (void *)pieces[i].address, pieces[i].len };
		bytes += pieces[i].len;
	}
	if (bytes > TARGET_BYTES_MAX)
		die("a question has too many bytes");
	s->questions++;
	s->pieces += n;
	s->bytes += bytes;
	while (at < n) {
		ssize_t got = process_vm_readv(s->pid, local + at, n - at, remote + at, n - at, 0);

		if (got < 0 && errno == ESRCH)
			die("it is gone");
		for (; at < n && got >= (ssize_t)pieces[at].len; at++) {
			got -= pieces[at].len;
			pieces[at].there = true;
		}
		at++; /* that one is not there, or not whole */
	}
}

static void ranges(struct seen *s)
{
	unsigned long long start, end, inode;
	unsigned int major, minor;
	char path[64], line[4096], perm[8];
	bool behind = false;
	struct stat exe;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/exe", s->pid);
	if (stat(path, &exe))
		die("no such process");
	snprintf(path, sizeof(path), "/proc/%d/maps", s->pid);
	maps = fopen(path, "re");
	if (!maps)
		die("its maps cannot be read");
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%llx-%llx %7s %*x %x:%x %llu", &start, &end, perm, &major, &minor,
			   &inode) != 6)
			continue;
		if (inode != exe.st_ino &&
		    !(behind && !inode && s->range[s->nranges - 1].end == start))
			behind = false;
		else
			behind = true;
		if (!behind || s->nranges == RANGES || strstr(line, "[heap]"))
			continue;
		s->range[s->nranges++] = (struct program_range){ start, end, perm[1] == 'w' };
	}
	fclose(maps);
}

static void find_table(struct seen *s, const struct target *t)
{
	for (size_t i = 0; i < s->nranges; i++) {
		const struct program_range *r = &s->range[i];
		const size_t n = r->end - r->start;
		unsigned char *v = malloc(n);
		size_t at;

		if (!v || !target_read(t, r->start, v, n)) {
			free(v);
			continue;
		}
		at = pclntab_search(v, n, 0);
		if (at < n && !pclntab_open(v + at, n - at, &s->functions)) {
			s->pclntab = r->start + at;
			s->table = v;
			s->ntable = n;
			return;
		}
		free(v);
	}
	die("no function table");
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

int main(int argc, char **argv)
{
	static struct seen s;
	const struct target target = { &s, ask };
	const char *why;
	struct program p;
	double began;
	int rc;

	if (argc != 3)
		die("usage: see the head of its source");
	s.pid = atoi(argv[2]);
	ranges(&s);
	find_table(&s, &target);
	s.questions = s.pieces = s.bytes = 0;
	began = now();
	rc = program_find(&target, GOLANG_AMD64, s.range, s.nranges, s.pclntab, &p, &why);
	if (rc) {
		printf("refused %d: %s: %s\n", rc, why, p.version);
		return 2;
	}
	if (!strcmp(argv[1], "program")) {
		print_program(&p);
		fprintf(stderr, "found in %.1f ms, %llu questions, %llu pieces, %llu KiB\n",
			(now() - began) * 1e3, s.questions, s.pieces, s.bytes >> 10);
	}
	return 0;
}
