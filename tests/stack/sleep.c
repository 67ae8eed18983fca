/* stack: in=clock_nanosleep by=nap */
// SPDX-License-Identifier: GPL-2.0-only
/* sleep.c - a thread in clock_nanosleep(), which stands beside the vdso
 */
#include "block.h"

NOINLINE static void nap(void)
{
	struct timespec ts = { .tv_sec = 3600 };

	clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
	KEEP_FRAME();
}

static void *worker(void *arg)
{
	nap();
	return arg;
}

int main(void)
{
	plant_init();
	plant_thread(worker, NULL);
	plant_blocked(1, PLANT_ANY);
	plant_ready();
	plant_live();
}
