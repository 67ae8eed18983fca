// SPDX-License-Identifier: GPL-2.0-only
/* json_value.c - values that the JSON report is made of. */
#include "report/json_value.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "report/frames.h"

json_t *json_value_seconds(__u64 ns)
{
	return json_real((double)(ns / 1000000) / 1e3);
}

json_t *json_value_age(const struct finding *f, __u64 ns)
{
	return f->goroutines.n && !ns ? json_null() : json_value_seconds(ns);
}

json_t *json_value_sentence(const char *text)
{
	size_t size = text ? 4 * strlen(text) + 1 : 0;
	_cleanup_free_ char *safe = NULL;

	if (!text)
		return json_null();
	safe = malloc(size);
	return safe ? json_string(escape_text(safe, size, text, true)) : NULL;
}

json_t *json_value_suspicion(enum verdict_class class)
{
	return json_sprintf("only a suspicion of %s: see --suspects", verdict_class_name(class));
}

json_t *json_value_sentences(char *const *text, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < n; i++) {
		if (json_array_append_new(array, json_value_sentence(text[i]))) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

/* A name as another program gave it. */
static json_t *name(const char *text)
{
	size_t len = text ? strlen(text) : 0;
	_cleanup_free_ char *safe = NULL;

	if (!len)
		return json_null();
	safe = malloc(4 * len + 1);
	return safe ? json_string(escape_name(safe, 4 * len + 1, text, len, true)) : NULL;
}

json_t *json_value_comm(const struct wire_thread *t)
{
	char comm[ESCAPE_COMM];

	if (!t)
		return json_null();
	return json_string(escape_name(comm, sizeof(comm), t->comm, sizeof(t->comm), true));
}

json_t *json_value_address(__u64 n)
{
	return n ? json_sprintf("0x%llx", n) : json_null();
}

json_t *json_value_call(const struct frame *f)
{
	_cleanup_free_ char *text = f ? frames_name_text(f, true) : NULL;

	if (!f)
		return json_null();
	return text ? json_string(text) : NULL;
}

json_t *json_value_frame(const struct frame *f)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:b}", "function", name(f->function),
			 "module", name(f->module), "file", name(f->file), "line",
			 f->line ? json_integer(f->line) : json_null(), "address",
			 json_sprintf("0x%llx", f->address), "offset",
			 json_value_address(f->offset), "inlined", f->inlined, "guessed",
			 f->guessed);
}

json_t *json_value_stack(const struct world *w, const struct trace *t)
{
	json_t *array = json_array();

	for (size_t i = 0; array && t && i < t->frames.n; i++) {
		if (json_array_append_new(array, json_value_frame(stack_frame(&w->stacks, t, i)))) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}
