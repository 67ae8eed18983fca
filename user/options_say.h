/* SPDX-License-Identifier: GPL-2.0-only */
/* options_say.h - what a command line is answered with: help, the version, complaints.
 *
 * Each gives a text to print in *ret_text, to be freed. */
#pragma once

#include "options.h"

/* What a command takes; without one, which commands there are. 0 or -ENOMEM. */
int options_say_help(const struct command *command, char **ret_text);
int options_say_version(char **ret_text);

/* Complaints: one line, safe for a terminal. EXIT_USAGE or -ENOMEM. */
int options_say_wrong(char **ret_text, const struct command *command, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int options_say_unknown_command(const char *word, char **ret_text);
/* letter: the option is -letter, and word does not count. */
int options_say_unknown_option(const struct command *command, const char *word, char letter,
			       char **ret_text);
