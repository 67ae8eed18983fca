/* expect: none - */
// SPDX-License-Identifier: GPL-2.0-only
/* requeued.c - a waiter was moved to another word; its argument is stale (TRAPS 14)
 *
 * The word of its system call has changed long ago. It sleeps on the other one, and main may
 * wake it there.
 */
#include "../plant.h"

static _Atomic uint32_t from, to = 2;

static void *waiter(void *arg)
{
	plant_futex(&from, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
	return arg;
}

int main(void)
{
	long moved;

	plant_init();
	plant_thread(waiter, NULL);
	plant_blocked(1, SYS_futex);
	from = 1;
	moved = plant_futex(&from, FUTEX_CMP_REQUEUE_PRIVATE, 0, (void *)1, &to, 1);
	if (moved != 1)
		plant_fail("requeue: %ld", moved);
	plant_ready();
	plant_live();
}
