// SPDX-License-Identifier: GPL-2.0-only
/* comm.c - names of processes and threads, as the kernel has them: 16 bytes, not always ended. */
#include "base/comm.h"

#include <fnmatch.h>
#include <string.h>

bool comm_matches(const char comm[COMM_SIZE], const char *const *patterns, size_t n)
{
	char name[COMM_SIZE + 1] = {};

	memcpy(name, comm, COMM_SIZE);
	for (size_t i = 0; i < n; i++)
		if (!fnmatch(patterns[i], name, 0))
			return true;
	return false;
}
