/* expect: none pipe */
/* needs: io_uring */
// SPDX-License-Identifier: GPL-2.0-only
/* uring_pipe.c - a request that waits in io_uring will write into the pipe that its only thread reads */
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
	struct __kernel_timespec hour = { .tv_sec = 3600 };
	struct io_uring_params params = { 0 };
	struct io_uring_sqe *sqe;
	int ring, ends[2];
	char *sq, byte;

	plant_init();
	ring = syscall(SYS_io_uring_setup, 4, &params);
	if (ring < 0 || pipe(ends))
		plant_skip("io_uring_setup");
	sq = map_ring(ring, params.sq_off.array + 4 * sizeof(uint32_t), IORING_OFF_SQ_RING);
	sqe = (void *)map_ring(ring, 4 * sizeof(*sqe), IORING_OFF_SQES);
	sqe[0].opcode = IORING_OP_TIMEOUT;
	sqe[0].addr = (uintptr_t)&hour;
	sqe[0].len = 1;
	sqe[0].flags = IOSQE_IO_HARDLINK; /* then, however it ends, the next */
	sqe[1].opcode = IORING_OP_WRITE;
	sqe[1].fd = ends[1];
	sqe[1].addr = (uintptr_t)&byte;
	sqe[1].len = 1;
	for (uint32_t i = 0; i < 2; i++)
		((uint32_t *)(void *)(sq + params.sq_off.array))[i] = i;
	*(_Atomic uint32_t *)(void *)(sq + params.sq_off.tail) = 2;
	if (syscall(SYS_io_uring_enter, ring, 2, 0, 0, NULL, 0) != 2)
		plant_skip("io_uring_enter");
	plant_ready();
	return read(ends[0], &byte, 1) != 1;
}
