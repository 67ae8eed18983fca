/* expect: orphaned proven pipe threads=1 */
// SPDX-License-Identifier: GPL-2.0-only
/* pipe_self.c - the only write end of the pipe is held by its reader: no end of file, ever */
#include "../plant.h"

int main(void)
{
	int fds[2];
	char c;

	plant_init();
	if (pipe(fds) < 0)
		plant_fail("pipe");
	plant_ready();
	return read(fds[0], &c, 1) == 1;
}
