// SPDX-License-Identifier: GPL-2.0-only
/* test_wait_file.c - calls that are blocked on a descriptor. */
#include <criterion/criterion.h>
#include <string.h>

#include "wait_case.h"

#define CHECK(cases) wait_case_check(cases, sizeof(cases) / sizeof(*(cases)))
#define NONE SOURCE_NONE
#define TIMER SOURCE_TIMER
#define OUTSIDE SOURCE_OUTSIDE
#define DISK SOURCE_DEVICE
#define UNKNOWN SOURCE_UNKNOWN
#define DSTATE WIRE_UNINTERRUPTIBLE

static const struct wait_case files[] = {
	{ "read of a pipe", .call = "read", .file = { "pipe" }, .kind = WAIT_PIPE, .source = NONE,
	  .timeout_ms = -1, .object = 100 },
	{ "a pipe of notifications", .call = "read", .file = { "pipe of the kernel" },
	  .kind = WAIT_PIPE, .source = OUTSIDE, .says = "a notification of the kernel" },
	{ "write to a pipe", .call = "writev", .file = { "pipe" }, .kind = WAIT_PIPE,
	  .source = NONE, .object = 100 },
	{ "read of a pipe in state D", .call = "read", .file = { "pipe" }, .bits = DSTATE,
	  .kind = WAIT_KERNEL, .source = UNKNOWN },
	{ "vmsplice", .call = "vmsplice", .file = { "pipe for writing" }, .kind = WAIT_PIPE,
	  .source = NONE },
	{ "read of a FIFO", .call = "read", .file = { "fifo" }, .kind = WAIT_FIFO,
	  .source = OUTSIDE, .says = "open the FIFO" },
	{ "read of a FIFO without a name", .call = "read", .file = { "fifo without name" },
	  .kind = WAIT_PIPE, .source = NONE },
	{ "read of a file", .call = "read", .file = { "disk" }, .bits = DSTATE, .kind = WAIT_IO,
	  .source = DISK },
	{ "read of a disk", .call = "pread64", .file = { "block device" }, .bits = DSTATE,
	  .kind = WAIT_IO, .source = DISK },
	{ "read of a file on NFS", .call = "read", .file = { "nfs" }, .kind = WAIT_IO,
	  .source = DISK, .says = "server" },
	{ "read of a file of FUSE", .call = "read", .file = { "fuse" }, .kind = WAIT_FUSE,
	  .source = OUTSIDE },
	{ "read of the kernel log", .call = "read", .file = { "proc" }, .kind = WAIT_IO,
	  .source = OUTSIDE, .says = "kernel" },
	{ "read of a terminal", .call = "read", .file = { "pts" }, .kind = WAIT_TTY,
	  .source = OUTSIDE, .says = "terminal" },
	{ "write to a serial line", .call = "write", .file = { "ttyS0" }, .kind = WAIT_TTY,
	  .source = OUTSIDE },
	{ "read of /dev/fuse", .call = "read", .file = { "/dev/fuse" }, .kind = WAIT_FUSE,
	  .source = OUTSIDE, .says = "request" },
	{ "read of a tunnel", .call = "read", .file = { "tun" }, .kind = WAIT_IO, .source = OUTSIDE,
	  .says = "network" },
	{ "read of a device", .call = "read", .file = { "rtc" }, .kind = WAIT_IO, .source = DISK },
	{ "read of a descriptor that is not seen", .call = "read", .kind = WAIT_UNKNOWN,
	  .source = UNKNOWN, .says = "descriptor" },
	{ "receive of one that is not seen", .call = "recvfrom", .kind = WAIT_SOCKET,
	  .source = UNKNOWN, .says = "descriptor" },
	{ "read of an eventfd", .call = "read", .file = { "eventfd" }, .kind = WAIT_EVENTFD,
	  .source = NONE, .object = 100 },
	{ "write to an eventfd", .call = "write", .file = { "eventfd" }, .kind = WAIT_EVENTFD,
	  .source = NONE },
	{ "read of an eventfd of 6.15", .call = "read", .file = { "eventfd, 6.15" },
	  .kind = WAIT_EVENTFD, .source = NONE },
	{ "read of an eventfd that the kernel signals", .call = "read",
	  .file = { "eventfd of kvm" }, .kind = WAIT_EVENTFD, .source = OUTSIDE, .says = "kernel" },
	{ "read of an eventfd, references unseen", .call = "read", .file = { "eventfd, hidden" },
	  .kind = WAIT_EVENTFD, .source = UNKNOWN },
	{ "read of a file that is called so", .call = "read", .file = { "a file called [eventfd]" },
	  .kind = WAIT_IO, .source = DISK },
	{ "read of a timerfd", .call = "read", .file = { "timerfd" }, .kind = WAIT_TIMERFD,
	  .source = TIMER },
	{ "read of a signalfd", .call = "read", .file = { "signalfd" }, .kind = WAIT_SIGNALFD,
	  .source = SOURCE_SIGNAL },
	{ "read of inotify", .call = "read", .file = { "inotify" }, .kind = WAIT_INOTIFY,
	  .source = OUTSIDE },
	{ "read of fanotify", .call = "read", .file = { "fanotify" }, .kind = WAIT_INOTIFY,
	  .source = OUTSIDE },
	{ "read of userfaultfd", .call = "read", .file = { "userfaultfd" }, .kind = WAIT_IO,
	  .source = OUTSIDE, .says = "page fault" },
	{ "read of an odd file", .call = "read", .file = { "odd" }, .kind = WAIT_UNKNOWN,
	  .source = UNKNOWN },
	{ "ioctl of a virtual CPU", .call = "ioctl", .file = { "vcpu" }, .kind = WAIT_IO,
	  .source = OUTSIDE, .says = "virtual machine" },
	{ "ioctl of a device", .call = "ioctl", .file = { "rtc" }, .kind = WAIT_IO,
	  .source = DISK },
	{ "ioctl of a terminal", .call = "ioctl", .file = { "pts" }, .kind = WAIT_TTY,
	  .source = OUTSIDE },
	{ "ioctl of a pipe", .call = "ioctl", .file = { "pipe" }, .kind = WAIT_UNKNOWN,
	  .source = UNKNOWN },
	{ "fsync", .call = "fsync", .file = { "disk" }, .bits = DSTATE, .kind = WAIT_IO,
	  .source = DISK, .object = 100 },
	{ "fsync of FUSE", .call = "fsync", .file = { "fuse" }, .kind = WAIT_FUSE,
	  .source = OUTSIDE },
	{ "fsync, file unseen", .call = "fsync", .kind = WAIT_IO, .source = DISK },
	{ "epoll", .call = "epoll_wait", .args = { 4, 0x5000, 1, -1ull }, .file = { "odd" },
	  .kind = WAIT_EPOLL, .source = OUTSIDE },
};

static const struct wait_case ends[] = {
	{ "sendfile from a file to a socket", .call = "sendfile", .file = { "unix", "disk" },
	  .kind = WAIT_SOCKET, .source = NONE, .object = 100 },
	{ "sendfile from a file to the network", .call = "sendfile",
	  .file = { "tcp there", "disk" }, .kind = WAIT_SOCKET, .source = OUTSIDE },
	{ "splice from a pipe to a file", .call = "splice", .file = { "pipe", "disk" },
	  .kind = WAIT_PIPE, .source = NONE, .object = 100 },
	{ "splice from a pipe to /dev/null", .call = "splice", .file = { "pipe", "null" },
	  .kind = WAIT_PIPE, .source = NONE },
	{ "splice from a file to a pipe", .call = "splice", .file = { "disk", "pipe" },
	  .kind = WAIT_PIPE, .source = NONE, .object = 101 },
	{ "splice from a socket to a pipe", .call = "splice", .file = { "unix", "pipe" },
	  .kind = WAIT_SOCKET, .source = UNKNOWN, .says = "either" },
	{ "splice from a pipe to a file server", .call = "splice", .file = { "pipe", "nfs" },
	  .kind = WAIT_PIPE, .source = UNKNOWN, .says = "either" },
	{ "splice, one end unseen", .call = "splice", .file = { "pipe", NULL }, .kind = WAIT_IO,
	  .source = UNKNOWN, .says = "descriptor" },
	{ "tee", .call = "tee", .file = { "pipe", "pipe for writing" }, .kind = WAIT_PIPE,
	  .source = UNKNOWN, .says = "either" },
	{ "copy of a file", .call = "copy_file_range", .file = { "disk", "disk" }, .bits = DSTATE,
	  .kind = WAIT_IO, .source = DISK },
};

static const struct wait_case sockets[] = {
	{ "unix", .call = "read", .file = { "unix" }, .kind = WAIT_SOCKET, .source = NONE,
	  .timeout_ms = -1, .object = 100 },
	{ "unix, sending", .call = "sendto", .file = { "unix" }, .kind = WAIT_SOCKET,
	  .source = NONE },
	{ "unix, end unseen", .call = "recvmsg", .file = { "unix, end unseen" },
	  .kind = WAIT_SOCKET, .source = UNKNOWN },
	{ "unix, receiving of nobody in particular", .call = "recvfrom",
	  .file = { "unix unconnected" }, .kind = WAIT_SOCKET, .source = OUTSIDE,
	  .says = "any process" },
	{ "unix datagrams", .call = "recvfrom", .file = { "unix datagrams" }, .kind = WAIT_SOCKET,
	  .source = NONE },
	{ "unix datagram to the peer", .call = "sendto", .file = { "unix datagrams" },
	  .kind = WAIT_SOCKET, .source = NONE },
	{ "unix datagram to somebody", .call = "sendto", .args = { 3, 0x5000, 1, 0, 0x6000, 110 },
	  .file = { "unix datagrams" }, .kind = WAIT_SOCKET, .source = UNKNOWN },
	{ "unix datagram, may name a receiver", .call = "sendmsg", .file = { "unix datagrams" },
	  .kind = WAIT_SOCKET, .source = UNKNOWN },
	{ "SO_RCVTIMEO", .call = "recvfrom", .file = { "unix limited" }, .kind = WAIT_SOCKET,
	  .source = TIMER },
	{ "SO_RCVTIMEO does not limit sending", .call = "sendto", .file = { "unix limited" },
	  .kind = WAIT_SOCKET, .source = NONE },
	{ "SO_RCVTIMEO of days", .call = "recvfrom", .file = { "unix for days" },
	  .kind = WAIT_SOCKET, .source = NONE },
	{ "SO_SNDTIMEO", .call = "sendto", .file = { "unix for days" }, .kind = WAIT_SOCKET,
	  .source = TIMER },
	{ "SO_RCVTIMEO unseen", .call = "recvfrom", .file = { "unix, limits unseen" },
	  .kind = WAIT_SOCKET, .source = UNKNOWN, .says = "timeout" },
	{ "recvmmsg has no timeout of its own", .call = "recvmmsg",
	  .args = { 3, 0x5000, 1, 0, AT_60S }, .file = { "unix" }, .kind = WAIT_SOCKET,
	  .source = NONE, .timeout_ms = -1 },
	{ "a timeout that has nothing to do", .call = "recvfrom", .file = { "tcp with a timeout" },
	  .kind = WAIT_SOCKET, .source = NONE },
	{ "a timeout that runs", .call = "sendto", .file = { "tcp whose timeout runs" },
	  .kind = WAIT_SOCKET, .source = TIMER },
	{ "a sockmap", .call = "recvfrom", .file = { "tcp in a sockmap" }, .kind = WAIT_SOCKET,
	  .source = UNKNOWN, .says = "a BPF program" },
	{ "TCP to this host", .call = "read", .file = { "tcp here" }, .kind = WAIT_SOCKET,
	  .source = NONE },
	{ "TCP to the own address", .call = "recvfrom", .file = { "tcp to itself" },
	  .kind = WAIT_SOCKET, .source = NONE },
	{ "TCP to another host", .call = "read", .file = { "tcp there" }, .kind = WAIT_SOCKET,
	  .source = OUTSIDE, .says = "network" },
	{ "TCP to this host, IPv6", .call = "write", .file = { "tcp6 here" }, .kind = WAIT_SOCKET,
	  .source = NONE },
	{ "TCP, addresses unseen", .call = "read", .file = { "tcp unbound" }, .kind = WAIT_SOCKET,
	  .source = OUTSIDE },
	{ "TCP, half closed", .call = "read", .file = { "tcp closing" }, .kind = WAIT_SOCKET,
	  .source = OUTSIDE },
	{ "UDP", .call = "recvfrom", .file = { "udp" }, .kind = WAIT_SOCKET, .source = OUTSIDE },
	{ "netlink", .call = "recvmsg", .file = { "netlink" }, .kind = WAIT_SOCKET,
	  .source = OUTSIDE, .says = "kernel" },
	{ "vsock", .call = "read", .file = { "vsock" }, .kind = WAIT_SOCKET, .source = OUTSIDE },
	{ "socket unseen", .call = "read", .file = { "socket unseen" }, .kind = WAIT_SOCKET,
	  .source = UNKNOWN },
	{ "accept", .call = "accept4", .file = { "unix" }, .kind = WAIT_SOCKET, .source = OUTSIDE,
	  .says = "connection" },
	{ "accept for a while", .call = "accept", .file = { "unix limited" }, .kind = WAIT_SOCKET,
	  .source = TIMER },
	{ "accept, socket unseen", .call = "accept", .kind = WAIT_SOCKET, .source = OUTSIDE },
	{ "connect", .call = "connect", .file = { "unix" }, .kind = WAIT_SOCKET, .source = OUTSIDE,
	  .says = "connect" },
	{ "connect for a while", .call = "connect", .file = { "unix for days" },
	  .kind = WAIT_SOCKET, .source = TIMER },
};

/* The number of the descriptor was given away while the call is blocked. */
static const struct wait_case reused[] = {
	{ "pipe", .call = "read", .file = { "pipe by now" }, .kind = WAIT_PIPE, .source = UNKNOWN,
	  .says = "another file" },
	{ "a pipe of many", .call = "read", .file = { "pipe of many" }, .kind = WAIT_PIPE,
	  .source = UNKNOWN, .says = "so many wait there" },
	{ "pipe, writing", .call = "write", .file = { "pipe by now" }, .kind = WAIT_PIPE,
	  .source = UNKNOWN, .says = "another file" },
	{ "eventfd", .call = "read", .file = { "eventfd by now" }, .kind = WAIT_EVENTFD,
	  .source = UNKNOWN, .says = "another file" },
	{ "unix", .call = "recvmsg", .file = { "unix by now" }, .kind = WAIT_SOCKET,
	  .source = UNKNOWN, .says = "another file" },
	{ "unix, sending", .call = "sendto", .file = { "unix by now" }, .kind = WAIT_SOCKET,
	  .source = UNKNOWN, .says = "another file" },
	{ "TCP", .call = "read", .file = { "tcp by now" }, .kind = WAIT_SOCKET, .source = UNKNOWN,
	  .says = "another file" },
	{ "what the network may feed", .call = "read", .file = { "udp by now" },
	  .kind = WAIT_SOCKET, .source = OUTSIDE },
	{ "sendfile", .call = "sendfile", .file = { "unix by now", "disk" }, .kind = WAIT_SOCKET,
	  .source = UNKNOWN, .says = "another file" },
	{ "splice", .call = "splice", .file = { "disk", "pipe by now" }, .kind = WAIT_PIPE,
	  .source = UNKNOWN, .says = "another file" },
	{ "flock", .call = "flock", .file = { "disk by now" }, .kind = WAIT_FILE_LOCK,
	  .source = UNKNOWN, .says = "another file" },
	{ "F_SETLKW", .call = "fcntl", .args = { 3, 7, 0x5000 }, .file = { "disk by now" },
	  .kind = WAIT_FILE_LOCK, .source = UNKNOWN, .says = "another file" },
	{ "pidfd", .call = "waitid", .args = { 3, 3 }, .file = { "pidfd by now" },
	  .kind = WAIT_CHILD, .source = UNKNOWN, .says = "another file" },
};

static const struct wait_case locks[] = {
	{ "flock", .call = "flock", .file = { "disk" }, .kind = WAIT_FILE_LOCK, .source = NONE,
	  .object = 100 },
	{ "flock on NFS", .call = "flock", .file = { "nfs" }, .kind = WAIT_FILE_LOCK,
	  .source = OUTSIDE, .says = "another host" },
	{ "flock on FUSE", .call = "flock", .file = { "fuse" }, .kind = WAIT_FILE_LOCK,
	  .source = OUTSIDE },
	{ "flock, file unseen", .call = "flock", .kind = WAIT_FILE_LOCK, .source = UNKNOWN },
	{ "F_SETLKW", .call = "fcntl", .args = { 3, 7, 0x5000 }, .file = { "disk" },
	  .kind = WAIT_FILE_LOCK, .source = NONE },
	{ "F_OFD_SETLKW", .call = "fcntl", .args = { 3, 38, 0x5000 }, .file = { "disk" },
	  .kind = WAIT_FILE_LOCK, .source = NONE },
	{ "F_SETLKW64", .call = "fcntl64", .args = { 3, 14, 0x5000 }, .file = { "disk" },
	  .bits = WIRE_COMPAT, .kind = WAIT_FILE_LOCK, .source = NONE },
	{ "F_GETLK", .call = "fcntl", .args = { 3, 5, 0x5000 }, .file = { "disk" },
	  .kind = WAIT_UNKNOWN, .source = UNKNOWN, .says = "fcntl" },
	{ "F_GETLK of a server", .call = "fcntl", .args = { 3, 5, 0x5000 }, .file = { "nfs" },
	  .bits = DSTATE, .kind = WAIT_IO, .source = DISK },
	{ "F_SETPIPE_SZ", .call = "fcntl", .args = { 3, 1031, 1 }, .file = { "pipe" },
	  .kind = WAIT_UNKNOWN, .source = UNKNOWN },
};

Test(wait_file, files)
{
	CHECK(files);
}

Test(wait_file, two_ends)
{
	CHECK(ends);
}

Test(wait_file, sockets)
{
	CHECK(sockets);
}

Test(wait_file, reused)
{
	CHECK(reused);
}

Test(wait_file, locks)
{
	CHECK(locks);
}

Test(wait_file, directions)
{
	static const struct {
		const char *call, *file[2];
		enum wait_direction direction;
	} rows[] = {
		{ "read", { "pipe" }, WAIT_READS },
		{ "write", { "pipe" }, WAIT_WRITES },
		{ "vmsplice", { "pipe" }, WAIT_READS },
		{ "vmsplice", { "pipe for writing" }, WAIT_WRITES },
		{ "splice", { "pipe", "disk" }, WAIT_READS },
		{ "splice", { "disk", "pipe" }, WAIT_WRITES },
		{ "sendfile", { "unix", "disk" }, WAIT_WRITES },
		{ "recvmsg", { "unix" }, WAIT_READS },
		{ "sendmsg", { "unix" }, WAIT_WRITES },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct wait_case c = { "direction", .call = rows[i].call };
		struct wait wait;

		memcpy(c.file, rows[i].file, sizeof(c.file));
		wait_case_decode(&c, &wait, NULL);
		cr_expect_eq(wait.direction, rows[i].direction, "%s", rows[i].call);
	}
}
