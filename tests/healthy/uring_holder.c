/* expect: none pipe,child */
/* needs: io_uring */
// SPDX-License-Identifier: GPL-2.0-only
/* uring_holder.c - a child reads a pipe, its parent waits for it: and a request in io_uring writes
 *
 * Who has handed it in does not wait by a descriptor itself.
 */
#include "../plant_uring.h"

int main(void)
{
	struct plant_uring u;
	int ends[2];
	pid_t child;
	char byte;

	plant_init();
	if (pipe(ends))
		plant_fail("pipe");
	child = plant_fork();
	if (!child) {
		close(ends[1]);
		return read(ends[0], &byte, 1) != 1;
	}
	close(ends[0]);
	u = plant_uring();
	plant_uring_write_in_an_hour(&u, ends[1]);
	plant_child_blocked(child, 1, SYS_read);
	plant_ready();
	return waitpid(child, NULL, 0) != child;
}
