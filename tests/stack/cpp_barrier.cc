/* stack: in=wait below=reach_barrier primitive=std::barrier */
// SPDX-License-Identifier: GPL-2.0-only
/* cpp_barrier.cc - std::barrier that one party never reaches */
#include "ready.hh"

#include <barrier>

static std::barrier<> all(2);

[[gnu::noinline]] static void reach_barrier()
{
	all.arrive_and_wait();
	std::puts("through");
}

int main()
{
	std::thread waiter(reach_barrier);
	stay();
}
