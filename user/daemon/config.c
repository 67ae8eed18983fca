// SPDX-License-Identifier: GPL-2.0-only
/* config.c - the daemon's settings, from a file and the command line.
 *
 * The file has lines "name = value" with the names of the long options (options_table.c),
 * parsed by what parses those. "#" begins a comment, quotes may stand around a value, and
 * switches are yes or no. */
#include "daemon/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "base/nearest.h"
#include "options_table.h"

struct config {
	struct options opts;
	char *text;		     /* of the file, in pieces: opts points into it */
	char *socket;		     /* as it was at the start; opts points to it */
	const struct options *first; /* what the command line says */
};

/* Sets the message; EXIT_USAGE, or -ENOMEM. */
__attribute__((format(printf, 4, 5))) static int complain(char **ret_error, const char *path,
							  unsigned int line, const char *fmt, ...)
{
	_cleanup_free_ char *what = NULL;
	char name[512], safe[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&what, fmt, ap);
	va_end(ap);
	if (n < 0) {
		what = NULL;
		return -ENOMEM;
	}
	escape_text(name, sizeof(name), path, true);
	escape_text(safe, sizeof(safe), what, true);
	n = line ? asprintf(ret_error, "%s:%u: %s", name, line, safe)
		 : asprintf(ret_error, "%s: %s", name, safe);
	if (n < 0) {
		*ret_error = NULL;
		return -ENOMEM;
	}
	return EXIT_USAGE;
}

/* ---- the file ---- */

/* *ret is NULL when there is no such file, and need not be. */
static int read_file(const char *path, bool needed, char **ret, char **ret_error)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	_cleanup_free_ char *text = malloc(CONFIG_BYTES + 2);
	struct stat st;
	ssize_t n = 0, len = 0;

	if (fd < 0 && errno == ENOENT && !needed)
		return 0;
	if (fd < 0 || fstat(fd, &st))
		return complain(ret_error, path, 0, "it cannot be opened: %s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return complain(ret_error, path, 0, "it is no regular file");
	if (!text)
		return -ENOMEM;
	while (len <= (ssize_t)CONFIG_BYTES && (n = read(fd, text + len, CONFIG_BYTES + 1 - len)))
		if (n < 0 && errno != EINTR)
			return complain(ret_error, path, 0, "it cannot be read: %s",
					strerror(errno));
		else if (n > 0)
			len += n;
	if (len > (ssize_t)CONFIG_BYTES)
		return complain(ret_error, path, 0, "it is longer than %u bytes", CONFIG_BYTES);
	text[len] = '\0';
	if (strlen(text) != (size_t)len)
		return complain(ret_error, path, 0,
				"it has a byte in it that is zero: is it text?");
	*ret = TAKE_PTR(text);
	return 0;
}

static char *trim(char *s)
{
	char *end;

	s += strspn(s, " \t\r");
	end = s + strlen(s);
	while (end > s && strchr(" \t\r", end[-1]))
		*--end = '\0';
	return s;
}

static const struct spec *spec_of(const char *name, const char **ret_nearest)
{
	*ret_nearest = NULL;
	for (const struct spec *s = options_table_specs; s->name; s++) {
		if (!(s->commands & (1u << COMMAND_DAEMON)) || !s->set ||
		    !strcmp(s->name, "config"))
			continue;
		if (!strcmp(s->name, name))
			return s;
		if (nearest_resembles(name, s->name))
			*ret_nearest = s->name;
	}
	return NULL;
}

/* Ends the value in place: at its closing quote, or before a comment. What is wrong, or NULL. */
static const char *end_value(char **value)
{
	char *s = *value, *end;

	if (*s == '"') {
		*value = s + 1;
		end = strchr(s + 1, '"');
		if (!end)
			return "the quote has no end";
		*end++ = '\0';
		end = trim(end);
		return *end && *end != '#' ? "there is more after the quote" : NULL;
	}
	for (end = s; *end && !(*end == '#' && (end == s || strchr(" \t", end[-1])));)
		end++;
	*end = '\0';
	*value = trim(s);
	return NULL;
}

static int set_switch(const struct spec *spec, const char *value, struct options *opts)
{
	bool yes = !strcmp(value, "yes");

	if (!yes && strcmp(value, "no"))
		return EXIT_USAGE;
	*(bool *)((char *)opts + spec->offset) = yes;
	return 0;
}

static int apply_line(const char *path, unsigned int number, char *line, struct options *opts,
		      char **ret_error)
{
	char *equals, *name = trim(line), *value;
	const struct spec *spec;
	const char *nearest, *wrong;
	int err;

	if (!*name || *name == '#')
		return 0;
	equals = strchr(name, '=');
	if (!equals)
		return complain(ret_error, path, number,
				"\"%s\" is no line of the form name = value", name);
	*equals = '\0';
	name = trim(name);
	value = trim(equals + 1);
	spec = spec_of(name, &nearest);
	if (!spec && nearest)
		return complain(ret_error, path, number, "there is no \"%s\": did you mean \"%s\"?",
				name, nearest);
	if (!spec)
		return complain(ret_error, path, number,
				"there is no \"%s\": see \"nowake daemon --help\"", name);
	wrong = end_value(&value);
	if (wrong)
		return complain(ret_error, path, number, "%s", wrong);
	err = spec->takes == ARGUMENT_NONE ? set_switch(spec, value, opts)
					   : spec->set(spec, value, opts);
	if (err == EXIT_USAGE)
		return complain(ret_error, path, number, "%s = \"%s\" is wrong: give %s", name,
				value, spec->takes == ARGUMENT_NONE ? "yes or no" : spec->wants);
	return err;
}

static int apply_text(const char *path, char *text, struct options *opts, char **ret_error)
{
	unsigned int number = 0;
	int err = 0;

	for (char *line; !err && (line = strsep(&text, "\n"));)
		err = apply_line(path, ++number, line, opts, ret_error);
	return err;
}

/* ---- all of it ---- */

static int load(struct config *c, struct options *ret, char **ret_text, char **ret_error)
{
	const char *path = c->first->config ? c->first->config : CONFIG_DEFAULT;
	_cleanup_free_ char *text = NULL;
	const struct command *command;
	struct options base;
	int err;

	options_defaults(COMMAND_DAEMON, &base);
	err = read_file(path, c->first->config, &text, ret_error);
	if (!err && text)
		err = apply_text(path, text, &base, ret_error);
	if (err) {
		options_free(&base);
		return err;
	}
	err = options_parse(c->first->argc, c->first->argv, &base, ret, &command, ret_error);
	if (!err)
		*ret_text = TAKE_PTR(text);
	return err;
}

int config_new(const struct options *first, struct config **ret, char **ret_error)
{
	struct config *c = calloc(1, sizeof(*c));
	int err;

	*ret_error = NULL;
	if (!c)
		return -ENOMEM;
	c->first = first;
	err = load(c, &c->opts, &c->text, ret_error);
	if (!err && c->opts.socket) {
		c->socket = strdup(c->opts.socket);
		err = c->socket ? 0 : -ENOMEM;
		c->opts.socket = c->socket;
	}
	if (err) {
		config_free(c);
		return err;
	}
	*ret = c;
	return 0;
}

void config_free(struct config *c)
{
	if (!c)
		return;
	options_free(&c->opts);
	free(c->text);
	free(c->socket);
	free(c);
}

const struct options *config_options(const struct config *c)
{
	return &c->opts;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* Names what fresh changes and a restart alone can change; NULL: nothing, or no memory. */
static char *name_kept(const struct options *old, const struct options *fresh)
{
	const char *const names[] = {
		same(fresh->socket, old->socket) ? "" : " socket",
		fresh->futex_events == old->futex_events ? "" : " futex-events",
		fresh->buffer == old->buffer ? "" : " buffer",
		fresh->window_ns == old->window_ns ? "" : " window",
	};
	char *text;

	if (!*names[0] && !*names[1] && !*names[2] && !*names[3])
		return NULL;
	return asprintf(&text, "only a restart changes:%s%s%s%s", names[0], names[1], names[2],
			names[3]) < 0
		       ? NULL
		       : text;
}

int config_reload(struct config *c, char **ret_kept, char **ret_error)
{
	struct options fresh, *old = &c->opts;
	char *text = NULL;
	int err;

	*ret_error = *ret_kept = NULL;
	err = load(c, &fresh, &text, ret_error);
	if (err)
		return err;
	*ret_kept = name_kept(old, &fresh);
	fresh.socket = c->socket;
	fresh.futex_events = old->futex_events;
	fresh.buffer = old->buffer;
	fresh.window_ns = old->window_ns;
	options_free(old);
	free(c->text);
	c->opts = fresh;
	c->text = text;
	return 0;
}
