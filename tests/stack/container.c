/* stack: in=pthread_mutex_lock by=wait_in_container,worker */
// SPDX-License-Identifier: GPL-2.0-only
/* container.c - a program in a mount namespace: its path means nothing on the host, or another file
 *
 * With -DOTHER the host has another binary of that name.
 */
#include "again.h"

#include <sys/mount.h>

NOINLINE static void wait_in_container(void)
{
	stack_block();
}

static void *worker(void *arg)
{
	wait_in_container();
	return arg;
}

int main(void)
{
	const char *dir = plant_path("root");
	char path[200];

	if (again_is_second())
		stack_main(worker, NULL);
	snprintf(path, sizeof(path), "%s/program", dir);
	if (mkdir(dir, 0755) < 0)
		plant_fail("%s", dir);
#ifdef OTHER
	again_copy_to("/bin/sh", path);
#endif
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", dir, "tmpfs", 0, "mode=0755") < 0)
		plant_skip("unshare(CLONE_NEWNS)");
	again_from(path);
}
