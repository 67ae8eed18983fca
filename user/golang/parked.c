// SPDX-License-Identifier: GPL-2.0-only
/* parked.c - on which semaphore or Cond a goroutine waits, before Go 1.26 noted it in g.waiting.
 *
 * Pure but for the target. All goroutines go on in step, each with one piece of a question that is
 * asked for all. Other ways there are none: a semaphore's waiters are in a tree and in lists of any
 * length, of which each step would be a question.
 * A stale sudog is not taken for one that waits: it has no semaphore any
 * more (sema.go, dequeue). */
#include "golang/parked.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WORD 8
#define STACK_BYTES 640 /* gopark, goparkunlock, semacquire1 or notifyListWait and Wait, and some */
#define STEPS_MAX 1024
#define HOPS_MAX 256 /* along the list of one Cond */
#define COND_LIST 16 /* of sync.Cond: notify, behind L; noCopy has no size */

_Static_assert(COND_LIST + LAYOUT_NOTIFY_LIST_MAX <= LAYOUT_OBJECT_MAX, "a Cond has room");

enum stage { WORDS, LIST, DONE };

struct parked {
	struct goroutine *g;
	__u64 word[STACK_BYTES / WORD];
	size_t n, at;
	enum stage stage;
	/* of a list that is walked */
	__u64 list, node;
	__u32 notify, wait; /* the ticket that is called next, the one that is given out next */
	unsigned int hops, tried;
	unsigned char object[LAYOUT_OBJECT_MAX];
};

struct lot {
	const struct program *p;
	size_t n, asked;
	struct target_piece piece[TARGET_PIECES_MAX];
	struct parked *asker[TARGET_PIECES_MAX];
	struct parked parked[TARGET_PIECES_MAX];
};

/* ---- words of the stack ---- */

/* It could point to something on the heap, or to a variable. */
static bool is_candidate(const struct lot *l, const struct parked *k, __u64 word)
{
	const struct program_module *m = &l->p->modules[0];

	return word >= 4096 && !(word % WORD) && !(word >> 48) &&
	       (word < k->g->lo || word >= k->g->hi) && (word < m->text || word >= m->etext);
}

/* A program that is linked without sync.Cond may have no such list (layout_own.c). */
static bool can_be_found(const struct golang_layout *layout, const struct goroutine *g)
{
	return g->wait != GOROUTINE_COND || layout->notify_list.size > 0;
}

static void read_stacks(struct lot *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct parked *k = &l->parked[i];
		const struct goroutine *g = k->g;
		__u64 len = 0;

		if (g->sp >= g->lo && g->sp < g->hi && !(g->sp % WORD))
			len = g->hi - g->sp < STACK_BYTES ? g->hi - g->sp : STACK_BYTES;
		k->n = len / WORD;
		l->piece[i] = (struct target_piece){ g->sp, k->word, k->n * WORD, false };
	}
	target_read_all(l->p->target, l->piece, l->n);
	for (size_t i = 0; i < l->n; i++) {
		struct parked *k = &l->parked[i];
		size_t n = 0;

		for (size_t w = 0; l->piece[i].there && w < k->n; w++)
			if (is_candidate(l, k, k->word[w]))
				k->word[n++] = k->word[w];
		k->n = n;
		k->stage = n && can_be_found(l->p->layout, k->g) ? WORDS : DONE;
	}
}

static void next_word(struct parked *k)
{
	k->stage = ++k->at < k->n ? WORDS : DONE;
	k->tried = 0;
}

static void found(struct parked *k, __u64 sudog, __u64 object)
{
	k->g->sudog = sudog;
	k->g->nobjects = 1;
	k->g->objects[0] = (struct goroutine_object){ .address = object };
	k->stage = DONE;
}

/* ---- semaphores ---- */

static void see_sudog(const struct lot *l, struct parked *k)
{
	const struct golang_sudog *at = &l->p->layout->sudog;
	const __u64 elem = target_u64(k->object + at->elem);

	if (target_u64(k->object + at->g) == k->g->address && elem && !(elem % 4) &&
	    !target_u64(k->object + at->c) && !k->object[at->is_select])
		found(k, k->word[k->at], elem);
	else
		next_word(k);
}

/* ---- Conds ---- */

/* A list with somebody in it, at an offset from the word? */
static bool begin_list(const struct lot *l, struct parked *k, size_t offset)
{
	const struct golang_notify_list *at = &l->p->layout->notify_list;
	const unsigned char *v = k->object + offset;

	k->list = k->word[k->at] + offset;
	k->node = target_u64(v + at->head);
	k->notify = target_u32(v + at->notify);
	k->wait = target_u32(v + at->wait);
	k->hops = 0;
	if (k->wait == k->notify || !is_candidate(l, k, k->node))
		return false;
	k->stage = LIST;
	return true;
}

/* The word may point to a Cond, or to the list itself. */
static void see_cond(const struct lot *l, struct parked *k)
{
	static const size_t offset[] = { COND_LIST, 0 };

	while (k->tried < sizeof(offset) / sizeof(offset[0]))
		if (begin_list(l, k, offset[k->tried++]))
			return;
	next_word(k);
}

/* It is in the list when a sudog there names it, and has a ticket that was not called yet. */
static void see_node(const struct lot *l, struct parked *k)
{
	const struct golang_sudog *at = &l->p->layout->sudog;
	const __u32 ticket = target_u32(k->object + at->ticket);

	if (target_u64(k->object + at->g) == k->g->address) {
		if (ticket - k->notify < k->wait - k->notify) {
			found(k, k->node, k->list);
			return;
		}
		k->node = 0;
	} else {
		k->node = target_u64(k->object + at->next);
	}
	if (!is_candidate(l, k, k->node) || ++k->hops == HOPS_MAX)
		k->stage = WORDS; /* to see it as something else */
}

/* ---- steps ---- */

static void ask(struct lot *l, struct parked *k)
{
	const struct golang_layout *layout = l->p->layout;
	__u64 address = k->word[k->at];
	size_t len;

	if (k->stage == LIST) {
		address = k->node;
		len = layout->sudog.size;
	} else if (k->g->wait == GOROUTINE_COND) {
		len = COND_LIST + layout->notify_list.size;
	} else {
		len = layout->sudog.size;
	}
	l->asker[l->asked] = k;
	l->piece[l->asked++] = (struct target_piece){ address, k->object, len, false };
}

static void see(const struct lot *l, struct parked *k, bool there)
{
	if (!there)
		next_word(k);
	else if (k->stage == LIST)
		see_node(l, k);
	else if (k->g->wait == GOROUTINE_COND)
		see_cond(l, k);
	else
		see_sudog(l, k);
}

static bool step(struct lot *l)
{
	l->asked = 0;
	for (size_t i = 0; i < l->n; i++)
		if (l->parked[i].stage != DONE)
			ask(l, &l->parked[i]);
	target_read_all(l->p->target, l->piece, l->asked);
	for (size_t i = 0; i < l->asked; i++)
		see(l, l->asker[i], l->piece[i].there);
	return l->asked;
}

int parked_find(const struct program *p, struct goroutine *const *g, size_t n)
{
	struct lot *l;

	if (!n || n > TARGET_PIECES_MAX)
		return 0;
	l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->p = p;
	l->n = n;
	for (size_t i = 0; i < n; i++)
		l->parked[i].g = g[i];
	read_stacks(l);
	for (unsigned int i = 0; i < STEPS_MAX && step(l); i++)
		;
	free(l);
	return 0;
}
