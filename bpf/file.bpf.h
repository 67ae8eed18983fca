/* SPDX-License-Identifier: GPL-2.0-only */
/* file.bpf.h - describes an open file and the locks on it (for scan.bpf.c). */
#pragma once

#include "compat.bpf.h"
#include "wire.h"

#define S_IFMT 0170000
#define S_IFIFO 0010000
#define S_IFSOCK 0140000
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define SOCK_STREAM 1
#define IPPROTO_TCP 6
#define FL_POSIX 1 /* include/linux/filelock.h */
#define FL_FLOCK 2
#define FL_OFDLCK 1024
#define F_WRLCK 1

/* The open file behind a descriptor of a task, or NULL. */
static __always_inline struct file *file_of(struct task_struct *t, __u32 fd)
{
	struct files_struct *files = BPF_CORE_READ(t, files);
	struct fdtable *table = files ? BPF_CORE_READ(files, fdt) : NULL;
	struct file *file = NULL;

	if (!table || fd >= BPF_CORE_READ(table, max_fds))
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), BPF_CORE_READ(table, fd) + fd);
	return file;
}

/* IPv4 is given as ::ffff:a.b.c.d: the two ends of a connection may differ in family. */
static __always_inline void file_inet(struct sock *sk, struct wire_file *r)
{
	r->sk_v6 = 1;
	r->sport = BPF_CORE_READ(sk, __sk_common.skc_num);
	r->dport = __builtin_bswap16(BPF_CORE_READ(sk, __sk_common.skc_dport));
	if (r->family == AF_INET6 && bpf_core_field_exists(sk->__sk_common.skc_v6_daddr)) {
		bpf_core_read(r->saddr, sizeof(r->saddr), &sk->__sk_common.skc_v6_rcv_saddr);
		bpf_core_read(r->daddr, sizeof(r->daddr), &sk->__sk_common.skc_v6_daddr);
		return;
	}
	r->saddr[10] = r->saddr[11] = r->daddr[10] = r->daddr[11] = 0xff;
	BPF_CORE_READ_INTO((__u32 *)&r->saddr[12], sk, __sk_common.skc_rcv_saddr);
	BPF_CORE_READ_INTO((__u32 *)&r->daddr[12], sk, __sk_common.skc_daddr);
}

/* enum wire_tcp. How much it may be sent is what it said last, even if that was lost. The lowest
 * bits of sk_user_data are flags (f1ff5ce2cd5e, 5.7), alone where it is NULL. */
static __always_inline __u32 file_tcp(struct sock *sk)
{
	__u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);
	struct inet_connection_sock *connection = (void *)sk;
	struct tcp_sock *tcp = (void *)sk;
	__u32 acknowledged, bits = 0;

	if ((__u64)BPF_CORE_READ(sk, sk_user_data) & ~7ull)
		bits |= WIRE_TCP_HOOKED;

	if ((family != AF_INET && family != AF_INET6) || !bpf_core_type_exists(struct tcp_sock) ||
	    BPF_CORE_READ(sk, sk_type) != SOCK_STREAM ||
	    BPF_CORE_READ(sk, sk_protocol) != IPPROTO_TCP)
		return bits;
	acknowledged = BPF_CORE_READ(tcp, snd_una);
	if (BPF_CORE_READ(tcp, write_seq) != acknowledged)
		bits |= WIRE_TCP_PENDING;
	if (BPF_CORE_READ(tcp, snd_nxt) != acknowledged)
		bits |= WIRE_TCP_SENT;
	if ((__s32)(BPF_CORE_READ(tcp, rcv_wup) + BPF_CORE_READ(tcp, rcv_wnd) -
		    BPF_CORE_READ(tcp, rcv_nxt)) > 0)
		bits |= WIRE_TCP_ROOM;
	if (bpf_core_field_exists(connection->icsk_user_timeout) &&
	    BPF_CORE_READ(connection, icsk_user_timeout))
		bits |= WIRE_TCP_TIMEOUT;
	return bits;
}

static __always_inline void file_socket(struct file *file, struct wire_file *r)
{
	struct socket *socket = BPF_CORE_READ(file, private_data);
	struct sock *sk = BPF_CORE_READ(socket, sk);
	struct unix_sock *un = (void *)sk;

	r->type = BPF_CORE_READ(socket, type);
	if (!sk)
		return;
	r->sk = (__u64)sk;
	r->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	r->sk_state = BPF_CORE_READ(sk, __sk_common.skc_state);
	r->protocol = BPF_CORE_READ(sk, sk_protocol);
	r->rcvtimeo = BPF_CORE_READ(sk, sk_rcvtimeo);
	r->sndtimeo = BPF_CORE_READ(sk, sk_sndtimeo);
	r->netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
	r->tcp = file_tcp(sk);
	if (r->family == AF_UNIX && bpf_core_type_exists(struct unix_sock)) {
		r->peer = (__u64)BPF_CORE_READ(un, peer);
		r->bound = BPF_CORE_READ(un, addr) != NULL;
	}
	if (r->family == AF_INET || r->family == AF_INET6)
		file_inet(sk, r);
}

static __always_inline bool file_is_pidfd(const struct wire_file *r)
{
	return r->magic == PID_FS_MAGIC ||
	       (r->name[0] == '[' && r->name[1] == 'p' && r->name[2] == 'i'); /* [pidfd] */
}

/* What only some kinds of file have. */
static __always_inline void file_special(struct file *file, struct wire_file *r)
{
	void *private = BPF_CORE_READ(file, private_data);

	if ((r->mode & S_IFMT) == S_IFIFO && private) {
		struct pipe_inode_info *pipe = private;

		r->pipe_readers = BPF_CORE_READ(pipe, readers);
		r->pipe_writers = BPF_CORE_READ(pipe, writers);
		if (bpf_core_field_exists(pipe->watch_queue)) /* c73be61cede5, 5.8 */
			r->notes = BPF_CORE_READ(pipe, watch_queue) != NULL;
	} else if ((r->mode & S_IFMT) == S_IFSOCK && private) {
		file_socket(file, r);
	} else if (r->name[0] == '[' && r->name[1] == 'e' && r->name[6] == 'f') { /* [eventfd] */
		struct eventfd_ctx *ctx = private;

		if (bpf_core_type_exists(struct eventfd_ctx))
			r->event_refs = BPF_CORE_READ(ctx, kref.refcount.refs.counter);
	} else if (file_is_pidfd(r)) {
		struct pid *pid = compat_pidfd(file, r->magic);

		r->peer = (__u32)BPF_CORE_READ(pid, numbers[0].nr);
	}
}

static __always_inline void file_describe(struct file *file, struct wire_file *r)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);

	r->file = (__u64)file;
	r->inode = (__u64)inode;
	r->ino = BPF_CORE_READ(inode, i_ino);
	r->mode = BPF_CORE_READ(inode, i_mode);
	r->nlink = BPF_CORE_READ(inode, i_nlink);
	r->rdev = BPF_CORE_READ(inode, i_rdev);
	r->dev = BPF_CORE_READ(inode, i_sb, s_dev);
	r->magic = BPF_CORE_READ(inode, i_sb, s_magic);
	r->flags = BPF_CORE_READ(file, f_flags);
	r->refs = compat_file_refs(file);
	bpf_probe_read_kernel_str(r->name, sizeof(r->name),
				  BPF_CORE_READ(file, f_path.dentry, d_name.name));
	file_special(file, r);
}

/* Emits the locks of one list; as many as WIRE_LOCKS_MAX mean that there may be more. */
static __always_inline void file_locks(struct seq_file *seq, struct list_head *head,
				       struct wire_lock *r)
{
	struct list_head *link = NULL;
	struct compat_lock lock;

	bpf_probe_read_kernel(&link, sizeof(link), &head->next);
	for (int i = 0; i < WIRE_LOCKS_MAX && link && link != head; i++) {
		compat_lock_read(link, &lock);
		r->type = lock.flags & FL_OFDLCK  ? WIRE_OFD
			  : lock.flags & FL_FLOCK ? WIRE_FLOCK
						  : WIRE_POSIX;
		r->write = lock.type == F_WRLCK;
		r->pid = lock.pid;
		r->file = (__u64)lock.file;
		r->owner = (__u64)lock.owner;
		r->start = lock.start;
		r->end = lock.end;
		bpf_seq_write(seq, r, sizeof(*r));
		link = lock.next;
	}
}
