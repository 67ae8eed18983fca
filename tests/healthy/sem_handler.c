/* expect: none semaphore */
// SPDX-License-Identifier: GPL-2.0-only
/* sem_handler.c - a single thread in sem_wait(), and a SIGTERM handler that posts
 *
 * No thread could ever wake it, but a signal can: a common way to wait for the end.
 */
#include "../plant.h"

static sem_t done;

static void on_term(int sig)
{
	(void)sig;
	sem_post(&done);
}

int main(void)
{
	struct sigaction act = { .sa_handler = on_term, .sa_flags = SA_RESTART };

	plant_init();
	sem_init(&done, 0, 0);
	sigaction(SIGTERM, &act, NULL);
	plant_ready();
	while (sem_wait(&done) < 0)
		;
}
