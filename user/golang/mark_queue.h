/* SPDX-License-Identifier: GPL-2.0-only */
/* mark_queue.h - the sudogs of those that wait, and the objects that are searched otherwise. */
#pragma once

#include "golang/mark_inside.h"

/* The sudogs of all members that wait; whose sudog is another's, or
 * cannot be read, lives. 0 or -ENOMEM. */
int mark_queue_read(struct mark *m);
/* Then: what is awaited, and each g and sudog of those that wait, in order. 0 or -ENOMEM. */
int mark_queue_specials(struct mark *m);
