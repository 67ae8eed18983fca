/* expect: none - */
// SPDX-License-Identifier: GPL-2.0-only
/* exec_loop.c - executes itself anew, three times a second, with threads that just began to wait
 *
 * TRAPS 29: threads vanish in exec(), and the same pid has a new memory.
 */
#include "../plant.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;

static void *waiter(void *arg)
{
	pthread_mutex_lock(&mutex);
	pthread_cond_wait(&cond, &mutex);
	return arg;
}

static void *restarter(void *argv)
{
	char *const again[] = { *(char **)argv, "again", NULL };

	plant_ms(300);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* of this thread: it becomes the leader */
	execv("/proc/self/exe", again);
	plant_fail("exec");
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc == 1) /* once: the alarm is to ring for all of its lives */
		plant_init();
	thread = plant_thread(waiter, NULL);
	plant_thread(restarter, argv);
	if (argc == 1)
		plant_ready();
	pthread_join(thread, NULL);
}
