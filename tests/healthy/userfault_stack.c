/* expect: none futex */
/* needs: uffd */
// SPDX-License-Identifier: GPL-2.0-only
/* userfault_stack.c - a stack that borders on pages which a handler would have to bring
 *
 * Whoever reads on past the end of the stack asks the handler for a page: the program has been
 * touched, and ends.
 */
#include "../plant.h"

#include <linux/userfaultfd.h>
#include <poll.h>
#include <sys/ioctl.h>

#define STACK (256 << 10)
#define BEHIND (64 << 10)

static uint32_t word;

static void *sleeper(void *arg)
{
	plant_futex(&word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
	return arg;
}

int main(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register area = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct pollfd events = { .events = POLLIN };
	pthread_attr_t attr;
	pthread_t thread;
	char *stack;

	plant_init();
	stack = mmap(NULL, STACK + BEHIND, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		     0);
	events.fd =
		syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK); /* of the kernel's reading, too */
	if (events.fd < 0 || ioctl(events.fd, UFFDIO_API, &api) < 0)
		plant_skip("userfaultfd");
	area.range.start = (uintptr_t)stack + STACK;
	area.range.len = BEHIND;
	if (ioctl(events.fd, UFFDIO_REGISTER, &area) < 0)
		plant_skip("UFFDIO_REGISTER");
	pthread_attr_init(&attr);
	pthread_attr_setstack(&attr, stack, STACK);
	errno = pthread_create(&thread, &attr, sleeper, NULL);
	if (errno)
		plant_fail("pthread_create");
	plant_blocked(1, SYS_futex);
	plant_ready();
	return poll(&events, 1, -1);
}
