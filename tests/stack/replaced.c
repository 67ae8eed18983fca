/* stack: in=pthread_mutex_lock by=wait_in_replaced,worker */
// SPDX-License-Identifier: GPL-2.0-only
/* replaced.c - another binary is renamed over this one while it runs
 */
#include "again.h"

NOINLINE static void wait_in_replaced(void)
{
	stack_block();
}

static void *worker(void *arg)
{
	wait_in_replaced();
	return arg;
}

int main(void)
{
	char other[200];

	if (!again_is_second())
		again_from(plant_path("exe"));
	snprintf(other, sizeof(other), "%s.new", getenv(AGAIN));
	again_copy_to("/bin/sh", other);
	if (rename(other, getenv(AGAIN)) < 0)
		plant_fail("rename");
	stack_main(worker, NULL);
}
