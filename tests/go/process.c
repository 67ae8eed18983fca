// SPDX-License-Identifier: GPL-2.0-only
/* process.c - the memory of a Go program that runs, for tests that read it from outside. */
#include "process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "process: %s\n", what);
	exit(1);
}

/* One system call for a question whose pieces are all there, as nearly all are. */
static void ask(void *arg, struct target_piece *pieces, size_t n)
{
	struct iovec local[TARGET_PIECES_MAX], remote[TARGET_PIECES_MAX];
	struct process *p = arg;
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
	p->questions++;
	p->pieces += n;
	p->bytes += bytes;
	while (at < n) {
		ssize_t got = process_vm_readv(p->pid, local + at, n - at, remote + at, n - at, 0);

		if (got < 0 && errno == ESRCH)
			die("it is gone");
		for (; at < n && got >= (ssize_t)pieces[at].len; at++) {
			got -= pieces[at].len;
			pieces[at].there = true;
		}
		at++; /* that one is not there, or not whole */
	}
}

/* Mapped from the program's file, and what follows without a gap: its bss. */
static void read_ranges(struct process *p)
{
	unsigned long long start, end, inode;
	char path[64], line[4096], perm[8];
	bool ours = false;
	struct stat exe;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/exe", p->pid);
	if (stat(path, &exe))
		die("no such process");
	snprintf(path, sizeof(path), "/proc/%d/maps", p->pid);
	maps = fopen(path, "re");
	if (!maps)
		die("its maps cannot be read");
	while (fgets(line, sizeof(line), maps) && p->nranges < PROCESS_RANGES_MAX) {
		if (sscanf(line, "%llx-%llx %7s %*x %*x:%*x %llu", &start, &end, perm, &inode) != 4)
			continue;
		ours = inode == exe.st_ino ||
		       (ours && !inode && p->range[p->nranges - 1].end == start &&
			!strstr(line, "[heap]"));
		if (ours)
			p->range[p->nranges++] =
				(struct program_range){ start, end, perm[1] == 'w' };
	}
	fclose(maps);
}

size_t process_extent(const struct process *p, size_t i, __u64 from)
{
	while (i + 1 < p->nranges && p->range[i + 1].start == p->range[i].end)
		i++;
	return p->range[i].end - from;
}

static bool find_table(struct process *p, size_t i)
{
	const __u64 start = p->range[i].start;
	const size_t n = process_extent(p, i, start);
	size_t at;

	p->memory = malloc(n);
	if (p->memory && target_read(&p->target, start, p->memory, n)) {
		at = pclntab_search(p->memory, n, 0);
		p->pclntab = start + at;
		if (at < n && !pclntab_open(p->memory + at, n - at, &p->table))
			return true;
	}
	process_close(p);
	return false;
}

void process_open(pid_t pid, struct process *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->pid = pid;
	ret->target = (struct target){ ret, ask };
	read_ranges(ret);
	for (size_t i = 0; i < ret->nranges; i++) {
		if (!find_table(ret, i))
			continue;
		ret->place = (struct program_place){ .target = &ret->target,
						     .arch = GOLANG_AMD64,
						     .ranges = ret->range,
						     .n = ret->nranges,
						     .pclntab = ret->pclntab };
		return;
	}
	die("no function table");
}

static struct pclntab_bytes copy_from(const struct process *s, __u64 address)
{
	for (size_t i = 0; i < s->nranges; i++) {
		if (address < s->range[i].start || address >= s->range[i].end)
			continue;
		const size_t n = process_extent(s, i, address);
		unsigned char *v = malloc(n);

		if (v && target_read(&s->target, address, v, n))
			return (struct pclntab_bytes){ v, n };
		free(v);
		break;
	}
	return (struct pclntab_bytes){ NULL, 0 };
}

void process_code(struct process *s, struct program *p)
{
	s->gofunc = copy_from(s, p->modules[0].gofunc);
	s->rodata = copy_from(s, p->modules[0].rodata);
	p->modules[0].table = &s->table;
	p->modules[0].gofunc_bytes = s->gofunc;
	p->modules[0].rodata_bytes = s->rodata;
}

void process_close(struct process *p)
{
	free((void *)p->gofunc.v);
	free((void *)p->rodata.v);
	p->gofunc = p->rodata = (struct pclntab_bytes){ NULL, 0 };
	free(p->memory);
	p->memory = NULL;
}
