/* expect: deadlock likely pipe threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* pipe_mutex_sibling.c - a thread reads a pipe, whose writer waits for a mutex that it holds
 *
 * A live thread beside the reader may cancel it, though it holds neither pipe nor mutex.
 */
#include "../plant.h"

static pthread_mutex_t *mutex;
static int ends[2];

static void *reader(void *arg)
{
	char c;

	pthread_mutex_lock(mutex);
	return read(ends[0], &c, 1) == 1 ? arg : NULL;
}

int main(void)
{
	pthread_t thread;
	pid_t writer;

	plant_init();
	mutex = plant_shared(sizeof(*mutex));
	plant_mutex(mutex, PTHREAD_MUTEX_NORMAL, PLANT_SHARED);
	if (pipe(ends) < 0)
		plant_fail("pipe");
	writer = plant_fork();
	if (!writer) {
		close(ends[0]);
		while (!pthread_mutex_trylock(mutex)) { /* the reader is to have it */
			pthread_mutex_unlock(mutex);
			plant_ms(1);
		}
		pthread_mutex_lock(mutex);
		_exit(write(ends[1], "x", 1) != 1);
	}
	close(ends[1]);
	thread = plant_thread(reader, NULL);
	plant_blocked(1, SYS_read);
	plant_child_blocked(writer, 1, SYS_futex);
	plant_ready();
	plant_ms(PLANT_LIFETIME * 500);
	return pthread_cancel(thread);
}
