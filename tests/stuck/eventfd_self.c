/* expect: orphaned any eventfd threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* eventfd_self.c - two processes read an eventfd that nobody else holds */
#include "../plant.h"

#include <sys/eventfd.h>

static pid_t reader(int fd)
{
	pid_t pid = plant_fork();
	uint64_t count;

	if (!pid)
		_exit(read(fd, &count, sizeof(count)) > 0);
	return pid;
}

int main(void)
{
	pid_t a, b;
	int fd;

	plant_init();
	fd = eventfd(0, 0);
	a = reader(fd);
	b = reader(fd);
	close(fd);
	plant_child_blocked(a, 1, SYS_read);
	plant_child_blocked(b, 1, SYS_read);
	plant_ready();
	plant_live();
}
