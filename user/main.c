// SPDX-License-Identifier: GPL-2.0-only
/* main.c - nowake: which threads of this host are blocked and will never be woken? */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "daemon/daemon.h"
#include "options.h"
#include "selftest.h"
#include "symbolize/child.h"
#include "top.h"

static int run(const struct command *command, const struct options *opts)
{
	static int (*const commands[COMMAND_COUNT])(const struct options *opts) = {
		[COMMAND_REPORT] = command_report,
		[COMMAND_EXPLAIN] = command_explain,
		[COMMAND_FEATURES] = command_features,
		[COMMAND_SELFTEST] = selftest_run,
		[COMMAND_SNAPSHOT] = command_snapshot,
		[COMMAND_DAEMON] = daemon_run,
		[COMMAND_TOP] = top_run,
	};

	return commands[command->id](opts);
}

int main(int argc, char **argv)
{
	const struct command *command = NULL;
	struct options opts = {};
	char *text = NULL;
	int status;

	if (argc == 2 && !strcmp(argv[1], CHILD_WORD))
		return child_main();
	setlocale(LC_CTYPE, "");
	status = options_parse(argc, argv, NULL, &opts, &command, &text);
	if (text && (fputs(text, status ? stderr : stdout) < 0 || fflush(stdout)))
		status = status ? status : EXIT_BLIND;
	free(text);
	if (status < 0) {
		fputs("nowake: out of memory\n", stderr);
		status = EXIT_BLIND;
	}
	if (!status && command)
		status = run(command, &opts);
	options_free(&opts);
	return status;
}
