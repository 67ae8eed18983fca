// SPDX-License-Identifier: GPL-2.0-only
/* test_folded.c - what flame graph tools read: one line per stack, its count at the end. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "made.h"

static void prints(struct verdicts *v, const struct options *opts, const char *expected)
{
	char *text = made_output(&report_folded, v, opts, true, true);

	cr_expect_str_eq(text, expected);
	free(text);
}

#define LOCK                                                                                       \
	"mutex_cycle2;start_thread;worker;[mutex_cycle2+0x1300];take;"                             \
	"Guard<std::mutex: int>::Guard(std::mutex&)_[i];pthread_mutex_lock;__lll_lock_wait"
#define PIPE                                                                                       \
	"gr\xc3\xbc\xc3\x9f"                                                                       \
	"e;[no stack];vfs_read_[k];pipe_read_[k] 1\n"

Test(folded, example)
{
	struct verdicts *v = made_stacks();

	prints(v, &(struct options){},
	       PIPE "mutex_cycle2;main;pthread_join 1\n" LOCK " 1\n" LOCK
		    ";do_futex_[k];futex_wait_queue_[k] 1\n"
		    "mutex_cycle2;[unwinding stopped];[0x7f0000005000];"
		    "f\\x1b[31m\\x0a:\"&\\xff_1 1\n"
		    "self;[no stack] 1\n");
	made_free(v);
}

Test(folded, only_what_was_asked_for)
{
	struct verdicts *v = made_stacks();
	__u32 pid = 4800;

	prints(v, &(struct options){ .pids = &pid, .npids = 1 }, PIPE);
	pid = 5000;
	prints(v, &(struct options){ .pids = &pid, .npids = 1 }, "");
	prints(v, &(struct options){ .pids = &pid, .npids = 1, .all = true },
	       "redis;[no stack] 2\n");
	made_free(v);
}

#define MANY 200

/* Stacks that differ in what is not printed are one line. */
Test(folded, adds_up)
{
	static struct made_thread threads[MANY + 1];
	struct frame frames[] = { { .address = 1, .function = (char *)"wait" },
				  { .address = 2, .function = (char *)"work" },
				  { .address = 3, .offset = 3, .module = (char *)"/a/server" },
				  {} };
	struct verdicts *v;

	for (__u32 i = 0; i < MANY; i++)
		threads[i] = (struct made_thread){ 1000 + i, 1000,	 "t",	    WAIT_FUTEX, 8,
						   60,	     CLASS_IDLE, ROLE_KNOT, "x" };
	v = made_verdicts(threads);
	for (__u32 i = 0; i < MANY; i++) {
		frames[1].address = 2 + i;
		frames[1].line = i;
		frames[2].module = (char *)(i % 2 ? "/a/server" : "/b/server");
		made_stack(v, 1000 + i, frames, NULL, (struct made_place){ 0, 1, 1, -1, 1 });
	}
	prints(v, &(struct options){}, "");
	prints(v, &(struct options){ .all = true }, "t;[server+0x3];work;wait 200\n");
	made_free(v);
}
