/* stack: in=pthread_mutex_lock below=cross kind=mutex */
// SPDX-License-Identifier: GPL-2.0-only
/* plain.c - a cycle of two, with inlined calls: built in many ways, listed in build.mk
 */
#include "block.h"

static pthread_mutex_t other_mutex = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int here;

__attribute__((always_inline)) static inline void take_second(pthread_mutex_t *mutex)
{
	pthread_mutex_lock(mutex);
	KEEP_FRAME();
}

NOINLINE static void cross(pthread_mutex_t *first, pthread_mutex_t *second)
{
	pthread_mutex_lock(first);
	plant_meet(&here, 2);
	take_second(second);
}

static void *forth(void *arg)
{
	cross(&stack_mutex, &other_mutex);
	return arg;
}

static void *back(void *arg)
{
	cross(&other_mutex, &stack_mutex);
	return arg;
}

int main(void)
{
	plant_init();
	plant_thread(forth, NULL);
	plant_thread(back, NULL);
	plant_blocked(2, SYS_futex);
	plant_ready();
	plant_live();
}
