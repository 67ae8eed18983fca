/* stack: in=pthread_cond_wait by=await_news kind=condition */
// SPDX-License-Identifier: GPL-2.0-only
/* cpp_condition.cc - std::condition_variable that nobody notifies */
#include "ready.hh"

#include <condition_variable>
#include <mutex>

static std::mutex mutex;
static std::condition_variable news;

[[gnu::noinline]] static void await_news()
{
	std::unique_lock<std::mutex> lock(mutex);
	for (;;)
		news.wait(lock);
}

int main()
{
	std::thread waiter(await_news);
	stay();
}
