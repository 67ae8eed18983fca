// SPDX-License-Identifier: GPL-2.0-only
/* naming.c - what the addresses of a process's stacks are called: each is asked for once. */
#include "collect/naming.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uthash.h>

#include "wire.h"

/* An address of the current process, and the frames that it was found to mean. */
struct named {
	__u64 key[2]; /* address; enum message_step_bits */
	__u32 frames[MESSAGE_FRAMES_MAX];
	__u32 n;
	UT_hash_handle hh;
};

void naming_free(struct naming *n)
{
	struct named *one, *next;

	HASH_ITER (hh, n->names, one, next) {
		HASH_DEL(n->names, one);
		free(one);
	}
}

void naming_failed(struct naming *n)
{
	snprintf(n->trouble, sizeof(n->trouble), "%s", client_trouble(n->client));
}

static __u32 machine_of(__u32 bits)
{
#ifdef __aarch64__
	return bits & WIRE_COMPAT ? EM_ARM : EM_AARCH64;
#else
	return bits & WIRE_COMPAT ? EM_386 : EM_X86_64;
#endif
}

int naming_turn(struct naming *n, struct source *source, __u32 bits)
{
	int err, maps = source_maps(source);

	if (maps == -ENOENT || maps == -ESRCH)
		return -ESRCH;
	if (maps < 0) {
		snprintf(n->trouble, sizeof(n->trouble), "its memory map cannot be read: %s",
			 strerror(-maps));
		return 0;
	}
	err = client_space(n->client, machine_of(bits), maps, &source->calls);
	close(maps);
	if (err == -EAGAIN)
		snprintf(n->trouble, sizeof(n->trouble),
			 "the symbolizer failed too often: it is not started again");
	else if (err)
		naming_failed(n);
	return 0;
}

static const char *text_or_null(const char *text)
{
	return text[0] ? text : NULL;
}

static int keep_frames(struct naming *n, const struct message_step *step, struct named *ret)
{
	int err = 0;

	for (__u32 i = 0; !err && i < n->frames.n; i++) {
		const struct message_frame *from = &n->frames.frame[i];
		struct frame f = {
			.address = step->address,
			.offset = from->offset,
			.line = from->line,
			.inlined = from->inlined,
			.guessed = step->bits & MESSAGE_STEP_GUESSED,
			.function = (char *)(step->bits & MESSAGE_STEP_SIGNAL
						     ? "<signal handler called>" /* as gdb has it */
						     : text_or_null(from->function)),
			.module = (char *)text_or_null(from->module),
			.file = (char *)text_or_null(from->file),
		};

		err = stack_add_frame(n->stacks, &f, &ret->frames[i]);
	}
	ret->n = err ? 0 : n->frames.n;
	return err;
}

/* The frames of one step; raw when the symbolizer cannot say more. */
static int name_step(struct naming *n, const struct message_step *step, const struct named **ret)
{
	__u64 key[2] = { step->address, step->bits };
	struct named *one;
	int err;

	HASH_FIND(hh, n->names, key, sizeof(key), one);
	if (!one) {
		one = calloc(1, sizeof(*one));
		if (!one)
			return -ENOMEM;
		memcpy(one->key, key, sizeof(key));
		if (n->trouble[0] || client_name(n->client, step->address,
						 step->bits & MESSAGE_STEP_EXACT, &n->frames)) {
			if (!n->trouble[0])
				naming_failed(n);
			memset(&n->frames.frame[0], 0, sizeof(n->frames.frame[0]));
			n->frames.n = 1;
		}
		err = keep_frames(n, step, one);
		if (err) {
			free(one);
			return err;
		}
		HASH_ADD(hh, n->names, key, sizeof(one->key), one);
	}
	*ret = one;
	return 0;
}

int naming_keep(struct naming *n, const struct message_trace *trace, __u32 *ret)
{
	ARRAY(__u32) frames = {};
	const char *stop = text_or_null(trace->stop);
	int err = 0;

	for (__u32 i = 0; !err && i < trace->n; i++) {
		const struct named *named;

		err = name_step(n, &trace->step[i], &named);
		if (!err && frames.n + named->n > STACK_CALLS_MAX) {
			stop = "cut: too many calls are inlined";
			break;
		}
		for (__u32 k = 0; !err && k < named->n; k++)
			err = array_push(&frames, named->frames[k]) ? -ENOMEM : 0;
	}
	stop = stop ? stop : text_or_null(n->trouble);
	err = err ? err : stack_add_trace(n->stacks, frames.v, frames.n, stop, ret);
	array_free(&frames);
	return err;
}
