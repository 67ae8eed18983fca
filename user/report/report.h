/* SPDX-License-Identifier: GPL-2.0-only */
/* report.h - the output formats, one file each, all behind one struct.
 *
 * A format reads verdicts and prints; it never looks at the host. Names that come
 * from other processes go through base/escape.h before they are printed. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "analyze/verdict.h"
#include "options.h"

/* How to print: settled once by report_style(), from options and environment. */
struct style {
	bool color; /* terminal escapes may be used */
	bool utf8;  /* the locale's character set is UTF-8 */
	int width;  /* columns; 80 where there is no terminal */
};

struct output {
	const char *name;
	/* 0 or -errno. Prints the findings that opts selects (report_selects). */
	int (*print)(FILE *out, const struct verdicts *v, const struct options *opts,
		     const struct style *style);
};

extern const struct output report_text;
extern const struct output report_json;
extern const struct output report_dot;
extern const struct output report_folded;

struct style report_style(FILE *out, const struct options *opts);
/* Whether a finding is to be shown: -p, -c, --suspects. */
bool report_selects(const struct options *opts, const struct verdicts *v, const struct finding *f);
/* Whether one blocked thread is of those that opts asks for: -p, -c. */
bool report_selects_thread(const struct options *opts, const struct verdicts *v,
			   const struct judged *j);
/* The same of a process. */
bool report_selects_process(const struct options *opts, const struct world *w, __u32 tgid);
/* Whether opts asks for a part of the host only. */
bool report_narrowed(const struct options *opts);
/* How many findings are to be shown. */
size_t report_count(const struct options *opts, const struct verdicts *v);

/* How many of n to list: all, or most of them when that spares more than one line. */
size_t report_cut(const struct options *opts, size_t n, size_t most);

/* explain: the whole story of the thread opts->tid, or of the goroutine
 * opts->goid of that process. 0, -ESRCH when there is none. */
int report_explain(FILE *out, const struct verdicts *v, const struct options *opts,
		   const struct style *style);
