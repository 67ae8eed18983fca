// SPDX-License-Identifier: GPL-2.0-only
/* json_goroutines.c - goroutines and Go programs in the JSON report: a part of json.c. */
#include "report/json_goroutines.h"

#include <stdint.h>

#include "analyze/gowaits.h"
#include "report/json_value.h"

/* Null of what is not known. */
static json_t *number(__u64 n, bool known)
{
	return known ? json_integer(n < INT64_MAX ? (json_int_t)n : INT64_MAX) : json_null();
}

static json_t *channel(const struct go_wait *g)
{
	if (!(g->bits & GO_CHANNEL))
		return json_null();
	return json_pack("{s:o, s:o, s:b}", "count", number(g->count, true), "capacity",
			 number(g->capacity, true), "closed", (g->bits & GO_CLOSED) != 0);
}

static json_t *created(const struct judged_goroutine *one)
{
	json_t *stack = json_array();

	if (stack && one->created && json_array_append_new(stack, json_value_frame(one->created))) {
		json_decref(stack);
		return NULL;
	}
	return json_pack("{s:o, s:o}", "goroutine", number(one->wait->parent, one->wait->parent),
			 "stack", stack);
}

json_t *json_goroutines_one(const struct world *w, const struct judged_goroutine *one)
{
	const struct go_wait *g = one->wait;
	bool known = one->age_ns;

	return json_pack(
		"{s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "id",
		number(g->id, true), "wait_reason",
		json_value_sentence(*g->reason ? g->reason : NULL), "blocked_seconds",
		known ? json_value_seconds(one->age_ns) : json_null(), "blocked_at_least", known,
		"object", json_value_address(g->object), "objects", number(g->nobjects, true),
		"channel", channel(g), "holder", number(g->holder, g->bits & GO_HELD), "stack",
		json_value_stack(w, one->trace), "stack_stop",
		json_value_sentence(one->trace ? one->trace->stop : NULL), "created", created(one));
}

json_t *json_goroutines_bystander(const struct verdicts *v, const struct judged_goroutine *one)
{
	struct gowaits_answer answer = gowaits_explain(v, one);
	json_t *object = json_goroutines_one(v->world, one);
	enum verdict_class class = answer.class == CLASS_UNKNOWN || one->finding ? CLASS_UNKNOWN
										 : CLASS_IDLE;
	json_t *source = one->finding
				 ? json_value_suspicion(answer.class)
				 : json_value_sentence(answer.source
							       ? answer.source
							       : "it waits for no other goroutine");

	if (object && !json_object_set_new(object, "pid", json_integer(one->wait->tgid)) &&
	    !json_object_set_new(object, "class", json_string(verdict_class_name(class))) &&
	    !json_object_set_new(object, "wakeup_source", source))
		return object;
	json_decref(object);
	return NULL;
}

json_t *json_goroutines_program(const struct world *w, const struct go_process *p)
{
	bool read = p->bits & GO_READ, marked = p->bits & GO_MARKED;
	const char *why;
	bool judged = gowaits_searched(p, &why);

	return json_pack(
		"{s:I, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:o, s:o}", "pid", (json_int_t)p->tgid,
		"comm", json_value_comm(world_thread(w, p->tgid)), "version",
		json_value_sentence(*p->version ? p->version : NULL), "goroutines",
		number(p->goroutines, read), "waiting", number(p->waiting, read), "searched_bytes",
		number(p->searched, marked), "moved", (p->bits & GO_MOVED) != 0, "own_layout",
		(p->bits & GO_OWN_LAYOUT) != 0, "trouble", json_value_sentence(read ? NULL : why),
		"unsearched", json_value_sentence(read && !judged ? why : NULL));
}
