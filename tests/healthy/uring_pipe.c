/* expect: none pipe */
/* needs: io_uring */
// SPDX-License-Identifier: GPL-2.0-only
/* uring_pipe.c - a request in io_uring will write into the pipe that its only thread reads */
#include "../plant_uring.h"

int main(void)
{
	struct __kernel_timespec hour = { .tv_sec = 3600 };
	struct plant_uring u;
	int ends[2];
	char byte;

	plant_init();
	u = plant_uring();
	if (pipe(ends))
		plant_fail("pipe");
	u.sqe[0].opcode = IORING_OP_TIMEOUT;
	u.sqe[0].addr = (uintptr_t)&hour;
	u.sqe[0].len = 1;
	u.sqe[0].flags = IOSQE_IO_HARDLINK; /* then, however it ends, the next */
	u.sqe[1].opcode = IORING_OP_WRITE;
	u.sqe[1].fd = ends[1];
	u.sqe[1].addr = (uintptr_t)&byte;
	u.sqe[1].len = 1;
	plant_uring_submit(&u, 2);
	plant_ready();
	return read(ends[0], &byte, 1) != 1;
}
