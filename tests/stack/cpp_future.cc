/* stack: in=get below=await_answer primitive=std::future */
// SPDX-License-Identifier: GPL-2.0-only
/* cpp_future.cc - std::future whose promise is never kept */
#include "ready.hh"

#include <future>

static std::promise<int> promise;

[[gnu::noinline]] static int await_answer()
{
	return promise.get_future().get() + 1;
}

int main()
{
	std::thread waiter([] { std::printf("%d\n", await_answer()); });
	stay();
}
