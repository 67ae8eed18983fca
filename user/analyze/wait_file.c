// SPDX-License-Identifier: GPL-2.0-only
/* wait_file.c - what a call that is blocked on a descriptor waits for.
 *
 * From the scan's struct wire_file. Soundness: only pipes, connected local sockets and
 * eventfds are left to threads (SOURCE_NONE), and only when nothing else can feed them;
 * who holds their other ends is found in waker_file.c. */
#include "analyze/wait_decode.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#define FOREVER ((__u64)INT64_MAX) /* MAX_SCHEDULE_TIMEOUT of a 64-bit kernel */
#define HZ_MAX 1000ull		   /* no kernel counts more jiffies a second */

/* enum tcp_state of the kernel, which unix sockets use too. */
#define STATE_ESTABLISHED 1
#define PROTOCOL_TCP 6

/* Of a device number as the scan gives it. */
#define MAJOR(dev) ((dev) >> 20)
#define MINOR(dev) ((dev)&0xfffff)

static const char *const unseen = "its descriptor could not be seen";

/* ---- files by their file system ---- */

/* Magic numbers that linux/magic.h lacks in some version. */
#define MAGIC_FUSE 0x65735546ull
#define MAGIC_CEPH 0x00c36400ull
#define MAGIC_CIFS 0xff534d42ull
#define MAGIC_SMB2 0xfe534d42ull
#define MAGIC_OCFS2 0x7461636full
#define MAGIC_GFS2 0x01161970ull
#define MAGIC_LUSTRE 0x0bd00bd0ull
#define MAGIC_BEEGFS 0x19830326ull
#define MAGIC_GPFS 0x47504653ull
#define MAGIC_PIPEFS 0x50495045ull
#define MAGIC_ANON 0x09041934ull

/* Shared between hosts: a server or another host decides. */
static bool is_shared_file_system(__u64 magic)
{
	static const __u64 magics[] = {
		NFS_SUPER_MAGIC, SMB_SUPER_MAGIC, MAGIC_CIFS,	MAGIC_SMB2,  V9FS_MAGIC,
		MAGIC_CEPH,	 AFS_SUPER_MAGIC, AFS_FS_MAGIC, MAGIC_OCFS2, MAGIC_GFS2,
		MAGIC_LUSTRE,	 MAGIC_BEEGFS,	  MAGIC_GPFS,	MAGIC_FUSE,  CODA_SUPER_MAGIC,
	};

	for (size_t i = 0; i < sizeof(magics) / sizeof(*magics); i++)
		if (magics[i] == magic)
			return true;
	return false;
}

static void decide_regular(const struct wire_file *f, struct wait *wait)
{
	if (f->magic == MAGIC_FUSE)
		decode_set(wait, WAIT_FUSE, SOURCE_OUTSIDE, "the FUSE server");
	else if (is_shared_file_system(f->magic))
		decode_set(wait, WAIT_IO, SOURCE_DEVICE, "a file server");
	else if (f->magic == PROC_SUPER_MAGIC || f->magic == TRACEFS_MAGIC ||
		 f->magic == DEBUGFS_MAGIC || f->magic == SYSFS_MAGIC)
		decode_set(wait, WAIT_IO, SOURCE_OUTSIDE, "the kernel");
	else
		decode_set(wait, WAIT_IO, SOURCE_DEVICE, NULL);
}

/* ---- devices ---- */

static bool is_terminal(__u32 major)
{
	/* Documentation/admin-guide/devices.txt: vc and serial, tty and ptmx, pseudo
	 * terminals, ACM and USB serial lines, low-density serial, hypervisor consoles. */
	return major == 4 || major == 5 || (major >= 136 && major <= 143) || major == 166 ||
	       major == 188 || major == 204 || major == 229;
}

static void decide_device(const struct wire_file *f, struct wait *wait)
{
	__u32 major = MAJOR(f->rdev), minor = MINOR(f->rdev);

	if (is_terminal(major))
		decode_set(wait, WAIT_TTY, SOURCE_OUTSIDE, "a terminal");
	else if (major == 10 && minor == 229) /* /dev/fuse */
		decode_set(wait, WAIT_FUSE, SOURCE_OUTSIDE, "a request to the FUSE server");
	else if (major == 10 && minor == 200) /* /dev/net/tun */
		decode_set(wait, WAIT_IO, SOURCE_OUTSIDE, "the network");
	else
		decode_set(wait, WAIT_IO, SOURCE_DEVICE, NULL);
}

/* ---- files without a name in a file system ---- */

static void decide_eventfd(const struct wire_file *f, struct wait *wait)
{
	if (f->event_refs > 1)
		decode_set(wait, WAIT_EVENTFD, SOURCE_OUTSIDE, "the kernel may signal the eventfd");
	else if (!f->event_refs)
		decode_unknown(wait, WAIT_EVENTFD,
			       "whether the kernel signals the eventfd is not known");
	else
		decode_set(wait, WAIT_EVENTFD, SOURCE_NONE, NULL);
}

static void decide_anonymous(const struct wire_file *f, struct wait *wait)
{
	static const struct {
		const char *name; /* as anon_inode_getfile() is given it */
		__u8 kind, source;
		const char *what;
	} known[] = {
		{ "[timerfd]", WAIT_TIMERFD, SOURCE_TIMER, "its timerfd" },
		{ "[signalfd]", WAIT_SIGNALFD, SOURCE_SIGNAL, NULL },
		{ "inotify", WAIT_INOTIFY, SOURCE_OUTSIDE, "a change of a file" },
		{ "[fanotify]", WAIT_INOTIFY, SOURCE_OUTSIDE, "a change of a file" },
		{ "[userfaultfd]", WAIT_IO, SOURCE_OUTSIDE, "a page fault that it serves" },
		{ "[eventpoll]", WAIT_EPOLL, SOURCE_OUTSIDE, "one of the descriptors it polls" },
		{ "[io_uring]", WAIT_IO_URING, SOURCE_OUTSIDE, "an I/O completion" },
		{ "[perf_event]", WAIT_IO, SOURCE_OUTSIDE, "a performance event" },
		{ "seccomp notify", WAIT_IO, SOURCE_OUTSIDE, "a call that it supervises" },
	};

	if (!strncmp(f->name, "[eventfd]", sizeof(f->name))) {
		decide_eventfd(f, wait);
		return;
	}
	if (!strncmp(f->name, "kvm-vcpu", strlen("kvm-vcpu"))) {
		decode_set(wait, WAIT_IO, SOURCE_OUTSIDE, "its virtual machine");
		return;
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (!strncmp(f->name, known[i].name, sizeof(f->name))) {
			decode_set(wait, known[i].kind, known[i].source, known[i].what);
			return;
		}
	}
	decode_unknown(wait, WAIT_UNKNOWN, "a kind of file that is not decoded");
}

/* ---- sockets ---- */

static bool is_loopback(const struct wire_file *f)
{
	static const __u8 mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const __u8 one[16] = { [15] = 1 };
	static const __u8 any[16];

	if (!f->sk_v6)
		return false;
	if (!memcmp(f->daddr, mapped, sizeof(mapped)))
		return f->daddr[12] == 127 ||
		       (memcmp(f->daddr + 12, any, 4) && !memcmp(f->saddr, f->daddr, 16));
	return !memcmp(f->daddr, one, sizeof(one)) ||
	       (memcmp(f->daddr, any, sizeof(any)) && !memcmp(f->saddr, f->daddr, 16));
}

static void decide_unix(const struct wire_file *f, struct wait *wait)
{
	if (f->peer)
		decode_set(wait, WAIT_SOCKET, SOURCE_NONE, NULL);
	else if (f->type == SOCK_DGRAM)
		decode_set(wait, WAIT_SOCKET, SOURCE_OUTSIDE, "any process may use the socket");
	else
		decode_unknown(wait, WAIT_SOCKET, "the other end of its socket could not be seen");
}

static void decide_inet(const struct wire_file *f, struct wait *wait)
{
	bool tcp = f->type == SOCK_STREAM && f->protocol == PROTOCOL_TCP;

	if (tcp && (f->tcp & WIRE_TCP_TIMEOUT) && (f->tcp & WIRE_TCP_PENDING))
		decode_set(wait, WAIT_SOCKET, SOURCE_TIMER, "the timeout of its connection");
	else if (tcp && f->sk_state == STATE_ESTABLISHED && is_loopback(f))
		decode_set(wait, WAIT_SOCKET, SOURCE_NONE, NULL);
	else
		decode_set(wait, WAIT_SOCKET, SOURCE_OUTSIDE, "the network");
}

/* SO_RCVTIMEO and SO_SNDTIMEO, in jiffies: how long one lasts is not known, but never
 * less than a millisecond. */
static void limit_socket(const struct wire_file *f, enum wait_direction direction,
			 struct wait *wait)
{
	__u64 jiffies = direction == WAIT_READS ? f->rcvtimeo : f->sndtimeo;

	if (jiffies >= FOREVER)
		return;
	if (!jiffies)
		wait_time_unread(wait);
	else if (jiffies > WAIT_HORIZON_NS / 1000000000ull * HZ_MAX)
		wait->beyond_horizon = true;
	else
		decode_set(wait, WAIT_SOCKET, SOURCE_TIMER, NULL);
}

static void decide_socket(const struct wire_file *f, enum wait_direction direction,
			  struct wait *wait)
{
	if (!f->sk) {
		decode_unknown(wait, WAIT_SOCKET, "its socket could not be seen");
		return;
	}
	if (f->family == AF_UNIX)
		decide_unix(f, wait);
	else if (f->family == AF_INET || f->family == AF_INET6)
		decide_inet(f, wait);
	else if (f->family == AF_NETLINK || f->family == AF_PACKET || f->family == AF_ALG)
		decode_set(wait, WAIT_SOCKET, SOURCE_OUTSIDE, "the kernel");
	else
		decode_set(wait, WAIT_SOCKET, SOURCE_OUTSIDE, "the network");
	if (wait->source == SOURCE_NONE && (f->tcp & WIRE_TCP_HOOKED))
		decode_unknown(wait, WAIT_SOCKET, "a BPF program may move what its socket gets");
	limit_socket(f, direction, wait);
}

void wait_file_connection(const struct wire_file *f, enum wait_direction direction,
			  const char *what, struct wait *wait)
{
	decode_set(wait, WAIT_SOCKET, SOURCE_OUTSIDE, what);
	wait->file = f;
	wait->direction = direction;
	if (!f)
		return;
	wait->object = f->ino;
	if (f->sk)
		limit_socket(f, direction, wait);
}

void wait_file_send(const struct wire_file *f, bool addressed, struct wait *wait)
{
	wait_file_decide(f, WAIT_WRITES, wait);
	/* Its own peer is not whom an addressed datagram goes to. */
	if (f && wait->source == SOURCE_NONE && f->type == SOCK_DGRAM && addressed)
		decode_unknown(wait, wait->kind, "its message may be for any socket");
}

/* ---- all of them ---- */

static void decide_pipe(const struct wire_file *f, struct wait *wait)
{
	if (f->notes)
		decode_set(wait, WAIT_PIPE, SOURCE_OUTSIDE, "a notification of the kernel");
	else if (f->magic == MAGIC_PIPEFS || !f->nlink)
		decode_set(wait, WAIT_PIPE, SOURCE_NONE, NULL);
	else
		decode_set(wait, WAIT_FIFO, SOURCE_OUTSIDE, "any process may open the FIFO");
}

void wait_file_decide(const struct wire_file *f, enum wait_direction direction, struct wait *wait)
{
	if (!f) {
		decode_unknown(wait, wait->kind, unseen);
		return;
	}
	wait->file = f;
	wait->direction = direction;
	wait->object = f->ino;
	if (f->magic == MAGIC_ANON)
		decide_anonymous(f, wait);
	else if ((f->mode & S_IFMT) == S_IFIFO)
		decide_pipe(f, wait);
	else if ((f->mode & S_IFMT) == S_IFSOCK)
		decide_socket(f, direction, wait);
	else if ((f->mode & S_IFMT) == S_IFCHR)
		decide_device(f, wait);
	else
		decide_regular(f, wait);
	decode_doubt(wait, f);
}

/* A disk may be slow, but it does not wait for anybody; nor does /dev/null (major 1). */
static bool is_disk(const struct wire_file *f)
{
	__u32 type = f->mode & S_IFMT;

	if (type == S_IFCHR)
		return MAJOR(f->rdev) == 1;
	return (type == S_IFREG || type == S_IFBLK) && f->magic != MAGIC_ANON &&
	       !is_shared_file_system(f->magic);
}

void wait_file_copy(const struct wire_file *from, const struct wire_file *to, struct wait *wait)
{
	if (!from || !to) {
		decode_unknown(wait, wait->kind, unseen);
		return;
	}
	if (is_disk(from)) {
		wait_file_decide(to, WAIT_WRITES, wait);
		return;
	}
	wait_file_decide(from, WAIT_READS, wait);
	if (!is_disk(to))
		decode_unknown(wait, wait->kind, "either end may block");
}

void wait_file_ioctl(const struct wire_file *f, struct wait *wait)
{
	wait_file_decide(f, WAIT_READS, wait);
	if (wait->source == SOURCE_NONE)
		decode_unknown(wait, WAIT_UNKNOWN, "an ioctl that is not decoded");
}

void wait_file_lock(const struct wire_file *f, struct wait *wait)
{
	if (!f) {
		decode_unknown(wait, WAIT_FILE_LOCK, unseen);
		return;
	}
	wait->file = f;
	wait->object = f->ino;
	if (is_shared_file_system(f->magic))
		decode_set(wait, WAIT_FILE_LOCK, SOURCE_OUTSIDE,
			   "another host may hold the lock on the file");
	else
		decode_set(wait, WAIT_FILE_LOCK, SOURCE_NONE, NULL);
	decode_doubt(wait, f);
}
