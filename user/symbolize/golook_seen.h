/* SPDX-License-Identifier: GPL-2.0-only */
/* golook_seen.h - what nowake is told of one goroutine, and what Go code is called. */
#pragma once

#include "symbolize/message.h"
#include "symbolize/space.h"

/* One that was kept, with its stack; zeros when there is no such number. Fills all but the head. */
void golook_seen_row(const struct space *s, __u64 number, struct message_goroutine_seen *ret);
/* The functions at an address of its Go code; false when it is none. */
bool golook_seen_name(const struct space *s, __u64 address, bool exact, struct message_frames *ret);
