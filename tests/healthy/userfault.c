/* expect: none page-fault */
/* needs: uffd */
// SPDX-License-Identifier: GPL-2.0-only
/* userfault.c - a thread in a page fault that a live handler thread has yet to answer (TRAPS 31) */
#include "../plant.h"

#include <linux/userfaultfd.h>
#include <poll.h>
#include <sys/ioctl.h>

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif

static volatile char *page;

static void *toucher(void *arg)
{
	return *page ? arg : NULL;
}

int main(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register area = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct pollfd events = { .events = POLLIN };
	struct uffd_msg msg;

	plant_init();
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	events.fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
	if (events.fd < 0) /* before 5.11 there is no such flag */
		events.fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (events.fd < 0 || ioctl(events.fd, UFFDIO_API, &api) < 0)
		plant_skip("userfaultfd");
	area.range.start = (uintptr_t)page;
	area.range.len = 4096;
	if (ioctl(events.fd, UFFDIO_REGISTER, &area) < 0)
		plant_skip("UFFDIO_REGISTER");
	plant_thread(toucher, NULL);
	if (poll(&events, 1, -1) != 1 || read(events.fd, &msg, sizeof(msg)) != sizeof(msg))
		plant_fail("read");
	plant_blocked(1, PLANT_ANY);
	plant_ready();
	return poll(&events, 1, -1);
}
