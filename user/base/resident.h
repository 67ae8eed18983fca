/* SPDX-License-Identifier: GPL-2.0-only */
/* resident.h - how much memory a process has. */
#pragma once

#include <linux/types.h>
#include <sys/types.h>

/* Bytes, shared ones included, as /proc/PID/statm has it; 0 when it is gone. */
__u64 resident_bytes(pid_t pid);
