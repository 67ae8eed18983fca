// SPDX-License-Identifier: GPL-2.0-only
/* allgs.c - the list of all goroutines, which grows while it is read.
 *
 * Pure but for the target. */
#include "golang/allgs.h"

#include <errno.h>

#define WORD 8
#define RETRIES 8

static int read_list(const struct program *p, __u64 *ret_p, __u64 *ret_n)
{
	unsigned char v[3 * WORD];
	__u64 n;

	if (!target_read(p->target, p->allgs, v, sizeof(v)))
		return -EFAULT;
	n = target_u64(v + WORD);
	if (n > target_u64(v + 2 * WORD) || n > PROGRAM_GOROUTINES_MAX)
		return -EINVAL;
	*ret_p = target_u64(v);
	*ret_n = n;
	return 0;
}

/* The list grows by moving elsewhere, and where it was may then be anything. */
int allgs_read(const struct program *p, __u64 first, size_t n, __u64 *ret, size_t *ret_n)
{
	__u64 list, count, list_then, count_then;
	bool there;
	int rc;

	for (unsigned int i = 0; i < RETRIES; i++) {
		rc = read_list(p, &list, &count);
		if (rc)
			return rc;
		if (first >= count) {
			*ret_n = 0;
			return 0;
		}
		if (n > count - first)
			n = count - first;
		there = target_read(p->target, list + first * WORD, ret, n * WORD);
		rc = read_list(p, &list_then, &count_then);
		if (rc)
			return rc;
		if (list != list_then)
			continue;
		if (!there)
			return -EFAULT;
		*ret_n = n;
		return 0;
	}
	return -EAGAIN;
}

int allgs_count(const struct program *p, __u64 *ret)
{
	__u64 list;

	return read_list(p, &list, ret);
}
