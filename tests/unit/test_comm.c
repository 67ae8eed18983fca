// SPDX-License-Identifier: GPL-2.0-only
/* test_comm.c - which patterns match which names. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "base/comm.h"

Test(comm, matches)
{
	static const struct {
		const char *name, *pattern;
		bool matches;
	} rows[] = {
		{ "redis", "redis", true },
		{ "redis", "r*", true },
		{ "redis", "redi", false },
		{ "redis", "redis-server", false },
		/* the kernel cut these */
		{ "systemd-journal", "systemd-journal", true },
		{ "systemd-journal", "systemd-journald", true },
		{ "systemd-journal", "systemd-journald*", true },
		{ "systemd-journal", "systemd-journex", false },
		{ "systemd-journal", "systemd-journexd", false },
		{ "systemd-journa", "systemd-journald", false },
		{ "systemd-journal", "systemd-*journald", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char name[COMM_SIZE] = {};

		snprintf(name, sizeof(name), "%s", rows[i].name);
		cr_expect_eq(comm_matches(name, &rows[i].pattern, 1), rows[i].matches, "%s: %s",
			     rows[i].name, rows[i].pattern);
	}
}
