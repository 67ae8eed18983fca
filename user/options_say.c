// SPDX-License-Identifier: GPL-2.0-only
/* options_say.c - what a command line is answered with: help, the version, complaints.
 *
 * Prints nothing: main.c does. */
#include "options_say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/duration.h"
#include "base/escape.h"
#include "base/nearest.h"
#include "options_table.h"
#include "version.h"

/* ---- help ---- */

#define HELP_WIDTH 78
#define HELP_COLUMN 28

static void print_wrapped(FILE *out, const char *text)
{
	size_t column = HELP_COLUMN;

	while (*text) {
		size_t n = strcspn(text, " ");

		if (column > HELP_COLUMN && column + 1 + n > HELP_WIDTH) {
			fprintf(out, "\n%*s", HELP_COLUMN, "");
			column = HELP_COLUMN;
		} else if (column > HELP_COLUMN) {
			fputc(' ', out);
			column++;
		}
		fwrite(text, 1, n, out);
		column += n;
		text += n + strspn(text + n, " ");
	}
	fputc('\n', out);
}

static void print_option(FILE *out, const struct spec *spec)
{
	int n = spec->letter ? fprintf(out, "  -%c, --%s", spec->letter, spec->name)
			     : fprintf(out, "      --%s", spec->name);

	if (spec->takes == ARGUMENT_NEEDED)
		n += fprintf(out, " %s", spec->metavar);
	if (spec->takes == ARGUMENT_OPTIONAL)
		n += fprintf(out, "[=%s]", spec->metavar);
	if (n >= HELP_COLUMN) {
		fputc('\n', out);
		n = 0;
	}
	fprintf(out, "%*s", HELP_COLUMN - n, "");
	print_wrapped(out, spec->help);
}

static void print_help(FILE *out, const struct command *command)
{
	fprintf(out, "usage: nowake %s [OPTION]...%s%s\n\n%s\n\n", command->name,
		command->operand ? " " : "", command->operand ? command->operand : "",
		command->about);
	for (const struct spec *s = options_table_specs; s->name; s++)
		if (s->commands & (1u << command->id))
			print_option(out, s);
	if (options_table_specs[0].commands & (1u << command->id))
		fprintf(out, "\nThe threshold is %gs when none is given.\n",
			(double)command->threshold_ns / DURATION_SECOND);
}

static void print_overview(FILE *out)
{
	fputs("usage: nowake COMMAND [OPTION]...\n\n"
	      "Says which threads of this host are blocked and will never be woken.\n\n",
	      out);
	for (const struct command *c = options_table_commands; c->name; c++) {
		int n = fprintf(out, "  %s %s", c->name, c->operand ? c->operand : "");

		fprintf(out, "%*s%s\n", 18 - n, "", c->summary);
	}
	fputs("\n`nowake COMMAND --help` tells the options of a command; nowake(8) tells all.\n",
	      out);
}

int options_say_help(const struct command *command, char **ret_text)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return -ENOMEM;
	if (command)
		print_help(out, command);
	else
		print_overview(out);
	if (fclose(out))
		return -ENOMEM;
	*ret_text = TAKE_PTR(text);
	return 0;
}

int options_say_version(char **ret_text)
{
	*ret_text = strdup("nowake " NOWAKE_BOTH "\n");
	return *ret_text ? 0 : -ENOMEM;
}

/* ---- what is wrong with the command line ---- */

int options_say_wrong(char **ret_text, const struct command *command, const char *fmt, ...)
{
	_cleanup_free_ char *message = NULL, *safe = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&message, fmt, ap);
	va_end(ap);
	if (n < 0)
		return -ENOMEM;
	safe = malloc(4 * (size_t)n + 1);
	if (!safe)
		return -ENOMEM;
	escape_text(safe, 4 * (size_t)n + 1, message, true);
	n = asprintf(ret_text, "nowake%s%s: %s\n", command ? " " : "", command ? command->name : "",
		     safe);
	return n < 0 ? -ENOMEM : EXIT_USAGE;
}

int options_say_unknown_command(const char *word, char **ret_text)
{
	for (const struct command *c = options_table_commands; c->name; c++)
		if (nearest_resembles(word, c->name))
			return options_say_wrong(ret_text, NULL,
						 "there is no command \"%s\": did you mean \"%s\"?",
						 word, c->name);
	return options_say_wrong(ret_text, NULL,
				 "there is no command \"%s\": try \"nowake --help\"", word);
}

int options_say_unknown_option(const struct command *command, const char *word, char letter,
			       char **ret_text)
{
	_cleanup_free_ char *name = NULL;

	if (letter)
		return options_say_wrong(ret_text, command,
					 "there is no option -%c: try \"nowake %s --help\"", letter,
					 command->name);
	word += strspn(word, "-");
	name = strndup(word, strcspn(word, "="));
	if (!name)
		return -ENOMEM;
	for (const struct spec *s = options_table_specs; s->name; s++)
		if ((s->commands & (1u << command->id)) && nearest_resembles(name, s->name))
			return options_say_wrong(ret_text, command,
						 "there is no option --%s: did you mean --%s?",
						 name, s->name);
	return options_say_wrong(ret_text, command,
				 "there is no option --%s: try \"nowake %s --help\"", name,
				 command->name);
}
