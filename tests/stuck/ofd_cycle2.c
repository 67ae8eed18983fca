/* expect: deadlock any file-lock threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* ofd_cycle2.c - a cycle of open file description locks
 *
 * For classic fcntl() locks the kernel answers EDEADLK; for these it cannot, and waits.
 */
#include "../plant_ring.h"

static char paths[2][4096];

static void take(int i)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(paths[i], O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || fcntl(fd, F_OFD_SETLKW, &lock) < 0)
		plant_fail("lock %s", paths[i]);
}

int main(void)
{
	plant_init();
	strcpy(paths[0], plant_path("a"));
	strcpy(paths[1], plant_path("b"));
	plant_ring_of_children(2, take, SYS_fcntl);
	plant_ready();
	plant_live();
}
