/* SPDX-License-Identifier: GPL-2.0-only */
/* queue.bpf.h - does a thread sleep for this very file? (for scan.bpf.c)
 *
 * A blocked call keeps the file that its descriptor led to when it began; the number may have
 * been closed and given to another file since. The kernel's own wait queues tell. */
#pragma once

#include "compat.bpf.h"
#include "file.bpf.h"

#define TCP_LISTEN 10 /* sk_state, of unix sockets too */
#define QUEUE_MAX 256 /* sleepers that are looked at */

/* Whether the thread sleeps in a queue, given by its address: enum wire_queued. A function of its
 * own, which the verifier walks once. */
__noinline int queue_has(__u64 queue, __u64 thread)
{
	__u64 head = queue + bpf_core_field_offset(struct wait_queue_head, head), at = head;

	for (int i = 0; i < QUEUE_MAX; i++) {
		struct wait_queue_entry *entry;

		at = (__u64)BPF_CORE_READ((struct list_head *)at, next);
		if (!at || at == head)
			return WIRE_QUEUED_ELSEWHERE;
		entry = (void *)at - bpf_core_field_offset(struct wait_queue_entry, entry);
		if ((__u64)BPF_CORE_READ(entry, private) == thread)
			return WIRE_QUEUED;
	}
	return WIRE_QUEUED_CROWD;
}

/* In one of two. */
static __always_inline __u32 queue_either(__u64 one, __u64 other, __u64 thread)
{
	__u32 first = queue_has(one, thread), second;

	if (first == WIRE_QUEUED)
		return first;
	second = queue_has(other, thread);
	return second == WIRE_QUEUED_ELSEWHERE ? first : second;
}

#define QUEUE_AT(object, member) ((__u64)(object) + bpf_core_field_offset((object)->member))

static __always_inline __u32 queue_of_socket(struct file *file, __u64 thread)
{
	struct socket *socket = BPF_CORE_READ(file, private_data);
	struct sock *sk = BPF_CORE_READ(socket, sk);
	struct socket_wq *own = BPF_CORE_READ(sk, sk_wq);
	struct unix_sock *un = (void *)sk;

	if (BPF_CORE_READ(sk, __sk_common.skc_family) != AF_UNIX ||
	    !bpf_core_type_exists(struct unix_sock))
		return queue_has(QUEUE_AT(own, wait), thread);
	un = (void *)BPF_CORE_READ(un, peer); /* for room in the queue of datagrams there */
	return un ? queue_either(QUEUE_AT(own, wait), QUEUE_AT(un, peer_wq.wait), thread)
		  : (__u32)queue_has(QUEUE_AT(own, wait), thread);
}

/* Whether it sleeps in a queue of the file itself. Of a kind that has none it is not asked, nor of
 * a listening socket, where a crowd may wait and whom the world outside can wake. */
static __always_inline __u32 queue_of_file(struct file *file, const struct wire_file *r,
					   __u64 thread)
{
	void *private = BPF_CORE_READ(file, private_data);
	struct pipe_inode_info *pipe = private;
	struct eventfd_ctx *event = private;

	if ((r->mode & S_IFMT) == S_IFIFO && private)
		return queue_either(QUEUE_AT(pipe, rd_wait), QUEUE_AT(pipe, wr_wait), thread);
	if ((r->mode & S_IFMT) == S_IFSOCK && r->sk && r->sk_state != TCP_LISTEN)
		return queue_of_socket(file, thread);
	if (r->event_refs && bpf_core_type_exists(struct eventfd_ctx))
		return queue_has(QUEUE_AT(event, wqh), thread);
	return WIRE_QUEUED;
}

/* Whether an entry on the thread's stack is in the queue of somebody who has to do with the file:
 * who waits for a lock sleeps in a queue of that lock alone, which names the file; who waits for
 * the process of a pidfd notes its id beside the entry. */
static __always_inline bool queue_entry_is_for(struct wait_queue_entry *entry, struct file *file,
					       const struct wire_file *r)
{
	__u64 link = (__u64)entry + bpf_core_field_offset(entry->entry);
	__u64 head = (__u64)BPF_CORE_READ((struct list_head *)link, next);
	__u64 opts = (__u64)entry;

	if (!head || head == link || (__u64)BPF_CORE_READ((struct list_head *)head, prev) != link)
		return false;
	if (!file_is_pidfd(r))
		return compat_lock_file(head) == file;
	if (!bpf_core_type_exists(struct wait_opts))
		return false;
	opts -= bpf_core_field_offset(struct wait_opts, child_wait);
	return BPF_CORE_READ((struct wait_opts *)opts, wo_pid) == compat_pidfd(file, r->magic);
}
