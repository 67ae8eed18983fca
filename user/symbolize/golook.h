/* SPDX-License-Identifier: GPL-2.0-only */
/* golook.h - the Go program of an address space, read for nowake inside the sandbox. */
#pragma once

#include "symbolize/image.h"
#include "symbolize/message.h"
#include "symbolize/space.h"

#define GOLOOK_KEPT_MAX 10000 /* that can be asked for by number */

struct golook;

/* Reads it anew, and searches its memory when it may; s->golook is what is kept. Fills all of ret
 * but the head. */
void golook_read(struct space *s, struct images *images, const struct message_go *request,
		 struct message_go_seen *ret);
void golook_free(struct golook *g);
