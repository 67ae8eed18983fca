/* expect: deadlock proven mutex threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* mutex_cycle2.c - two threads take two normal mutexes in opposite order (AB/BA) */
#include "../plant.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int here;

static void *a_then_b(void *arg)
{
	pthread_mutex_lock(&a);
	plant_meet(&here, 2);
	pthread_mutex_lock(&b);
	return arg;
}

static void *b_then_a(void *arg)
{
	pthread_mutex_lock(&b);
	plant_meet(&here, 2);
	pthread_mutex_lock(&a);
	return arg;
}

int main(void)
{
	plant_init();
	plant_thread(a_then_b, NULL);
	plant_thread(b_then_a, NULL);
	plant_blocked(2, SYS_futex);
	plant_ready();
	plant_live();
}
