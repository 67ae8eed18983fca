/* stack: in=std::thread::join by=join_next kind=join */
// SPDX-License-Identifier: GPL-2.0-only
/* cpp_join.cc - std::thread::join, in a chain whose end joins the first */
#include "ready.hh"

#include <array>

static std::array<std::thread, 3> ring;
static std::atomic<bool> all_there;

[[gnu::noinline]] static void join_next(std::size_t i)
{
	ring[(i + 1) % ring.size()].join();
	std::puts("through");
}

static void follow(std::size_t i)
{
	while (!all_there)
		std::this_thread::yield();
	join_next(i);
}

int main()
{
	for (std::size_t i = 0; i < ring.size(); i++)
		ring[i] = std::thread(follow, i);
	all_there = true;
	stay();
}
