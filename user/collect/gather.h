/* SPDX-License-Identifier: GPL-2.0-only */
/* gather.h - many pieces of a process's memory at once. */
#pragma once

#include "collect/guard.h"
#include "symbolize/message.h"

/* Reads n pieces of at most MESSAGE_GATHER_MAX bytes together, one after another into ret, and says
 * of each whether all of it is there; what is not is zeros. */
void gather_pieces(struct guard *guard, __u32 tid, __u32 tgid, struct message_piece *pieces,
		   size_t n, unsigned char *ret);
