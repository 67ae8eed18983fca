// SPDX-License-Identifier: GPL-2.0-only
/* report_explain.c - the whole story of one thread: what it waits for, who could end that,
 * and which rule decided. Of a goroutine report_explain_goroutine.c tells it. */
#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "analyze/wakes.h"
#include "base/duration.h"
#include "base/escape.h"
#include "report/explain_label.h"
#include "report/frames.h"
#include "report/report_explain_goroutine.h"
#include "report/lines.h"
#include "report/phrase.h"
#include "report/report.h"

#define WAKERS_MOST 20
#define OTHERS_MOST 10

struct story {
	struct lines lines;
	const struct verdicts *v;
	const struct world *w;
	const struct wire_thread *t;
	bool utf8;
	bool verbose;
};

static const struct margin state_label = EXPLAIN_LABEL("state       ");
static const struct margin wait_label = EXPLAIN_LABEL("waits in    ");
static const struct margin age_label = EXPLAIN_LABEL("blocked     ");
static const struct margin waker_label = EXPLAIN_LABEL("waits for   ");
static const struct margin verdict_label = EXPLAIN_LABEL("verdict     ");
static const struct margin rule_label = EXPLAIN_LABEL("because     ");
static const struct margin finding_label = EXPLAIN_LABEL("finding     ");
static const struct margin fact_label = EXPLAIN_LABEL("evidence    ");
static const struct margin with_label = EXPLAIN_LABEL("with        ");
static const struct margin block_label = EXPLAIN_LABEL("blocks in   ");
static const struct margin caller_label = EXPLAIN_LABEL("called from ");
static const struct margin start_label = EXPLAIN_LABEL("started as  ");
static const struct margin created_label = EXPLAIN_LABEL("created by  ");
static const struct margin wakes_label = EXPLAIN_LABEL("wakes       ");
static const struct margin note_label = EXPLAIN_LABEL("note        ");
static const struct margin more_label = EXPLAIN_LABEL("            ");

/* Runtimes that run many tasks of their own on few threads: what is said of a thread
 * says little about those. Both are shell patterns. */
static const struct {
	const char *exe;  /* base name of the program */
	const char *comm; /* of the thread */
	const char *tasks;
} runtimes[] = {
	{ "beam*", "*", "Erlang processes" },
	{ "*", "tokio-r*", "tokio's tasks" },
	{ "java", "ForkJoinPool-*", "virtual threads" },
};

static const struct {
	__u32 bit;
	const char *words;
} states[] = {
	{ WIRE_ZOMBIE, "has exited" },
	{ WIRE_DUMPING, "dumps core" },
	{ WIRE_EXITING, "is exiting" },
	{ WIRE_STOPPED, "stopped by a signal or a tracer" },
	{ WIRE_FROZEN, "frozen" },
	{ WIRE_RUNNABLE, "running" },
	{ WIRE_UNINTERRUPTIBLE, "uninterruptible sleep (D)" },
};

static const char *state_of(const struct wire_thread *t)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (t->bits & states[i].bit)
			return states[i].words;
	return "asleep";
}

static void print_head(struct story *s)
{
	const struct process *p = world_process(s->w, s->t->tgid);
	struct margin m = { "", "  ", LINES_PLAIN };
	char comm[ESCAPE_COMM];
	FILE *out = s->lines.f;

	phrase_thread(out, s->w, s->t->head.tid, 0, s->utf8);
	if (s->t->tgid != s->t->head.tid)
		fprintf(out, ", a thread of %s [%u]",
			phrase_comm(comm, s->w, s->t->tgid, NULL, s->utf8), s->t->tgid);
	if (p && p->exe)
		fprintf(out, ", %s", p->exe);
	if (p && p->unit)
		fprintf(out, ", in %s", p->unit);
	if (s->t->ns_tid && s->t->ns_tid != s->t->head.tid)
		fprintf(out, " (%u in its pid namespace)", s->t->ns_tid);
	lines_end(&s->lines, &m);
	fputs(state_of(s->t), s->lines.f);
	if (s->t->bits & WIRE_TRACED)
		fprintf(s->lines.f, ", traced by process %u", s->t->tracer);
	lines_end(&s->lines, &state_label);
}

static void print_timeout(FILE *out, const struct wait *wait)
{
	char left[DURATION_TEXT];

	if (wait->timeout_ns < 0)
		fputs(", no timeout", out);
	else if (!wait->timeout_ns)
		fputs(", its timeout has passed", out);
	else
		fprintf(out, ", %s of its timeout left%s",
			duration_text(left, sizeof(left), wait->timeout_ns),
			wait->beyond_horizon ? " (more than a day: counts as none)" : "");
}

/* "futex(2): mutex 0x55d0…, no timeout" */
static void print_wait(struct story *s, const struct wait *wait, const char *primitive)
{
	const struct kernel_wait *k = world_kernel_wait(s->w, s->t->head.tid);
	char text[4 * sizeof(k->where) + 1];
	FILE *out = s->lines.f;

	if (wait->syscall)
		fprintf(out, "%s(2): ", wait->syscall);
	else if (wait->kind != WAIT_UNKNOWN && wait->kind != WAIT_RUNNING)
		fputs("no system call: ", out);
	phrase_wait(out, wait, primitive, s->utf8);
	if (k && k->function[0])
		fprintf(out, ", in the kernel's %s",
			escape_name(text, sizeof(text), k->function, sizeof(k->function), s->utf8));
	if (k && k->where[0])
		fprintf(out, ", at %s",
			escape_name(text, sizeof(text), k->where, sizeof(k->where), s->utf8));
	print_timeout(out, wait);
	lines_end(&s->lines, &wait_label);
}

/* In whose code it stands: what its stack, which follows below, comes to. */
static void print_place(struct story *s, const struct place *place)
{
	FILE *out = s->lines.f;

	if (place->blocking) {
		frames_call(out, place->blocking, s->utf8);
		lines_end(&s->lines, &block_label);
	}
	if (place->n) {
		frames_call(out, place->callers[0], s->utf8);
		lines_end(&s->lines, &caller_label);
	}
	if (place->start) {
		frames_call(out, place->start, s->utf8);
		lines_end(&s->lines, &start_label);
	}
}

static void print_stack(struct story *s, const struct trace *trace)
{
	frames_print(&s->lines, &s->w->stacks, world_kernel_wait(s->w, s->t->head.tid), trace,
		     "  stack       ", more_label.first, s->verbose);
}

static void print_age(struct story *s, __u64 age_ns)
{
	char age[DURATION_TEXT];

	fprintf(s->lines.f, "for %s", duration_text(age, sizeof(age), age_ns));
	if (age_ns < s->w->real_time) {
		fputs(" (since ", s->lines.f);
		phrase_since(s->lines.f, s->w, age_ns);
		fputc(')', s->lines.f);
	}
	fprintf(s->lines.f, ", after %llu context switches", s->t->switches);
	lines_end(&s->lines, &age_label);
}

/* One who could end the wait, and what it is doing itself. */
static void print_waker(struct story *s, const struct waits_for *e, const struct margin *margin)
{
	const struct judged *j = e->tid ? verdict_of(s->v, e->tid) : NULL;
	const struct wire_thread *t = e->tid ? world_thread(s->w, e->tid) : NULL;
	char age[DURATION_TEXT];
	FILE *out = s->lines.f;

	phrase_target(out, s->w, e, s->t->tgid, s->utf8);
	fprintf(out, " (%s): %s", verdict_why_name(e->why),
		e->live		  ? "live"
		: j && j->finding ? "stuck"
				  : "not live");
	if (j) {
		fputs(", itself in ", out);
		phrase_wait(out, &j->wait, j->primitive, s->utf8);
		fprintf(out, " for %s", duration_text(age, sizeof(age), j->age_ns));
		if (j->source)
			fprintf(out, " (%s)", j->source);
	} else if (t) {
		fprintf(out, ", %s", state_of(t));
		if (!(t->bits & WIRE_RUNNABLE))
			fprintf(out, " for %s",
				duration_text(age, sizeof(age), world_age(s->w, t)));
	}
	lines_end(&s->lines, margin);
}

static void print_wakers(struct story *s, const struct judged *j)
{
	size_t n = j->waits_for.n;

	for (size_t i = 0; i < n && i < WAKERS_MOST; i++)
		print_waker(s, &j->waits_for.v[i], i ? &more_label : &waker_label);
	if (n > WAKERS_MOST) {
		fprintf(s->lines.f, "and %zu more", n - WAKERS_MOST);
		lines_end(&s->lines, &more_label);
	}
}

static void print_others(struct story *s, const struct judged *j, const struct finding *f)
{
	size_t shown = 0;

	for (size_t i = 0; i < f->members.n && shown < OTHERS_MOST; i++) {
		const struct judged *other = &s->v->judged.v[f->members.v[i]];

		if (other == j)
			continue;
		fputs(shown++ ? ", " : "", s->lines.f);
		phrase_thread(s->lines.f, s->w, other->thread->head.tid, s->t->tgid, s->utf8);
	}
	if (!shown)
		return;
	if (f->members.n - 1 > shown)
		fprintf(s->lines.f, " and %zu more", f->members.n - 1 - shown);
	lines_end(&s->lines, &with_label);
}

static void print_finding(struct story *s, const struct judged *j)
{
	const struct finding *f = &s->v->findings.v[j->finding - 1];

	fprintf(s->lines.f, "%s", f->id);
	if (j->role == ROLE_QUEUED)
		fputs(" (this thread stands behind it, it is not its cause)", s->lines.f);
	lines_end(&s->lines, &finding_label);
	if (f->reason)
		lines_print(&s->lines, &more_label, f->reason);
	for (size_t i = 0; i < f->evidence.n; i++)
		lines_print(&s->lines, i ? &more_label : &fact_label, f->evidence.v[i]);
	print_others(s, j, f);
}

static void print_verdict(struct story *s, const struct judged *j)
{
	fputs(verdict_class_name(j->class), s->lines.f);
	if (j->class >= CLASS_DEADLOCK)
		fprintf(s->lines.f, " (%s)", verdict_confidence_name(j->confidence));
	else if (j->source)
		fprintf(s->lines.f, ": %s", j->source);
	lines_end(&s->lines, &verdict_label);
	if (j->rule)
		lines_print(&s->lines, &rule_label, j->rule);
	if (j->finding)
		print_finding(s, j);
}

/* What is said where a thread is not the unit that gets stuck (goroutines, fibers). */
static void print_runtime(struct story *s)
{
	const struct process *p = world_process(s->w, s->t->tgid);
	const char *exe = p && p->exe ? p->exe : "", *slash = strrchr(exe, '/');
	char comm[WIRE_COMM + 1] = {};
	const bool go = world_is_go(s->w, s->t->tgid);
	const char *tasks = go ? "goroutines" : NULL;

	memcpy(comm, s->t->comm, WIRE_COMM);
	for (size_t i = 0; !tasks && i < sizeof(runtimes) / sizeof(runtimes[0]); i++)
		if (!fnmatch(runtimes[i].exe, slash ? slash + 1 : exe, 0) &&
		    !fnmatch(runtimes[i].comm, comm, 0))
			tasks = runtimes[i].tasks;
	if (!tasks)
		return;
	fprintf(s->lines.f,
		"thread level only: its runtime moves %s from thread to thread; nothing is said "
		"about those here",
		tasks);
	if (go)
		fprintf(s->lines.f, "; `nowake explain %u:GOID` tells of one", s->t->tgid);
	lines_end(&s->lines, &note_label);
}

/* A thread that was not judged: it runs, or has not been blocked for long enough. */
static int print_unjudged(struct story *s)
{
	char age[DURATION_TEXT], threshold[DURATION_TEXT];
	__u64 age_ns = world_age(s->w, s->t);
	struct mem_wants wants = {};
	struct wait wait;
	int err = wait_decode(s->w, s->t, &wants, &wait);

	array_free(&wants.want);
	if (err)
		return err;
	if (wait.kind != WAIT_RUNNING) {
		print_wait(s, &wait, NULL);
		print_age(s, age_ns);
	}
	if (s->t->tgid == s->w->self)
		fputs("none: this is nowake itself", s->lines.f);
	else if (s->t->bits & (WIRE_RUNNABLE | WIRE_ZOMBIE | WIRE_EXITING | WIRE_DUMPING))
		fprintf(s->lines.f, "none: not blocked (%s)", state_of(s->t));
	else if (age_ns < s->v->threshold_ns)
		fprintf(s->lines.f, "none: blocked for only %s, and %s is the threshold",
			duration_text(age, sizeof(age), age_ns),
			duration_text(threshold, sizeof(threshold), s->v->threshold_ns));
	else
		fputs("none: it is not one of the threads that are judged", s->lines.f);
	lines_end(&s->lines, &verdict_label);
	return 0;
}

/* Who made it, and where; who has woken what it waits on: what a daemon remembers. */
static void print_past(struct story *s, const struct judged *j)
{
	const struct birth *b = past_birth(&s->w->past, s->t);
	const struct site *site = past_site(&s->w->past, b);
	const struct word *word =
		j && j->wait.nfutexes == 1 ? wakes_of(s->w, s->t->mm, j->wait.futex.addr) : NULL;

	if (b) {
		phrase_thread(s->lines.f, s->w, b->creator, s->t->tgid, s->utf8);
		lines_end(&s->lines, &created_label);
	}
	if (site) {
		phrase_count(s->lines.f, site->alive, "thread");
		fprintf(s->lines.f, " made there live, %llu have ended",
			(unsigned long long)site->ended);
		lines_end(&s->lines, &more_label);
	}
	if (site && site->trace)
		frames_print(&s->lines, &s->w->stacks, NULL,
			     &s->w->stacks.traces.v[site->trace - 1], "              ",
			     "              ", s->verbose);
	if (word && word->seen.wakes) {
		wakes_say(s->lines.f, s->w, word);
		lines_end(&s->lines, &wakes_label);
	}
}

int report_explain(FILE *out, const struct verdicts *v, const struct options *opts,
		   const struct style *style)
{
	struct story s = { .v = v, .w = v->world, .utf8 = style->utf8, .verbose = opts->verbose };
	const struct judged *j = verdict_of(v, opts->tid);
	int err;

	if (opts->goid)
		return report_explain_goroutine(out, v, opts, style);
	s.t = world_thread(v->world, opts->tid);
	if (!s.t)
		return -ESRCH;
	err = lines_open(&s.lines, out, style);
	if (err)
		return err;
	print_head(&s);
	if (j) {
		print_wait(&s, &j->wait, j->primitive);
		print_place(&s, &j->place);
		print_age(&s, j->age_ns);
		print_wakers(&s, j);
		print_verdict(&s, j);
	} else {
		err = print_unjudged(&s);
	}
	print_past(&s, j);
	print_stack(&s, j ? j->trace : stack_of(&s.w->stacks, opts->tid));
	print_runtime(&s);
	lines_close(&s.lines);
	return err ? err : ferror(out) ? -EIO : 0;
}
