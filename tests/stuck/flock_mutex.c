/* expect: deadlock any file-lock threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* flock_mutex.c - one process has the file and wants the shared mutex, the other vice versa */
#include "../plant_ring.h"

#include <sys/file.h>

static pthread_mutex_t *mutex;
static char path[4096];

static void take(int i)
{
	if (i == 0)
		pthread_mutex_lock(mutex);
	else if (flock(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), LOCK_EX) < 0)
		plant_fail("flock %s", path);
}

int main(void)
{
	plant_init();
	mutex = plant_shared(sizeof(*mutex));
	plant_mutex(mutex, PTHREAD_MUTEX_NORMAL, PLANT_SHARED);
	strcpy(path, plant_path("a"));
	plant_ring_of_children(2, take, PLANT_ANY);
	plant_ready();
	plant_live();
}
