/* expect: quiescent any condition threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* quiescent_days.c - all wait, one of them with a timeout of ten years (TRAPS 12)
 *
 * Beyond the horizon of a day a timeout counts as none.
 */
#include "../plant.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;

static void *worker(void *arg)
{
	struct timespec later;

	clock_gettime(CLOCK_REALTIME, &later);
	later.tv_sec += 10L * 365 * 86400;
	pthread_mutex_lock(&mutex);
	pthread_cond_timedwait(&cond, &mutex, &later);
	return arg;
}

int main(void)
{
	pthread_t thread;

	plant_init();
	thread = plant_thread(worker, NULL);
	plant_blocked(1, SYS_futex);
	plant_ready();
	pthread_join(thread, NULL);
}
