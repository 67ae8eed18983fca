/* SPDX-License-Identifier: GPL-2.0-only */
/* privilege.h - what the daemon keeps of its privileges when all is loaded. */
#pragma once

/* Gives up every capability but those that passes need, as far as they are there, for good, and
 * lets no program that it starts gain any. 0 or -errno. */
int privilege_drop(void);
