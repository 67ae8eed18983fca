// SPDX-License-Identifier: GPL-2.0-only
/* options_table.c - the commands and options that there are, as tables.
 *
 * Who adds one adds it here and to the man page (checked by `make lint`). */
#include "options_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/groups.h"
#include "base/array.h"
#include "base/duration.h"

#define BUFFER_MIN (4ull << 10)
#define BUFFER_MAX (64ull << 20)
#define GOID_DIGITS 19 /* what fits 64 bits for sure */
#define SECONDS(n) ((n)*DURATION_SECOND)

const struct command options_table_commands[] = {
	{ COMMAND_REPORT, "report", NULL, SECONDS(30),
	  "say which threads are stuck for ever, and why",
	  "Looks once at all threads of this host and prints those that are blocked and\n"
	  "will never be woken, with the evidence. Nothing is stopped or changed." },
	{ COMMAND_EXPLAIN, "explain", "ID", SECONDS(1),
	  "tell the whole story of one thread or goroutine",
	  "Says what the thread waits for, since when, who could wake it, and which rule\n"
	  "made it a finding or not. ID is its number; PID:GOID is a goroutine's." },
	{ COMMAND_DAEMON, "daemon", NULL, SECONDS(60),
	  "watch this host all the time, for Prometheus and the log",
	  "Looks at the host at every interval, remembers what no single look can know, and\n"
	  "tells it: to the log, to a file for node_exporter, to `nowake top` and `nowake report`." },
	{ COMMAND_TOP, "top", NULL, 0, "show what the daemon sees, full screen",
	  "Shows findings, the sites that grow and the longest waits, as the daemon sees them." },
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

bool options_table_goroutine(const char *text, __u32 *ret_pid, __u64 *ret_goid)
{
	const char *colon = strchr(text, ':');
	char pid[16];
	size_t digits = colon ? strspn(colon + 1, "0123456789") : 0;

	if (!digits || digits > GOID_DIGITS || colon[1 + digits] ||
	    (size_t)(colon - text) >= sizeof(pid))
		return false;
	memcpy(pid, text, colon - text);
	pid[colon - text] = '\0';
	*ret_goid = strtoull(colon + 1, NULL, 10);
	return *ret_goid && options_table_pid(pid, ret_pid);
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

static int add_string(const char *arg, const char ***strings, size_t *n)
{
	const char **more;

	if (!*arg)
		return EXIT_USAGE;
	more = reallocarray(*strings, *n + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	*strings = more;
	more[(*n)++] = arg;
	return 0;
}

static int add_comm(const struct spec *spec, const char *arg, struct options *opts)
{
	(void)spec;
	return add_string(arg, &opts->comms, &opts->ncomms);
}

static int add_ignored(const struct spec *spec, const char *arg, struct options *opts)
{
	(void)spec;
	return add_string(arg, &opts->ignored, &opts->nignored);
}

static int choose(const char *arg, const char *const *words, size_t n, int *ret)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(arg, words[i])) {
			*ret = i;
			return 0;
		}
	}
	return EXIT_USAGE;
}

static int set_log(const struct spec *spec, const char *arg, struct options *opts)
{
	static const char *const words[] = { "text", "json" };
	int i, err = choose(arg, words, ARRAY_SIZE(words), &i);

	(void)spec;
	opts->log_json = err ? opts->log_json : i == 1;
	return err;
}

static int set_hook(const struct spec *spec, const char *arg, struct options *opts)
{
	int i, err = choose(arg, options_table_hooks, OPTIONS_TABLE_HOOKS, &i);

	(void)spec;
	opts->futex_events = err ? opts->futex_events : (enum futex_hook)i;
	return err;
}

static int set_textfile(const struct spec *spec, const char *arg, struct options *opts)
{
	const size_t len = strlen(arg);

	if (*arg != '/' || len < 6 || strcmp(arg + len - 5, ".prom"))
		return EXIT_USAGE;
	return set_string(spec, arg, opts);
}

#define INTERVAL_MIN_NS 100000000ull /* so that passes leave time for others */

static int set_interval(const struct spec *spec, const char *arg, struct options *opts)
{
	__u64 ns;

	(void)spec;
	if (!duration_parse(arg, &ns) || ns < INTERVAL_MIN_NS)
		return EXIT_USAGE;
	opts->interval_ns = ns;
	return 0;
}

/* "none" is no socket. */
static int set_socket(const struct spec *spec, const char *arg, struct options *opts)
{
	(void)spec;
	if (*arg != '/' && strcmp(arg, "none"))
		return EXIT_USAGE;
	opts->socket = *arg == '/' ? arg : NULL;
	return 0;
}

static int set_count(const struct spec *spec, const char *arg, struct options *opts)
{
	size_t digits = strspn(arg, "0123456789");
	unsigned long n = strtoul(arg, NULL, 10);

	if (!digits || digits > 6 || arg[digits] || !n || n > (unsigned long)spec->value)
		return EXIT_USAGE;
	*(__u64 *)((char *)opts + spec->offset) = n;
	return 0;
}

/* A power of two, with K or M behind it or without. */
static int set_size(const struct spec *spec, const char *arg, struct options *opts)
{
	char *end;
	unsigned long long n = strtoull(arg, &end, 10);
	int shift = *end == 'K' ? 10 : *end == 'M' ? 20 : 0;

	if (end == arg || *arg == '-' || (shift && end[1]) || (!shift && *end) || n > BUFFER_MAX)
		return EXIT_USAGE;
	n <<= shift;
	if (n < BUFFER_MIN || n > BUFFER_MAX || (n & (n - 1)))
		return EXIT_USAGE;
	*(__u64 *)((char *)opts + spec->offset) = n;
	return 0;
}

static int set_pattern(const struct spec *spec, const char *arg, struct options *opts)
{
	const char *error;

	return groups_pattern_check(arg, &error) ? set_string(spec, arg, opts) : EXIT_USAGE;
}

const char *const options_table_hooks[OPTIONS_TABLE_HOOKS] = {
	[FUTEX_AUTO] = "auto",	   [FUTEX_FENTRY] = "fentry",
	[FUTEX_KPROBE] = "kprobe", [FUTEX_TRACEPOINT] = "tracepoint",
	[FUTEX_OFF] = "off",
};

#define FOR(id) (1u << COMMAND_##id)
#define FOR_ALL ((1u << COMMAND_COUNT) - 1)
#define ONE_FORMAT "one format: --json, --folded and --dot exclude each other"
#define MEMBER(member) .offset = offsetof(struct options, member)

const struct spec options_table_specs[] = {
	{ "threshold", 0, ARGUMENT_NEEDED, "DURATION", FOR(REPORT) | FOR(EXPLAIN) | FOR(DAEMON),
	  set_duration, MEMBER(threshold_ns),
	  .wants = "a duration such as 30s, 500ms, 2m, 1h or 1d",
	  .help = "judge threads that are blocked for at least this long: 30s, 500ms, 2m, "
		  "1h, 1d; a plain number counts seconds" },
	{ "interval", 0, ARGUMENT_NEEDED, "DURATION", FOR(DAEMON) | FOR(TOP), set_interval,
	  MEMBER(interval_ns), .wants = "a duration such as 10s or 1m, of 100ms or more",
	  .help = "daemon: look at the host so often (10s); top: so often a new picture (2s)" },
	{ "textfile", 0, ARGUMENT_NEEDED, "FILE", FOR(DAEMON), set_textfile, MEMBER(textfile),
	  .wants =
		  "an absolute path that ends in .prom, in the directory of node_exporter's textfile "
		  "collector",
	  .help = "write the metrics to this file after every pass; its name ends in .prom" },
	{ "log", 0, ARGUMENT_NEEDED, "FORMAT", FOR(DAEMON), set_log, .wants = "text or json",
	  .help = "text (the default) or json: one line for each event, on standard error" },
	{ "config", 0, ARGUMENT_NEEDED, "FILE", FOR(DAEMON), set_string, MEMBER(config),
	  .wants = "the name of a file",
	  .help = "read settings from this file (/etc/nowake.conf, when it exists): lines of the "
		  "form \"interval = 10s\", with the names of these options; what stands on the "
		  "command line wins; SIGHUP reads it again" },
	{ "socket", 0, ARGUMENT_NEEDED, "PATH",
	  FOR(DAEMON) | FOR(TOP) | FOR(REPORT) | FOR(EXPLAIN) | FOR(SNAPSHOT), set_socket,
	  .here = true, .wants = "an absolute path, or none",
	  .help = "the daemon's socket (" OPTIONS_SOCKET "); none: have none, or ask nobody" },
	{ "futex-events", 0, ARGUMENT_NEEDED, "HOW", FOR(DAEMON), set_hook,
	  .wants = "auto, fentry, kprobe, tracepoint or off",
	  .help = "how to see who wakes whom: auto (the default) takes fentry, where it costs next "
		  "to nothing, else off; kprobe slows locks that threads fight for, tracepoint every "
		  "system call of the host" },
	{ "group-by", 0, ARGUMENT_NEEDED, "PATTERN", FOR(DAEMON), set_pattern, MEMBER(group_by),
	  .wants = "text with {exe}, {comm} or {unit} in it",
	  .help = "what the label \"group\" of the metrics is made of ({exe}): {exe} is the base "
		  "name of the executable, {comm} the name of the process, {unit} its systemd unit "
		  "or container" },
	{ "group-limit", 0, ARGUMENT_NEEDED, "N", FOR(DAEMON), set_count, MEMBER(group_limit),
	  .value = GROUPS_LIMIT_MAX, .wants = "a number from 1 to 1000",
	  .help = "so many groups, 1 to 1000, have a label of their own, the largest (50); the "
		  "rest is \"other\"" },
	{ "units", 0, ARGUMENT_NONE, NULL, FOR(DAEMON), set_flag, MEMBER(units),
	  .help = "add the systemd unit or container as a label \"unit\"" },
	{ "window", 0, ARGUMENT_NEEDED, "DURATION", FOR(DAEMON), set_duration, MEMBER(window_ns),
	  .wants = "a duration such as 10m",
	  .help = "a site whose lowest number of threads rises over five windows of this length in "
		  "a row, or over five that are 36 times as long, is a leak (10m)" },
	{ "go-rest", 0, ARGUMENT_NEEDED, "N", FOR(DAEMON), set_count, MEMBER(go_rest),
	  .value = 999999, .wants = "a number from 1 to 999999",
	  .help = "rest N times as long as reading a Go program took before the next is read (1000): "
		  "its goroutines are found sooner for more of a CPU" },
	{ "buffer", 0, ARGUMENT_NEEDED, "SIZE", FOR(DAEMON), set_size, MEMBER(buffer),
	  .wants = "a power of two from 4K to 64M",
	  .help = "memory for events of the kernel that have not been read yet (1M)" },
	{ "pid", 'p', ARGUMENT_NEEDED, "PID", FOR(REPORT), add_pid,
	  .wants = "the number of a process",
	  .help = "only what concerns this process; may be given several times" },
	{ "comm", 'c', ARGUMENT_NEEDED, "GLOB", FOR(REPORT), add_comm, .wants = "a shell pattern",
	  .help = "only what concerns processes or threads of this name, a shell pattern; some must "
		  "be there; may be given several times" },
	{ "ignore", 0, ARGUMENT_NEEDED, "GLOB", FOR(REPORT) | FOR(DAEMON), add_ignored,
	  .wants = "a shell pattern",
	  .help = "find nothing in processes of this name, a shell pattern: what they leak is known "
		  "already; may be given several times" },
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
	  .here = true, .wants = "a duration such as 10s or 1m",
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
_Static_assert(GROUPS_LIMIT_MAX == 1000, "--group-limit says so");
