// SPDX-License-Identifier: GPL-2.0-only
/* groups_pattern.c - the label of a process, made of what is known of it.
 *
 * Pure. Names of programs are hostile: whatever cannot be printed is made printable here,
 * before names are compared, for two series with one label would spoil the whole export. */
#include <string.h>

#include "analyze/groups_pattern.h"
#include "base/escape.h"

#define PATTERN_MAX 256
#define DELETED " (deleted)" /* what the kernel puts behind the path of an unlinked file */

struct field {
	const char *text;
	size_t len;
};

static struct field whole(const char *text)
{
	return (struct field){ text, strlen(text) };
}

/* An upgrade unlinks the file of a program that runs on: that is no other program. */
static struct field base_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct field f = whole(slash ? slash + 1 : path);
	size_t tail = strlen(DELETED);

	if (f.len > tail && !memcmp(f.text + f.len - tail, DELETED, tail))
		f.len -= tail;
	return f;
}

static struct field exe_of(const struct group_name *name)
{
	struct field f = name->exe ? base_of(name->exe) : whole("");

	return f.len ? f : whole(name->comm);
}

/* The value of the placeholder at *at, which moves behind it; false: there is none. */
static bool placeholder(const char **at, const struct group_name *name, struct field *ret)
{
	const struct {
		const char *word;
		struct field value;
	} all[] = {
		{ "{exe}", exe_of(name) },
		{ "{comm}", whole(name->comm) },
		{ "{unit}", whole(name->unit ? name->unit : "") },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		size_t len = strlen(all[i].word);

		if (strncmp(*at, all[i].word, len))
			continue;
		*at += len;
		*ret = all[i].value;
		return true;
	}
	return false;
}

bool groups_pattern_check(const char *pattern, const char **ret_error)
{
	const struct group_name none = { .comm = "" };
	struct field value;
	const char *error = NULL;
	bool any = false;

	if (!*pattern)
		error = "it is empty";
	else if (strlen(pattern) > PATTERN_MAX)
		error = "it is longer than 256 bytes";
	while (!error && *pattern) {
		if (placeholder(&pattern, &none, &value)) {
			any = true;
			continue;
		}
		if (*pattern == '{' || *pattern == '}')
			error = "braces are for {exe}, {comm} and {unit} only";
		pattern++;
	}
	if (!error && !any)
		error = "all processes would be one group";
	if (error)
		*ret_error = error;
	return !error;
}

static void append(char *raw, size_t size, struct field f)
{
	size_t len = strlen(raw), room = size - 1 - len;

	if (f.len > room)
		f.len = room;
	memcpy(raw + len, f.text, f.len);
	raw[len + f.len] = '\0';
}

char *groups_pattern_expand(char *ret, const char *pattern, const struct group_name *name)
{
	char raw[4 * GROUPS_NAME] = "";

	while (*pattern) {
		struct field f = { pattern, 1 };

		if (!placeholder(&pattern, name, &f))
			pattern++;
		append(raw, sizeof(raw), f);
	}
	if (!*raw)
		append(raw, sizeof(raw), whole(name->comm));
	escape_text(ret, GROUPS_NAME, *raw ? raw : "?", true);
	if (!strcmp(ret, GROUPS_OTHER))
		strcat(ret, " (program)"); /* not the rest of the host */
	return ret;
}

char *groups_pattern_unit(char *ret, const struct group_name *name)
{
	return escape_text(ret, GROUPS_NAME, name->unit ? name->unit : "", true);
}
