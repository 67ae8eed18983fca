/* stack: in=pthread_mutex_lock by=from_jit,jitted_function,worker gdb=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* jit.c - compiled code in anonymous memory, named by /tmp/perf-PID.map
 *
 * The runner removes the map, whose name carries the process's number.
 */
#include "block.h"

#ifndef __x86_64__
#error the code is made by hand, for x86_64
#endif

#define FUNCTION_AT 64 /* behind other code */

NOINLINE static void from_jit(void)
{
	stack_block();
}

/* void f(void (*fn)(void)) { fn(); }, with a frame pointer */
static const unsigned char code[] = {
	0x55,			/* push %rbp */
	0x48, 0x89, 0xe5,	/* mov %rsp, %rbp */
	0x48, 0x83, 0xec, 0x20, /* sub $32, %rsp */
	0xff, 0xd7,		/* call *%rdi */
	0xc9,			/* leave */
	0xc3,			/* ret */
};

static void *worker(void *arg)
{
	((void (*)(void (*)(void)))arg)(from_jit);
	KEEP_FRAME();
	return NULL;
}

int main(void)
{
	unsigned char *mem =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char path[64];
	FILE *map;

	snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)getpid());
	map = fopen(path, "wxe");
	if (mem == MAP_FAILED || !map)
		plant_fail("%s", path);
	memset(mem, 0xcc, 4096);
	memcpy(mem + FUNCTION_AT, code, sizeof(code));
	fprintf(map, "%lx %x before_it\n%lx %zx jitted_function\n%lx %x after_it\n", (long)mem,
		FUNCTION_AT, (long)mem + FUNCTION_AT, sizeof(code), (long)mem + 2 * FUNCTION_AT,
		FUNCTION_AT);
	fclose(map);
	mprotect(mem, 4096, PROT_READ | PROT_EXEC);
	stack_main(worker, mem + FUNCTION_AT);
}
