/* stack: in=pthread_mutex_lock by=plugin_wait,worker */
/* ldflags: -ldl */
// SPDX-License-Identifier: GPL-2.0-only
/* plugin.c - code of a library that was loaded by dlopen()
 *
 * The library lies beside the program, under lib/.
 */
#include "block.h"

#include <dlfcn.h>

static void (*plugin_wait)(pthread_mutex_t *mutex);

static void *worker(void *arg)
{
	pthread_mutex_lock(&stack_mutex);
	plugin_wait(&stack_mutex);
	KEEP_FRAME();
	return arg;
}

int main(void)
{
	char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 64);
	void *library;

	if (len < 0)
		plant_fail("/proc/self/exe");
	path[len] = 0;
	strcpy(strrchr(path, '/'), "/lib/plugin_wait.so");
	library = dlopen(path, RTLD_NOW);
	plugin_wait = library ? (void (*)(pthread_mutex_t *))dlsym(library, "plugin_wait") : NULL;
	if (!plugin_wait)
		plant_fail("%s", dlerror());
	stack_main(worker, NULL);
}
