// SPDX-License-Identifier: GPL-2.0-only
/* caller.c - a C program that has a library of Go's take a form: caller LIBRARY leak|correct
 *
 * Says "ready", and ends with its stdin. */
#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	void *library = argc == 3 ? dlopen(argv[1], RTLD_NOW) : NULL;
	void (*take)(char *form) = library ? (void (*)(char *))dlsym(library, "Take") : NULL;

	if (!take) {
		fprintf(stderr, "caller: %s\n", argc == 3 ? dlerror() : "usage: see its source");
		return 1;
	}
	take(argv[2]);
	usleep(100000);
	puts("ready");
	fflush(stdout);
	getchar();
	return 0;
}
