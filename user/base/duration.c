// SPDX-License-Identifier: GPL-2.0-only
/* duration.c - spans of time, as people write and read them. */
#include "base/duration.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND DURATION_SECOND
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static const struct {
	const char *name;
	__u64 ns;
} units[] = {
	{ "", SECOND },	   { "s", SECOND }, { "ms", 1000000 }, { "m", MINUTE },
	{ "min", MINUTE }, { "h", HOUR },   { "d", DAY },
};

static __u64 unit_of(const char *name)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(name, units[i].name))
			return units[i].ns;
	return 0;
}

bool duration_parse(const char *text, __u64 *ret_ns)
{
	static const char digit[] = "0123456789";
	size_t whole = strspn(text, digit);
	size_t fraction = text[whole] == '.' ? strspn(text + whole + 1, digit) : 0;
	size_t end = whole + (text[whole] == '.') + fraction;
	__u64 unit = unit_of(text + end), ns;

	if (!whole || whole > 12 || fraction > 9 || (!fraction && end != whole) || !unit)
		return false;
	ns = strtoull(text, NULL, 10);
	if (ns > DURATION_MAX / unit)
		return false;
	ns *= unit;
	for (size_t i = 1; i <= fraction; i++) {
		unit /= 10;
		ns += unit * (text[whole + i] - '0');
	}
	if (ns < 1000000 || ns > DURATION_MAX)
		return false;
	*ret_ns = ns;
	return true;
}

/* "2 min 5 s"; what is nought of the smaller unit is left out. */
static void two_units(char *ret, size_t size, __u64 ns, __u64 large, const char *large_name,
		      __u64 small, const char *small_name)
{
	__u64 rest = ns % large / small;

	if (rest)
		snprintf(ret, size, "%llu %s %llu %s", ns / large, large_name, rest, small_name);
	else
		snprintf(ret, size, "%llu %s", ns / large, large_name);
}

char *duration_text(char *ret, size_t size, __u64 ns)
{
	if (ns < SECOND)
		snprintf(ret, size, "%llu ms", ns / 1000000);
	else if (ns < 10 * SECOND && ns % SECOND / (SECOND / 10))
		snprintf(ret, size, "%llu.%llu s", ns / SECOND, ns % SECOND / (SECOND / 10));
	else if (ns < MINUTE)
		snprintf(ret, size, "%llu s", ns / SECOND);
	else if (ns < HOUR)
		two_units(ret, size, ns, MINUTE, "min", SECOND, "s");
	else if (ns < DAY)
		two_units(ret, size, ns, HOUR, "h", MINUTE, "min");
	else if (ns < 3 * DAY)
		two_units(ret, size, ns, DAY, ns < 2 * DAY ? "day" : "days", HOUR, "h");
	else
		snprintf(ret, size, "%llu days", ns / DAY);
	return ret;
}
