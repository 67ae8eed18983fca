// SPDX-License-Identifier: GPL-2.0-only
/* folded.c - one line per stack with its count, as flame graph tools read it.
 *
 * "process;outermost call;…;innermost call COUNT", in the words of stackcollapse-perf.pl: [x]
 * is what has no name, _[k] ends a function of the kernel, _[i] an inlined one. Stacks are
 * compared frame by frame and never put together in memory: they may be many and long. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "report/frames.h"
#include "report/phrase.h"
#include "report/report.h"

struct line {
	const char *comm; /* of the process, WIRE_COMM bytes */
	const struct trace *trace;
	const char *kernel; /* the kernel's stack, "" if there is none */
	size_t n;	    /* threads or goroutines */
};

struct folded {
	ARRAY(struct line) lines;
	const struct stacks *stacks;
};

static int add(struct folded *f, const struct world *w, const struct judged *j)
{
	const struct wire_thread *leader = world_thread(w, j->thread->tgid);
	const struct kernel_wait *k = world_kernel_wait(w, j->thread->head.tid);
	struct line line = { .comm = leader ? leader->comm : j->thread->comm,
			     .trace = j->trace,
			     .kernel = k ? k->stack : "",
			     .n = 1 };

	return array_push(&f->lines, line) ? -ENOMEM : 0;
}

static int add_goroutine(struct folded *f, const struct world *w, const struct judged_goroutine *g)
{
	const struct wire_thread *leader = world_thread(w, g->wait->tgid);
	static const char nobody[WIRE_COMM] = "?";
	struct line line = {
		.comm = leader ? leader->comm : nobody, .trace = g->trace, .kernel = "", .n = 1
	};

	return array_push(&f->lines, line) ? -ENOMEM : 0;
}

static int collect_goroutines(struct folded *f, const struct verdicts *v,
			      const struct options *opts)
{
	int err = 0;

	for (size_t i = 0; !err && i < v->goroutines.n; i++) {
		const struct judged_goroutine *g = &v->goroutines.v[i];
		bool shown = g->finding && report_selects(opts, v, &v->findings.v[g->finding - 1]);

		if (shown || (opts->all && report_selects_process(opts, v->world, g->wait->tgid)))
			err = add_goroutine(f, v->world, g);
	}
	return err;
}

/* Every thread and goroutine of the findings that are shown; with --all every blocked one. */
static int collect(struct folded *f, const struct verdicts *v, const struct options *opts)
{
	int err = collect_goroutines(f, v, opts);

	for (size_t i = 0; !err && i < v->judged.n; i++) {
		const struct judged *j = &v->judged.v[i];
		bool shown = j->finding && report_selects(opts, v, &v->findings.v[j->finding - 1]);

		if (shown ||
		    (opts->all && verdict_blocked(v, j) && report_selects_thread(opts, v, j)))
			err = add(f, v->world, j);
	}
	return err;
}

/* ---- sorting ---- */

static int compare_known(const struct line *a, const struct line *b)
{
	int c = strncmp(a->comm, b->comm, WIRE_COMM);

	return c ? c : strcmp(a->kernel, b->kernel);
}

/* Brings those together that share a trace; in no order that means anything. */
static int compare_trace(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->trace != y->trace)
		return x->trace < y->trace ? -1 : 1;
	return compare_known(x, y);
}

/* What frames_name() prints, in a form that can be compared: NULL function, then module. */
static const char *function_of(const struct frame *f)
{
	return f->function && *f->function ? f->function : NULL;
}

static const char *module_of(const struct frame *f)
{
	return !function_of(f) && f->module && *f->module ? frames_base(f->module) : NULL;
}

static int compare_text(const char *a, const char *b)
{
	if (!a || !b)
		return !a && b ? -1 : a && !b;
	return strcmp(a, b);
}

static int compare_frame(const struct frame *a, const struct frame *b)
{
	__u64 x = function_of(a) ? 0 : module_of(a) ? a->offset : a->address;
	__u64 y = function_of(b) ? 0 : module_of(b) ? b->offset : b->address;
	int c = a == b ? 0 : compare_text(function_of(a), function_of(b));

	if (a == b || c)
		return c;
	if (a->inlined != b->inlined)
		return a->inlined ? 1 : -1;
	c = compare_text(module_of(a), module_of(b));
	return c ? c : x < y ? -1 : x > y;
}

/* By what is printed, from the root on: equal for lines that would be the same. */
static int compare_line(const void *a, const void *b, void *data)
{
	const struct line *x = a, *y = b;
	const struct stacks *s = data;
	size_t n = x->trace ? x->trace->frames.n : 0, m = y->trace ? y->trace->frames.n : 0;
	bool x_cut = n && x->trace->stop, y_cut = m && y->trace->stop;
	int c = strncmp(x->comm, y->comm, WIRE_COMM);

	if (!c && x_cut != y_cut)
		return x_cut ? 1 : -1;
	for (; !c && n && m; n--, m--)
		c = compare_frame(stack_frame(s, x->trace, n - 1), stack_frame(s, y->trace, m - 1));
	if (!c && n != m)
		return n < m ? -1 : 1;
	return c ? c : strcmp(x->kernel, y->kernel);
}

/* Adds up neighbours that are equal. */
static void merge(struct folded *f, int (*compare)(const void *, const void *, void *))
{
	size_t n = 0;

	for (size_t i = 0; i < f->lines.n; i++) {
		struct line *last = n ? &f->lines.v[n - 1] : NULL;

		if (last && !compare(last, &f->lines.v[i], (void *)f->stacks))
			last->n += f->lines.v[i].n;
		else
			f->lines.v[n++] = f->lines.v[i];
	}
	f->lines.n = n;
}

static int same_trace(const void *a, const void *b, void *data)
{
	(void)data;
	return compare_trace(a, b);
}

/* Most threads of a crowd share few traces: those are put together first, cheaply. */
static void sort(struct folded *f)
{
	if (!f->lines.n)
		return;
	qsort(f->lines.v, f->lines.n, sizeof(*f->lines.v), compare_trace);
	merge(f, same_trace);
	qsort_r(f->lines.v, f->lines.n, sizeof(*f->lines.v), compare_line, (void *)f->stacks);
	merge(f, compare_line);
}

/* ---- printing ---- */

struct printer {
	FILE *out;
	FILE *word; /* memory stream: one name, before what means something in it is replaced */
	char *text;
	size_t size;
	bool utf8;
};

/* A semicolon would part the name in two; a number after a blank at its end would be read as
 * one more count. */
static void end_word(struct printer *p)
{
	const char *s, *number;

	fputc('\0', p->word);
	fflush(p->word);
	rewind(p->word);
	s = p->text ? p->text : "";
	number = s + strlen(s);
	while (number > s && strchr("0123456789.", number[-1]))
		number--;
	for (; *s; s++)
		fputc(*s == ';' ? ':' : *s == ' ' && s + 1 == number ? '_' : *s, p->out);
}

static void print_frame(struct printer *p, const struct frame *f)
{
	bool named = function_of(f);

	fputs(named ? "" : "[", p->word);
	frames_name(p->word, f, p->utf8);
	fputs(named ? "" : "]", p->word);
	fputs(f->inlined ? "_[i]" : "", p->word);
	fputc(';', p->out);
	end_word(p);
}

/* Outermost first; the kernel has its stack the other way round. */
static void print_kernel(struct printer *p, const char *stack)
{
	char name[FRAMES_KERNEL];

	for (const char *end = stack + strlen(stack); end > stack;) {
		const char *start = end - 1, *at;

		while (start > stack && start[-1] != '\n')
			start--;
		at = start;
		end = start;
		if (!frames_kernel(&at, name, p->utf8))
			continue;
		fprintf(p->word, "%s_[k]", name);
		fputc(';', p->out);
		end_word(p);
	}
}

static void print_line(struct printer *p, const struct stacks *s, const struct line *line)
{
	const struct trace *t = line->trace;
	char comm[ESCAPE_COMM];

	fputs(escape_name(comm, sizeof(comm), line->comm, WIRE_COMM, p->utf8), p->word);
	end_word(p);
	if (!t || !t->frames.n)
		fputs(";[no stack]", p->out);
	else if (t->stop) /* its outer end, to which the callers would belong, is not known */
		fputs(";[unwinding stopped]", p->out);
	for (size_t i = t ? t->frames.n : 0; i > 0; i--)
		print_frame(p, stack_frame(s, t, i - 1));
	print_kernel(p, line->kernel);
	fprintf(p->out, " %zu\n", line->n);
}

static int print_folded(FILE *out, const struct verdicts *v, const struct options *opts,
			const struct style *style)
{
	struct folded f = { .stacks = &v->world->stacks };
	struct printer p = { .out = out, .utf8 = style->utf8 };
	int err = collect(&f, v, opts);

	p.word = open_memstream(&p.text, &p.size);
	if (!p.word)
		err = -ENOMEM;
	if (!err)
		sort(&f);
	for (size_t i = 0; !err && i < f.lines.n; i++)
		print_line(&p, f.stacks, &f.lines.v[i]);
	array_free(&f.lines);
	if (p.word)
		fclose(p.word);
	free(p.text);
	return err ? err : ferror(out) ? -EIO : 0;
}

const struct output report_folded = { "folded", print_folded };
