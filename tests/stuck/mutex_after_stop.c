/* expect: deadlock proven mutex threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* mutex_after_stop.c - a cycle whose process was stopped and continued: the wait starts anew */
#include "../plant_ring.h"

static pthread_mutex_t locks[2] = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER };

static void take(int i)
{
	pthread_mutex_lock(&locks[i]);
}

int main(void)
{
	pid_t child;

	plant_init();
	child = plant_fork();
	if (!child) {
		plant_ring(2, take, SYS_futex);
		plant_live();
	}
	plant_child_blocked(child, 2, SYS_futex);
	kill(child, SIGSTOP);
	waitpid(child, NULL, WUNTRACED);
	kill(child, SIGCONT);
	waitpid(child, NULL, WCONTINUED);
	plant_child_blocked(child, 2, SYS_futex);
	plant_ready();
	plant_live();
}
