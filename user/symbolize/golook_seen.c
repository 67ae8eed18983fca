// SPDX-License-Identifier: GPL-2.0-only
/* golook_seen.c - what nowake is told of one goroutine, and what its code is called. */
#include "symbolize/golook_seen.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "golang/inlined.h"
#include "golang/unwind.h"
#include "symbolize/golook_inside.h"

/* ---- its wait ---- */

static const char *status_of(enum goroutine_status status)
{
	switch (status) {
	case GOROUTINE_RUNNABLE:
		return "runnable";
	case GOROUTINE_RUNNING:
		return "running";
	case GOROUTINE_SYSCALL:
		return "in a system call";
	case GOROUTINE_PREEMPTED:
		return "preempted";
	case GOROUTINE_IDLE:
	case GOROUTINE_DEAD:
	case GOROUTINE_COPYSTACK:
	case GOROUTINE_WAITING:
	case GOROUTINE_LEAKED:
		break;
	}
	return "waiting";
}

static void fill_wait(const struct kept *k, struct go_wait *ret)
{
	const struct goroutine *g = &k->g;
	const struct goroutine_object *o = &g->objects[0];
	const char *reason = goroutine_is_parked(g) && g->reason ? g->reason : status_of(g->status);

	*ret = (struct go_wait){
		.id = g->id,
		.bits = (k->stuck ? GO_STUCK : 0) | (mark_hopeless(g) ? GO_NOTHING : 0) |
			(g->torn ? GO_TORN : 0) | (k->holder ? GO_HELD : 0),
		.parent = g->parent,
		.since = g->wait_since,
		.nobjects = g->nobjects,
		.made_at = g->gopc,
		.turns = g->turns,
		.holder = k->holder,
	};
	snprintf(ret->reason, sizeof(ret->reason), "%s", reason);
	if (!g->nobjects)
		return;
	ret->bits |= (o->channel ? GO_CHANNEL : 0) | (o->closed ? GO_CLOSED : 0);
	ret->object = o->address;
	ret->count = o->count;
	ret->capacity = o->capacity;
}

/* ---- its stack ---- */

static bool read_word(void *arg, __u64 address, void *ret, size_t len)
{
	return target_read(arg, address, ret, len);
}

static void fill_trace(const struct golook *gs, bool has_link, const struct goroutine *g,
		       struct message_trace *ret)
{
	static struct unwind_frames frames;
	const struct unwind_program program = {
		.program = &gs->program,
		.has_link = has_link,
		.read = read_word,
		.arg = (void *)&gs->target,
	};
	const struct unwind_start start = goroutine_start(g);
	const char *why = NULL;

	if (g->torn || g->status == GOROUTINE_RUNNING) {
		snprintf(ret->stop, sizeof(ret->stop), "it runs");
		return;
	}
	unwind_goroutine(&program, &start, NULL, &frames);
	for (size_t i = 0; i < frames.n && ret->n < STACK_FRAMES_MAX; i++)
		ret->step[ret->n++] = (struct message_step){
			.address = frames.frame[i].pc,
			.bits = frames.frame[i].exact ? MESSAGE_STEP_EXACT : 0,
		};
	why = unwind_why(frames.end);
	snprintf(ret->stop, sizeof(ret->stop), "%s", why ? why : "");
}

void golook_seen_row(const struct space *s, __u64 number, struct message_goroutine_seen *ret)
{
	const struct golook *g = s->golook;

	memset(ret, 0, offsetof(struct message_goroutine_seen, trace.step));
	if (!g || number >= g->kept.n)
		return;
	fill_wait(&g->kept.v[number], &ret->wait);
	if (ret->wait.id != 1) /* the runtime makes that one */
		ret->created_at = g->kept.v[number].g.gopc;
	fill_trace(g, s->machine == EM_AARCH64, &g->kept.v[number].g, &ret->trace);
}

/* ---- its functions ---- */

static void copy_name(char *ret, struct pclntab_name name)
{
	snprintf(ret, STACK_NAME_MAX, "%.*s",
		 (int)(name.n < STACK_NAME_MAX ? name.n : STACK_NAME_MAX), name.v ? name.v : "");
}

/* As Go's own traces have it: without what the compiler made up to call something else. */
static bool is_shown(const struct golook *g, const struct inlined_call *call, bool first)
{
	return call->id != g->program.layout->funcid.wrapper || (!call->inlined && first);
}

bool golook_seen_name(const struct space *s, __u64 address, bool exact, struct message_frames *ret)
{
	const struct golook *g = s->golook;
	const struct program_module *m;
	const struct golook_code *code;
	struct pclntab_function f;
	struct inlined_call call;
	struct inlined i;
	__u64 pc = address - !exact;

	m = g ? program_function(&g->program, pc, &f) : NULL;
	if (!m)
		return false;
	code = &g->code[m - g->program.modules];
	ret->n = 0;
	inlined_begin(m->table, &f, m->gofunc_bytes, pc - m->text, &i);
	while (ret->n < MESSAGE_FRAMES_MAX && inlined_next(&i, &call)) {
		struct message_frame *frame = &ret->frame[ret->n];

		if (!is_shown(g, &call, !ret->n))
			continue;
		memset(frame, 0, sizeof(*frame));
		frame->offset = address - code->bias;
		frame->line = call.place.file.n ? call.place.line : 0;
		frame->inlined = call.inlined;
		copy_name(frame->function, call.name);
		copy_name(frame->file, call.place.file);
		snprintf(frame->module, sizeof(frame->module), "%s", code->mapping->name);
		ret->n++;
	}
	return ret->n;
}
