/* stack: in=acquire below=take_one kind=semaphore */
// SPDX-License-Identifier: GPL-2.0-only
/* cpp_semaphore.cc - std::counting_semaphore that nobody releases */
#include "ready.hh"

#include <semaphore>

static std::counting_semaphore<10> tokens(0);

[[gnu::noinline]] static void take_one()
{
	tokens.acquire();
	std::puts("through");
}

int main()
{
	std::thread waiter(take_one);
	stay();
}
