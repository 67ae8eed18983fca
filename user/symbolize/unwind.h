/* SPDX-License-Identifier: GPL-2.0-only */
/* unwind.h - from registers and stack to the chain of calls. */
#pragma once

#include "symbolize/image.h"
#include "symbolize/message.h"
#include "symbolize/peer.h"
#include "symbolize/space.h"

/* Walks the stack of a thread that stands still. Fills ret, whose stop says why it ends
 * early: what is in it is true, and no frame is made up. */
void unwind_run(const struct space *s, struct images *images, const struct peer *peer,
		const struct message_unwind *thread, struct message_trace *ret);
