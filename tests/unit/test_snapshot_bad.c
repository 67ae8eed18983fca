// SPDX-License-Identifier: GPL-2.0-only
/* test_snapshot_bad.c - snapshots that are hostile: refused, with a reason. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/stack.h"
#include "report/snapshot_fields.h"
#include "snapshot_case.h"

#define HEAD "{\"kind\":\"nowake-snapshot\",\"version\":1,\"looks\":1}\n{\"kind\":\"look\"}\n"
#define END "{\"kind\":\"end\"}\n"
#define STACK(tid) "{\"kind\":\"stack\",\"tid\":" #tid
#define ROW(text) HEAD "{\"kind\":" text "}\n" END

static void expect(const char *text, const char *says)
{
	char *error = snapshot_case_error(text, strlen(text));

	if (says)
		cr_expect(error && strstr(error, says), "%s: %s", text, error);
	else
		cr_expect_null(error, "%s: %s", text, error);
	free(error);
}

Test(snapshot_bad, bad_files)
{
	static const struct {
		const char *text;
		const char *says; /* NULL: it is read */
	} rows[] = {
		{ HEAD END, NULL },
		{ ROW("\"thread\",\"tid\":5,\"tgid\":5,\"args\":[1,\"0xffffffffffffffff\",0,0,0,0]"),
		  NULL },
		{ "", "this is no snapshot of nowake" },
		{ "\n", "this is no snapshot" },
		{ "hello\n", "line 1: this is no snapshot" },
		{ "{}\n", "this is no snapshot" },
		{ "[1]\n", "this is no snapshot" },
		{ "{\"kind\":\"nowake-snapshot\",\"version\":2,\"looks\":1}\n", "version 2" },
		{ "{\"kind\":\"nowake-snapshot\",\"version\":1,\"looks\":0}\n", "number of looks" },
		{ "{\"kind\":\"nowake-snapshot\",\"version\":1,\"looks\":99}\n",
		  "number of looks" },
		{ "{\"kind\":\"nowake-snapshot\",\"version\":1,\"looks\":1}\n" END,
		  "first look is missing" },
		{ HEAD, "line 3: the snapshot is cut short" },
		{ HEAD "{\"kind\":\"end\"}", "cut short" },
		{ HEAD END END, "something follows" },
		{ HEAD "{\"kind\":\"look\"}\n" END, "more looks" },
		{ HEAD "not json\n" END, "line 3: the line is no JSON object" },
		{ HEAD "{\"kind\":5}\n" END, "the line has no kind" },
		{ HEAD "{\"tid\":5}\n" END, "the line has no kind" },
		{ ROW("\"\\u001b[31m\""), "the kind \"\\x1b[31m\" is not known" },
		{ ROW("\"thread\""), "thread: it has no number" },
		{ ROW("\"thread\",\"tid\":4194305,\"tgid\":5"), "thread: it has no number" },
		{ ROW("\"thread\",\"tid\":5"), "thread: it has no number" },
		{ ROW("\"thread\",\"tid\":5,\"tid\":6"), "no JSON object" },
		{ ROW("\"thread\",\"tid\":-5,\"tgid\":5"), "thread: \"tid\" has a wrong value" },
		{ ROW("\"thread\",\"tid\":4294967296,\"tgid\":5"), "\"tid\" has a wrong value" },
		{ ROW("\"thread\",\"tid\":\"5\",\"tgid\":5"), "\"tid\" has a wrong value" },
		{ ROW("\"thread\",\"tid\":5.5,\"tgid\":5"), "\"tid\" has a wrong value" },
		{ ROW("\"thread\",\"tid\":null,\"tgid\":5"), "\"tid\" has a wrong value" },
		{ ROW("\"thread\",\"now\":1"), "\"now\" is no field" },
		{ ROW("\"thread\",\"\\n\":1"), "\"\\x0a\" is no field" },
		{ ROW("\"thread\",\"comm\":\"0123456789abcdef\""), "\"comm\" has a wrong value" },
		{ ROW("\"thread\",\"comm\":\"a\\\\x00b\""), "\"comm\" has a wrong value" },
		{ ROW("\"thread\",\"comm\":\"\\\\q\""), "\"comm\" has a wrong value" },
		{ ROW("\"thread\",\"comm\":[]"), "\"comm\" has a wrong value" },
		{ ROW("\"thread\",\"args\":[1,2,3,4,5]"), "\"args\" has a wrong value" },
		{ ROW("\"thread\",\"args\":[1,2,3,4,5,{}]"), "\"args\" has a wrong value" },
		{ ROW("\"thread\",\"args\":7"), "\"args\" has a wrong value" },
		{ ROW("\"thread\",\"nr\":99999999999999999999"), "no JSON object" },
		{ ROW("\"thread\",\"tls\":\"0x1ffffffffffffffff\""), "\"tls\" has a wrong value" },
		{ ROW("\"thread\",\"tls\":\"0x\""), "\"tls\" has a wrong value" },
		{ ROW("\"thread\",\"tls\":\"12\""), "\"tls\" has a wrong value" },
		{ ROW("\"file\",\"tid\":5,\"fd\":2147483648"), "\"fd\" has a wrong value" },
		{ ROW("\"file\",\"tid\":5,\"saddr\":\"00\""), "\"saddr\" has a wrong value" },
		{ ROW("\"file\",\"tid\":5,\"saddr\":\"zz000000000000000000000000000000\""),
		  "\"saddr\" has a wrong value" },
		{ ROW("\"file\",\"tid\":5,\"family\":65536"), "\"family\" has a wrong value" },
		{ ROW("\"file\",\"tid\":5,\"sk_v6\":256"), "\"sk_v6\" has a wrong value" },
		{ ROW("\"process\",\"tgid\":5,\"exe\":5"), "\"exe\" has a wrong value" },
		{ ROW("\"process\",\"tgid\":5,\"exe\":\"a\",\"unit\":true"),
		  "\"unit\" has a wrong value" },
		{ ROW("\"memory\",\"mm\":1,\"addr\":4096"), "memory: it is empty" },
		{ ROW("\"memory\",\"mm\":1,\"addr\":\"0xffffffffffffffff\",\"bytes\":\"0000\""),
		  "wraps around" },
		{ ROW("\"memory\",\"bytes\":\"000\""), "\"bytes\" has a wrong value" },
		{ ROW("\"memory\",\"bytes\":\"0g\""), "\"bytes\" has a wrong value" },
		{ ROW("\"blind\""), "blind: it has no text" },
		{ HEAD
		  "{\"kind\":\"thread\",\"tid\":5,\"tgid\":5}\n{\"kind\":\"thread\",\"tid\":5,\"tgid\":5}\n" END,
		  "is there twice" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect(rows[i].text, rows[i].says);
}

Test(snapshot_bad, bad_stacks)
{
	static const struct {
		const char *text;
		const char *says;
	} rows[] = {
		{ ROW("\"frame\",\"function\":5"), "\"function\" has a wrong value" },
		{ ROW("\"frame\",\"line\":4294967296"), "\"line\" has a wrong value" },
		{ ROW("\"frame\",\"inlined\":1"), "\"inlined\" has a wrong value" },
		{ ROW("\"trace\",\"frames\":[0]"), "trace: it names a frame that is not there" },
		{ ROW("\"trace\",\"frames\":0"), "\"frames\" has a wrong value" },
		{ ROW("\"trace\",\"frames\":[-1]"), "\"frames\" has a wrong value" },
		{ ROW("\"trace\",\"frames\":[4294967296]"), "\"frames\" has a wrong value" },
		{ ROW("\"trace\",\"frames\":[[]]"), "\"frames\" has a wrong value" },
		{ ROW("\"stack\",\"tid\":5"), "stack: it names a trace that is not there" },
		{ ROW("\"trace\"}\n{\"kind\":\"stack\""), "stack: it has no number" },
		{ ROW("\"trace\"}\n" STACK(5) "}\n" STACK(5)), "does not follow" },
		{ ROW("\"trace\"}\n" STACK(5) "}\n" STACK(4)), "does not follow" },
		{ ROW("\"trace\"}\n" STACK(5) "}\n" STACK(6)), NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect(rows[i].text, rows[i].says);
}

#define WAIT(text) "\"go_wait\",\"tgid\":5,\"id\":1," text

Test(snapshot_bad, bad_goroutines)
{
	static const struct {
		const char *text;
		const char *says;
	} rows[] = {
		{ ROW("\"go_process\""), "go_process: it has no number" },
		{ ROW("\"go_process\",\"tgid\":5,\"version\":\"0123456789012345678901234567890101234567890123456789012345678901\""),
		  "\"version\" has a wrong value" },
		{ ROW("\"go_process\",\"tgid\":5}\n{\"kind\":\"go_process\",\"tgid\":5"),
		  "is there twice" },
		{ ROW("\"go_wait\",\"tgid\":5"), "go_wait: its process, its number" },
		{ ROW("\"go_wait\",\"id\":5"), "go_wait: its process, its number" },
		{ ROW(WAIT("\"trace\":1")), "go_wait: its process, its number or one of its" },
		{ ROW(WAIT("\"created\":4294967295")), "one of its traces is wrong" },
		{ ROW("\"trace\"}\n{\"kind\":" WAIT("\"trace\":1,\"created\":1")), NULL },
		{ ROW("\"trace\"}\n{\"kind\":" WAIT("\"trace\":2")), "one of its traces" },
		{ ROW(WAIT("\"reason\":\"0123456789012345678901234567890123456789\"")),
		  "\"reason\" has a wrong value" },
		{ ROW(WAIT("\"count\":\"0xffffffffffffffff\"")), NULL },
		{ ROW(WAIT("\"count\":1}\n{\"kind\":" WAIT("\"count\":2"))), "is there twice" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect(rows[i].text, rows[i].says);
}

/* A name one byte longer than any that is written; a trace one frame longer. */
Test(snapshot_bad, stacks_without_end)
{
	static char text[16384], name[STACK_NAME_MAX + 1];
	FILE *out = fmemopen(text, sizeof(text), "w");

	memset(name, 'x', STACK_NAME_MAX);
	fprintf(out, HEAD "{\"kind\":\"frame\",\"file\":\"%s\"}\n", name + 1);
	fprintf(out, "{\"kind\":\"frame\",\"file\":\"%s\"}\n" END "%c", name, 0);
	fclose(out);
	expect(text, "line 4: frame: a name in it is too long");
	out = fmemopen(text, sizeof(text), "w");
	fputs(HEAD "{\"kind\":\"frame\"}\n{\"kind\":\"trace\",\"frames\":[0", out);
	for (int i = 0; i < SNAPSHOT_NUMBERS_MAX; i++)
		fputs(",0", out);
	fprintf(out, "]}\n" END "%c", 0);
	fclose(out);
	expect(text, "\"frames\" has a wrong value");
}

Test(snapshot_bad, noise)
{
	unsigned int seed = 1;
	char bytes[4096];

	for (int round = 0; round < 300; round++) {
		size_t n = rand_r(&seed) % sizeof(bytes);
		char *error;

		for (size_t i = 0; i < n; i++)
			bytes[i] = rand_r(&seed);
		error = snapshot_case_error(bytes, n);
		cr_expect(error);
		free(error);
	}
}
