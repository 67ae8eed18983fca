// SPDX-License-Identifier: GPL-2.0-only
/* test_dot.c - the graph: quoted so that Graphviz shows names as they are. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "made.h"

Test(dot, example)
{
	static const char *const lines[] = {
		"digraph nowake {\n",
		"\t\tlabel=\"deadlock (proven): mutex_cycle2 [4711]\";\n",
		"\tt4712 -> t4713 [label=\"owner\", color=\"#cc0000\", penwidth=2];\n",
		"\tt4713 -> t4712 [label=\"owner\", color=\"#cc0000\", penwidth=2];\n",
		"\tt4711 -> t4712 [label=\"join\"];\n",
		"\tt4900 -> t4900 [label=\"owner\", color=\"#cc0000\", penwidth=2];\n",
		"[label=\"evil\\\\x1b[31m\\\\x0a\\\"\\\\xff&amp; [4714]\\nmutex",
		("\tp4800 [shape=ellipse, label=\"process gr\xc3\xbc\xc3\x9f"
		 "e [4800]\"];\n"),
	};
	struct verdicts *v = made_example();
	char *text = made_output(&report_dot, v, &(struct options){}, false, true);

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		cr_expect(strstr(text, lines[i]), "%s is not in\n%s", lines[i], text);
	free(text);
	made_free(v);
}

Test(dot, functions)
{
	struct verdicts *v = made_stacks();
	char *text = made_output(&report_dot, v, &(struct options){}, false, true);

	cr_expect(strstr(text, "\\npthread_join from main (main.c:99)\\nfor 34 s\""), "%s", text);
	cr_expect(strstr(text, "\\nf\\\\x1b[31m\\\\x0a;\\\"&amp;\\\\xff 1 (\\\\x0d)\\nfor"), "%s",
		  text);
	free(text);
	made_free(v);
}

/* Graphviz takes it without a word, where it is installed. */
Test(dot, renders)
{
	struct verdicts *v = made_stacks();
	char *text = made_output(&report_dot, v, &(struct options){ .all = true }, true, false);
	FILE *dot;

	if (system("dot -V >/dev/null 2>&1"))
		cr_skip_test("dot is not installed");
	dot = popen("out=$(dot -Tsvg 2>&1 >/dev/null) && [ -z \"$out\" ]", "w");
	cr_assert(dot);
	fputs(text, dot);
	cr_expect_eq(pclose(dot), 0);
	free(text);
	made_free(v);
}

Test(dot, nothing_is_stuck)
{
	struct verdicts *v = made_verdicts((const struct made_thread[]){ {} });
	char *text = made_output(&report_dot, v, &(struct options){}, true, false);

	cr_expect(strstr(text, "Nothing is stuck."));
	free(text);
	made_free(v);
}
