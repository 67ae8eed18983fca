/* SPDX-License-Identifier: GPL-2.0-only */
/* remark.h - what moved while memory was searched is searched once more. */
#pragma once

#include "golang/mark_inside.h"

/* Before it: who has ended by now holds nothing. 0 or -ENOMEM. */
int remark_begin(struct mark *m);
/* After a first search, until nobody is reached any more, who was not before; a program that
 * changes too fast for that ends it (MARK_CUT). 0 or -ENOMEM. */
int remark(struct mark *m);
