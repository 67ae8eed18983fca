// SPDX-License-Identifier: GPL-2.0-only
/* frames.c - calls and stacks in the words that all formats share. */
#include "report/frames.h"

#include <string.h>

#include "base/escape.h"

#define MARGIN 64

static void print_text(FILE *out, const char *text, bool utf8)
{
	char safe[4 * STACK_NAME_MAX + 1];

	fputs(escape_name(safe, sizeof(safe), text, strnlen(text, STACK_NAME_MAX), utf8), out);
}

/* NULL where nothing is known, or nothing is said. */
static const char *known(const char *text)
{
	return text && *text ? text : NULL;
}

const char *frames_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

static void print_name(FILE *out, const struct frame *f, bool whole, bool utf8)
{
	if (known(f->function)) {
		print_text(out, f->function, utf8);
	} else if (known(f->module)) {
		print_text(out, whole ? f->module : frames_base(f->module), utf8);
		fprintf(out, "+0x%llx", f->offset);
	} else {
		fprintf(out, "0x%llx", f->address);
	}
}

void frames_name(FILE *out, const struct frame *f, bool utf8)
{
	print_name(out, f, false, utf8);
}

char *frames_name_text(const struct frame *f, bool utf8)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	frames_name(out, f, utf8);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

/* The line of the source is worth more than the module, which a name without one needs. */
void frames_call(FILE *out, const struct frame *f, bool utf8)
{
	const char *file = known(f->file), *module = known(f->function) ? known(f->module) : NULL;

	frames_name(out, f, utf8);
	if (!file && !module && !f->inlined)
		return;
	fputs(" (", out);
	if (file || module)
		print_text(out, frames_base(file ? file : module), utf8);
	if (file && f->line)
		fprintf(out, ":%u", f->line);
	if (f->inlined)
		fprintf(out, "%sinlined", file || module ? ", " : "");
	fputc(')', out);
}

void frames_full(FILE *out, const struct frame *f, bool utf8)
{
	fprintf(out, "0x%llx", f->address);
	if (known(f->function) || known(f->module)) {
		fputc(' ', out);
		print_name(out, f, true, utf8);
	} else {
		fputs(", where no file is mapped", out);
	}
	if (known(f->file)) {
		fputs(" (", out);
		print_text(out, f->file, utf8);
		if (f->line)
			fprintf(out, ":%u", f->line);
		fputc(')', out);
	}
	if (known(f->function) && known(f->module)) {
		fputs(" in ", out);
		print_text(out, f->module, utf8);
	}
	if (f->inlined)
		fputs(", inlined", out);
	if (f->guessed)
		fputs(", by frame pointer", out);
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

bool frames_same(const struct frame *a, const struct frame *b)
{
	if (a == b)
		return true;
	if (!same_text(known(a->function), known(b->function)) || !same_text(a->module, b->module))
		return false;
	return known(a->function) ||
	       (known(a->module) ? a->offset == b->offset : a->address == b->address);
}

bool frames_kernel(const char **at, char ret[FRAMES_KERNEL], bool utf8)
{
	size_t n;

	*at += strspn(*at, "\n");
	n = strcspn(*at, "\n");
	escape_name(ret, FRAMES_KERNEL, *at, n, utf8);
	*at += n;
	return n > 0;
}

/* One line of a stack; label stands left of it, and as much room left of its rest. */
static void end_line(struct lines *l, const char *left, const char *rest, const char *label)
{
	char a[MARGIN], b[MARGIN];
	struct margin m = { a, b, LINES_DIM };

	snprintf(a, sizeof(a), "%.30s%-3.24s ", left, label);
	snprintf(b, sizeof(b), "%.30s    ", rest);
	lines_end(l, &m);
}

void frames_print(struct lines *l, const struct stacks *s, const struct kernel_wait *k,
		  const struct trace *trace, const char *first, const char *rest, bool verbose)
{
	const char *at = k ? k->stack : "", *left = first;
	bool utf8 = l->style->utf8;
	char text[FRAMES_KERNEL], number[24];

	for (; frames_kernel(&at, text, utf8); left = rest) {
		fprintf(l->f, "%s (kernel)", text);
		end_line(l, left, rest, "");
	}
	for (size_t i = 0; trace && i < trace->frames.n; i++, left = rest) {
		if (verbose)
			frames_full(l->f, stack_frame(s, trace, i), utf8);
		else
			frames_call(l->f, stack_frame(s, trace, i), utf8);
		snprintf(number, sizeof(number), "#%zu", i);
		end_line(l, left, rest, number);
	}
	if (trace && trace->stop) {
		fprintf(l->f, "%s: %s", trace->frames.n ? "unwinding stopped" : "no stack",
			trace->stop);
		end_line(l, left, rest, "");
	}
}
