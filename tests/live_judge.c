// SPDX-License-Identifier: GPL-2.0-only
/* live_judge.c - compares one report with what the planted programs expect
 *
 * A process belongs to the program whose session it is in. A finding names a program if one of
 * its threads, or its own pid, does.
 */
#include "live.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

/* What the report says of one program. */
struct verdict {
	json_t *tids; /* a set: its threads in findings of the right class */
	bool class, confidence, kind, other_class;
	char found[800];
};

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "?";
}

static const char *kind_of(const json_t *thread)
{
	return text_of(json_object_get(thread, "wait"), "kind");
}

/* Is the word one of "a|b|c"? */
static bool is_one_of(const char *word, const char *alternatives)
{
	size_t len = strlen(word);

	if (!strcmp(alternatives, "any") || !strcmp(alternatives, "-"))
		return true;
	for (const char *a = alternatives;; a = strchr(a, '|') + 1) {
		if (!strncmp(a, word, len) && (!a[len] || a[len] == '|'))
			return true;
		if (!strchr(a, '|'))
			return false;
	}
}

bool live_judge_is_of(const struct live_program *program, const json_t *item)
{
	pid_t pid = (pid_t)json_integer_value(json_object_get(item, "pid"));

	return pid > 0 && program->pid > 0 && getsid(pid) == program->pid;
}

static bool names(const json_t *finding, const struct live_program *program)
{
	const json_t *thread;
	size_t i;

	json_array_foreach (json_object_get(finding, "threads"), i, thread)
		if (live_judge_is_of(program, thread))
			return true;
	return live_judge_is_of(program, finding);
}

static void verdict_add(struct verdict *verdict, const struct live_program *program,
			const json_t *finding)
{
	const char *class = text_of(finding, "class"), *kind = "-";
	bool right = program->is_stuck && is_one_of(class, program->classes);
	size_t i, mine = 0, len = strlen(verdict->found);
	const json_t *thread;
	char tid[24];

	json_array_foreach (json_object_get(finding, "threads"), i, thread) {
		if (!live_judge_is_of(program, thread))
			continue;
		mine++;
		kind = kind_of(thread);
		if (!right)
			continue;
		verdict->kind |= is_one_of(kind, program->kinds);
		snprintf(tid, sizeof(tid), "%lld",
			 (long long)json_integer_value(json_object_get(thread, "tid")));
		json_object_set_new(verdict->tids, tid, json_true());
	}
	verdict->class |= right;
	verdict->other_class |= !right;
	if (right)
		verdict->confidence |=
			is_one_of(text_of(finding, "confidence"), program->confidences);
	snprintf(verdict->found + len, sizeof(verdict->found) - len, "%s%s %s %s threads=%zu",
		 len ? ", " : "", class, text_of(finding, "confidence"), kind, mine);
}

__attribute__((format(printf, 2, 3))) static bool blame(struct live_program *program,
							const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(program->why, sizeof(program->why), fmt, ap);
	va_end(ap);
	program->state = LIVE_FAILED;
	return false;
}

static bool judge_stuck(struct live_program *program, const struct verdict *verdict)
{
	int threads = (int)json_object_size(verdict->tids);

	if (!verdict->class && !verdict->other_class)
		return blame(program, "not found");
	if (!verdict->class || verdict->other_class)
		return blame(program, "class is not %s", program->classes);
	if (!verdict->confidence)
		return blame(program, "confidence is not %s", program->confidences);
	if (!verdict->kind)
		return blame(program, "no thread waits for %s", program->kinds);
	if (program->threads && threads != program->threads)
		return blame(program, "%d threads, not %d", threads, program->threads);
	return true;
}

/* Does a blocked thread of the program show a wait of one of these kinds? */
static bool shows(const json_t *report, const struct live_program *program, const char *kinds)
{
	const json_t *thread;
	size_t i;

	if (!strcmp(kinds, "-"))
		return true;
	json_array_foreach (json_object_get(report, "threads"), i, thread)
		if (live_judge_is_of(program, thread) && is_one_of(kind_of(thread), kinds))
			return true;
	return false;
}

static bool judge_healthy(struct live_program *program, const struct verdict *verdict,
			  const json_t *report)
{
	char kinds[sizeof(program->kinds)], *rest, *kind;

	if (verdict->other_class)
		return blame(program, "is healthy");
	strcpy(kinds, program->kinds);
	for (kind = strtok_r(kinds, ",", &rest); kind; kind = strtok_r(NULL, ",", &rest))
		if (!shows(report, program, kind))
			return blame(program, "no thread shows a wait for %s", kind);
	return true;
}

static bool judge_stack(struct live_program *program, const json_t *report)
{
	char why[200];

	return live_stack_judge(program, report, why, sizeof(why)) || blame(program, "%s", why);
}

/* All kinds of wait of a program's threads, each once, for the one who looks for a mistake. */
static void seen_waits(const json_t *report, const struct live_program *program, char *ret,
		       size_t size)
{
	const json_t *thread;
	char one[200];
	size_t i;

	json_array_foreach (json_object_get(report, "threads"), i, thread) {
		size_t len = strlen(ret);

		if (!live_judge_is_of(program, thread))
			continue;
		snprintf(one, sizeof(one), "%s %s (%s)", text_of(thread, "class"), kind_of(thread),
			 text_of(thread, "wakeup_source"));
		if (!strstr(ret, one))
			snprintf(ret + len, size - len, "%s%s", len ? ", " : "", one);
	}
}

static void judge(struct live_program *program, const json_t *report)
{
	struct verdict verdict = { .tids = json_object() };
	const json_t *finding;
	size_t i;
	bool ok;

	json_array_foreach (json_object_get(report, "findings"), i, finding)
		if (names(finding, program))
			verdict_add(&verdict, program, finding);
	if (program->stack[0])
		ok = judge_stack(program, report);
	else if (program->is_stuck)
		ok = judge_stuck(program, &verdict);
	else
		ok = judge_healthy(program, &verdict, report);
	if (ok) {
		printf("ok %s\n", program->name);
	} else {
		seen_waits(report, program, verdict.found, sizeof(verdict.found));
		printf("not ok %s: %s (found: %s)\n", program->name, program->why,
		       verdict.found[0] ? verdict.found : "nothing");
	}
	json_decref(verdict.tids);
}

static int judge_host(const struct live *live, const json_t *report)
{
	const json_t *finding;
	int failures = 0;
	size_t i;

	json_array_foreach (json_object_get(report, "findings"), i, finding) {
		size_t p = 0;

		while (p < live->count && !names(finding, &live->programs[p]))
			p++;
		if (p < live->count)
			continue;
		printf("not ok host: %s %s in pid %lld %s: %s\n", text_of(finding, "class"),
		       text_of(finding, "confidence"),
		       (long long)json_integer_value(json_object_get(finding, "pid")),
		       text_of(finding, "comm"), text_of(finding, "reason"));
		failures++;
	}
	return failures;
}

static void say_blind(const json_t *report)
{
	const json_t *words;
	size_t i;

	json_array_foreach (json_object_get(json_object_get(report, "scan"), "blind"), i, words)
		printf("could not be seen: %s\n", json_string_value(words));
}

int live_judge(struct live *live, const json_t *report)
{
	int passed = 0, failed = 0, skipped = 0;

	if (report && !json_is_array(json_object_get(report, "findings")))
		report = NULL;
	for (size_t i = 0; i < live->count; i++) {
		struct live_program *program = &live->programs[i];

		if (program->state == LIVE_READY && !report)
			blame(program, "there is no report");
		if (program->state == LIVE_SKIPPED)
			printf("skip %s: %s\n", program->name, program->why);
		else if (program->state == LIVE_FAILED)
			printf("not ok %s: %s\n", program->name, program->why);
		else
			judge(program, report);
		passed += program->state == LIVE_READY;
		failed += program->state == LIVE_FAILED;
		skipped += program->state == LIVE_SKIPPED;
	}
	if (live->strict_host)
		failed += judge_host(live, report);
	if (failed)
		say_blind(report);
	printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
	return failed;
}
