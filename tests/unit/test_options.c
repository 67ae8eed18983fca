// SPDX-License-Identifier: GPL-2.0-only
/* test_options.c - command lines, good and bad. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "options.h"

#define WORDS_MAX 24

/* A command line, split at blanks; '_' stands for an empty word. */
struct line {
	char text[200];
	char *argv[WORDS_MAX + 2];
	int argc;
};

static int parse(struct line *l, const char *words, struct options *opts,
		 const struct command **command, char **text)
{
	char *save = NULL;

	*l = (struct line){ .argv = { (char *)"nowake" }, .argc = 1 };
	snprintf(l->text, sizeof(l->text), "%s", words);
	for (char *w = strtok_r(l->text, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		cr_assert(l->argc <= WORDS_MAX);
		l->argv[l->argc++] = strcmp(w, "_") ? w : w + 1;
	}
	*opts = (struct options){};
	*command = NULL;
	*text = NULL;
	return options_parse(l->argc, l->argv, NULL, opts, command, text);
}

Test(options, durations)
{
	static const struct {
		const char *text;
		__u64 ms; /* 0: refused */
	} rows[] = {
		{ "30s", 30000 },
		{ "30", 30000 },
		{ "500ms", 500 },
		{ "2m", 120000 },
		{ "2min", 120000 },
		{ "1h", 3600000 },
		{ "1d", 86400000 },
		{ "1.5h", 5400000 },
		{ "0.25s", 250 },
		{ "1ms", 1 },
		{ "3650d", 315360000000 },
		{ "", 0 },
		{ "0", 0 },
		{ "-1", 0 },
		{ "+1", 0 },
		{ "1 s", 0 },
		{ "s", 0 },
		{ "1.s", 0 },
		{ ".5s", 0 },
		{ "1..5", 0 },
		{ "1e9", 0 },
		{ "0x10", 0 },
		{ "1S", 0 },
		{ "1sec", 0 },
		{ "nan", 0 },
		{ "inf", 0 },
		{ "0.1ms", 0 },
		{ "3651d", 0 },
		{ "9999999999999999999999d", 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		__u64 ns = 0;

		cr_expect_eq(duration_parse(rows[i].text, &ns), rows[i].ms != 0, "%s",
			     rows[i].text);
		cr_expect_eq(ns, rows[i].ms * 1000000, "%s: %llu", rows[i].text, ns);
	}
}

Test(options, durations_for_people)
{
	static const struct {
		double seconds;
		const char *text;
	} rows[] = {
		{ 0, "0 ms" },		{ 0.35, "350 ms" },	  { 1, "1 s" },
		{ 2.5, "2.5 s" },	{ 35, "35 s" },		  { 60, "1 min" },
		{ 125, "2 min 5 s" },	{ 3600, "1 h" },	  { 10920, "3 h 2 min" },
		{ 90000, "1 day 1 h" }, { 180000, "2 days 2 h" }, { 432000, "5 days" },
	};
	char text[DURATION_TEXT];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_str_eq(duration_text(text, sizeof(text), (__u64)(rows[i].seconds * 1e9)),
				 rows[i].text);
	duration_text(text, sizeof(text), ~0ull);
	cr_expect_str_eq(text, "213503 days");
}

Test(options, report)
{
	const struct command *command;
	struct options o;
	struct line l;
	char *text;

	cr_assert_eq(parse(&l, "report", &o, &command, &text), 0);
	cr_expect(command->id == COMMAND_REPORT && o.threshold_ns == 30 * DURATION_SECOND);
	cr_expect(o.format == OUTPUT_TEXT && o.color == COLOR_AUTO && !o.all && !o.exit_code);
	options_free(&o);
	cr_assert_eq(parse(&l,
			   "report --threshold 2m -p 12 --pid=13 -c redis* --comm java --json "
			   "--all --suspects --exit-code --from x.gz --color=never",
			   &o, &command, &text),
		     0);
	cr_expect_eq(o.threshold_ns, 120 * DURATION_SECOND);
	cr_expect(o.npids == 2 && o.pids[0] == 12 && o.pids[1] == 13);
	cr_expect(o.ncomms == 2 && !strcmp(o.comms[0], "redis*") && !strcmp(o.comms[1], "java"));
	cr_expect(o.format == OUTPUT_JSON && o.all && o.suspects && o.exit_code);
	cr_expect(o.color == COLOR_NEVER && !strcmp(o.from, "x.gz"));
	options_free(&o);
}

Test(options, other_commands)
{
	const struct command *command;
	struct options o;
	struct line l;
	char *text;

	cr_assert_eq(parse(&l, "explain 4711 --color", &o, &command, &text), 0);
	cr_expect(command->id == COMMAND_EXPLAIN && o.tid == 4711 && o.color == COLOR_ALWAYS);
	cr_expect_eq(o.goid, 0);
	options_free(&o);
	cr_assert_eq(parse(&l, "explain 4711:9999999999999999999", &o, &command, &text), 0);
	cr_expect(o.tid == 4711 && o.goid == 9999999999999999999ull);
	cr_expect_eq(o.threshold_ns, DURATION_SECOND);
	cr_assert_eq(parse(&l, "snapshot -", &o, &command, &text), 0);
	cr_expect(command->id == COMMAND_SNAPSHOT && !strcmp(o.operand, "-"));
	cr_assert_eq(parse(&l, "snapshot -- -x", &o, &command, &text), 0);
	cr_expect_str_eq(o.operand, "-x");
	cr_expect_eq(parse(&l, "features", &o, &command, &text), 0);
	cr_expect_eq(parse(&l, "selftest", &o, &command, &text), 0);
}

Test(options, stacks)
{
	const struct command *command;
	struct options o;
	struct line l;
	char *text;

	cr_assert_eq(parse(&l, "report --folded --debuginfod", &o, &command, &text), 0);
	cr_expect(o.format == OUTPUT_FOLDED && o.debuginfod_ns == 10 * DURATION_SECOND);
	cr_expect(!o.verbose);
	cr_assert_eq(parse(&l, "explain -v --debuginfod=1m 5", &o, &command, &text), 0);
	cr_expect(o.verbose && o.debuginfod_ns == 60 * DURATION_SECOND);
	cr_assert_eq(parse(&l, "snapshot --debuginfod=500ms x", &o, &command, &text), 0);
	cr_expect_eq(o.debuginfod_ns, DURATION_SECOND / 2);
	cr_assert_eq(parse(&l, "report --verbose", &o, &command, &text), 0);
	cr_expect(o.verbose && !o.debuginfod_ns && o.format == OUTPUT_TEXT);
}

Test(options, mistakes)
{
	static const struct {
		const char *line;
		const char *says;
	} rows[] = {
		{ "", "nowake: say what to do" },
		{ "reprot", "did you mean \"report\"?" },
		{ "rep", "did you mean \"report\"?" },
		{ "dance", "there is no command \"dance\": try \"nowake --help\"" },
		{ "_", "there is no command \"\"" },
		{ "--threshold 3 report", "a command comes first: nowake COMMAND --threshold" },
		{ "report --threshold abc",
		  "nowake report: --threshold \"abc\" is wrong: give a duration" },
		{ "report --threshold", "--threshold needs an argument: give a duration" },
		{ "report --threshold 0", "--threshold \"0\" is wrong" },
		{ "report --treshold 3",
		  "there is no option --treshold: did you mean --threshold?" },
		{ "report --frobnicate=1",
		  "there is no option --frobnicate: try \"nowake report --help\"" },
		{ "report -x", "there is no option -x" },
		{ "report -ax", "there is no option -a" },
		{ "report -p", "--pid needs an argument: give the number of a process" },
		{ "report -p 0", "--pid \"0\" is wrong" },
		{ "report -p -1", "--pid \"-1\" is wrong" },
		{ "report -p 4194305", "--pid \"4194305\" is wrong" },
		{ "report -p 12x", "--pid \"12x\" is wrong" },
		{ "report -p 99999999999999999999", "is wrong" },
		{ "report -c _", "--comm \"\" is wrong" },
		{ "report --from _", "--from \"\" is wrong" },
		{ "report --json --dot",
		  "one format: --json, --folded and --dot exclude each other" },
		{ "report --folded --json", "one format: --json, --folded and --dot exclude" },
		{ "report --from x --socket /y",
		  "--socket is about this host, --from about another" },
		{ "explain --debuginfod --from x 5", "--debuginfod is about this host" },
		{ "daemon --group-limit 1001",
		  "--group-limit \"1001\" is wrong: give a number from 1 to 1000" },
		{ "daemon --go-rest 1000000", "--go-rest \"1000000\" is wrong" },
		{ "report --debuginfod=soon", "--debuginfod \"soon\" is wrong: give a duration" },
		{ "report --debuginfod=0", "--debuginfod \"0\" is wrong: give a duration" },
		{ "snapshot -v x", "--verbose is not for this command" },
		{ "features --debuginfod", "--debuginfod is not for this command" },
		{ "report --json=3", "--json takes no argument" },
		{ "report --color=blue", "--color \"blue\" is wrong: give auto, always or never" },
		{ "report 4711", "\"4711\" is one argument too many" },
		{ "features --json",
		  "--json is not for this command: try \"nowake features --help\"" },
		{ "features x", "\"x\" is one argument too many" },
		{ "explain", "ID is missing: nowake explain [OPTION]... ID" },
		{ "explain x", "\"x\" is wrong: give the number of a thread, or of a process" },
		{ "explain 1 2", "\"2\" is one argument too many" },
		{ "explain 1:", "\"1:\" is wrong" },
		{ "explain :1", "\":1\" is wrong" },
		{ "explain 0:1", "\"0:1\" is wrong" },
		{ "explain 1:0", "\"1:0\" is wrong" },
		{ "explain 1:-2", "\"1:-2\" is wrong" },
		{ "explain 1:2:3", "\"1:2:3\" is wrong" },
		{ "explain 1:99999999999999999999", "is wrong" },
		{ "explain 00000000000000000001:1", "is wrong" },
		{ "snapshot", "FILE is missing" },
		{ "snapshot _", "FILE is empty" },
		{ "help dance", "there is no command \"dance\"" },
		{ "report --from a\033[31mb c", "\"c\" is one argument too many" },
		{ "\033[31mred", "there is no command \"\\x1b[31mred\"" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct command *command;
		struct options o;
		struct line l;
		char *text;

		cr_assert_eq(parse(&l, rows[i].line, &o, &command, &text), EXIT_USAGE, "%s",
			     rows[i].line);
		cr_assert(text);
		cr_expect(strstr(text, rows[i].says), "%s: %s", rows[i].line, text);
		cr_expect_eq(strncmp(text, "nowake", 6), 0);
		cr_expect_eq(strchr(text, '\n'), text + strlen(text) - 1);
		free(text);
	}
}

Test(options, help)
{
	static const struct {
		const char *line;
		const char *says;
	} rows[] = {
		{ "--help", "usage: nowake COMMAND" },
		{ "-h", "usage: nowake COMMAND" },
		{ "help", "usage: nowake COMMAND" },
		{ "help report", "usage: nowake report [OPTION]...\n" },
		{ "report --help", "--exit-code" },
		{ "report --threshold 3 -h", "The threshold is 30s" },
		{ "explain --help", "usage: nowake explain [OPTION]... ID\n" },
		{ "--version", "nowake " },
		{ "report -V", "nowake " },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct command *command;
		struct options o;
		struct line l;
		char *text;

		cr_assert_eq(parse(&l, rows[i].line, &o, &command, &text), 0, "%s", rows[i].line);
		cr_assert(text && !command);
		cr_expect(strstr(text, rows[i].says), "%s: %s", rows[i].line, text);
		for (const char *s = text; *s; s += strcspn(s, "\n") + 1)
			cr_expect_leq(strcspn(s, "\n"), 80, "%s", s);
		free(text);
	}
}
