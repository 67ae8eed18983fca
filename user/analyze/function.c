// SPDX-License-Identifier: GPL-2.0-only
/* function.c - the bare name of a function: what is left of "void std::f<int>(long) [clone .cold]".
 *
 * Pure. Names are hostile: nothing here trusts that brackets close. */
#include "analyze/function.h"

#include <ctype.h>
#include <string.h>

/* The text that is made: what was kept so far is ret[0..n-1]. */
struct bare {
	char *ret;
	size_t size;
	size_t n;
};

static void keep(struct bare *b, char c)
{
	if (b->n + 1 < b->size)
		b->ret[b->n++] = c;
}

static bool ends_with(const struct bare *b, size_t from, const char *end)
{
	size_t len = strlen(end);

	return b->n - from >= len && !memcmp(b->ret + b->n - len, end, len);
}

static bool starts_with(const char *p, const char *end, const char *start)
{
	size_t len = strlen(start);

	return (size_t)(end - p) >= len && !memcmp(p, start, len);
}

/* How much deeper inside of brackets the text is behind p than before it. */
static int bracket(const char *p, const char *begin)
{
	if (*p == '<' || *p == '(' || *p == '[' || *p == '{')
		return 1;
	if (*p == '>' && p > begin && p[-1] == '-') /* fn() -> T */
		return 0;
	return *p == '>' || *p == ')' || *p == ']' || *p == '}' ? -1 : 0;
}

/* Where the bracket at p closes; end if it does not. */
static const char *closing(const char *p, const char *end)
{
	const char *begin = p;
	int depth = 0;

	for (; p < end; p++) {
		depth += bracket(p, begin);
		if (!depth)
			return p;
	}
	return end;
}

/* What compilers add behind a dot, and the assembler behind an @. */
static bool is_suffix(const char *p, const char *end)
{
	static const char *const suffixes[] = {
		".constprop", ".isra", ".part",	      ".cold",	".llvm",
		".lto_priv",  ".abi0", ".localalias", ".clone", " [clone",
	};

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		const char *behind = p + strlen(suffixes[i]);

		if (starts_with(p, end, suffixes[i]) &&
		    (behind == end || *behind == '.' || *behind == ' ' || *behind == '@'))
			return true;
	}
	return *p == '@';
}

/* Whether "(" opens something that stands before or inside of the name: "(anonymous
 * namespace)", the expression of a decltype. */
static bool opens_no_arguments(const struct bare *b, size_t from)
{
	return b->n == from || b->ret[b->n - 1] == ':' ||
	       (b->n - from == 8 && ends_with(b, from, "decltype"));
}

/* "operator<<", "operator()": what follows is no bracket. */
static bool is_operator(const struct bare *b, size_t from, char next)
{
	return ends_with(b, from, "operator") && !isalnum((unsigned char)next) && next != '_' &&
	       (b->n - from == 8 || b->ret[b->n - 9] == ':');
}

/* Adds the bare form of a text; what stands before a space is a type, and is dropped. */
static void add_bare(struct bare *b, const char *p, const char *end)
{
	const size_t from = b->n;

	for (; p < end; p++) {
		if (is_suffix(p, end) || is_operator(b, from, *p))
			return;
		if (*p == ' ') {
			b->n = from;
		} else if (*p == '(' && !opens_no_arguments(b, from)) {
			return;
		} else if (bracket(p, p) > 0) {
			if (*p == '(' && b->n && b->ret[b->n - 1] != ':')
				b->n = from;
			p = closing(p, end);
			if (p == end)
				return;
		} else if (b->n > from || (*p != '&' && *p != '*')) {
			keep(b, *p);
		}
	}
}

/* Behind the type of "T as Trait"; end if it is only a type. *ret_path: it is one with a
 * path, "a::b", and no tuple or "fn() -> a::b". */
static const char *type_end(const char *p, const char *end, bool *ret_path)
{
	const char *begin = p;
	bool called = false;
	int depth = 0;

	*ret_path = false;
	for (; p < end; p++) {
		depth += bracket(p, begin);
		called |= *p == '(' && depth == 1;
		if (!depth && starts_with(p, end, " as "))
			return p;
		if (!depth && !called && starts_with(p, end, "::"))
			*ret_path = true;
	}
	return end;
}

/* Adds the type of Rust's "<T as Trait>::f", whose brackets are at p and close. */
static void add_type(struct bare *b, const char *p, const char *close)
{
	bool path;
	const char *end = type_end(p + 1, close, &path);

	if (path || end == close)
		add_bare(b, p + 1, end);
	else
		add_bare(b, end + strlen(" as "), close);
}

/* "::h0123456789abcdef" of Rust's older symbols. */
static void cut_hash(struct bare *b)
{
	if (b->n < 19 || memcmp(b->ret + b->n - 19, "::h", 3))
		return;
	for (size_t i = b->n - 16; i < b->n; i++)
		if (!isxdigit((unsigned char)b->ret[i]))
			return;
	b->n -= 19;
}

/* Namespaces inside of std:: that only tell versions of a library apart. */
static void cut_version(char *name)
{
	static const char *const versions[] = { "__1::", "__2::", "__ndk1::", "__cxx11::",
						"_V2::" };

	if (strncmp(name, "std::", 5))
		return;
	for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++) {
		size_t len = strlen(versions[i]);

		if (!strncmp(name + 5, versions[i], len))
			memmove(name + 5, name + 5 + len, strlen(name + 5 + len) + 1);
	}
}

void function_bare(const char *name, char *ret, size_t size)
{
	struct bare b = { .ret = ret, .size = size };
	const char *end = name + strlen(name), *close;

	if (!strncmp(name, "__GI_", 5)) /* glibc's names for its own use of what it exports */
		name += 5;
	close = *name == '<' ? closing(name, end) : end;
	if (close < end)
		add_type(&b, name, close);
	add_bare(&b, close < end ? close + 1 : name, end);
	cut_hash(&b);
	ret[b.n] = '\0';
	cut_version(ret);
}

/* Behind a pattern, which a space or the end of the text ends. */
static const char *pattern_end(const char *p)
{
	return p + strcspn(p, " ");
}

static bool matches_one(const char *pattern, const char *end, const char *text)
{
	const char *star = NULL, *from = text;

	while (*text) {
		if (pattern < end && *pattern == '*') {
			star = pattern++;
			from = text;
		} else if (pattern < end && *pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++from;
		} else {
			return false;
		}
	}
	while (pattern < end && *pattern == '*')
		pattern++;
	return pattern == end;
}

bool function_matches(const char *patterns, const char *text)
{
	for (const char *p = patterns, *end; *p; p = *end ? end + 1 : end) {
		end = pattern_end(p);
		if (matches_one(p, end, text))
			return true;
	}
	return false;
}
