// SPDX-License-Identifier: GPL-2.0-only
/* live_stack.c - compares the stacks of a report with the markers of tests/stack
 *
 * The marker is the one of tests/stack/marker.py, of which in=, by=, below= and stop= are
 * looked at: what runs in a virtual machine has no gdb beside it.
 */
#include "live.h"

#include <string.h>

/* The value of a key of the marker, copied. */
static bool value_of(const char *marker, const char *key, char *ret, size_t size)
{
	size_t len = strlen(key);

	for (const char *at = marker; at; at = strchr(at, ' ')) {
		at += *at == ' ';
		if (!strncmp(at, key, len) && at[len] == '=') {
			snprintf(ret, size, "%.*s", (int)strcspn(at + len + 1, " "), at + len + 1);
			return true;
		}
	}
	return false;
}

static const char *text_of(const json_t *stack, size_t i, const char *key)
{
	const char *text = json_string_value(json_object_get(json_array_get(stack, i), key));

	return text ? text : "";
}

/* Is frame i the function, by any of the names that the C library and the compiler give it? */
static bool is_function(const json_t *stack, size_t i, const char *want)
{
	const char *name = text_of(stack, i, "function");
	size_t len = strlen(want);

	name += strspn(name, "_");
	name += strncmp(name, "GI_", 3) ? 0 : 3;
	name += strspn(name, "_");
	return !strncmp(name, want, len) && (!name[len] || name[len] == '.');
}

static bool is_runtime(const json_t *stack, size_t i)
{
	const char *module = text_of(stack, i, "module");

	return strstr(module, "/libc.so") || strstr(module, "vdso");
}

/* A stripped C library has no names of its inner functions. */
static bool is_nameless(const json_t *stack, size_t i)
{
	return is_runtime(stack, i) && !*text_of(stack, i, "function");
}

/* The frame of the function, at from or further out; the number of frames if there is none. */
static size_t find(const json_t *stack, size_t from, const char *want)
{
	while (from < json_array_size(stack) && !is_function(stack, from, want))
		from++;
	return from;
}

/* Whether these functions follow right behind `at`, but for the C library's own. */
static bool is_called_by(const json_t *stack, size_t at, char *callers)
{
	char *rest, *name = strtok_r(callers, ",", &rest);

	while (++at < json_array_size(stack) && !is_function(stack, at, name) &&
	       is_runtime(stack, at))
		;
	for (; name; name = strtok_r(NULL, ",", &rest), at++)
		if (!is_function(stack, at, name) && !is_nameless(stack, at))
			return false;
	return true;
}

/* NULL, or what of the marker this stack does not show. */
static const char *missing(const char *marker, const json_t *stack)
{
	char value[200], *rest, *name;
	size_t at = 0;

	if (value_of(marker, "in", value, sizeof(value))) {
		at = find(stack, 0, value);
		if (at == json_array_size(stack))
			return "the function that blocks";
	}
	if (value_of(marker, "by", value, sizeof(value)) && !is_called_by(stack, at, value))
		return "its callers";
	if (!value_of(marker, "below", value, sizeof(value)))
		return NULL;
	for (name = strtok_r(value, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
		at = find(stack, at, name);
		if (at == json_array_size(stack))
			return "the functions below";
	}
	return NULL;
}

/* As the marker says: whole, ended for a reason that has these words, or anything. */
static bool ends_right(const char *marker, const char *stop)
{
	char want[200];

	if (!value_of(marker, "stop", want, sizeof(want)))
		return !stop;
	for (char *c = want; *c; c++)
		*c = *c == '_' ? ' ' : *c;
	return !strcmp(want, "any") || (stop && strstr(stop, want));
}

static bool judge_thread(const struct live_program *program, const json_t *thread, char *ret_why,
			 size_t size)
{
	const json_t *stack = json_object_get(thread, "stack");
	const char *stop = json_string_value(json_object_get(thread, "stack_stop"));
	const char *lack = missing(program->stack, stack);
	int len;

	if (!lack && ends_right(program->stack, stop))
		return true;
	if (ret_why[0]) /* of the threads of findings, which come first */
		return false;
	len = snprintf(ret_why, size, "%s; ends with %s:", lack ? lack : "right", stop ? stop : "");
	for (size_t i = 0; i < json_array_size(stack) && len < (int)size; i++)
		len += snprintf(ret_why + len, size - len, " %s", text_of(stack, i, "function"));
	return false;
}

static bool judge_threads(const struct live_program *program, const json_t *threads, char *ret_why,
			  size_t size)
{
	const json_t *thread;
	size_t i;

	json_array_foreach (threads, i, thread)
		if (live_judge_is_of(program, thread) &&
		    judge_thread(program, thread, ret_why, size))
			return true;
	return false;
}

bool live_stack_judge(const struct live_program *program, const json_t *report, char *ret_why,
		      size_t size)
{
	const json_t *finding;
	size_t i;

	ret_why[0] = '\0';
	json_array_foreach (json_object_get(report, "findings"), i, finding)
		if (judge_threads(program, json_object_get(finding, "threads"), ret_why, size))
			return true;
	if (judge_threads(program, json_object_get(report, "threads"), ret_why, size))
		return true;
	if (!ret_why[0])
		snprintf(ret_why, size, "no thread of it is blocked");
	return false;
}
