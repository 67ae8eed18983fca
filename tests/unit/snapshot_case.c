// SPDX-License-Identifier: GPL-2.0-only
/* snapshot_case.c - reads bytes as a snapshot, for the tests of what is wrong with it. */
#include "snapshot_case.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "report/snapshot.h"

char *snapshot_case_error(const char *text, size_t len)
{
	struct world **looks;
	char *error = NULL;
	int err, fd = memfd_create("snapshot", MFD_CLOEXEC);
	char path[32];
	size_t n;

	cr_assert(fd >= 0 && write(fd, text, len) == (ssize_t)len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	err = snapshot_read(path, &looks, &n, &error);
	close(fd);
	if (!err) {
		snapshot_case_free(looks, n);
		return NULL;
	}
	cr_assert(error && *error);
	for (const char *s = error; *s; s++)
		cr_assert((unsigned char)*s >= ' ' && *s != 0x7f);
	return error;
}

void snapshot_case_free(struct world **looks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		world_free(looks[i]);
	free(looks);
}
