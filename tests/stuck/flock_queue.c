/* expect: deadlock proven file-lock threads=42 */
// SPDX-License-Identifier: GPL-2.0-only
/* flock_queue.c - forty processes queue behind two that hold each other's file, as cron jobs do */
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
	for (int i = 0; i < 40; i++) {
		pid_t child = plant_fork();

		if (!child) {
			take(0);
			_exit(0);
		}
		plant_child_blocked(child, 1, SYS_flock);
	}
	plant_ready();
	plant_live();
}
