/* SPDX-License-Identifier: GPL-2.0-only */
/* feed.h - the fuzzer's bytes, as what a hostile process and a hostile nowake would say
 *
 * A target takes what it needs from the front; answers to the symbolizer's questions come from
 * the rest, over and over.
 */
#ifndef NOWAKE_FUZZ_FEED_H
#define NOWAKE_FUZZ_FEED_H

#include <elf.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "symbolize/child.h"

#define FEED_MACHINE EM_X86_64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct feed {
	const uint8_t *data;
	size_t size;
	size_t at;
};

/* The next bytes; zeros where there are none left. */
static inline void feed_take(struct feed *f, void *ret, size_t len)
{
	size_t n = f->size - f->at < len ? f->size - f->at : len;

	memset(ret, 0, len);
	memcpy(ret, f->data + f->at, n);
	f->at += n;
}

static inline int feed_file(const void *bytes, size_t len)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET))
		abort();
	return fd;
}

/* Memory that repeats the data, wherever one looks. */
static inline size_t feed_read(void *arg, __u64 address, void *ret, size_t len)
{
	const struct feed *f = arg;

	if (!f->size || address < 4096)
		return 0;
	for (size_t i = 0; i < len; i++)
		((uint8_t *)ret)[i] = f->data[(address + i) % f->size];
	return len;
}

static inline void feed_gather(void *arg, struct target_piece *pieces, size_t n)
{
	for (size_t i = 0; i < n; i++)
		pieces[i].there = feed_read(arg, pieces[i].address, pieces[i].to, pieces[i].len) ==
				  pieces[i].len;
}

/* Every file is the data. */
static inline int feed_open(void *arg, const struct message_open *what)
{
	const struct feed *f = arg;

	if (what->what == MESSAGE_OPEN_LINK && strchr(what->name, '/'))
		abort(); /* a name that leads elsewhere must not get so far */
	return f->size ? feed_file(f->data, f->size) : -ENOENT;
}

#endif
