/* stack: in=pthread_mutex_lock by=on_fault below=write_there,worker */
// SPDX-License-Identifier: GPL-2.0-only
/* fault.c - a handler that a fault called: the frame below it was not in a call
 *
 * The return address of the signal frame is the very instruction that faulted, the first one of
 * its function: who looks one byte before it names another function.
 */
#include "block.h"

void write_there(volatile int *where);
/* the store is the first instruction; another function ends right before it */
__asm__(".pushsection .text\n"
	"	.type before_it, %function\n"
	"before_it:\n"
	"	.cfi_startproc\n"
#ifdef __x86_64__
	"	ud2\n"
#else
	"	udf #0\n"
#endif
	"	.cfi_endproc\n"
	"	.size before_it, .-before_it\n"
	"	.globl write_there\n"
	"	.type write_there, %function\n"
	"write_there:\n"
	"	.cfi_startproc\n"
#ifdef __x86_64__
	"	movl $1, (%rdi)\n"
#else
	"	str wzr, [x0]\n"
#endif
	"	ret\n"
	"	.cfi_endproc\n"
	"	.size write_there, .-write_there\n"
	".popsection\n");

static void on_fault(int sig)
{
	(void)sig;
	stack_block();
}

static void *worker(void *arg)
{
	struct sigaction act = { .sa_handler = on_fault };
	void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED || sigaction(SIGSEGV, &act, NULL))
		plant_fail("sigaction");
	pthread_mutex_lock(&stack_mutex);
	write_there(page);
	return arg;
}

int main(void)
{
	stack_main(worker, NULL);
}
