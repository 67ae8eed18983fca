/* SPDX-License-Identifier: GPL-2.0-only */
/* waker_file.h - the part of waker.c that knows pipes, sockets, eventfds, file locks. */
#pragma once

#include "analyze/waker.h"

int waker_file_want(const struct world *w, const struct wait *wait, struct wanted *ret);
int waker_file_find(const struct index *ix, const struct wire_thread *t, const struct wait *wait,
		    struct wakers *ret);

/* Adds one to the answer, unless it is there already. 0 or -ENOMEM. */
int waker_add(struct wakers *ret, enum index_key group, __u64 value, enum edge_why why,
	      bool strong);
