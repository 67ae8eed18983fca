/* stack: in=wait_for_word by=worker stop=no_unwind_information gdb=prefix */
// SPDX-License-Identifier: GPL-2.0-only
/* musl_syscall.c - its own code makes the system call; below it lies musl, which has no CFI
 *
 * Debian's musl is built without unwind information: the trace holds what the program itself
 * has, and ends with that sentence where musl's first function begins.
 */
#include "block.h"

#ifndef __x86_64__
#error the system call is made by hand, for x86_64
#endif

NOINLINE static void wait_for_word(uint32_t *word)
{
	register long timeout __asm__("r10") = 0;
	long result = SYS_futex;

	for (;;) {
		__asm__ volatile("syscall"
				 : "+a"(result)
				 : "D"(word), "S"(FUTEX_WAIT | FUTEX_PRIVATE_FLAG), "d"(0),
				   "r"(timeout)
				 : "rcx", "r11", "memory");
		result = SYS_futex;
	}
}

static void *worker(void *arg)
{
	static uint32_t word;

	wait_for_word(&word);
	return arg;
}

int main(void)
{
	stack_main(worker, NULL);
}
