/* stack: in=syscall below=await_all primitive=std::latch */
// SPDX-License-Identifier: GPL-2.0-only
/* cpp_latch.cc - std::latch that one arrival lacks */
#include "ready.hh"

#include <latch>

static std::latch all(2);

[[gnu::noinline]] static void await_all()
{
	all.arrive_and_wait();
	std::puts("through");
}

int main()
{
	std::thread waiter(await_all);
	stay();
}
