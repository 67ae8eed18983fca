/* SPDX-License-Identifier: GPL-2.0-only */
/* plant_uring.h - an io_uring of four entries, without liburing
 *
 * A program fills sqe[0..n-1] and hands them in with plant_uring_submit(), once.
 */
#ifndef NOWAKE_PLANT_URING_H
#define NOWAKE_PLANT_URING_H

#include "plant.h"

#include <linux/io_uring.h>

#define PLANT_URING_ENTRIES 4

struct plant_uring {
	int fd;
	char *ring;
	struct io_sqring_offsets at;
	struct io_uring_sqe *sqe;
};

static inline char *plant_uring_map(int fd, size_t size, long offset)
{
	void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);

	if (mem == MAP_FAILED)
		plant_skip("cannot map an io_uring");
	return mem;
}

static inline struct plant_uring plant_uring(void)
{
	struct io_uring_params params = { 0 };
	struct plant_uring u;

	u.fd = syscall(SYS_io_uring_setup, PLANT_URING_ENTRIES, &params);
	if (u.fd < 0)
		plant_skip("io_uring_setup");
	u.at = params.sq_off;
	u.ring = plant_uring_map(u.fd, u.at.array + PLANT_URING_ENTRIES * sizeof(uint32_t),
				 IORING_OFF_SQ_RING);
	u.sqe = (void *)plant_uring_map(u.fd, PLANT_URING_ENTRIES * sizeof(*u.sqe),
					IORING_OFF_SQES);
	return u;
}

static inline void plant_uring_submit(const struct plant_uring *u, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		((uint32_t *)(void *)(u->ring + u->at.array))[i] = i;
	*(_Atomic uint32_t *)(void *)(u->ring + u->at.tail) = n;
	if (syscall(SYS_io_uring_enter, u->fd, n, 0, 0, NULL, 0) != (long)n)
		plant_skip("io_uring_enter");
}

/* Hands in that a byte is to be written then. */
static inline void plant_uring_write_in_an_hour(const struct plant_uring *u, int fd)
{
	static const struct __kernel_timespec hour = { .tv_sec = 3600 };
	static const char byte;

	u->sqe[0].opcode = IORING_OP_TIMEOUT;
	u->sqe[0].addr = (uintptr_t)&hour;
	u->sqe[0].len = 1;
	u->sqe[0].flags = IOSQE_IO_HARDLINK; /* then, however it ends, the next */
	u->sqe[1].opcode = IORING_OP_WRITE;
	u->sqe[1].fd = fd;
	u->sqe[1].addr = (uintptr_t)&byte;
	u->sqe[1].len = 1;
	plant_uring_submit(u, 2);
}

#endif
