/* expect: none pipe */
// SPDX-License-Identifier: GPL-2.0-only
/* watch_queue.c - the kernel writes into a pipe of which its reader alone has both ends */
#include "../plant.h"

#define NOTIFICATION_PIPE O_EXCL /* linux/watch_queue.h, which does not go with fcntl.h */

int main(void)
{
	int ends[2];
	char note[128];

	plant_init();
	if (pipe2(ends, NOTIFICATION_PIPE))
		plant_skip("pipes of notifications");
	plant_ready();
	return read(ends[0], note, sizeof(note)) <= 0;
}
