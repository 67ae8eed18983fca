// SPDX-License-Identifier: GPL-2.0-only
/* options.c - the command line of every command, from one table.
 *
 * What is accepted, what --help prints and what the man page must say (checked by
 * `make lint`) come from the two tables below. Prints nothing: main.c does. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/duration.h"
#include "base/escape.h"
#include "base/nearest.h"
#include "version.h"

#define SECONDS(n) ((n)*DURATION_SECOND)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const struct command commands[] = {
	{ COMMAND_REPORT, "report", NULL, SECONDS(30),
	  "say which threads are stuck for ever, and why",
	  "Looks once at all threads of this host and prints those that are blocked and\n"
	  "will never be woken, with the evidence. Nothing is stopped or changed." },
	{ COMMAND_EXPLAIN, "explain", "TID", SECONDS(1), "tell the whole story of one thread",
	  "Says what the thread waits for, since when, who could wake it, and which rule\n"
	  "made it a finding or not." },
	{ COMMAND_FEATURES, "features", NULL, 0, "show what this kernel and these privileges allow",
	  "Tries what nowake would use, and says what is lost without the rest." },
	{ COMMAND_SELFTEST, "selftest", NULL, 0,
	  "plant stuck threads and see whether they are found",
	  "Plants a deadlock, a lost wakeup, an orphan and an idle pool: it must find\n"
	  "three and spare one." },
	{ COMMAND_SNAPSHOT, "snapshot", "FILE", SECONDS(1),
	  "keep what a pass saw, for a bug report",
	  "Writes what one pass saw to FILE (\"-\": standard output; compressed when the name\n"
	  "ends in .gz). `nowake report --from FILE` judges it anywhere, without root." },
};

enum argument { ARGUMENT_NONE, ARGUMENT_NEEDED, ARGUMENT_OPTIONAL };

struct spec {
	const char *name;
	char letter; /* 0: none */
	enum argument takes;
	const char *metavar;
	unsigned int commands; /* bit n: command_id n takes it */
	/* 0, EXIT_USAGE or -ENOMEM. */
	int (*set)(const struct spec *spec, const char *arg, struct options *opts);
	size_t offset;	   /* of the member that set() sets */
	int value;	   /* what some set() set it to */
	const char *wants; /* what a right argument looks like, for the error */
	const char *help;
};

static int set_flag(const struct spec *spec, const char *arg, struct options *opts)
{
	(void)arg;
	*(bool *)((char *)opts + spec->offset) = true;
	return 0;
}

static int set_format(const struct spec *spec, const char *arg, struct options *opts)
{
	(void)arg;
	if (opts->format != OUTPUT_TEXT && (int)opts->format != spec->value)
		return EXIT_USAGE;
	opts->format = spec->value;
	return 0;
}

static int set_string(const struct spec *spec, const char *arg, struct options *opts)
{
	if (!*arg)
		return EXIT_USAGE;
	*(const char **)((char *)opts + spec->offset) = arg;
	return 0;
}

static int set_duration(const struct spec *spec, const char *arg, struct options *opts)
{
	__u64 *member = (__u64 *)((char *)opts + spec->offset);

	return duration_parse(arg, member) ? 0 : EXIT_USAGE;
}

static int set_color(const struct spec *spec, const char *arg, struct options *opts)
{
	static const char *const words[] = {
		[COLOR_AUTO] = "auto",
		[COLOR_ALWAYS] = "always",
		[COLOR_NEVER] = "never",
	};

	(void)spec;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcmp(arg ? arg : "always", words[i])) {
			opts->color = i;
			return 0;
		}
	}
	return EXIT_USAGE;
}

static bool parse_pid(const char *text, __u32 *ret)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long n = strtoul(text, NULL, 10);

	if (!digits || text[digits] || !n || n > OPTIONS_PID_MAX)
		return false;
	*ret = n;
	return true;
}

static int add_pid(const struct spec *spec, const char *arg, struct options *opts)
{
	__u32 pid, *pids;

	(void)spec;
	if (!parse_pid(arg, &pid))
		return EXIT_USAGE;
	pids = reallocarray(opts->pids, opts->npids + 1, sizeof(*pids));
	if (!pids)
		return -ENOMEM;
	opts->pids = pids;
	opts->pids[opts->npids++] = pid;
	return 0;
}

static int add_comm(const struct spec *spec, const char *arg, struct options *opts)
{
	const char **comms;

	(void)spec;
	if (!*arg)
		return EXIT_USAGE;
	comms = reallocarray(opts->comms, opts->ncomms + 1, sizeof(*comms));
	if (!comms)
		return -ENOMEM;
	opts->comms = comms;
	opts->comms[opts->ncomms++] = arg;
	return 0;
}

#define FOR(id) (1u << COMMAND_##id)
#define FOR_ALL ((1u << COMMAND_COUNT) - 1)
#define MEMBER(member) .offset = offsetof(struct options, member)

static const struct spec specs[] = {
	{ "threshold", 0, ARGUMENT_NEEDED, "DURATION", FOR(REPORT) | FOR(EXPLAIN), set_duration,
	  MEMBER(threshold_ns), .wants = "a duration such as 30s, 500ms, 2m, 1h or 1d",
	  .help = "judge threads that are blocked for at least this long: 30s, 500ms, 2m, "
		  "1h, 1d; a plain number counts seconds" },
	{ "pid", 'p', ARGUMENT_NEEDED, "PID", FOR(REPORT), add_pid,
	  .wants = "the number of a process",
	  .help = "only what concerns this process; may be given several times" },
	{ "comm", 'c', ARGUMENT_NEEDED, "GLOB", FOR(REPORT), add_comm, .wants = "a shell pattern",
	  .help = "only what concerns processes or threads of this name, a shell pattern; may "
		  "be given several times" },
	{ "suspects", 0, ARGUMENT_NONE, NULL, FOR(REPORT), set_flag, MEMBER(suspects),
	  .help = "show findings of confidence \"suspect\" too" },
	{ "all", 0, ARGUMENT_NONE, NULL, FOR(REPORT), set_flag, MEMBER(all),
	  .help = "list the idle and the unknown threads too, and cut nothing short" },
	{ "json", 0, ARGUMENT_NONE, NULL, FOR(REPORT), set_format, .value = OUTPUT_JSON,
	  .wants = "one format: --json and --dot exclude each other",
	  .help = "print one JSON object" },
	{ "dot", 0, ARGUMENT_NONE, NULL, FOR(REPORT), set_format, .value = OUTPUT_DOT,
	  .wants = "one format: --json and --dot exclude each other",
	  .help = "print who waits for whom as a graph for Graphviz" },
	{ "exit-code", 0, ARGUMENT_NONE, NULL, FOR(REPORT), set_flag, MEMBER(exit_code),
	  .help = "exit with status 1 when something is stuck" },
	{ "from", 0, ARGUMENT_NEEDED, "FILE", FOR(REPORT) | FOR(EXPLAIN), set_string, MEMBER(from),
	  .wants = "the name of a snapshot",
	  .help = "judge a snapshot (\"-\": standard input) instead of this host" },
	{ "color", 0, ARGUMENT_OPTIONAL, "WHEN", FOR(REPORT) | FOR(EXPLAIN), set_color,
	  .wants = "auto, always or never",
	  .help = "auto (the default), always or never use colours" },
	{ "help", 'h', ARGUMENT_NONE, NULL, FOR_ALL, .help = "print this help and exit" },
	{ "version", 'V', ARGUMENT_NONE, NULL, FOR_ALL, .help = "print the version and exit" },
};

/* ---- what --help prints ---- */

#define HELP_WIDTH 78
#define HELP_COLUMN 28

static void print_wrapped(FILE *out, const char *text)
{
	size_t column = HELP_COLUMN;

	while (*text) {
		size_t n = strcspn(text, " ");

		if (column > HELP_COLUMN && column + 1 + n > HELP_WIDTH) {
			fprintf(out, "\n%*s", HELP_COLUMN, "");
			column = HELP_COLUMN;
		} else if (column > HELP_COLUMN) {
			fputc(' ', out);
			column++;
		}
		fwrite(text, 1, n, out);
		column += n;
		text += n + strspn(text + n, " ");
	}
	fputc('\n', out);
}

static void print_option(FILE *out, const struct spec *spec)
{
	int n = spec->letter ? fprintf(out, "  -%c, --%s", spec->letter, spec->name)
			     : fprintf(out, "      --%s", spec->name);

	if (spec->takes == ARGUMENT_NEEDED)
		n += fprintf(out, " %s", spec->metavar);
	if (spec->takes == ARGUMENT_OPTIONAL)
		n += fprintf(out, "[=%s]", spec->metavar);
	fprintf(out, "%*s", n < HELP_COLUMN ? HELP_COLUMN - n : 1, "");
	print_wrapped(out, spec->help);
}

static void print_help(FILE *out, const struct command *command)
{
	fprintf(out, "usage: nowake %s [OPTION]...%s%s\n\n%s\n\n", command->name,
		command->operand ? " " : "", command->operand ? command->operand : "",
		command->about);
	for (size_t i = 0; i < ARRAY_SIZE(specs); i++)
		if (specs[i].commands & (1u << command->id))
			print_option(out, &specs[i]);
	if (specs[0].commands & (1u << command->id))
		fprintf(out, "\nThe threshold is %gs when none is given.\n",
			(double)command->threshold_ns / SECONDS(1));
}

static void print_overview(FILE *out)
{
	fputs("usage: nowake COMMAND [OPTION]...\n\n"
	      "Says which threads of this host are blocked and will never be woken.\n\n",
	      out);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		int n = fprintf(out, "  %s %s", commands[i].name,
				commands[i].operand ? commands[i].operand : "");

		fprintf(out, "%*s%s\n", 18 - n, "", commands[i].summary);
	}
	fputs("\n`nowake COMMAND --help` tells the options of a command; nowake(8) tells all.\n",
	      out);
}

static int help(const struct command *command, char **ret_text)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return -ENOMEM;
	if (command)
		print_help(out, command);
	else
		print_overview(out);
	if (fclose(out))
		return -ENOMEM;
	*ret_text = TAKE_PTR(text);
	return 0;
}

static int version(char **ret_text)
{
	return asprintf(ret_text, "nowake %s (%s)\n", NOWAKE_VERSION, NOWAKE_REVISION) < 0 ? -ENOMEM
											   : 0;
}

/* ---- what is wrong with the command line ---- */

/* One line, safe for a terminal; EXIT_USAGE. */
__attribute__((format(printf, 3, 4))) static int wrong(char **ret_text,
						       const struct command *command,
						       const char *fmt, ...)
{
	_cleanup_free_ char *message = NULL, *safe = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&message, fmt, ap);
	va_end(ap);
	if (n < 0)
		return -ENOMEM;
	safe = malloc(4 * (size_t)n + 1);
	if (!safe)
		return -ENOMEM;
	escape_text(safe, 4 * (size_t)n + 1, message, true);
	n = asprintf(ret_text, "nowake%s%s: %s\n", command ? " " : "", command ? command->name : "",
		     safe);
	return n < 0 ? -ENOMEM : EXIT_USAGE;
}

static int unknown_command(const char *word, char **ret_text)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (nearest_resembles(word, commands[i].name))
			return wrong(ret_text, NULL,
				     "there is no command \"%s\": did you mean \"%s\"?", word,
				     commands[i].name);
	return wrong(ret_text, NULL, "there is no command \"%s\": try \"nowake --help\"", word);
}

static int unknown_option(const struct command *command, const char *word, char letter,
			  char **ret_text)
{
	_cleanup_free_ char *name = NULL;

	if (letter)
		return wrong(ret_text, command, "there is no option -%c: try \"nowake %s --help\"",
			     letter, command->name);
	word += strspn(word, "-");
	name = strndup(word, strcspn(word, "="));
	if (!name)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(specs); i++)
		if ((specs[i].commands & (1u << command->id)) &&
		    nearest_resembles(name, specs[i].name))
			return wrong(ret_text, command,
				     "there is no option --%s: did you mean --%s?", name,
				     specs[i].name);
	return wrong(ret_text, command, "there is no option --%s: try \"nowake %s --help\"", name,
		     command->name);
}

/* ---- parsing ---- */

#define LONG_BASE 256 /* getopt's value of an option is LONG_BASE + its index */

static void getopt_tables(struct option *ret_long, char *ret_short)
{
	*ret_short++ = ':';
	for (size_t i = 0; i < ARRAY_SIZE(specs); i++) {
		ret_long[i] =
			(struct option){ specs[i].name, specs[i].takes, NULL, LONG_BASE + (int)i };
		if (!specs[i].letter)
			continue;
		*ret_short++ = specs[i].letter;
		if (specs[i].takes == ARGUMENT_NEEDED)
			*ret_short++ = ':';
	}
	ret_long[ARRAY_SIZE(specs)] = (struct option){};
	*ret_short = '\0';
}

static const struct spec *spec_of(int value)
{
	for (size_t i = 0; i < ARRAY_SIZE(specs); i++)
		if (value == LONG_BASE + (int)i || (value && value == specs[i].letter))
			return &specs[i];
	return NULL;
}

static int apply(const struct command *command, const struct spec *spec, const char *arg,
		 struct options *opts, char **ret_text)
{
	int err;

	if (!(spec->commands & (1u << command->id)))
		return wrong(ret_text, command,
			     "--%s is not for this command: try \"nowake %s --help\"", spec->name,
			     command->name);
	err = spec->set(spec, arg, opts);
	if (err != EXIT_USAGE)
		return err;
	if (!arg)
		return wrong(ret_text, command, "give %s", spec->wants);
	return wrong(ret_text, command, "--%s \"%s\" is wrong: give %s", spec->name, arg,
		     spec->wants);
}

static int parse_operand(const struct command *command, int argc, char **argv, struct options *opts,
			 char **ret_text)
{
	int want = command->operand != NULL, n = argc - optind;

	if (n < want)
		return wrong(ret_text, command, "%s is missing: nowake %s [OPTION]... %s",
			     command->operand, command->name, command->operand);
	if (n > want)
		return wrong(ret_text, command, "\"%s\" is one argument too many",
			     argv[optind + want]);
	if (want)
		opts->operand = argv[optind];
	if (command->id == COMMAND_EXPLAIN && !parse_pid(opts->operand, &opts->tid))
		return wrong(ret_text, command, "TID \"%s\" is wrong: give the number of a thread",
			     opts->operand);
	if (command->id == COMMAND_SNAPSHOT && !*opts->operand)
		return wrong(ret_text, command,
			     "FILE is empty: give a name, or - for standard output");
	return 0;
}

/* argv[0] is the command. 0 with *ret_done: the answer is in *ret_text. */
static int parse_command(const struct command *command, int argc, char **argv, struct options *opts,
			 bool *ret_done, char **ret_text)
{
	struct option longs[ARRAY_SIZE(specs) + 1];
	char shorts[2 * ARRAY_SIZE(specs) + 2];
	int c, err;

	getopt_tables(longs, shorts);
	optind = 0; /* glibc: start afresh */
	opterr = 0;
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct spec *spec = spec_of(c == '?' || c == ':' ? optopt : c);

		if (!spec)
			return unknown_option(command, argv[optind - 1], optopt, ret_text);
		if (c == ':')
			return wrong(ret_text, command, "--%s needs an argument: give %s",
				     spec->name, spec->wants);
		if (c == '?')
			return wrong(ret_text, command, "--%s takes no argument", spec->name);
		if (!spec->set) {
			*ret_done = true;
			return spec->letter == 'h' ? help(command, ret_text) : version(ret_text);
		}
		err = apply(command, spec, optarg, opts, ret_text);
		if (err)
			return err;
	}
	return parse_operand(command, argc, argv, opts, ret_text);
}

static const struct command *command_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(name, commands[i].name))
			return &commands[i];
	return NULL;
}

/* What is not a command: help, --help, --version, and mistakes. */
static int parse_word(int argc, char **argv, char **ret_text)
{
	const char *word = argc > 1 ? argv[1] : NULL;
	const struct command *about;

	if (!word)
		return wrong(ret_text, NULL,
			     "say what to do: \"nowake report\" is the main command, "
			     "\"nowake --help\" lists all");
	if (!strcmp(word, "--version") || !strcmp(word, "-V"))
		return version(ret_text);
	if (!strcmp(word, "--help") || !strcmp(word, "-h") || (!strcmp(word, "help") && argc == 2))
		return help(NULL, ret_text);
	if (!strcmp(word, "help")) {
		about = command_of(argv[2]);
		return about ? help(about, ret_text) : unknown_command(argv[2], ret_text);
	}
	if (*word == '-')
		return wrong(ret_text, NULL, "a command comes first: nowake COMMAND %s", word);
	return unknown_command(word, ret_text);
}

int options_parse(int argc, char **argv, struct options *ret, const struct command **ret_command,
		  char **ret_text)
{
	const struct command *command = argc > 1 ? command_of(argv[1]) : NULL;
	struct options opts = {};
	bool done = !command;
	int err;

	if (command) {
		opts.threshold_ns = command->threshold_ns;
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
	*ret = opts;
	*ret_command = command;
	*ret_text = NULL;
	return 0;
}

void options_free(struct options *opts)
{
	free(opts->pids);
	free(opts->comms);
	opts->pids = NULL;
	opts->comms = NULL;
	opts->npids = opts->ncomms = 0;
}
