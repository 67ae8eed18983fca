/* expect: none sleep */
// SPDX-License-Identifier: GPL-2.0-only
/* restarted_sleep.c - timed waits after SIGSTOP and SIGCONT: restart_syscall() (TRAPS 10)
 *
 * The registers no longer show what the threads wait for, nor that there is a timeout.
 */
#include "../plant.h"

static sem_t sem;

static void *timed(void *arg)
{
	struct timespec later;

	clock_gettime(CLOCK_REALTIME, &later);
	later.tv_sec += 3600;
	sem_timedwait(&sem, &later);
	return arg;
}

int main(void)
{
	pid_t child;

	plant_init();
	child = plant_fork();
	if (!child) {
		sem_init(&sem, 0, 0);
		plant_thread(timed, NULL);
		plant_ms(3600 * 1000L);
		_exit(1);
	}
	plant_child_blocked(child, 1, SYS_futex);
	plant_child_blocked(child, 1, SYS_clock_nanosleep);
	kill(child, SIGSTOP);
	waitpid(child, NULL, WUNTRACED);
	kill(child, SIGCONT);
	waitpid(child, NULL, WCONTINUED);
	plant_child_blocked(child, 2, SYS_restart_syscall);
	plant_ready();
	plant_live();
}
