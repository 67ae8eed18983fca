/* stack: in=pthread_mutex_lock by=inner stop=no_unwind_information gdb=prefix */
/* cflags: -O2 -g0 -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-exceptions -fomit-frame-pointer */
// SPDX-License-Identifier: GPL-2.0-only
/* no_cfi_bare.c - code with neither unwind information nor frame pointers: the trace stops there
 *
 * The register that would hold a frame pointer holds other things: in one thread a pointer to
 * data, in the other one to words of its own stack, which are no frame. Neither may become one.
 */
#include "block.h"

static long data[64] = { 1, 2, 3 };

NOINLINE static void inner(void *in_rbp)
{
#ifdef __x86_64__
	__asm__ volatile("mov %0, %%rbp\n\tcall pthread_mutex_lock@PLT"
			 :
			 : "r"(in_rbp), "D"(&stack_mutex)
			 : "rbp", "rax", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "cc",
			   "memory");
#else
	pthread_mutex_lock(in_rbp ? &stack_mutex : NULL);
#endif
	KEEP_FRAME();
}

NOINLINE static void middle(void *in_rbp)
{
	inner(in_rbp);
	KEEP_FRAME();
}

static void *points_at_data(void *arg)
{
	middle(&data[8]);
	return arg;
}

static void *points_at_stack(void *arg)
{
	volatile long words[8] = { 4, 5, 6, 7, 8, 9, 10, 11 };

	middle((void *)&words[2]);
	return arg;
}

int main(void)
{
	plant_init();
	pthread_mutex_lock(&stack_mutex);
	plant_thread(points_at_data, NULL);
	plant_thread(points_at_stack, NULL);
	plant_blocked(2, SYS_futex);
	plant_ready();
	plant_live();
}
