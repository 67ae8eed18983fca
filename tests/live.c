// SPDX-License-Identifier: GPL-2.0-only
/* live.c - runs planted programs, lets nowake look at them once, and compares
 *
 * Every source in SRCDIR/stuck and SRCDIR/healthy says in its first line what is to be found:
 *   expect: CLASS CONFIDENCE KIND [threads=N]     a finding; KIND is the wait of one thread of it
 *   expect: none KIND                             no finding, though a thread waits in that way
 *   stack: in=NAME by=NAME,...                    with --stacks: as in tests/stack/marker.py
 * CLASS, CONFIDENCE and KIND may be alternatives (a|b); "any" and "-" match all; the healthy
 * KIND may be a list (a,b) of which all must be seen. Needs no shell: it also runs alone in a VM.
 */
#include "live.h"

#include <dirent.h>
#include <fnmatch.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
	"usage: live [--settle SEC] [--ready SEC] [--threshold T] [--only GLOB] [--strict-host]\n"
	"            [--stacks] [--save FILE] NOWAKE SRCDIR BINDIR\n";

static void program_fail(struct live_program *program, enum live_state state, const char *why)
{
	program->state = state;
	snprintf(program->why, sizeof(program->why), "%s", why);
}

/* The first four lines of a source may hold markers. */
static void program_read_markers(struct live_program *program, FILE *source, bool stacks)
{
	char line[512];
	int fields = 0;

	for (int n = 0; n < 4 && fgets(line, sizeof(line), source); n++) {
		const char *threads = strstr(line, " threads=");

		if (strstr(line, "/* cflags:") && strstr(line, "-m32"))
			program->is_m32 = true;
		if (stacks)
			sscanf(line, "/* stack: %255[^*\n]", program->stack);
		if (n)
			continue;
		if (sscanf(line, "/* expect: none %127s", program->kinds) == 1)
			fields = 3;
		else
			fields = sscanf(line, "/* expect: %63s %31s %127s", program->classes,
					program->confidences, program->kinds);
		if (threads)
			program->threads = atoi(threads + strlen(" threads="));
	}
	if (stacks ? !program->stack[0] : fields != 3 || program->is_stuck != !!program->classes[0])
		program_fail(program, LIVE_FAILED,
			     "its first line is no expectation for this place");
}

static void program_init(const struct live *live, struct live_program *program)
{
	char path[4096];
	FILE *source;

	snprintf(path, sizeof(path), "%s/%.*s.c", live->source_dir,
		 (int)strcspn(program->name, "+"), program->name);
	source = fopen(path, "re");
	if (!source) {
		program_fail(program, LIVE_FAILED, "its source cannot be read");
		return;
	}
	program_read_markers(program, source, live->stacks);
	fclose(source);
	snprintf(path, sizeof(path), "%s/.no-m32", live->binary_dir);
	if (program->is_m32 && !access(path, F_OK))
		program_fail(program, LIVE_SKIPPED, "this compiler cannot build for 32 bits");
	snprintf(path, sizeof(path), "%s/%s", live->binary_dir, program->name);
	if (program->state == LIVE_PENDING && access(path, X_OK))
		program_fail(program, LIVE_FAILED, "its binary is missing");
}

static int is_source(const struct dirent *entry)
{
	return !fnmatch("[!.]*.c", entry->d_name, 0);
}

static int is_program(const struct dirent *entry)
{
	return !strchr(entry->d_name, '.');
}

/* Programs by their sources; those of stacks, of which one source has many, by themselves. */
static int live_add_dir(struct live *live, const char *kind)
{
	struct dirent **entries;
	char path[4096];
	int n;

	snprintf(path, sizeof(path), "%s/%s", live->stacks ? live->binary_dir : live->source_dir,
		 kind);
	n = scandir(path, &entries, live->stacks ? is_program : is_source, alphasort);
	if (n < 0) {
		fprintf(stderr, "live: cannot read %s: %m\n", path);
		return -1;
	}
	live->programs = reallocarray(live->programs, live->count + n + 1, sizeof(*live->programs));
	if (!live->programs)
		abort();
	for (int i = 0; i < n; i++) {
		struct live_program *program = &live->programs[live->count];
		const char *base = entries[i]->d_name;

		*program = (struct live_program){ .is_stuck = !strcmp(kind, "stuck"), .out = -1 };
		snprintf(program->name, sizeof(program->name), "%s/%.*s", kind,
			 (int)strcspn(base, "."), base);
		if (!fnmatch(live->only, program->name, 0) ||
		    !fnmatch(live->only, strchr(program->name, '/') + 1, 0)) {
			program_init(live, program);
			live->count++;
		}
		free(entries[i]);
	}
	free(entries);
	return 0;
}

static int live_add_all(struct live *live)
{
	if (live->stacks)
		return live_add_dir(live, "stack");
	return live_add_dir(live, "stuck") || live_add_dir(live, "healthy");
}

static void live_save(const char *path, const char *text, size_t len)
{
	FILE *out = path ? fopen(path, "we") : NULL;

	if (path && (!out || fwrite(text, 1, len, out) != len || fclose(out)))
		fprintf(stderr, "live: cannot write %s: %m\n", path);
}

static json_t *live_report(const struct live *live)
{
	json_error_t error;
	json_t *report;
	size_t len = 0;
	char *text = live_run_nowake(live, &len);

	if (!text)
		return NULL;
	live_save(live->save, text, len);
	report = json_loadb(text, len, 0, &error);
	if (!report)
		fprintf(stderr, "live: no JSON: line %d: %s\n", error.line, error.text);
	free(text);
	return report;
}

static int live_run(struct live *live)
{
	json_t *report = NULL;
	int failures;

	for (size_t i = 0; i < live->count; i++)
		live_run_start(live, &live->programs[i]);
	live_run_await(live);
	live_run_settle(live->settle);
	if (!live_run_stopped())
		report = live_report(live);
	if (live_run_stopped()) {
		json_decref(report);
		fprintf(stderr, "live: interrupted\n");
		return 1;
	}
	live_run_census(live);
	failures = live_judge(live, report);
	json_decref(report);
	return failures;
}

static int live_parse(struct live *live, int argc, char **argv)
{
	static const struct option options[] = {
		{ "settle", required_argument, NULL, 's' },
		{ "ready", required_argument, NULL, 'r' },
		{ "threshold", required_argument, NULL, 't' },
		{ "only", required_argument, NULL, 'o' },
		{ "strict-host", no_argument, NULL, 'h' },
		{ "stacks", no_argument, NULL, 'k' },
		{ "save", required_argument, NULL, 'f' },
		{ NULL, 0, NULL, 0 },
	};

	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		switch (c) {
		case 's':
			live->settle = atof(optarg);
			break;
		case 'r':
			live->patience = atof(optarg);
			break;
		case 't':
			live->threshold = optarg;
			break;
		case 'o':
			live->only = optarg;
			break;
		case 'h':
			live->strict_host = true;
			break;
		case 'k':
			live->stacks = true;
			break;
		case 'f':
			live->save = optarg;
			break;
		default:
			return -1;
		}
	}
	if (argc - optind != 3)
		return -1;
	live->nowake = argv[optind];
	live->source_dir = argv[optind + 1];
	live->binary_dir = argv[optind + 2];
	return 0;
}

int main(int argc, char **argv)
{
	struct live live = { .only = "*", .threshold = "2s", .settle = 4, .patience = 10 };
	int failures = 1;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (live_parse(&live, argc, argv) < 0) {
		fputs(usage, stderr);
		return 2;
	}
	if (!live_add_all(&live) && !live_run_setup(&live)) {
		failures = live_run(&live);
		live_run_cleanup(&live);
	}
	free(live.programs);
	return failures ? 1 : 0;
}
