/* SPDX-License-Identifier: GPL-2.0-only */
/* config.h - the daemon's settings: defaults, then the configuration file, then the command
 * line, each over the one before; read again when SIGHUP comes. */
#pragma once

#include "options.h"

#define CONFIG_DEFAULT "/etc/nowake.conf" /* read when --config names no other; may be missing */
#define CONFIG_BYTES (64u << 10)	  /* of a file; longer ones are refused */

struct config;

/* first: what the command line alone says; it must stay. 0, EXIT_USAGE or -errno; then
 * *ret_error is one line (free it; NULL without memory). */
int config_new(const struct options *first, struct config **ret, char **ret_error);
void config_free(struct config *c);
const struct options *config_options(const struct config *c);
/* Reads all again. On failure, as above, everything stays as it is. Settings that only a
 * restart can change stay, too: *ret_kept names them (free it), or is NULL. */
int config_reload(struct config *c, char **ret_kept, char **ret_error);
