/* SPDX-License-Identifier: GPL-2.0-only */
/* sandbox.h - takes away from this process all that parsing hostile files does not need. */
#pragma once

/* Memory, address space included; a file of more than half of it cannot be read. */
#define SANDBOX_MEMORY_MAX (3ull << 30)
#define SANDBOX_CPU_SECONDS 600 /* of its whole life; then it is started anew */
#define SANDBOX_FILES_MAX 512

#define SANDBOX_SOCKET 3 /* the descriptor over which it talks to its parent */

/* Leaves descriptors 0, 1, 2 and SANDBOX_SOCKET, and of the system calls those that compute, map
 * memory and talk over descriptors that it has or is given. Another user (nobody), no capability,
 * no way to get one. 0 or -errno: then nothing hostile may be touched. */
int sandbox_enter(void);
