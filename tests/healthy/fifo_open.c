/* expect: none fifo */
// SPDX-License-Identifier: GPL-2.0-only
/* fifo_open.c - open() of a FIFO that nobody has opened for writing yet (TRAPS 31) */
#include "../plant.h"

#include <sys/stat.h>

int main(void)
{
	const char *path;

	plant_init();
	path = plant_path("fifo");
	if (mkfifo(path, 0600) < 0)
		plant_fail("mkfifo %s", path);
	plant_ready();
	return open(path, O_RDONLY | O_CLOEXEC);
}
