// SPDX-License-Identifier: GPL-2.0-only
/* options_table.c - the commands and options that there are, as tables.
 *
 * Who adds one adds it here and to the man page (checked by `make lint`). */
#include "options_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"

#define SECONDS(n) ((n)*DURATION_SECOND)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

const struct command options_table_commands[] = {
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
	{},
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

#define DEBUGINFOD_NS SECONDS(10)

static int set_debuginfod(const struct spec *spec, const char *arg, struct options *opts)
{
	opts->debuginfod_ns = DEBUGINFOD_NS;
	return arg ? set_duration(spec, arg, opts) : 0;
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

bool options_table_pid(const char *text, __u32 *ret)
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
	if (!options_table_pid(arg, &pid))
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
#define ONE_FORMAT "one format: --json, --folded and --dot exclude each other"
#define MEMBER(member) .offset = offsetof(struct options, member)

const struct spec options_table_specs[] = {
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
	{ "verbose", 'v', ARGUMENT_NONE, NULL, FOR(REPORT) | FOR(EXPLAIN), set_flag,
	  MEMBER(verbose), .help = "show all frames of stacks, with addresses and whole paths" },
	{ "json", 0, ARGUMENT_NONE, NULL, FOR(REPORT), set_format, .value = OUTPUT_JSON,
	  .wants = ONE_FORMAT, .help = "print one JSON object" },
	{ "folded", 0, ARGUMENT_NONE, NULL, FOR(REPORT), set_format, .value = OUTPUT_FOLDED,
	  .wants = ONE_FORMAT,
	  .help = "print one line per stack with its count, for flame graph tools" },
	{ "dot", 0, ARGUMENT_NONE, NULL, FOR(REPORT), set_format, .value = OUTPUT_DOT,
	  .wants = ONE_FORMAT, .help = "print who waits for whom as a graph for Graphviz" },
	{ "exit-code", 0, ARGUMENT_NONE, NULL, FOR(REPORT), set_flag, MEMBER(exit_code),
	  .help = "exit with status 1 when something is stuck" },
	{ "from", 0, ARGUMENT_NEEDED, "FILE", FOR(REPORT) | FOR(EXPLAIN), set_string, MEMBER(from),
	  .wants = "the name of a snapshot",
	  .help = "judge a snapshot (\"-\": standard input) instead of this host" },
	{ "debuginfod", 0, ARGUMENT_OPTIONAL, "DURATION",
	  FOR(REPORT) | FOR(EXPLAIN) | FOR(SNAPSHOT), set_debuginfod, MEMBER(debuginfod_ns),
	  .wants = "a duration such as 10s or 1m",
	  .help = "fetch debug information that is missing here from the servers in "
		  "DEBUGINFOD_URLS, for at most this long in all (10s)" },
	{ "color", 0, ARGUMENT_OPTIONAL, "WHEN", FOR(REPORT) | FOR(EXPLAIN), set_color,
	  .wants = "auto, always or never",
	  .help = "auto (the default), always or never use colours" },
	{ "help", 'h', ARGUMENT_NONE, NULL, FOR_ALL, .help = "print this help and exit" },
	{ "version", 'V', ARGUMENT_NONE, NULL, FOR_ALL, .help = "print the version and exit" },
	{},
};
_Static_assert(ARRAY_SIZE(options_table_specs) <= OPTIONS_TABLE_MAX, "OPTIONS_TABLE_MAX");
