/* expect: none eventfd */
// SPDX-License-Identifier: GPL-2.0-only
/* eventfd_writer.c - reads an eventfd that a live process could raise */
#include "../plant.h"

#include <sys/eventfd.h>

int main(void)
{
	uint64_t count;
	pid_t child;
	int fd;

	plant_init();
	fd = eventfd(0, 0);
	child = plant_fork();
	if (!child)
		_exit(read(fd, &count, sizeof(count)) > 0);
	plant_child_blocked(child, 1, SYS_read);
	plant_ready();
	plant_live();
}
