// SPDX-License-Identifier: GPL-2.0-only
/* files.bpf.c - which descriptors lead to the files that somebody waits for?
 *
 * A task_file iterator, read by collect/feed.c and only run when a blocked thread
 * waits for a pipe, socket, eventfd or lock. Nearly every descriptor is dropped in
 * the kernel: one look-up each. wanted is filled by collect/feed.c. */
#include "compat.bpf.h"
#include "file.bpf.h"
#include "wire.h"

/* Identities of inodes, open files and sockets. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, WIRE_WANTED);
	__type(key, __u64);
	__type(value, __u8);
} wanted SEC(".maps");

/* The far ends of TCP connections: their own identity is not known yet. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, WIRE_WANTED);
	__type(key, struct wire_tuple);
	__type(value, __u8);
} wanted_tuples SEC(".maps");

static __always_inline bool wants(const void *object)
{
	__u64 key = (__u64)object;

	return object && bpf_map_lookup_elem(&wanted, &key);
}

static __always_inline bool wants_connection(struct sock *sk, struct wire_tuple *tuple)
{
	struct wire_file at = {};

	at.family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if (at.family != AF_INET && at.family != AF_INET6)
		return false;
	file_inet(sk, &at);
	__builtin_memcpy(tuple->saddr, at.saddr, sizeof(tuple->saddr));
	__builtin_memcpy(tuple->daddr, at.daddr, sizeof(tuple->daddr));
	tuple->netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
	tuple->sport = at.sport;
	tuple->dport = at.dport;
	return bpf_map_lookup_elem(&wanted_tuples, tuple);
}

SEC("iter/task_file")
int scan_files(struct bpf_iter__task_file *ctx)
{
	struct file *file = ctx->file;
	struct task_struct *t = ctx->task;
	struct inode *inode;
	struct sock *sk = NULL;
	struct wire_fd r = {};
	bool wanted_end;

	if (!file || !t)
		return 0;
	inode = BPF_CORE_READ(file, f_inode);
	if ((BPF_CORE_READ(inode, i_mode) & S_IFMT) == S_IFSOCK) {
		struct socket *socket = BPF_CORE_READ(file, private_data);

		sk = BPF_CORE_READ(socket, sk);
	}
	/* First: a socket that is wanted for itself may be somebody's far end, too. */
	wanted_end = sk && wants_connection(sk, &r.tuple);
	if (!wanted_end && !wants(file) && !wants(inode) && !wants(sk))
		return 0;
	r.head.kind = WIRE_FD;
	r.head.size = sizeof(r);
	r.head.tid = BPF_CORE_READ(t, pid);
	r.tgid = BPF_CORE_READ(t, tgid);
	r.fd = ctx->fd;
	r.files = (__u64)BPF_CORE_READ(t, files);
	r.file = (__u64)file;
	r.inode = (__u64)inode;
	r.sk = (__u64)sk;
	r.refs = compat_file_refs(file) - 1; /* the iterator itself holds one */
	r.flags = BPF_CORE_READ(file, f_flags);
	if (sk)
		r.tcp = file_tcp(sk);
	bpf_seq_write(ctx->meta->seq, &r, sizeof(r));
	return 0;
}
