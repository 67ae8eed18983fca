// SPDX-License-Identifier: GPL-2.0-only
/* test_config.c - settings: defaults, the file, the command line; mistakes; reading again. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/duration.h"
#include "daemon/config.h"

static char dir[64], path[96];

static void setup(void)
{
	strcpy(dir, "/tmp/nowake-config-XXXXXX");
	cr_assert(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/nowake.conf", dir);
}

static void cleanup(void)
{
	if (unlink(path))
		rmdir(path);
	rmdir(dir);
}

TestSuite(config, .init = setup, .fini = cleanup);

static void put(const char *text, size_t len)
{
	FILE *out = fopen(path, "w");

	cr_assert(out && fwrite(text, 1, len, out) == len && !fclose(out));
}

/* A command line "daemon --config PATH MORE", split at blanks, and what it alone says. */
struct line {
	char text[300];
	char *argv[12];
	struct options first;
};

static void parse(struct line *l, const char *more)
{
	const struct command *command;
	char *save = NULL, *error = NULL;
	int argc = 1;

	*l = (struct line){ .argv = { (char *)"nowake" } };
	snprintf(l->text, sizeof(l->text), "daemon --config %s %s", path, more);
	for (char *w = strtok_r(l->text, " ", &save); w; w = strtok_r(NULL, " ", &save))
		l->argv[argc++] = w;
	cr_assert_eq(options_parse(argc, l->argv, NULL, &l->first, &command, &error), 0, "%s",
		     error);
}

static struct config *accepted(struct line *l, const char *text, const char *more)
{
	struct config *c;
	char *error;

	put(text, strlen(text));
	parse(l, more);
	cr_assert_eq(config_new(&l->first, &c, &error), 0, "%s", error);
	return c;
}

static void finish(struct line *l, struct config *c)
{
	config_free(c);
	options_free(&l->first);
}

/* config_new() on what is at path: refused, and says so in one line. */
static void refused(const char *says)
{
	struct config *c;
	struct line l;
	char *error = NULL;

	parse(&l, "");
	cr_expect_eq(config_new(&l.first, &c, &error), EXIT_USAGE);
	cr_assert(error);
	cr_expect(strstr(error, says), "%s", error);
	cr_expect(!strncmp(error, path, strlen(path)) && !strchr(error, '\n'), "%s", error);
	free(error);
	options_free(&l.first);
}

Test(config, defaults)
{
	struct line l;
	struct config *c = accepted(&l, "", "");
	const struct options *o = config_options(c);

	cr_expect_eq(o->interval_ns, 10 * DURATION_SECOND);
	cr_expect_eq(o->threshold_ns, 60 * DURATION_SECOND);
	cr_expect_eq(o->window_ns, 600 * DURATION_SECOND);
	cr_expect(!o->textfile && !o->log_json && !o->units);
	cr_expect_str_eq(o->socket, OPTIONS_SOCKET);
	cr_expect_str_eq(o->group_by, "{exe}");
	cr_expect(o->group_limit == 50 && o->buffer == 1 << 20 && o->futex_events == FUTEX_AUTO);
	cr_expect_eq(o->go_rest, 1000);
	cr_expect_eq(o->nignored, 0);
	finish(&l, c);
}

/* It is no setting that a later one replaces. */
Test(config, all_that_is_ignored)
{
	struct line l;
	struct config *c = accepted(&l, "ignore = leaky\nignore = \"more of*\"\n", "--ignore last");
	const struct options *o = config_options(c);

	cr_assert_eq(o->nignored, 3);
	cr_expect_str_eq(o->ignored[0], "leaky");
	cr_expect_str_eq(o->ignored[1], "more of*");
	cr_expect_str_eq(o->ignored[2], "last");
	finish(&l, c);
	put("ignore = leaky\nignore =\n", 23);
	refused("nowake.conf:2: ignore = \"\" is wrong: give a shell pattern");
}

Test(config, every_setting)
{
	static const char text[] = "# a comment\n"
				   "\n"
				   "  \t\n"
				   "interval = 30s\n"
				   "\tthreshold=2m   # two\n"
				   "textfile = \"/tmp/a file # 1.prom\" # quoted\r\n"
				   "log = json\n"
				   "socket = none\n"
				   "futex-events = kprobe\n"
				   "group-by = {unit}/{comm}#x\n"
				   "group-limit = 7\n"
				   "units = yes\n"
				   "window = 1h\n"
				   "go-rest = 20\n"
				   "buffer = 64K\n"
				   "interval = 20s"; /* no newline; the last one counts */
	struct line l;
	struct config *c = accepted(&l, text, "");
	const struct options *o = config_options(c);

	cr_expect_eq(o->interval_ns, 20 * DURATION_SECOND);
	cr_expect_eq(o->threshold_ns, 120 * DURATION_SECOND);
	cr_expect_str_eq(o->textfile, "/tmp/a file # 1.prom");
	cr_expect(o->log_json && !o->socket && o->units);
	cr_expect_eq(o->futex_events, FUTEX_KPROBE);
	cr_expect_str_eq(o->group_by, "{unit}/{comm}#x");
	cr_expect(o->group_limit == 7 && o->buffer == 64 << 10);
	cr_expect_eq(o->window_ns, 3600 * DURATION_SECOND);
	cr_expect_eq(o->go_rest, 20);
	finish(&l, c);
}

/* The sample, with what is commented out in force: it says the defaults. */
Test(config, sample)
{
	FILE *in = fopen("user/nowake.conf", "r"), *out = fopen(path, "w");
	struct config *c;
	const struct options *o;
	struct options wanted;
	struct line l;
	char text[200], *error;
	bool textfile = false;

	cr_assert(in && out, "run at the top of the tree");
	while (fgets(text, sizeof(text), in)) {
		textfile |= !strncmp(text, "#textfile = ", 12);
		fputs(text + (*text == '#' && text[1] != ' ' && text[1] != '\n'), out);
	}
	cr_assert(textfile && !fclose(in) && !fclose(out));
	parse(&l, "");
	cr_assert_eq(config_new(&l.first, &c, &error), 0, "%s", error);
	o = config_options(c);
	options_defaults(COMMAND_DAEMON, &wanted);
	cr_expect(o->interval_ns == wanted.interval_ns && o->threshold_ns == wanted.threshold_ns);
	cr_expect(o->textfile && !o->log_json && !o->units);
	cr_expect_str_eq(o->socket, wanted.socket);
	cr_expect_str_eq(o->group_by, wanted.group_by);
	cr_expect(o->group_limit == wanted.group_limit && o->buffer == wanted.buffer);
	cr_expect(o->futex_events == wanted.futex_events && o->window_ns == wanted.window_ns);
	finish(&l, c);
}

Test(config, command_line_wins)
{
	struct line l;
	struct config *c = accepted(&l, "interval = 30s\nunits = no\nlog = json\nthreshold = 9s\n",
				    "--interval 5s --units --log text");
	const struct options *o = config_options(c);

	cr_expect_eq(o->interval_ns, 5 * DURATION_SECOND);
	cr_expect_eq(o->threshold_ns, 9 * DURATION_SECOND);
	cr_expect(o->units && !o->log_json);
	finish(&l, c);
}

Test(config, mistakes)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "interval = 1s\nintervall = 2s\n",
		  "nowake.conf:2: there is no \"intervall\": did you mean \"interval\"?" },
		{ "colour = red", ":1: there is no \"colour\": see \"nowake daemon --help\"" },
		{ "pid = 4", ":1: there is no \"pid\"" },
		{ "help = yes", ":1: there is no \"help\"" },
		{ "config = /x", ":1: there is no \"config\"" },
		{ "\n\ninterval = soon", ":3: interval = \"soon\" is wrong: give a duration such" },
		{ "interval =", ":1: interval = \"\" is wrong: give a duration" },
		{ "interval = # 5s", ":1: interval = \"\" is wrong" },
		{ "interval = 5s x", ":1: interval = \"5s x\" is wrong" },
		{ "units = true", ":1: units = \"true\" is wrong: give yes or no" },
		{ "units", ":1: \"units\" is no line of the form name = value" },
		{ "= 3", ":1: there is no \"\"" },
		{ "log = \"json", ":1: the quote has no end" },
		{ "log = \"json\" x", ":1: there is more after the quote" },
		{ "socket = run/x",
		  ":1: socket = \"run/x\" is wrong: give an absolute path, or none" },
		{ "group-by = {x}", ":1: group-by = \"{x}\" is wrong: give text with {exe}" },
		{ "group-limit = 0", ":1: group-limit = \"0\" is wrong" },
		{ "buffer = 3K", "is wrong: give a power of two from 4K to 64M" },
		{ "a\033[31mb = 1", ":1: there is no \"a\\x1b[31mb\"" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		put(rows[i].text, strlen(rows[i].text));
		refused(rows[i].says);
	}
}

Test(config, what_is_no_file_of_text)
{
	static char large[CONFIG_BYTES + 1];
	struct config *c;
	struct line l;

	refused("cannot be opened: No such file");
	cr_assert(!mkfifo(path, 0600));
	refused("it is no regular file");
	unlink(path);
	cr_assert(!mkdir(path, 0700));
	refused("it is no regular file");
	rmdir(path);
	put("log = json\0\n", 12);
	refused("a byte in it that is zero");
	memset(large, '\n', sizeof(large));
	put(large, sizeof(large));
	refused("it is longer than 65536 bytes");
	large[CONFIG_BYTES] = '\0';
	c = accepted(&l, large, "");
	finish(&l, c);
}

Test(config, without_a_file)
{
	struct line l = { .argv = { (char *)"nowake", (char *)"daemon" } };
	const struct command *command;
	struct config *c;
	char *error;

	if (!access(CONFIG_DEFAULT, F_OK))
		cr_skip_test("this host has a %s", CONFIG_DEFAULT);
	cr_assert_eq(options_parse(2, l.argv, NULL, &l.first, &command, &error), 0);
	cr_assert_eq(config_new(&l.first, &c, &error), 0);
	cr_expect_eq(config_options(c)->interval_ns, 10 * DURATION_SECOND);
	finish(&l, c);
}

Test(config, reload)
{
	struct line l;
	struct config *c =
		accepted(&l, "socket = /run/a\ninterval = 1s\nunits = yes\n", "--threshold 3s");
	const struct options *o = config_options(c);
	char *kept, *error;

	put("interval = 2s\nsocket = /run/a\ntextfile = /x.prom\n", 48);
	cr_assert_eq(config_reload(c, &kept, &error), 0, "%s", error);
	cr_expect(!kept && o->interval_ns == 2 * DURATION_SECOND && !o->units);
	cr_expect(o->threshold_ns == 3 * DURATION_SECOND && !strcmp(o->textfile, "/x.prom"));
	for (int i = 0; i < 2; i++) { /* it is said every time */
		put("socket = none\nbuffer = 4K\nfutex-events=off\nwindow=1m\nunits=yes\n", 63);
		cr_assert_eq(config_reload(c, &kept, &error), 0, "%s", error);
		cr_assert(kept);
		cr_expect_str_eq(kept, "only a restart changes: socket futex-events buffer window");
		free(kept);
		cr_expect_str_eq(o->socket, "/run/a");
		cr_expect(o->buffer == 1 << 20 && o->futex_events == FUTEX_AUTO);
		cr_expect(o->window_ns == 600 * DURATION_SECOND && o->units && !o->textfile);
	}
	put("buffer = 4K\nsocket = /run/a\n", 28);
	cr_assert_eq(config_reload(c, &kept, &error), 0);
	cr_assert(kept);
	cr_expect_str_eq(kept, "only a restart changes: buffer");
	free(kept);
	finish(&l, c);
}

Test(config, failed_reload_changes_nothing)
{
	struct line l;
	struct config *c = accepted(&l, "interval = 1s\ngroup-by = {comm}\n", "");
	const struct options *o = config_options(c);
	char *kept, *error;

	put("interval = 2s\nunits = perhaps\n", 30);
	cr_expect_eq(config_reload(c, &kept, &error), EXIT_USAGE);
	cr_assert(error && !kept);
	cr_expect(strstr(error, ":2: units = \"perhaps\" is wrong: give yes or no"), "%s", error);
	free(error);
	cr_assert(!unlink(path));
	cr_expect_eq(config_reload(c, &kept, &error), EXIT_USAGE);
	cr_assert(error && strstr(error, "No such file"));
	free(error);
	cr_expect(o->interval_ns == DURATION_SECOND && !o->units);
	cr_expect_str_eq(o->group_by, "{comm}");
	finish(&l, c);
}
