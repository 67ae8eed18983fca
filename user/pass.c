// SPDX-License-Identifier: GPL-2.0-only
/* pass.c - one pass over the host, from the scan to the verdicts.
 *
 * Values flow one way: feed.c reads the kernel's records, wait.c decodes them, peek.c
 * and maps.c read what decoding wants, waker.c asks who could wake, verdict.c judges, and
 * stacks.c reads the stacks of what it finds. Whatever moved while it was read is live;
 * whatever is found is looked at twice. */
#include "pass.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "analyze/accumulate.h"
#include "analyze/confirm.h"
#include "analyze/settle.h"
#include "analyze/wait.h"
#include "analyze/waker.h"
#include "base/clock.h"
#include "collect/bpf.h"
#include "collect/feed.h"
#include "collect/goroutines.h"
#include "collect/guard.h"
#include "collect/maps.h"
#include "collect/process.h"
#include "collect/peek.h"
#include "collect/stacks.h"

#define READ_ROUNDS 4	     /* pointers to pointers: futex_waitv's words, timeouts */
#define STACKS_OF_CROWD 8    /* members of an accumulating finding whose stacks are read */
#define READ_DEADLINE_MS 500 /* a reading that takes longer hangs */
#define LOOKS_APART_MS 250
/* A lock that others take and release reads free now and then: a lost wakeup must hold
 * at more looks, at uneven times. */
#define LOOKS_LOST 8
#define LOOKS_LOST_MS(i) (30 + 17 * (i) % 50)
#define LOOKS_MOVING_MS(i) (50 + 29 * (i) % 70) /* in step with nothing */

struct pass {
	struct bpf *bpf;
	struct guard *guard;
	/* of kernel stacks, which a dead file server or a locked memory map does not withhold: that
	 * other readings hang is no reason to do without, for without them nothing is found */
	struct guard *stacks;
	struct client *client; /* the symbolizer; it starts when the first stack is read */
	struct goroutines_memory *goroutines;
	const struct pass_request *request;
	const struct world *before; /* the look before this one, or NULL */
	__u32 restarts;		    /* of the symbolizer, in the looks before of this pass */
	struct debuginfod debuginfod;
	__u64 stacks_ms; /* left for stacks, of all looks */
};

int pass_open(struct pass **ret, char **ret_error)
{
	struct pass *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		return -ENOMEM;
	p->guard = guard_new(READ_DEADLINE_MS);
	p->stacks = guard_new(READ_DEADLINE_MS);
	p->client = client_new(NULL);
	p->goroutines = goroutines_new();
	err = p->guard && p->stacks && p->client && p->goroutines ? bpf_open(&p->bpf, ret_error)
								  : -ENOMEM;
	if (err) {
		pass_free(p);
		return err;
	}
	*ret = p;
	return 0;
}

void pass_free(struct pass *p)
{
	if (!p)
		return;
	client_free(p->client);
	goroutines_free(p->goroutines);
	guard_free(p->guard);
	guard_free(p->stacks);
	bpf_free(p->bpf);
	free(p);
}

void pass_rest(struct pass *p)
{
	client_rest(p->client);
}

static bool worth_decoding(const struct world *w, const struct wire_thread *t, __u64 threshold_ns)
{
	return !(t->bits & (WIRE_ZOMBIE | WIRE_RUNNABLE)) &&
	       (world_age(w, t) >= threshold_ns || (w->past.sites.n && accumulate_is_member(w, t)));
}

/* Reads what decoding needs, until it needs nothing that can be had. */
static int read_words(struct pass *p, struct world *w, __u64 threshold_ns)
{
	int err = 0;

	for (int round = 0; !err && round < READ_ROUNDS; round++) {
		size_t before = w->memory.ranges.n;
		struct mem_wants wants = {}, missing = {};
		struct wait wait;

		for (size_t i = 0; !err && i < w->threads.n; i++)
			if (worth_decoding(w, &w->threads.v[i], threshold_ns))
				err = wait_decode(w, &w->threads.v[i], &wants, &wait);
		for (size_t i = 0; !err && i < wants.want.n; i++) {
			const struct mem_want *want = &wants.want.v[i];

			if (!memory_get(&w->memory, want->mm, want->addr, want->len))
				err = array_push(&missing.want, *want) ? -ENOMEM : 0;
		}
		if (!err && missing.want.n)
			err = peek_read(p->guard, w, &missing);
		array_free(&wants.want);
		array_free(&missing.want);
		if (w->memory.ranges.n == before)
			break;
	}
	return err;
}

/* Finds the holders of the kernel objects that somebody waits for. */
static int read_holders(struct pass *p, struct world *w, __u64 threshold_ns)
{
	struct mem_wants wants = {};
	struct wanted wanted = {};
	struct wait wait;
	int err = 0;

	for (size_t i = 0; !err && i < w->threads.n; i++) {
		const struct wire_thread *t = &w->threads.v[i];

		if (!worth_decoding(w, t, threshold_ns))
			continue;
		err = wait_decode(w, t, &wants, &wait);
		err = err ? err : waker_want(w, t, &wait, &wanted);
	}
	array_free(&wants.want);
	if (!err && (wanted.objects.n || wanted.tuples.n))
		err = feed_fds(p->bpf, &wanted, w);
	if (!err && wanted.words.n)
		err = maps_find_mappers(p->guard, w, wanted.words.v, wanted.words.n);
	waker_wanted_free(&wanted);
	return err;
}

static bool is_asked(const struct pass_request *r, const struct judged *one)
{
	for (size_t i = 0; i < r->npids; i++)
		if (r->pids[i] == one->thread->tgid)
			return true;
	return !r->npids;
}

/* Of a crowd that grows a few speak for all. */
static bool is_extra(const struct verdicts *v, const struct finding *f, const struct judged *one)
{
	return f->class == CLASS_ACCUMULATING && f->members.n > STACKS_OF_CROWD &&
	       (__u32)(one - v->judged.v) >= f->members.v[STACKS_OF_CROWD];
}

/* Of a finding all members: what one waits for may be another process's. */
static bool wants_stack(const struct pass_request *r, const struct verdicts *v,
			const struct judged *one)
{
	const struct finding *f = one->finding ? &v->findings.v[one->finding - 1] : NULL;

	if (r->all && is_asked(r, one))
		return true;
	if (f && is_extra(v, f, one))
		return false;
	for (size_t i = 0; f && i < f->members.n; i++)
		if (is_asked(r, &v->judged.v[f->members.v[i]]))
			return true;
	return false;
}

pid_t pass_symbolizer(const struct pass *p)
{
	return client_pid(p->client);
}

__u32 pass_restarts(const struct pass *p)
{
	return client_restarts(p->client);
}

void pass_unwind_begin(struct pass *p)
{
	client_begin(p->client, STACKS_BUDGET_MS);
}

int pass_unwind(struct pass *p, const struct wire_stack *stack, struct stacks *ret,
		__u32 *ret_trace)
{
	struct stacks_reader reader = { .bpf = p->bpf, .guard = p->guard, .client = p->client };

	return stacks_unwind(&reader, stack, ret, ret_trace);
}

static int read_stacks(struct pass *p, struct world *w, const struct verdicts *v)
{
	const struct pass_request *r = p->request;
	struct stacks_reader reader = {
		.bpf = p->bpf,
		.guard = p->guard,
		.client = p->client,
		.left_ms = &p->stacks_ms,
		.debuginfod = r->debuginfod_ns ? &p->debuginfod : NULL,
	};
	ARRAY(__u32) tids = {};
	int err = 0;

	if (r->tid)
		err = array_push(&tids, r->tid) ? -ENOMEM : 0;
	for (size_t i = 0; !err && i < v->judged.n; i++)
		if (wants_stack(r, v, &v->judged.v[i]))
			err = array_push(&tids, v->judged.v[i].thread->head.tid) ? -ENOMEM : 0;
	if (!err && p->before)
		err = stacks_carry(p->before, w);
	err = err ? err : stacks_read(&reader, w, tids.v, tids.n);
	w->restarts += p->restarts;
	p->restarts = w->restarts;
	array_free(&tids);
	return err;
}

/* Looks up what is only worth it for threads that may be findings. */
static int read_suspects(struct pass *p, struct world *w, const struct verdicts *v)
{
	ARRAY(__u32) tids = {};
	int err = 0;

	for (size_t i = 0; !err && i < v->judged.n; i++) {
		const struct judged *one = &v->judged.v[i];

		if (one->finding && !is_extra(v, &v->findings.v[one->finding - 1], one))
			err = array_push(&tids, one->thread->head.tid) ? -ENOMEM : 0;
	}
	err = err ? err : process_kernel_check(p->stacks, w, tids.v, tids.n);
	for (size_t i = 0; !err && i < v->findings.n; i++)
		if (v->findings.v[i].goroutines.n)
			err = array_push(&tids, v->findings.v[i].pid) ? -ENOMEM : 0;
	err = err ? err : process_lookup(p->guard, w, tids.v, tids.n);
	array_free(&tids);
	return err;
}

/* Reads more of what may be a finding, or was asked for: then w is to be judged again. Others may
 * wait for whom nobody wants to hear of, so that they are looked up all the same. */
static int read_more(struct pass *p, struct world *w, struct verdicts *v)
{
	int err = read_suspects(p, w, v);

	ignore_findings(v, &p->request->ignore);
	err = err ? err : read_stacks(p, w, v);
	err = err ? err : feed_recheck(p->bpf, w);
	stacks_drop_moved(w);
	return err;
}

/* Judges; and what may be a finding again, once more is known of it. */
static int judge(struct pass *p, struct world *w, struct verdicts **ret)
{
	const struct pass_request *r = p->request;
	struct verdicts *v;
	int err = verdict_judge(w, r->threshold_ns, &v);

	if (!err && (!ignore_all(v, &r->ignore) || r->tid || r->all)) {
		err = read_more(p, w, v);
		verdict_free(v);
		err = err ? err : verdict_judge(w, r->threshold_ns, &v);
	}
	if (err)
		return err;
	ignore_findings(v, &r->ignore);
	*ret = v;
	return 0;
}

static int read_goroutines(struct pass *p, struct world *w)
{
	const struct pass_request *r = p->request;
	const struct goroutines_reader reader = { p->bpf, p->guard, p->client };
	const struct goroutines_request request = {
		.pids = r->pids,
		.npids = r->npids,
		.id = r->goid,
		.all = r->all,
		.rest = r->go_rest,
	};

	if (r->tid)
		return 0; /* one thread is asked for */
	return goroutines_look(p->goroutines, &reader, &request, p->before, w);
}

static int look(struct pass *p, struct world **ret, struct verdicts **ret_v)
{
	const __u64 threshold_ns = p->request->threshold_ns;
	struct world *w = world_new();
	__u64 start = clock_ns(CLOCK_MONOTONIC);
	int err = w ? feed_scan(p->bpf, w) : -ENOMEM;

	if (!err)
		w->scan_ns = clock_ns(CLOCK_MONOTONIC) - start;
	if (!err && p->request->remember)
		err = p->request->remember(p->request->arg, w);
	err = err ? err : process_kernel_waits(p->stacks, w, threshold_ns);
	err = err ? err : read_words(p, w, threshold_ns);
	err = err ? err : read_holders(p, w, threshold_ns);
	err = err ? err : read_goroutines(p, w);
	err = err ? err : feed_recheck(p->bpf, w);
	goroutines_mark_moved(p->goroutines, w);
	err = err ? err : judge(p, w, ret_v);
	if (err) {
		world_free(w);
		return err;
	}
	*ret = w;
	return 0;
}

/* Adds one more look; what was found before and does not hold any more is dropped. Takes
 * w and v. */
static int add_look(struct pass_result *r, struct world *w, struct verdicts *v)
{
	int err = r->v ? confirm_verdicts(r->v, v) : 0;

	if (err) {
		verdict_free(v);
		world_free(w);
		return err;
	}
	verdict_free(r->v);
	if (r->nlooks == 2) {
		world_free(r->looks[0]);
		r->looks[0] = r->looks[1];
		r->nlooks = 1;
	}
	r->looks[r->nlooks++] = w;
	r->v = v;
	return 0;
}

int pass_judge(struct world **looks, size_t n, __u64 threshold_ns, const struct ignore *ignore,
	       struct pass_result *ret)
{
	struct pass_result r = { .nlooks = 0 };
	int err = n ? 0 : -EINVAL;

	for (size_t i = 0; i < n; i++) {
		struct verdicts *v = NULL;

		err = err ? err : verdict_judge(looks[i], threshold_ns, &v);
		if (err) {
			world_free(looks[i]);
			continue;
		}
		ignore_findings(v, ignore);
		err = add_look(&r, looks[i], v);
	}
	if (err) {
		pass_result_free(&r);
		return err;
	}
	*ret = r;
	return 0;
}

/* Whether a finding is of goroutines whose program ran while it was searched. */
static bool is_of_moving(const struct world *w, const struct finding *f)
{
	const struct go_process *p = f->class == CLASS_UNREACHABLE ? world_go_process(w, f->pid)
								   : NULL;

	return p && p->bits & GO_MOVED;
}

/* How long to wait before the next look, in ms; 0 when no more is needed. */
static unsigned int next_look(const struct pass_result *r)
{
	if (!r->v->findings.n)
		return 0;
	if (r->v->looks == 1)
		return LOOKS_APART_MS;
	for (size_t i = 0; i < r->v->findings.n && r->v->looks < LOOKS_LOST; i++)
		if (r->v->findings.v[i].class == CLASS_LOST_WAKEUP)
			return LOOKS_LOST_MS(r->v->looks);
	for (size_t i = 0; i < r->v->findings.n && r->v->looks < GOROUTINES_LOOKS; i++)
		if (is_of_moving(r->v->world, &r->v->findings.v[i]))
			return LOOKS_MOVING_MS(r->v->looks);
	return 0;
}

int pass_run(struct pass *p, const struct pass_request *request, struct pass_result *ret)
{
	const struct pass_result *last = request->last;
	struct pass_result r = { .nlooks = 0 };
	unsigned int apart;
	int err;

	p->request = request;
	p->stacks_ms = STACKS_PASS_MS;
	p->restarts = 0;
	guard_forgive(p->guard);
	guard_forgive(p->stacks);
	goroutines_begin(p->goroutines);
	p->debuginfod = (struct debuginfod){ .left_ns = request->debuginfod_ns };
	do {
		struct verdicts *v;
		struct world *w;

		p->before = r.nlooks ? r.looks[r.nlooks - 1]
			    : last   ? last->looks[last->nlooks - 1]
				     : NULL;
		err = look(p, &w, &v);
		err = err ? err : add_look(&r, w, v);
		if (!err && last && r.nlooks == 1 && confirm_knows(last->v, v)) {
			err = confirm_verdicts(last->v, v);
			break;
		}
		apart = err ? 0 : next_look(&r);
		usleep(apart * 1000);
	} while (apart);
	if (err) {
		pass_result_free(&r);
		return err;
	}
	*ret = r;
	return 0;
}

void pass_settle(struct pass_result *r, size_t waits)
{
	struct world *last = r->looks[r->nlooks - 1];

	if (r->nlooks == 2)
		world_free(r->looks[0]);
	r->looks[0] = last;
	r->nlooks = 1;
	(void)settle_verdicts(r->v, last, waits); /* without memory all is kept */
}

void pass_result_free(struct pass_result *r)
{
	verdict_free(r->v);
	for (size_t i = 0; i < r->nlooks; i++)
		world_free(r->looks[i]);
	*r = (struct pass_result){ .nlooks = 0 };
}
