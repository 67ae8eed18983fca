// SPDX-License-Identifier: GPL-2.0-only
/* comm.c - names of processes and threads, as the kernel has them: 16 bytes, not always ended. */
#include "base/comm.h"

#include <fnmatch.h>
#include <string.h>

/* A pattern of a name that the kernel cut: what is left of both must agree. */
static bool cut_matches(const char *pattern, const char *name)
{
	return strcspn(pattern, "*?[\\") >= COMM_SIZE - 1 && !strncmp(pattern, name, COMM_SIZE - 1);
}

bool comm_matches(const char comm[COMM_SIZE], const char *const *patterns, size_t n)
{
	char name[COMM_SIZE + 1] = {};

	memcpy(name, comm, COMM_SIZE);
	for (size_t i = 0; i < n; i++)
		if (!fnmatch(patterns[i], name, 0) || cut_matches(patterns[i], name))
			return true;
	return false;
}
