/* stack: in=pthread_rwlock_wrlock kind=rwlock below=upgrade */
// SPDX-License-Identifier: GPL-2.0-only
/* cpp_shared_mutex.cc - std::shared_mutex: each reads one and wants to write the other */
#include "ready.hh"

#include <mutex>
#include <shared_mutex>

static std::shared_mutex a, b;
static std::atomic<int> here;

[[gnu::noinline]] static int upgrade(std::shared_mutex &read, std::shared_mutex &write)
{
	std::shared_lock<std::shared_mutex> one(read);
	meet(here, 2);
	std::unique_lock<std::shared_mutex> two(write);
	return here;
}

int main()
{
	std::thread forth([] { upgrade(a, b); });
	std::thread back([] { upgrade(b, a); });
	stay();
}
