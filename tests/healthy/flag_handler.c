/* expect: none - */
// SPDX-License-Identifier: GPL-2.0-only
/* flag_handler.c - a flag that a SIGTERM handler sets and wakes, among numbers
 *
 * Together they look like a barrier of four at which one has arrived.
 */
#include "../plant.h"

static struct {
	int id;
	_Atomic uint32_t stop;
	int workers, flags, done;
} server = { .id = 1, .workers = 4 };

static void on_term(int sig)
{
	(void)sig;
	server.stop = 1;
	plant_futex(&server.stop, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

int main(void)
{
	struct sigaction act = { .sa_handler = on_term, .sa_flags = SA_RESTART };

	plant_init();
	sigaction(SIGTERM, &act, NULL);
	plant_ready();
	while (!server.stop)
		plant_futex(&server.stop, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
}
