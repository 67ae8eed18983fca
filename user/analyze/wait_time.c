// SPDX-License-Identifier: GPL-2.0-only
/* wait_time.c - when does a wait end by itself?
 *
 * Soundness: a limit that could not be read makes the wait unknown, unless something
 * else is known that ends it. A limit of more than a day is no limit, and says so.
 * Absolute times of another time namespace (time_namespaces(7)) are not known. */
#include "analyze/wait_decode.h"

#include <stdint.h>

#define NSEC 1000000000ull
#define FOREVER ((__u64)INT64_MAX)
#define TIMER_ABSOLUTE 1 /* TIMER_ABSTIME of linux/time.h */

static __u64 to_ns(__u64 seconds, __u64 ns)
{
	return seconds >= FOREVER / NSEC ? FOREVER : seconds * NSEC + ns;
}

/* Two signed numbers of a timespec or timeval. */
static bool read_pair(struct decode *d, __u64 addr, bool wide, __s64 ret[2])
{
	__s32 small[2];

	if (wide)
		return wait_memory_read(d, addr, ret, 2 * sizeof(*ret));
	if (!wait_memory_read(d, addr, small, sizeof(small)))
		return false;
	ret[0] = small[0];
	ret[1] = small[1];
	return true;
}

bool wait_time_read(struct decode *d, __u64 addr, enum timeout_form form, __u64 *ret_ns)
{
	bool always64 = form == TIMEOUT_TS64 || form == TIMEOUT_TS64_ABS;
	__s64 pair[2];

	if (!read_pair(d, addr, !d->narrow || always64, pair))
		return false;
	/* The upper half of a 32-bit caller's nanoseconds is padding. */
	if (d->narrow && always64)
		pair[1] = (__u32)pair[1];
	/* select(2) takes any number of microseconds. */
	if (form == TIMEOUT_TV && pair[0] >= 0 && pair[1] >= 0) {
		*ret_ns = to_ns((__u64)pair[0] + pair[1] / 1000000, pair[1] % 1000000 * 1000);
		return true;
	}
	if (pair[0] < 0 || pair[1] < 0 || (__u64)pair[1] >= NSEC)
		return false;
	*ret_ns = to_ns(pair[0], pair[1]);
	return true;
}

__u64 wait_time_left(const struct decode *d, __u64 until, enum clock clock)
{
	__u64 now = d->w->real_time;

	if (clock == CLOCK_ID_MONOTONIC)
		now = d->w->mono_time;
	else if (clock == CLOCK_ID_BOOTTIME || clock == CLOCK_ID_BOOTTIME_ALARM)
		now = d->w->boot_time;
	return until > now ? until - now : 0;
}

bool wait_time_foreign(const struct decode *d, enum clock clock)
{
	return (d->t->bits & WIRE_TIMENS) &&
	       (clock == CLOCK_ID_MONOTONIC || clock == CLOCK_ID_BOOTTIME ||
		clock == CLOCK_ID_BOOTTIME_ALARM);
}

__u64 wait_time_rest(const struct decode *d, __u64 ns)
{
	__u64 age = world_age(d->w, d->t);

	return ns > age ? ns - age : 0;
}

void wait_time_limit(struct wait *wait, __u64 ns)
{
	wait->timeout_ns = ns > FOREVER ? FOREVER : ns;
	wait->beyond_horizon = ns > WAIT_HORIZON_NS;
	if (!wait->beyond_horizon)
		decode_set(wait, wait->kind, SOURCE_TIMER, NULL);
}

void wait_time_unread(struct wait *wait)
{
	if (wait->source == SOURCE_NONE)
		decode_unknown(wait, wait->kind, "its timeout could not be read");
}

void wait_time_apply(struct decode *d)
{
	const struct syscall_desc *call = d->call;
	__u64 arg, ns;

	if (!call->timeout_arg)
		return;
	arg = d->args[call->timeout_arg - 1];
	if (call->timeout == TIMEOUT_MS) {
		if ((__s32)arg >= 0)
			wait_time_limit(d->wait, wait_time_rest(d, (__u32)arg * 1000000ull));
		return;
	}
	if (!arg)
		return;
	if (!wait_time_read(d, arg, call->timeout, &ns))
		wait_time_unread(d->wait);
	else if (call->timeout == TIMEOUT_TS_ABS || call->timeout == TIMEOUT_TS64_ABS)
		wait_time_limit(d->wait, wait_time_left(d, ns, CLOCK_ID_REALTIME));
	else
		wait_time_limit(d->wait, wait_time_rest(d, ns));
}

static bool is_cpu_clock(__s32 clock)
{
	return clock < 0 || clock == CLOCK_ID_PROCESS_CPU || clock == CLOCK_ID_THREAD_CPU;
}

void wait_time_sleep(struct decode *d, bool with_clock)
{
	__s32 clock = with_clock ? (__s32)d->args[0] : CLOCK_ID_MONOTONIC;
	bool absolute = with_clock && (d->args[1] & TIMER_ABSOLUTE);
	__u64 ns;

	decode_set(d->wait, WAIT_SLEEP, SOURCE_TIMER, NULL);
	if (is_cpu_clock(clock)) {
		decode_unknown(d->wait, WAIT_SLEEP, "it sleeps by a clock of CPU time");
		return;
	}
	if (!wait_time_read(d, d->args[d->call->timeout_arg - 1], d->call->timeout, &ns) ||
	    (absolute && wait_time_foreign(d, clock)))
		return; /* it sleeps until then, whenever that is */
	wait_time_limit(d->wait, absolute ? wait_time_left(d, ns, clock) : wait_time_rest(d, ns));
}
