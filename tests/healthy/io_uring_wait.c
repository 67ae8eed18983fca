/* expect: none io-uring */
/* needs: io_uring */
// SPDX-License-Identifier: GPL-2.0-only
/* io_uring_wait.c - a single thread waits for completions, with a timeout operation in flight */
#include "../plant.h"

#include <linux/io_uring.h>

static char *map_ring(int ring, size_t size, long offset)
{
	void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring, offset);

	if (mem == MAP_FAILED)
		plant_skip("cannot map an io_uring");
	return mem;
}

int main(void)
{
	struct io_uring_params params = { 0 };
	struct __kernel_timespec hour = { .tv_sec = 3600 };
	struct io_uring_sqe *sqe;
	char *sq;
	int ring;

	plant_init();
	ring = syscall(SYS_io_uring_setup, 4, &params);
	if (ring < 0)
		plant_skip("io_uring_setup");
	sq = map_ring(ring, params.sq_off.array + 4 * sizeof(uint32_t), IORING_OFF_SQ_RING);
	sqe = (void *)map_ring(ring, 4 * sizeof(*sqe), IORING_OFF_SQES);
	sqe->opcode = IORING_OP_TIMEOUT;
	sqe->addr = (uintptr_t)&hour;
	sqe->len = 1;
	*(uint32_t *)(void *)(sq + params.sq_off.array) = 0;
	*(_Atomic uint32_t *)(void *)(sq + params.sq_off.tail) = 1;
	if (syscall(SYS_io_uring_enter, ring, 1, 0, 0, NULL, 0) != 1)
		plant_skip("io_uring_enter");
	plant_ready();
	return syscall(SYS_io_uring_enter, ring, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0);
}
