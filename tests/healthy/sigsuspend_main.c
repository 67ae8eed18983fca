/* expect: none signal */
// SPDX-License-Identifier: GPL-2.0-only
/* sigsuspend_main.c - a single thread in sigsuspend(), with a handler (TRAPS 16) */
#include "../plant.h"

static void reload(int sig)
{
	(void)sig;
}

int main(void)
{
	sigset_t set;

	plant_init();
	sigemptyset(&set);
	signal(SIGHUP, reload);
	plant_ready();
	return sigsuspend(&set);
}
