/* expect: deadlock likely pipe threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* pipe_sigchld.c - two read from each other; one catches SIGCHLD, and has a child that will end
 *
 * The signal interrupts its read(), and what it then does is not known.
 */
#include "../plant.h"

static void on_child(int sig)
{
	(void)sig;
}

int main(void)
{
	struct sigaction act = { .sa_handler = on_child };
	int ab[2], ba[2];
	pid_t reader, sleeper;
	char c;

	plant_init();
	sigaction(SIGCHLD, &act, NULL);
	sleeper = plant_fork();
	if (!sleeper)
		plant_doze();
	if (pipe(ab) < 0 || pipe(ba) < 0)
		plant_fail("pipe");
	reader = plant_fork();
	if (!reader) {
		close(ab[1]);
		close(ba[0]);
		signal(SIGCHLD, SIG_DFL);
		_exit(read(ab[0], &c, 1) != 1);
	}
	close(ab[0]);
	close(ba[1]);
	plant_child_blocked(reader, 1, SYS_read);
	plant_ready();
	return read(ba[0], &c, 1) != 1;
}
