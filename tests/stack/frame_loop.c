/* stack: in=pthread_mutex_lock by=loop_frame stop=any gdb=prefix */
// SPDX-License-Identifier: GPL-2.0-only
/* frame_loop.c - a frame pointer that points at itself: the trace must end, and say so
 */
#include "block.h"

#ifndef __x86_64__
#error the frame is made by hand, for x86_64
#endif

void loop_frame(pthread_mutex_t *mutex);
/* no unwind information, and the saved frame pointer is its own address */
__asm__(".pushsection .text\n"
	"	.globl loop_frame\n"
	"	.type loop_frame, %function\n"
	"loop_frame:\n"
	"	push %rbp\n"
	"	mov %rsp, %rbp\n"
	"	mov %rbp, (%rbp)\n"
	"	call pthread_mutex_lock@PLT\n"
	"	ud2\n"
	"	.size loop_frame, .-loop_frame\n"
	".popsection\n");

static void *worker(void *arg)
{
	pthread_mutex_lock(&stack_mutex);
	loop_frame(&stack_mutex);
	return arg;
}

int main(void)
{
	stack_main(worker, NULL);
}
