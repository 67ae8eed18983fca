/* stack: in=pthread_mutex_lock kind=mutex below=lock_both */
// SPDX-License-Identifier: GPL-2.0-only
/* cpp_mutex.cc - std::mutex, two of them in opposite order */
#include "ready.hh"

#include <mutex>

static std::mutex a, b;
static std::atomic<int> here;

[[gnu::noinline]] static int lock_both(std::mutex &first, std::mutex &second)
{
	std::lock_guard<std::mutex> one(first);
	meet(here, 2);
	std::lock_guard<std::mutex> two(second);
	return here;
}

int main()
{
	std::thread forth([] { lock_both(a, b); });
	std::thread back([] { lock_both(b, a); });
	stay();
}
