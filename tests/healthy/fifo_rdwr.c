/* expect: none fifo|pipe */
// SPDX-License-Identifier: GPL-2.0-only
/* fifo_rdwr.c - a daemon holds both ends of its FIFO, so that writers may come and go
 *
 * Its reader is the only holder of a write end, as in a real orphan; but the FIFO has a name.
 */
#include "../plant.h"

#include <sys/stat.h>

int main(void)
{
	const char *path;
	char c;
	int fd;

	plant_init();
	path = plant_path("fifo");
	if (mkfifo(path, 0600) < 0)
		plant_fail("mkfifo %s", path);
	fd = open(path, O_RDWR | O_CLOEXEC);
	plant_ready();
	return read(fd, &c, 1) == 1;
}
