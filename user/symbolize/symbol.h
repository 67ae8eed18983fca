/* SPDX-License-Identifier: GPL-2.0-only */
/* symbol.h - what is the code at an address called, and from which line was it made? */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "symbolize/message.h"
#include "symbolize/space.h"

/* The function at an address, and what is inlined there, innermost first; at least one
 * frame, at most MESSAGE_FRAMES_MAX. exact: the instruction itself, not behind a call. */
void symbol_find(struct space *s, struct images *images, __u64 address, bool exact,
		 struct message_frames *ret);

/* Demangles C++, Rust and D names; others are taken as they are. */
void symbol_demangle(const char *name, char *ret, size_t size);
