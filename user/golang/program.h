/* SPDX-License-Identifier: GPL-2.0-only */
/* program.h - where a Go program keeps what its runtime knows: found without symbols.
 *
 * A stripped program has no name for runtime.allgs; but moduledata
 * points to the function table, and everything else lies between the
 * addresses that moduledata gives. A plugin has one of its own. */
#pragma once

#include "golang/layout.h"
#include "golang/pclntab.h"
#include "golang/target.h"

#define PROGRAM_MODULES_MAX 32 /* the program, and plugins */
#define PROGRAM_VERSION_MAX 64
#define PROGRAM_GOROUTINES_MAX (1u << 27) /* a longer list of them is none */

/* Mapped from the file that has the function table, or right behind that, in order of addresses. */
struct program_range {
	__u64 start, end;
	bool writable;
};

/* What a moduledata says; addresses in the program's memory. */
struct program_module {
	__u64 address; /* of the moduledata */
	__u64 pclntab;
	__u64 text, etext;
	__u64 noptrdata, enoptrdata;
	__u64 data, edata;
	__u64 bss, ebss;
	__u64 noptrbss, enoptrbss;
	__u64 rodata, types, etypes, gofunc;
	/* Its functions, from whoever read them after program_find().
	 * NULL: not known; goroutines of the runtime's own are then not
	 * told from others, and old words on stacks not from live ones. */
	const struct pclntab *table;
	/* From there on; { NULL, 0 }: cannot be had. */
	struct pclntab_bytes gofunc_bytes, rodata_bytes, text_bytes;
};

struct program {
	const struct target *target;
	const struct golang_layout *layout;
	char version[PROGRAM_VERSION_MAX]; /* "go1.19.8"; of hostile origin, cut, terminated */
	struct program_module modules[PROGRAM_MODULES_MAX]; /* whose texts do not overlap */
	size_t nmodules;
	__u64 allgs;	/* address of the slice */
	__u64 semtable; /* 0: not found; it is not when nobody waits for a semaphore */
};

/* Where to look. */
struct program_place {
	const struct target *target;
	enum golang_arch arch;
	const struct program_range *ranges;
	size_t n;
	__u64 pclntab; /* where the first function table lies */
	/* The layout of a version that the table has no row for, from whoever can read it in the
	 * program; minor is what it names, and *why is a sentence about the version. NULL: it
	 * cannot be had, and *why may be another one. May be NULL itself. */
	const struct golang_layout *(*own)(void *arg, unsigned int minor, enum golang_arch arch,
					   const char **why);
	void *arg;
};

/* Finds all of it. 0, or -errno: then *ret_why is a sentence, such as "its Go is a prerelease",
 * static or own()'s, and version is set if it was found. -ENOENT: what is looked for is not there,
 * perhaps not yet; -ENOTSUP: its version is refused; -EINVAL, -ENOMEM. */
int program_find(const struct program_place *place, struct program *ret, const char **ret_why);
/* The function with that code, and the module that it is of; NULL: it is not known. */
const struct program_module *program_function(const struct program *p, __u64 pc,
					      struct pclntab_function *ret);
