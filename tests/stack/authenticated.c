/* stack: in=pthread_mutex_lock by=middle,outer,worker */
// SPDX-License-Identifier: GPL-2.0-only
/* authenticated.c - arm64's signed return addresses, in functions that save no frame pointer
 * between functions that need it
 */
#include "block.h"

#ifdef __aarch64__
#define SIGNED __attribute__((target("branch-protection=pac-ret"), optimize("omit-frame-pointer")))
#else
#define SIGNED
#endif

SIGNED NOINLINE static void middle(void)
{
	stack_block();
}

SIGNED NOINLINE static void outer(volatile char *room, size_t size)
{
	volatile char more[size];

	more[0] = room[0];
	middle();
	KEEP_FRAME();
	room[0] = more[0];
}

SIGNED static void *worker(void *arg)
{
	volatile char room[64] = { 0 };

	outer(room, 100 + (size_t)room[0]);
	return arg;
}

int main(void)
{
	stack_main(worker, NULL);
}
