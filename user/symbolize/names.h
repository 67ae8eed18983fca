/* SPDX-License-Identifier: GPL-2.0-only */
/* names.h - what addresses of an image were found to mean: asked once, kept for all processes. */
#pragma once

#include <stdbool.h>

#include "symbolize/message.h"

struct names;

#define NAMES_MAX 8192 /* of one image; then all are forgotten */

/* Line, names and nesting of an address that was kept; false when it was not. */
bool names_find(const struct names *names, __u64 address, struct message_frames *ret);
/* Keeps them, if there is memory; *names is NULL at first. */
void names_keep(struct names **names, __u64 address, const struct message_frames *frames);
void names_free(struct names **names);
