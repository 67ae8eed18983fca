// SPDX-License-Identifier: GPL-2.0-only
/* stack.c - user stacks: frames and traces, each kept once.
 *
 * Pure. Doubles are looked for among the last few only: they come close together, and a
 * double that is kept costs memory, not truth. */
#include "analyze/stack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BACK 4096 /* frames or traces that are compared with a new one */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_frame(const struct frame *a, const struct frame *b)
{
	return a->address == b->address && a->offset == b->offset && a->line == b->line &&
	       a->inlined == b->inlined && a->guessed == b->guessed &&
	       same_text(a->function, b->function) && same_text(a->module, b->module) &&
	       same_text(a->file, b->file);
}

static void frame_clear(struct frame *f)
{
	free(f->function);
	free(f->module);
	free(f->file);
}

static bool copy_text(const char *text, char **ret)
{
	*ret = text ? strdup(text) : NULL;
	return *ret || !text;
}

int stack_add_frame(struct stacks *s, const struct frame *f, __u32 *ret)
{
	struct frame copy = *f;
	size_t n = s->frames.n;

	for (size_t i = n; i > 0 && n - i < BACK; i--) {
		if (same_frame(&s->frames.v[i - 1], f)) {
			*ret = i - 1;
			return 0;
		}
	}
	copy.function = copy.module = copy.file = NULL;
	if (copy_text(f->function, &copy.function) && copy_text(f->module, &copy.module) &&
	    copy_text(f->file, &copy.file) && !array_push(&s->frames, copy)) {
		*ret = n;
		return 0;
	}
	frame_clear(&copy);
	return -ENOMEM;
}

static bool same_trace(const struct trace *t, const __u32 *frames, size_t n, const char *stop)
{
	return t->frames.n == n && (!n || !memcmp(t->frames.v, frames, n * sizeof(*frames))) &&
	       same_text(t->stop, stop);
}

int stack_add_trace(struct stacks *s, const __u32 *frames, size_t n, const char *stop, __u32 *ret)
{
	struct trace t = {};
	size_t have = s->traces.n;
	bool good;

	for (size_t i = have; i > 0 && have - i < BACK; i--) {
		if (same_trace(&s->traces.v[i - 1], frames, n, stop)) {
			*ret = i - 1;
			return 0;
		}
	}
	good = copy_text(stop, &t.stop);
	for (size_t i = 0; good && i < n; i++)
		good = !array_push(&t.frames, frames[i]);
	if (good && !array_push(&s->traces, t)) {
		*ret = have;
		return 0;
	}
	array_free(&t.frames);
	free(t.stop);
	return -ENOMEM;
}

int stack_copy_trace(const struct stacks *from, __u32 number, struct stacks *to, __u32 *ret)
{
	const struct trace *t = &from->traces.v[number];
	ARRAY(__u32) frames = {};
	int err = 0;

	for (size_t i = 0; !err && i < t->frames.n; i++) {
		__u32 frame;

		err = stack_add_frame(to, stack_frame(from, t, i), &frame);
		err = err ? err : array_push(&frames, frame) ? -ENOMEM : 0;
	}
	err = err ? err : stack_add_trace(to, frames.v, frames.n, t->stop, ret);
	array_free(&frames);
	return err;
}

/* Where tid is, or would be inserted. */
static size_t find(const struct stacks *s, __u32 tid)
{
	size_t low = 0, high = s->threads.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->threads.v[middle].tid < tid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int stack_add_thread(struct stacks *s, __u32 tid, __u32 trace)
{
	struct stack one = { .tid = tid, .trace = trace };
	size_t at = find(s, tid);

	if (array_push(&s->threads, one))
		return -ENOMEM;
	memmove(&s->threads.v[at + 1], &s->threads.v[at], (s->threads.n - 1 - at) * sizeof(one));
	s->threads.v[at] = one;
	return 0;
}

void stack_mark_lost(struct stacks *s, __u32 tid)
{
	size_t at = find(s, tid);

	if (at < s->threads.n && s->threads.v[at].tid == tid)
		s->threads.v[at].lost = true;
}

void stack_drop(struct stacks *s, __u32 tid)
{
	size_t at = find(s, tid);

	if (at == s->threads.n || s->threads.v[at].tid != tid)
		return;
	s->threads.n--;
	memmove(&s->threads.v[at], &s->threads.v[at + 1],
		(s->threads.n - at) * sizeof(*s->threads.v));
}

const struct trace *stack_of(const struct stacks *s, __u32 tid)
{
	size_t at = find(s, tid);

	if (at == s->threads.n || s->threads.v[at].tid != tid)
		return NULL;
	return &s->traces.v[s->threads.v[at].trace];
}

void stack_free(struct stacks *s)
{
	for (size_t i = 0; i < s->frames.n; i++)
		frame_clear(&s->frames.v[i]);
	for (size_t i = 0; i < s->traces.n; i++) {
		array_free(&s->traces.v[i].frames);
		free(s->traces.v[i].stop);
	}
	array_free(&s->frames);
	array_free(&s->traces);
	array_free(&s->threads);
}
