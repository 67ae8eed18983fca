/* expect: none - */
// SPDX-License-Identifier: GPL-2.0-only
/* page_reused.c - the page of a lock was freed and mapped again for other data (TRAPS 21)
 *
 * The words at the sleepers' address now count something, and have nothing to do with a lock;
 * one of them reads zero at times.
 */
#include "../plant.h"

static _Atomic uint32_t *page;

static void *waiter(void *arg)
{
	plant_futex(page, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0);
	return arg;
}

int main(void)
{
	plant_init();
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		plant_fail("mmap");
	*page = 2;
	plant_thread(waiter, NULL);
	plant_blocked(1, SYS_futex);
	munmap((void *)page, 4096);
	page = mmap((void *)page, 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	if (page == MAP_FAILED)
		plant_fail("mmap again");
	plant_ready();
	for (uint32_t count = 0;; count++) {
		*page = count % 7;
		plant_ms(3);
	}
}
