/* expect: none child */
// SPDX-License-Identifier: GPL-2.0-only
/* wait4_live.c - a supervisor waits for a child that is well (TRAPS 16) */
#include "../plant.h"

int main(void)
{
	pid_t child;

	plant_init();
	child = plant_fork();
	if (!child)
		plant_live();
	plant_child_blocked(child, 1, PLANT_ANY);
	plant_ready();
	waitpid(child, NULL, 0);
}
