/* stack: in=pthread_mutex_lock by=wait_in_deleted,worker */
// SPDX-License-Identifier: GPL-2.0-only
/* deleted.c - the binary is deleted while it runs
 */
#include "again.h"

NOINLINE static void wait_in_deleted(void)
{
	stack_block();
}

static void *worker(void *arg)
{
	wait_in_deleted();
	return arg;
}

int main(void)
{
	if (!again_is_second())
		again_from(plant_path("exe"));
	if (unlink(getenv(AGAIN)) < 0)
		plant_fail("unlink");
	stack_main(worker, NULL);
}
