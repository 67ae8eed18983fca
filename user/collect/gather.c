// SPDX-License-Identifier: GPL-2.0-only
/* gather.c - many pieces of a process's memory by one system call, under the guard. */
#include "collect/gather.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

/* Belongs to the guarded thread until guard_call() has returned. */
struct gather_job {
	__u32 tid;
	__u32 n;
	struct message_piece piece[MESSAGE_PIECES_MAX];
	unsigned char bytes[MESSAGE_GATHER_MAX];
};

/* The kernel stops at the first byte that is not there: that piece is left out, and it goes on. */
static int run_gather(void *arg)
{
	struct gather_job *job = arg;
	struct iovec remote[MESSAGE_PIECES_MAX];
	unsigned char *to = job->bytes;

	for (__u32 i = 0; i < job->n; i++)
		remote[i] = (struct iovec){ (void *)job->piece[i].address, job->piece[i].len };
	for (__u32 first = 0; first < job->n;) {
		struct iovec local = { to, job->bytes + sizeof(job->bytes) - to };
		ssize_t n =
			process_vm_readv(job->tid, &local, 1, &remote[first], job->n - first, 0);

		n = n > 0 ? n : 0;
		for (; first < job->n && (size_t)n >= job->piece[first].len; first++) {
			n -= job->piece[first].len;
			to += job->piece[first].len;
			job->piece[first].there = 1;
		}
		if (first < job->n) {
			memset(to, 0, job->piece[first].len);
			to += job->piece[first++].len;
		}
	}
	return 0;
}

void gather_pieces(struct guard *guard, __u32 tid, __u32 tgid, struct message_piece *pieces,
		   size_t n, unsigned char *ret)
{
	struct gather_job *job = malloc(sizeof(*job));
	size_t len = 0;
	int err;

	for (size_t i = 0; i < n; i++) {
		pieces[i].there = 0;
		len += pieces[i].len;
	}
	if (!job)
		return;
	job->tid = tid;
	job->n = n;
	memcpy(job->piece, pieces, n * sizeof(*pieces));
	err = guard_call(guard, tgid, run_gather, free, job);
	if (err == -ETIMEDOUT)
		return;
	if (!err) {
		memcpy(pieces, job->piece, n * sizeof(*pieces));
		memcpy(ret, job->bytes, len);
	}
	free(job);
}
