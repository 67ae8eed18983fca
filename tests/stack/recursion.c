/* stack: in=pthread_mutex_lock by=descend,descend stop=500 frames=500 */
// SPDX-License-Identifier: GPL-2.0-only
/* recursion.c - a recursion of 600 calls: the trace is cut at 500, and says so
 */
#include "block.h"

NOINLINE static int descend(int depth)
{
	int below;

	if (!depth)
		stack_block();
	below = descend(depth - 1);
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
