// SPDX-License-Identifier: GPL-2.0-only
/* options.c - the command line of every command, from the tables of options_table.c.
 *
 * Prints nothing: main.c does. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "options_say.h"
#include "options_table.h"

#define LONG_BASE 256 /* getopt's value of an option is LONG_BASE + its index */

static void getopt_tables(struct option *ret_long, char *ret_short)
{
	*ret_short++ = ':';
	for (const struct spec *s = options_table_specs; s->name; s++) {
		*ret_long++ = (struct option){ s->name, s->takes, NULL,
					       LONG_BASE + (int)(s - options_table_specs) };
		if (!s->letter)
			continue;
		*ret_short++ = s->letter;
		if (s->takes == ARGUMENT_NEEDED)
			*ret_short++ = ':';
	}
	*ret_long = (struct option){};
	*ret_short = '\0';
}

static const struct spec *spec_of(int value)
{
	for (const struct spec *s = options_table_specs; s->name; s++)
		if (value == LONG_BASE + (int)(s - options_table_specs) ||
		    (value && value == s->letter))
			return s;
	return NULL;
}

static int apply(const struct command *command, const struct spec *spec, const char *arg,
		 struct options *opts, char **ret_text)
{
	int err;

	if (!(spec->commands & (1u << command->id)))
		return options_say_wrong(ret_text, command,
					 "--%s is not for this command: try \"nowake %s --help\"",
					 spec->name, command->name);
	err = spec->set(spec, arg, opts);
	if (err != EXIT_USAGE)
		return err;
	if (!arg)
		return options_say_wrong(ret_text, command, "give %s", spec->wants);
	return options_say_wrong(ret_text, command, "--%s \"%s\" is wrong: give %s", spec->name,
				 arg, spec->wants);
}

static int parse_operand(const struct command *command, int argc, char **argv, struct options *opts,
			 char **ret_text)
{
	int want = command->operand != NULL, n = argc - optind;

	if (n < want)
		return options_say_wrong(ret_text, command,
					 "%s is missing: nowake %s [OPTION]... %s",
					 command->operand, command->name, command->operand);
	if (n > want)
		return options_say_wrong(ret_text, command, "\"%s\" is one argument too many",
					 argv[optind + want]);
	if (want)
		opts->operand = argv[optind];
	if (command->id == COMMAND_EXPLAIN && !options_table_pid(opts->operand, &opts->tid) &&
	    !options_table_goroutine(opts->operand, &opts->tid, &opts->goid))
		return options_say_wrong(ret_text, command,
					 "\"%s\" is wrong: give the number of a thread, or of a "
					 "process and of one of its goroutines, such as 4711:34",
					 opts->operand);
	if (command->id == COMMAND_SNAPSHOT && !*opts->operand)
		return options_say_wrong(ret_text, command,
					 "FILE is empty: give a name, or - for standard output");
	return 0;
}

/* argv[0] is the command. 0 with *ret_done: the answer is in *ret_text. */
static int parse_command(const struct command *command, int argc, char **argv, struct options *opts,
			 bool *ret_done, char **ret_text)
{
	struct option longs[OPTIONS_TABLE_MAX];
	char shorts[2 * OPTIONS_TABLE_MAX];
	const char *here = NULL;
	int c, err;

	getopt_tables(longs, shorts);
	optind = 0; /* glibc: start afresh */
	opterr = 0;
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct spec *spec = spec_of(c == '?' || c == ':' ? optopt : c);

		if (!spec)
			return options_say_unknown_option(command, argv[optind - 1], optopt,
							  ret_text);
		if (c == ':')
			return options_say_wrong(ret_text, command,
						 "--%s needs an argument: give %s", spec->name,
						 spec->wants);
		if (c == '?')
			return options_say_wrong(ret_text, command, "--%s takes no argument",
						 spec->name);
		if (!spec->set) {
			*ret_done = true;
			return spec->letter == 'h' ? options_say_help(command, ret_text)
						   : options_say_version(ret_text);
		}
		err = apply(command, spec, optarg, opts, ret_text);
		if (err)
			return err;
		here = spec->here ? spec->name : here;
	}
	if (opts->from && here)
		return options_say_wrong(ret_text, command,
					 "--%s is about this host, --from about another: give one",
					 here);
	return parse_operand(command, argc, argv, opts, ret_text);
}

static const struct command *command_of(const char *name)
{
	for (const struct command *c = options_table_commands; c->name; c++)
		if (!strcmp(name, c->name))
			return c;
	return NULL;
}

/* What is not a command: help, --help, --version, and mistakes. */
static int parse_word(int argc, char **argv, char **ret_text)
{
	const char *word = argc > 1 ? argv[1] : NULL;
	const struct command *about;

	if (!word)
		return options_say_wrong(ret_text, NULL,
					 "say what to do: \"nowake report\" is the main command, "
					 "\"nowake --help\" lists all");
	if (!strcmp(word, "--version") || !strcmp(word, "-V"))
		return options_say_version(ret_text);
	if (!strcmp(word, "--help") || !strcmp(word, "-h") || (!strcmp(word, "help") && argc == 2))
		return options_say_help(NULL, ret_text);
	if (!strcmp(word, "help")) {
		about = command_of(argv[2]);
		return about ? options_say_help(about, ret_text)
			     : options_say_unknown_command(argv[2], ret_text);
	}
	if (*word == '-')
		return options_say_wrong(ret_text, NULL, "a command comes first: nowake COMMAND %s",
					 word);
	return options_say_unknown_command(word, ret_text);
}

void options_defaults(enum command_id id, struct options *ret)
{
	*ret = (struct options){
		.interval_ns = DURATION_SECOND * (id == COMMAND_TOP ? 2 : 10),
		.socket = OPTIONS_SOCKET,
		.group_by = "{exe}",
		.group_limit = 50,
		.window_ns = DURATION_SECOND * 600,
		.go_rest = 1000,
		.buffer = 1 << 20,
	};
	for (const struct command *c = options_table_commands; c->name; c++)
		if (c->id == id)
			ret->threshold_ns = c->threshold_ns;
}

int options_parse(int argc, char **argv, struct options *base, struct options *ret,
		  const struct command **ret_command, char **ret_text)
{
	const struct command *command = argc > 1 ? command_of(argv[1]) : NULL;
	struct options opts = {};
	bool done = !command;
	int err;

	if (command) {
		if (base) {
			opts = *base;
			*base = (struct options){};
		} else {
			options_defaults(command->id, &opts);
		}
		err = parse_command(command, argc - 1, argv + 1, &opts, &done, ret_text);
	} else {
		err = parse_word(argc, argv, ret_text);
	}
	if (err || done) {
		options_free(&opts);
		if (!err)
			*ret_command = NULL;
		return err;
	}
	opts.argc = argc;
	opts.argv = argv;
	*ret = opts;
	*ret_command = command;
	*ret_text = NULL;
	return 0;
}

void options_free(struct options *opts)
{
	free(opts->pids);
	free(opts->comms);
	free(opts->ignored);
	opts->pids = NULL;
	opts->comms = opts->ignored = NULL;
	opts->npids = opts->ncomms = opts->nignored = 0;
}
