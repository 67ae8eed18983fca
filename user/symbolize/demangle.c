// SPDX-License-Identifier: GPL-2.0-only
/* demangle.c - the names that compilers make of names, as they were written.
 *
 * A mangled name may say "what I named before" again and again: 200 bytes of it can stand for
 * gigabytes. So the demangler hands its text over piece by piece, and is left when it is too
 * much; libiberty has no such way for D, where the number of repetitions has a limit. */
#include "symbolize/demangle.h"

#include <libiberty/demangle.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

#define MANGLED_MAX 2048     /* bytes; longer ones are not demangled */
#define TEXT_MAX (1u << 16)  /* bytes that are let pass, though few of them are kept */
#define D_REPETITIONS_MAX 12 /* each can make the name twice as long */

struct text {
	char *to;
	size_t size;
	size_t n;     /* that are kept */
	size_t total; /* that there were */
	jmp_buf enough;
};

static void take(const char *piece, size_t len, void *arg)
{
	struct text *t = arg;
	size_t room = t->size - 1 - t->n, n = len < room ? len : room;

	memcpy(t->to + t->n, piece, n);
	t->n += n;
	t->total += len;
	if (t->total > TEXT_MAX)
		longjmp(t->enough, 1);
}

/* Whether the demangler takes the name for one of its own. */
static bool try(int (*demangle)(const char *, int, demangle_callbackref, void *), const char *name,
		char *ret, size_t size)
{
	struct text t = { .to = ret, .size = size };

	if (!setjmp(t.enough) && !demangle(name, DMGL_ANSI, take, &t))
		return false;
	ret[t.n] = '\0';
	return t.n > 0;
}

static bool try_d(const char *name, char *ret, size_t size)
{
	_cleanup_free_ char *plain = NULL;
	size_t repetitions = 0;

	for (const char *c = name; *c; c++)
		repetitions += *c == 'Q';
	if (strncmp(name, "_D", 2) != 0 || repetitions > D_REPETITIONS_MAX)
		return false;
	plain = dlang_demangle(name, DMGL_ANSI);
	if (plain)
		snprintf(ret, size, "%s", plain);
	return plain != NULL;
}

void demangle_name(const char *name, char *ret, size_t size)
{
	if (strlen(name) >= MANGLED_MAX ||
	    (!try(rust_demangle_callback, name, ret, size) &&
	     !try(cplus_demangle_v3_callback, name, ret, size) && !try_d(name, ret, size)))
		snprintf(ret, size, "%s", name);
}
