/* expect: none pipe */
/* needs: io_uring */
// SPDX-License-Identifier: GPL-2.0-only
/* uring_pipe.c - a request in io_uring will write into the pipe that its only thread reads */
#include "../plant_uring.h"

int main(void)
{
	struct plant_uring u;
	int ends[2];
	char byte;

	plant_init();
	u = plant_uring();
	if (pipe(ends))
		plant_fail("pipe");
	plant_uring_write_in_an_hour(&u, ends[1]);
	plant_ready();
	return read(ends[0], &byte, 1) != 1;
}
