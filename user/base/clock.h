/* SPDX-License-Identifier: GPL-2.0-only */
/* clock.h - the kernel's clocks, as one number. */
#pragma once

#include <linux/types.h>
#include <time.h>

/* 0 when there is no such clock. */
static inline __u64 clock_ns(clockid_t clock)
{
	struct timespec t = {};

	clock_gettime(clock, &t);
	return (__u64)t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* CLOCK_MONOTONIC; signed, for what is left until a deadline. */
static inline __s64 clock_ms(void)
{
	return (__s64)(clock_ns(CLOCK_MONOTONIC) / 1000000);
}
