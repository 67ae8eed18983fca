/* stack: in=pthread_mutex_lock below=lock,visit,call_it */
// SPDX-License-Identifier: GPL-2.0-only
/* cpp_function.cc - a lambda behind std::function and templates, all inlined that can be */
#include "ready.hh"

#include <functional>
#include <mutex>
#include <vector>

static std::mutex mutex;

template <typename T, typename F>
static inline void visit(const std::vector<T> &all, F each)
{
	for (const T &one : all)
		each(one);
}

[[gnu::noinline]] static void call_it(const std::function<void(int)> &function)
{
	function(7);
	std::puts("through");
}

int main()
{
	std::thread waiter([] {
		std::vector<int> numbers{ 1, 2, 3 };

		call_it([&numbers](int more) {
			visit(numbers, [more](int one) {
				mutex.lock();
				std::printf("%d\n", one + more);
			});
		});
	});
	stay();
}
