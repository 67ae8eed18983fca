/* expect: none - */
// SPDX-License-Identifier: GPL-2.0-only
/* sem_in_struct.c - a semaphore that a SIGTERM handler posts, behind zeros and a number
 *
 * Together they look like a condition variable, which a handler could not signal.
 */
#include "../plant.h"

static struct {
	int zeros[12], capacity, flags;
	sem_t stop;
} server = { .capacity = 64 };

static void on_term(int sig)
{
	(void)sig;
	sem_post(&server.stop);
}

int main(void)
{
	struct sigaction act = { .sa_handler = on_term, .sa_flags = SA_RESTART };

	plant_init();
	sem_init(&server.stop, 0, 0);
	sigaction(SIGTERM, &act, NULL);
	plant_ready();
	while (sem_wait(&server.stop) < 0)
		;
}
