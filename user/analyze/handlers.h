/* SPDX-License-Identifier: GPL-2.0-only */
/* handlers.h - what signal handlers may do for a thread that is stuck. */
#pragma once

#include "analyze/judge.h"

/* Whether thread i is stuck by a standstill, not by somebody who has what it waits for. To read
 * from a pipe of which its own table of descriptors has the other end, too, is one, wherever that
 * may be the self-pipe of a handler. */
bool handlers_standstill(const struct judge *j, __u32 i);
/* What thread i, stuck by one, allows to say. */
enum confidence handlers_allow_standstill(const struct judge *j, __u32 i);
/* Whether that is no reason to hide a ring of others whom it could let go on: only people send
 * the signals, and any pool of an interpreter looks like that. Of a pipe it is a reason: there
 * somebody waits for these signals. */
bool handlers_are_faint(const struct judge *j, __u32 i);
/* What thread i allows to say, in a call that a handler may interrupt. */
enum confidence handlers_allow_call(const struct judge *j, __u32 i);
/* Signals that make thread i doubtful (DOUBT_HANDLER): bit n - 1 is signal n. *ret_known: whether
 * that was looked up. */
__u64 handlers_doubted(const struct judge *j, __u32 i, bool *ret_known);
