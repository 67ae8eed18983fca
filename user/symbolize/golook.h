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
/* One that was kept, with its stack; zeros when there is no such number. Fills all but the head. */
void golook_get(const struct space *s, __u64 number, struct message_goroutine_seen *ret);
/* The functions at an address of its Go code; false when it is none. */
bool golook_name(const struct space *s, __u64 address, bool exact, struct message_frames *ret);
void golook_free(struct golook *g);
