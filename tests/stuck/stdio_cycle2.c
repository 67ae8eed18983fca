/* expect: deadlock|quiescent any - threads=3 */
// SPDX-License-Identifier: GPL-2.0-only
/* stdio_cycle2.c - two threads take the locks of two FILEs in opposite order
 *
 * A stdio lock records its owner as a pthread_t, not as a tid. main joins one of them, so that
 * the process is at a standstill even for one who cannot read that.
 */
#include "../plant_ring.h"

static FILE *files[2];

static void take(int i)
{
	flockfile(files[i]);
}

int main(void)
{
	pthread_t thread;

	plant_init();
	files[0] = fopen("/proc/self/stat", "r");
	files[1] = fopen("/proc/self/stat", "r");
	if (!files[0] || !files[1])
		plant_fail("/proc/self/stat");
	thread = plant_ring(2, take, SYS_futex);
	plant_ready();
	pthread_join(thread, NULL);
}
