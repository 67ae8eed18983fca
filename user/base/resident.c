// SPDX-License-Identifier: GPL-2.0-only
/* resident.c - how much memory a process has. */
#include "base/resident.h"

#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"

__u64 resident_bytes(pid_t pid)
{
	_cleanup_fclose_ FILE *f = NULL;
	unsigned long long pages;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/statm", pid);
	f = fopen(path, "re");
	return f && fscanf(f, "%*u %llu", &pages) == 1 ? pages * sysconf(_SC_PAGESIZE) : 0;
}
