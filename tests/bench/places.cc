// SPDX-License-Identifier: GPL-2.0-only
/* places.cc - many threads that are blocked at 20 places, and one that counts
 *
 * usage: places THREADS. Says "ready PID" once all sleep. For each line on its standard input the
 * counting thread's best rate, its longest pause and the count since the last line are printed:
 * "RATE PAUSE COUNT" (turns a second, seconds). It makes no system call, so that whoever stops the
 * process stops it too.
 */
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <sys/prctl.h>
#include <csignal>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

std::mutex mutex;
std::condition_variable never;
std::atomic<int> asleep;
std::atomic<unsigned long> turns;
std::atomic<double> longest;

void block()
{
	std::unique_lock<std::mutex> lock(mutex);
	asleep++;
	for (;;)
		never.wait(lock);
}

/* Calls below a place: a few frames each, so that no two places share more than their ends. */
template <int place, int depth> [[gnu::noinline]] void descend()
{
	if constexpr (depth == 0)
		block();
	else
		descend<place, depth - 1>();
	std::atomic_signal_fence(std::memory_order_seq_cst);
}

template <int... place> auto table(std::integer_sequence<int, place...>)
{
	return std::vector<void (*)()>{ descend<place, 3 + place % 8>... };
}

double now()
{
	return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void count()
{
	for (double before = now();;) {
		double at = now();

		if (at - before > longest)
			longest = at - before;
		before = at;
		turns++;
	}
}

}

int main(int argc, char **argv)
{
	auto places = table(std::make_integer_sequence<int, 20>());
	int n = argc > 1 ? std::atoi(argv[1]) : 2000;
	char line[64];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 0; i < n; i++)
		std::thread(places[i % places.size()]).detach();
	while (asleep < n)
		usleep(10000);
	std::thread(count).detach();
	std::printf("ready %d\n", getpid());
	std::fflush(stdout);
	for (double since = now(); std::fgets(line, sizeof(line), stdin); since = now()) {
		unsigned long counted = turns.exchange(0);

		std::printf("%.0f %.6f %lu\n", counted / (now() - since), longest.exchange(0), counted);
		std::fflush(stdout);
	}
	return 0;
}
