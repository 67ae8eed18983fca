// SPDX-License-Identifier: GPL-2.0-only
/* test_client.c - a symbolizer that ends, and messages and code that are not what they claim. */
#include <criterion/criterion.h>
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "symbolize/callsite.h"
#include "symbolize/client.h"
#include "symbolize/perfmap.h"

Test(client, one_that_ends_is_started_anew_and_not_for_ever)
{
	struct client *c = client_new("/bin/false");
	int maps = memfd_create("maps", 0);
	struct message_frames frames;

	cr_assert(c);
	client_begin(c, 10000);
	for (int i = 0; i < CLIENT_RESTARTS_MAX; i++) {
		cr_expect_lt(client_space(c, EM_X86_64, maps, NULL), 0);
		cr_expect(strstr(client_trouble(c), "symbolizer"), "%s", client_trouble(c));
		cr_expect_lt(client_name(c, 1, true, &frames), 0);
	}
	cr_expect_eq(client_restarts(c), CLIENT_RESTARTS_MAX);
	cr_expect_eq(client_space(c, EM_X86_64, maps, NULL), -EAGAIN);
	client_begin(c, 10000);
	cr_expect_neq(client_space(c, EM_X86_64, maps, NULL), -EAGAIN);
	cr_expect_eq(client_restarts(c), CLIENT_RESTARTS_MAX + 1);
	client_free(c);
	close(maps);
}

/* The other child of who made this one, as soon as there is one. */
static pid_t sibling(void)
{
	char path[64];
	int pid = 0;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", getppid(), getppid());
	for (int tries = 0; tries < 1000 && (!pid || pid == getpid()); tries++) {
		FILE *in = fopen(path, "r");

		while (in && fscanf(in, "%d", &pid) == 1 && pid == getpid())
			;
		if (in)
			fclose(in);
		usleep(1000);
	}
	return pid;
}

/* Keeps it from being gone when it is killed, as a dead file server would: its parent cannot reap
 * who has a tracer that has not. The holder, which ends where that is not allowed. */
static pid_t hold_next_child(void)
{
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (ptrace(PTRACE_SEIZE, sibling(), NULL, NULL))
			_exit(1);
		pause();
	}
	return pid;
}

Test(client, one_that_does_not_end_at_once_is_reaped_later)
{
	static const char text[] = "#!/bin/sh\nexec sleep 60\n";
	char program[] = "/tmp/nowake-client-XXXXXX";
	int maps = memfd_create("maps", 0), script = mkstemp(program);
	struct client *c = client_new(program);
	siginfo_t info = {};
	pid_t holder;

	cr_assert_eq(write(script, text, sizeof(text) - 1), (ssize_t)sizeof(text) - 1);
	fchmod(script, 0700);
	close(script);
	client_begin(c, 0);
	holder = hold_next_child();
	cr_assert_eq(client_space(c, EM_X86_64, maps, NULL), -ETIMEDOUT);
	unlink(program);
	cr_expect_eq(client_pid(c), 0);
	if (waitpid(holder, NULL, WNOHANG))
		cr_skip_test("nobody can be traced here");
	kill(holder, SIGKILL);
	cr_assert_eq(waitpid(holder, NULL, 0), holder);
	cr_assert_eq(waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT), 0);
	cr_assert_neq(info.si_pid, 0, "nobody was left behind");
	client_rest(c);
	cr_expect_eq(waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT), -1);
	cr_expect_eq(errno, ECHILD, "a zombie");
	client_free(c);
	close(maps);
}

Test(client, a_message_is_whole_or_none)
{
	static union message m;
	const unsigned int all = ~0u;

	m.name.head = (struct message_head){ MESSAGE_NAME, sizeof(m.name) };
	cr_expect(message_is_whole(&m, sizeof(m.name), MESSAGE_BIT(NAME)));
	cr_expect_not(message_is_whole(&m, sizeof(m.name), MESSAGE_BIT(SPACE)));
	cr_expect_not(message_is_whole(&m, sizeof(m.name) - 1, all));
	cr_expect_not(message_is_whole(&m, 4, all));
	m.head =
		(struct message_head){ MESSAGE_UNWIND, offsetof(struct message_unwind, bytes) + 8 };
	m.unwind.len = 8;
	cr_expect(message_is_whole(&m, m.head.size, all));
	m.unwind.len = MESSAGE_BYTES_MAX + 1;
	cr_expect_not(message_is_whole(&m, m.head.size, all));
	m.head = (struct message_head){ MESSAGE_TRACE, offsetof(struct message_trace, step) };
	m.trace.n = 0;
	memset(m.trace.stop, 'x', sizeof(m.trace.stop));
	cr_expect_not(message_is_whole(&m, m.head.size, all), "a text that does not end");
	m.head = (struct message_head){ 77, sizeof(m.head) };
	cr_expect_not(message_is_whole(&m, sizeof(m.head), all));
}

Test(client, what_is_no_message_is_refused_and_its_files_are_closed)
{
	static union message m;
	struct message_head head = { MESSAGE_NAME, sizeof(head) };
	int pair[2], fd = -1, before;

	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	before = dup(0);
	close(before);
	cr_assert_eq(message_send(pair[0], &head, pair[0]), 0);
	cr_expect_eq(message_receive(pair[1], ~0u, 1000, &m, &fd), -EPROTO);
	cr_expect_eq(dup(0), before, "a descriptor was left");
	cr_expect_eq(message_receive(pair[1], ~0u, 10, &m, &fd), -ETIMEDOUT);
	close(pair[0]);
	cr_expect_eq(message_receive(pair[1], ~0u, 1000, &m, &fd), -EPIPE);
	close(pair[1]);
}

static bool read_code(void *arg, __u64 address, void *ret, size_t len)
{
	memcpy(ret, (const unsigned char *)arg + address - 0x1000, len);
	return true;
}

/* The bytes stand right before address 0x1008. */
static void assert_call(__u32 machine, const char *bytes, size_t n, bool call, __u64 target)
{
	unsigned char code[16] = {};
	struct callsite site = {};

	memcpy(code + 8 - n, bytes, n);
	cr_expect_eq(callsite_before(machine, 0x1008, read_code, code, &site), call);
	cr_expect_eq(site.direct ? site.target : 0, target, "0x%llx", site.target);
}

Test(client, calls_are_told_from_other_code)
{
	assert_call(EM_X86_64, "\xe8\x10\x00\x00\x00", 5, true, 0x1018);
	assert_call(EM_X86_64, "\xe8\xf0\xff\xff\xff", 5, true, 0xff8);
	assert_call(EM_X86_64, "\xff\xd0", 2, true, 0);			    /* call *%rax */
	assert_call(EM_X86_64, "\xff\x15\x01\x00\x00\x00", 6, true, 0);	    /* through the GOT */
	assert_call(EM_X86_64, "\xff\x94\x24\x01\x00\x00\x00", 7, true, 0); /* 1(%rsp) */
	assert_call(EM_X86_64, "\xff\xe0", 2, false, 0);		    /* jmp *%rax */
	assert_call(EM_X86_64, "\x90\x90\x90\x90\x90\x90\x90", 7, false, 0);
	assert_call(EM_AARCH64, "\x04\x00\x00\x94", 4, true, 0x1014); /* bl .+16 */
	assert_call(EM_AARCH64, "\x00\x00\x3f\xd6", 4, true, 0);      /* blr x0 */
	assert_call(EM_AARCH64, "\xc0\x03\x5f\xd6", 4, false, 0);     /* ret */
}

Test(client, the_last_name_of_code_made_at_run_time_counts)
{
	static const char text[] = "1000 20 first\n1010 30 second one\nnonsense\n1000 8 third\n"
				   "ffffffffffffff00 ffffffff wraps\n2000 0 empty\n3000 10 end";
	int fd = memfd_create("map", 0);
	char name[8];
	struct perfmap *p;

	cr_assert_eq(write(fd, text, sizeof(text) - 1), (ssize_t)sizeof(text) - 1);
	p = perfmap_new(fd);
	cr_assert(p);
	cr_expect(perfmap_name(p, 0x1000, name, sizeof(name)) && !strcmp(name, "third"));
	cr_expect(perfmap_name(p, 0x1008, name, sizeof(name)) && !strcmp(name, "first"));
	cr_expect(perfmap_name(p, 0x103f, name, sizeof(name)) && !strcmp(name, "second "));
	cr_expect(perfmap_name(p, 0x3008, name, sizeof(name)) && !strcmp(name, "end"));
	cr_expect_not(perfmap_name(p, 0x1040, name, sizeof(name)));
	cr_expect_not(perfmap_name(p, 0x2000, name, sizeof(name)));
	cr_expect_not(perfmap_name(p, 0xffffffffffffff08, name, sizeof(name)));
	perfmap_free(p);
}
