/* stack: in=__cxa_guard_acquire by=static_local below=start_thread */
// SPDX-License-Identifier: GPL-2.0-only
/* cpp_once.cc - std::call_once and a static local, whose first caller never comes back */
#include "ready.hh"

#include <mutex>

static std::once_flag flag;
static std::mutex mutex;

static void never_done()
{
	mutex.lock();
	mutex.lock();
}

static int first_value()
{
	mutex.lock();
	return 1;
}

[[gnu::noinline]] static void once()
{
	std::call_once(flag, never_done);
	std::puts("through");
}

[[gnu::noinline]] static int static_local()
{
	static int value = first_value();

	return value;
}

int main()
{
	std::thread one(once);
	usleep(100000);
	std::thread two(once);
	std::thread three([] { std::printf("%d\n", static_local()); });
	usleep(100000);
	std::thread four([] { std::printf("%d\n", static_local()); });
	stay();
}
