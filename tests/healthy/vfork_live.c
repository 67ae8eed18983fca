/* expect: none vfork */
// SPDX-License-Identifier: GPL-2.0-only
/* vfork_live.c - a vfork() parent: killable sleep until its child executes or ends (TRAPS 25) */
#include "../plant.h"

int main(void)
{
	plant_init();
	if (!vfork()) { /* system calls only: the memory is the parent's */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(PLANT_LIFETIME);
		if (write(STDOUT_FILENO, "ready\n", 6) == 6)
			pause();
		_exit(1);
	}
	return 1;
}
