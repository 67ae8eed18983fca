// SPDX-License-Identifier: GPL-2.0-only
/* again.h - a planted program starts itself again, from another place
 *
 * The process stays the same, and with it the tether to the runner.
 */
#ifndef NOWAKE_STACK_AGAIN_H
#define NOWAKE_STACK_AGAIN_H

#include "block.h"

#include <sys/sendfile.h>
#include <sys/stat.h>

#define AGAIN "PLANT_AGAIN" /* in the environment of the second run */

static inline int again_is_second(void)
{
	return getenv(AGAIN) != NULL;
}

/* Copies a file into an open one, all of it. */
static inline void again_copy(const char *from, int out)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (in < 0 || fstat(in, &st) < 0)
		plant_fail("%s", from);
	for (off_t done = 0; done < st.st_size;) {
		ssize_t n = sendfile(out, in, &done, (size_t)(st.st_size - done));

		if (n <= 0)
			plant_fail("copying %s", from);
	}
	close(in);
}

/* An executable copy of a file under another name. */
static inline void again_copy_to(const char *from, const char *to)
{
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	if (out < 0)
		plant_fail("%s", to);
	again_copy(from, out);
	close(out);
}

/* Does not return: this program starts from a copy at `path`. */
__attribute__((noreturn, unused)) static inline void again_from(const char *path)
{
	char *argv[] = { (char *)path, NULL };

	again_copy_to("/proc/self/exe", path);
	setenv(AGAIN, path, 1);
	execv(path, argv);
	plant_fail("%s", path);
}

#endif
