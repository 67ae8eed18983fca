// SPDX-License-Identifier: GPL-2.0-only
/* wait_case.c - tiny worlds of one blocked thread, for the tests of wait.c. */
#include "wait_case.h"

#include <criterion/criterion.h>
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "analyze/syscall.h"

#define TID 4711
#define PIPEFS .magic = 0x50495045
#define ANON .magic = 0x09041934, .mode = 0600
#define EXT4 .magic = 0xef53
#define SOCKET                                                                                     \
	.mode = S_IFSOCK, .sk = 0xffff888000005000, .rcvtimeo = INT64_MAX, .sndtimeo = INT64_MAX
#define UNIX SOCKET, .family = AF_UNIX, .sk_state = 1
#define TCP SOCKET, .family = AF_INET, .type = SOCK_STREAM, .protocol = 6, .sk_state = 1, .sk_v6 = 1
#define IPV4(a, b, c, d)                                                                           \
	{                                                                                          \
		[10] = 0xff, [11] = 0xff, [12] = a, [13] = b, [14] = c, [15] = d                   \
	}
#define DEVICE(major, minor) .mode = S_IFCHR, .rdev = (major) << 20 | (minor)

static const struct {
	const char *name;
	struct wire_file file;
} files[] = {
	{ "pipe", { PIPEFS, .mode = S_IFIFO } },
	{ "pipe for writing", { PIPEFS, .mode = S_IFIFO, .flags = O_WRONLY } },
	{ "pipe by now", { PIPEFS, .mode = S_IFIFO, .queued = WIRE_QUEUED_ELSEWHERE } },
	{ "pipe of many", { PIPEFS, .mode = S_IFIFO, .queued = WIRE_QUEUED_CROWD } },
	{ "pipe of the kernel", { PIPEFS, .mode = S_IFIFO, .notes = 1 } },
	{ "fifo", { EXT4, .mode = S_IFIFO, .nlink = 1 } },
	{ "fifo without name", { EXT4, .mode = S_IFIFO } },
	{ "disk", { EXT4, .mode = S_IFREG, .nlink = 1 } },
	{ "disk by now", { EXT4, .mode = S_IFREG, .nlink = 1, .queued = 1 } },
	{ "block device", { .mode = S_IFBLK } },
	{ "nfs", { .magic = 0x6969, .mode = S_IFREG } },
	{ "fuse", { .magic = 0x65735546, .mode = S_IFREG } },
	{ "proc", { .magic = 0x9fa0, .mode = S_IFREG } },
	{ "pts", { DEVICE(136u, 3) } },
	{ "ttyS0", { DEVICE(4u, 64) } },
	{ "null", { DEVICE(1u, 3) } },
	{ "/dev/fuse", { DEVICE(10u, 229) } },
	{ "tun", { DEVICE(10u, 200) } },
	{ "rtc", { DEVICE(250u, 0) } },
	{ "eventfd", { ANON, .name = "[eventfd]", .event_refs = 1 } },
	{ "eventfd by now", { ANON, .name = "[eventfd]", .event_refs = 1, .queued = 1 } },
	{ "eventfd of kvm", { ANON, .name = "[eventfd]", .event_refs = 2 } },
	{ "eventfd, hidden", { ANON, .name = "[eventfd]" } },
	{ "eventfd, 6.15", { ANON | S_IFREG, .name = "[eventfd]", .event_refs = 1 } },
	{ "a file called [eventfd]", { EXT4, .mode = S_IFREG, .name = "[eventfd]" } },
	{ "timerfd", { ANON, .name = "[timerfd]" } },
	{ "signalfd", { ANON, .name = "[signalfd]" } },
	{ "inotify", { ANON, .name = "inotify" } },
	{ "fanotify", { ANON, .name = "[fanotify]" } },
	{ "userfaultfd", { ANON, .name = "[userfaultfd]" } },
	{ "vcpu", { ANON, .name = "kvm-vcpu:0" } },
	{ "odd", { ANON, .name = "[odd]" } },
	{ "pidfd", { ANON, .name = "[pidfd]", .peer = 815 } },
	{ "pidfd by now", { ANON, .name = "[pidfd]", .peer = 815, .queued = 1 } },
	{ "unix", { UNIX, .type = SOCK_STREAM, .peer = 1 } },
	{ "unix by now", { UNIX, .type = SOCK_STREAM, .peer = 1, .queued = 1 } },
	{ "unix, end unseen", { UNIX, .type = SOCK_STREAM } },
	{ "unix datagrams", { UNIX, .type = SOCK_DGRAM, .peer = 1 } },
	{ "unix unconnected", { UNIX, .type = SOCK_DGRAM, .bound = 1 } },
	{ "unix limited",
	  { .mode = S_IFSOCK,
	    .sk = 1,
	    .family = AF_UNIX,
	    .type = SOCK_STREAM,
	    .peer = 1,
	    .rcvtimeo = 250,
	    .sndtimeo = INT64_MAX } },
	{ "unix for days",
	  { .mode = S_IFSOCK,
	    .sk = 1,
	    .family = AF_UNIX,
	    .type = SOCK_STREAM,
	    .peer = 1,
	    .rcvtimeo = 86400001ull * 1000,
	    .sndtimeo = 1 } },
	{ "unix, limits unseen",
	  { .mode = S_IFSOCK, .sk = 1, .family = AF_UNIX, .type = SOCK_STREAM, .peer = 1 } },
	{ "socket unseen", { .mode = S_IFSOCK } },
	{ "tcp here", { TCP, .saddr = IPV4(127, 0, 0, 1), .daddr = IPV4(127, 0, 0, 2) } },
	{ "tcp with a timeout",
	  { TCP, .saddr = IPV4(127, 0, 0, 1), .daddr = IPV4(127, 0, 0, 2),
	    .tcp = WIRE_TCP_TIMEOUT } },
	{ "tcp whose timeout runs",
	  { TCP, .saddr = IPV4(127, 0, 0, 1), .daddr = IPV4(127, 0, 0, 2),
	    .tcp = WIRE_TCP_TIMEOUT | WIRE_TCP_PENDING } },
	{ "tcp in a sockmap",
	  { TCP, .saddr = IPV4(127, 0, 0, 1), .daddr = IPV4(127, 0, 0, 2),
	    .tcp = WIRE_TCP_HOOKED } },
	{ "tcp by now",
	  { TCP, .saddr = IPV4(127, 0, 0, 1), .daddr = IPV4(127, 0, 0, 2), .queued = 1 } },
	{ "tcp to itself", { TCP, .saddr = IPV4(10, 0, 0, 1), .daddr = IPV4(10, 0, 0, 1) } },
	{ "tcp there", { TCP, .saddr = IPV4(10, 0, 0, 1), .daddr = IPV4(10, 0, 0, 2) } },
	{ "tcp6 here", { TCP, .saddr = { [15] = 1 }, .daddr = { [15] = 1 } } },
	{ "tcp unbound", { TCP } },
	{ "tcp closing",
	  { SOCKET, .family = AF_INET, .type = SOCK_STREAM, .protocol = 6, .sk_state = 5,
	    .sk_v6 = 1, .saddr = IPV4(127, 0, 0, 1), .daddr = IPV4(127, 0, 0, 1) } },
	{ "udp by now", { SOCKET, .family = AF_INET, .type = SOCK_DGRAM, .queued = 1 } },
	{ "udp",
	  { SOCKET, .family = AF_INET, .type = SOCK_DGRAM, .protocol = 17, .sk_state = 1,
	    .sk_v6 = 1, .saddr = IPV4(127, 0, 0, 1), .daddr = IPV4(127, 0, 0, 1) } },
	{ "netlink", { SOCKET, .family = AF_NETLINK, .type = SOCK_RAW } },
	{ "vsock", { SOCKET, .family = AF_VSOCK, .type = SOCK_STREAM } },
};

static void put(struct world *w, __u64 addr, const void *bytes, size_t len)
{
	cr_assert_eq(memory_add(&w->memory, CASE_MM, addr, bytes, len), 0);
}

static void put_pair(struct world *w, __u64 addr, __u64 seconds, __u64 rest)
{
	put(w, addr, (__u64[]){ seconds, rest }, 16);
}

static void put_small(struct world *w, __u64 addr, __u32 seconds, __u32 rest)
{
	put(w, addr, (__u32[]){ seconds, rest }, 8);
}

static void fill_memory(struct world *w)
{
	static const __u64 waiters[] = { 7, 0x20000, 2 | 128, 8, 0x20010, 2 };
	static const __u64 flags[] = { 0x4100, 0x10100 };
	static const __u32 words[32] = { 1, 2, 3 };

	put_pair(w, AT_60S, 60, 0);
	put_pair(w, AT_2DAYS, 2 * 86400, 0);
	put_pair(w, AT_FOREVER, INT64_MAX, 999999999);
	put_pair(w, AT_REAL, CASE_REAL / SECOND + 60, 0);
	put_pair(w, AT_MONO, CASE_MONO / SECOND + 60, 0);
	put_pair(w, AT_BOOT, CASE_BOOT / SECOND + 60, 0);
	put_pair(w, AT_PAST, 1, 0);
	put_pair(w, AT_BAD, 60, 2000000000);
	put_pair(w, AT_TV, 60, 500000);
	put_small(w, AT_60S_32, 60, 0);
	put_small(w, AT_REAL_32, CASE_REAL / SECOND + 60, 0);
	put_small(w, AT_TV_32, 60, 500000);
	put_pair(w, AT_PADDED, 60, 0xdeadbeef00000000 | 500000000);
	put_pair(w, AT_REAL_HALF, CASE_REAL / SECOND + 60, 500000000);
	put(w, AT_VFORK, &flags[0], 8);
	put(w, AT_THREAD, &flags[1], 8);
	put(w, AT_WAITERS, waiters, sizeof(waiters));
	put(w, AT_SELECT, (__u32[]){ 4, 0x5000, 0, 0, AT_TV_32 }, 20);
	put(w, AT_SELECT_0, (__u32[]){ 0, 0, 0, 0, 0 }, 20);
	put(w, 0x20000 - 64, words, sizeof(words));
	memory_sort(&w->memory);
}

static const struct syscall_desc *find_call(const struct wait_case *c)
{
	enum abi abi = c->bits & WIRE_COMPAT ? ABI_I386 : ABI_X86_64;
	size_t n;
	const struct syscall_desc *table = syscall_table(&n);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(table[i].name, c->call) && table[i].nr[abi] >= 0)
			return &table[i];
	cr_assert_fail("%s: no such call: %s", c->title, c->call);
	return NULL;
}

static void add_file(struct world *w, const struct wait_case *c, int which, __u32 arg)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		struct wire_file f = files[i].file;

		if (strcmp(files[i].name, c->file[which]))
			continue;
		f.head.tid = TID;
		f.arg = arg;
		f.ino = 100 + which;
		f.inode = 0xffff888000002000 + which;
		cr_assert_eq(array_push(&w->files, f), 0);
		return;
	}
	cr_assert_fail("%s: no such file: %s", c->title, c->file[which]);
}

static void add_thread(struct world *w, const struct wait_case *c)
{
	struct wire_thread t = {
		.head.tid = TID,
		.tgid = TID,
		.mm = CASE_MM,
		.nr = -1,
		.bits = c->bits,
		.arrived = 990 * SECOND,
		.key_word = c->key_word,
		.key_id = CASE_MM,
		.key_offset = c->key_offset,
	};
	const struct syscall_desc *d;

	memcpy(t.args, c->args, sizeof(t.args));
	memcpy(t.restart, c->restart, sizeof(t.restart));
	if (c->call && c->call[0] >= '0' && c->call[0] <= '9') {
		t.nr = strtoll(c->call, NULL, 0);
		t.bits |= WIRE_IN_SYSCALL;
	} else if (c->call) {
		d = find_call(c);
		t.nr = d->nr[c->bits & WIRE_COMPAT ? ABI_I386 : ABI_X86_64];
		t.bits |= WIRE_IN_SYSCALL;
		for (int i = 0; i < 2; i++)
			if (c->file[i])
				add_file(w, c, i, d->fd[i] - 1);
	}
	cr_assert_eq(array_push(&w->threads, t), 0);
}

static struct world *make(const struct wait_case *c)
{
	struct world *w = world_new();
	struct kernel_wait k = { .tid = TID, .hidden = c->hidden };

	w->machine = EM_X86_64;
	w->now = 1000 * SECOND;
	w->real_time = CASE_REAL;
	w->mono_time = CASE_MONO;
	w->boot_time = CASE_BOOT;
	fill_memory(w);
	add_thread(w, c);
	if (c->function || c->where || c->hidden) {
		snprintf(k.function, sizeof(k.function), "%s", c->function ? c->function : "");
		snprintf(k.where, sizeof(k.where), "%s", c->where ? c->where : "");
		cr_assert_eq(array_push(&w->kernel_waits, k), 0);
	}
	return w;
}

void wait_case_decode(const struct wait_case *c, struct wait *ret, struct mem_wants *ret_wants)
{
	struct world *w = make(c);
	struct mem_wants wants = {};

	cr_assert_eq(wait_decode(w, &w->threads.v[0], &wants, ret), 0);
	ret->file = NULL; /* goes with the world */
	if (ret_wants)
		*ret_wants = wants;
	else
		array_free(&wants.want);
	world_free(w);
}

static void check(const struct wait_case *c)
{
	struct wait wait;
	const char *says;

	wait_case_decode(c, &wait, NULL);
	says = wait.what ? wait.what : wait.unknown ? wait.unknown : "";
	cr_expect_str_eq(wait_kind_name(wait.kind), wait_kind_name(c->kind), "%s: kind", c->title);
	cr_expect_str_eq(wait_source_name(wait.source), wait_source_name(c->source), "%s: source",
			 c->title);
	cr_expect_eq(wait.unknown != NULL, wait.source == SOURCE_UNKNOWN, "%s: %s", c->title, says);
	if (c->timeout_ms == -1)
		cr_expect_eq(wait.timeout_ns, -1, "%s: timeout", c->title);
	else if (c->timeout_ms)
		cr_expect_eq(wait.timeout_ns / 1000000, c->timeout_ms, "%s: %lld ms", c->title,
			     wait.timeout_ns / 1000000);
	if (c->object)
		cr_expect_eq(wait.object, c->object, "%s: object 0x%llx", c->title, wait.object);
	if (c->says)
		cr_expect(strstr(says, c->says), "%s: says \"%s\"", c->title, says);
}

void wait_case_check(const struct wait_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check(&cases[i]);
}
