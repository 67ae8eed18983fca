// SPDX-License-Identifier: GPL-2.0-only
/* test_process.c - what /proc says of a process that is there, and of one that has gone. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collect/process.h"
#include "fixture.h"

static const struct process *look(struct world *w, __u32 pid)
{
	struct guard *g = guard_new(5000);

	fixture_thread(w, pid, pid);
	world_sort(w);
	cr_assert_eq(process_lookup(g, w, &pid, 1), 0);
	guard_free(g);
	cr_assert_eq(w->processes.n, 1);
	return w->processes.v;
}

Test(process, is_there)
{
	struct world *w = fixture_world();

	cr_expect_eq(look(w, getpid())->bits & (PROCESS_KNOWN | PROCESS_UNREADABLE), PROCESS_KNOWN);
	cr_expect_eq(w->blind.n, 0);
	world_free(w);
}

/* That is no blindness; but nothing is known of it, should it be a finding. */
Test(process, has_gone)
{
	struct world *w = fixture_world();
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
	cr_expect_eq(look(w, pid)->bits, PROCESS_UNREADABLE);
	cr_expect_eq(w->blind.n, 0);
	world_free(w);
}

Test(process, errors_in_words)
{
	cr_expect_str_eq(guard_error(-ETIMEDOUT), "that hangs");
	cr_expect(strstr(guard_error(-EBUSY), "hung before"));
	cr_expect_str_eq(guard_error(-EACCES), strerror(EACCES));
}
