/* expect: none io-uring */
/* needs: io_uring */
// SPDX-License-Identifier: GPL-2.0-only
/* io_uring_wait.c - a single thread waits for completions, with a timeout operation in flight */
#include "../plant_uring.h"

int main(void)
{
	struct __kernel_timespec hour = { .tv_sec = 3600 };
	struct plant_uring u;

	plant_init();
	u = plant_uring();
	u.sqe->opcode = IORING_OP_TIMEOUT;
	u.sqe->addr = (uintptr_t)&hour;
	u.sqe->len = 1;
	plant_uring_submit(&u, 1);
	plant_ready();
	return syscall(SYS_io_uring_enter, u.fd, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0);
}
