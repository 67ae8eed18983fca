/* expect: none tty */
// SPDX-License-Identifier: GPL-2.0-only
/* tty_read.c - a shell at its prompt: reads a pseudo terminal whose master a live process has */
#include "../plant.h"

int main(void)
{
	int master, slave;
	pid_t child;
	char c;

	plant_init();
	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		plant_skip("no pseudo terminals");
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		plant_skip("no /dev/pts");
	child = plant_fork();
	if (!child) {
		close(master);
		_exit(read(slave, &c, 1) > 0);
	}
	close(slave);
	plant_child_blocked(child, 1, SYS_read);
	plant_ready();
	plant_live();
}
