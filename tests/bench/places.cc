// SPDX-License-Identifier: GPL-2.0-only
/* places.cc - many threads that are blocked at 20 places, and one that counts
 *
 * usage: places THREADS. Says "ready PID TID" (of the counting thread) once all sleep, 8 to 15
 * calls deep, with inlined ones among them. For each line on its standard input the counting
 * thread's rate and its longest pause since the last line are printed: "RATE PAUSE" (turns a
 * second, seconds). It makes no system call, so that whoever stops the process stops it too.
 */
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <semaphore.h>
#include <sys/prctl.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

std::atomic<int> asleep;
std::atomic<int> counter;
std::atomic<unsigned long> turns;
std::atomic<double> longest;

/* ---- four ways to block ---- */

struct by_mutex {
	std::mutex held;

	by_mutex() { held.lock(); }
	void block() { std::lock_guard<std::mutex> lock(held); }
};

struct by_condition {
	std::mutex mutex;
	std::condition_variable never;
	bool come = false;

	void block()
	{
		std::unique_lock<std::mutex> lock(mutex);
		never.wait(lock, [this] { return come; });
	}
};

struct by_semaphore {
	sem_t empty;

	by_semaphore() { sem_init(&empty, 0, 0); }
	void block() { sem_wait(&empty); }
};

struct by_pipe {
	int ends[2];

	by_pipe()
	{
		if (pipe(ends))
			std::abort();
	}
	void block()
	{
		char byte;

		if (read(ends[0], &byte, 1) < 0)
			std::abort();
	}
};

/* ---- the way there ---- */

template <typename number> number weigh(const std::vector<number> &scratch, number seed)
{
	for (const number &one : scratch)
		seed = seed * 31 + one;
	return seed;
}

/* Calls below a place, so that no two places share more than their ends: each has memory of its
 * own, something inlined, and something left to do when it comes back. */
template <int place, int depth, typename way>
[[gnu::noinline]] long descend(way &one, long seed)
{
	std::vector<long> scratch(depth + 1, seed + place);

	if constexpr (depth == 0) {
		asleep++;
		one.block();
	} else {
		seed = descend<place, depth - 1>(one, weigh(scratch, seed));
	}
	return weigh(scratch, seed);
}

template <int place, typename way> void start()
{
	static way one;

	std::thread([] { return descend<place, 2 + place % 8>(one, place); }).detach();
}

template <int place> void start_at()
{
	if constexpr (place % 4 == 0)
		start<place, by_mutex>();
	else if constexpr (place % 4 == 1)
		start<place, by_condition>();
	else if constexpr (place % 4 == 2)
		start<place, by_semaphore>();
	else
		start<place, by_pipe>();
}

template <int... place> auto table(std::integer_sequence<int, place...>)
{
	return std::vector<void (*)()>{ start_at<place>... };
}

double now()
{
	return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void count()
{
	counter = gettid();
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
		places[i % places.size()]();
	while (asleep < n)
		usleep(10000);
	std::thread(count).detach();
	while (!counter)
		usleep(10000);
	std::printf("ready %d %d\n", getpid(), counter.load());
	std::fflush(stdout);
	for (double since = now(); std::fgets(line, sizeof(line), stdin); since = now()) {
		unsigned long counted = turns.exchange(0);

		std::printf("%.0f %.6f\n", counted / (now() - since), longest.exchange(0));
		std::fflush(stdout);
	}
	return 0;
}
