/* stack: in=pthread_mutex_lock by=descend,descend stop=500 frames=500 */
// SPDX-License-Identifier: GPL-2.0-only
/* recursion.c - a recursion of 600 calls: the trace is cut at 500, and says so
 */
#include "block.h"

NOINLINE static int descend(int depth)
{
	int below = 0;

	if (depth)
		below = descend(depth - 1);
	else
		stack_block();
	KEEP_FRAME();
	return below + 1;
}

static void *worker(void *arg)
{
	return descend(600) ? arg : NULL;
}

int main(void)
{
	stack_main(worker, NULL);
}
