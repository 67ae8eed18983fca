/* SPDX-License-Identifier: GPL-2.0-only */
/* child.h - the symbolizer's own process: reads ELF and DWARF for nowake, in a sandbox. */
#pragma once

#include "symbolize/space.h"

/* argv[1] of the process that is to be it. */
#define CHILD_WORD "--symbolizer"

#define CHILD_UNSAFE 77 /* exit status: the sandbox could not be entered */

/* Serves requests on SANDBOX_SOCKET until nowake is gone. An exit status. */
int child_main(void);

/* What one symbolizer knows. */
struct child {
	struct images images;
	struct space space;
	struct peer peer;
};

/* Answers one request (MESSAGE_SPACE, _UNWIND, _NAME, _GO, _GOROUTINE) into reply; fd came with it,
 * and is closed. For child_main(), and for tests and fuzzing without a process. */
void child_answer(struct child *c, const union message *request, int fd, union message *reply);
void child_clear(struct child *c);
