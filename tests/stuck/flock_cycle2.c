/* expect: deadlock proven file-lock threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* flock_cycle2.c - two processes flock() two files in opposite order; the kernel does not look */
#include "../plant_ring.h"

#include <sys/file.h>

static char paths[2][4096];

static void take(int i)
{
	int fd = open(paths[i], O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || flock(fd, LOCK_EX) < 0)
		plant_fail("flock %s", paths[i]);
}

int main(void)
{
	plant_init();
	strcpy(paths[0], plant_path("a"));
	strcpy(paths[1], plant_path("b"));
	plant_ring_of_children(2, take, SYS_flock);
	plant_ready();
	plant_live();
}
