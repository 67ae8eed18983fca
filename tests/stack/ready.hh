// SPDX-License-Identifier: GPL-2.0-only
/* ready.hh - what the C++ programs of tests/stack share
 *
 * They cannot include plant.h, which is C. The runner itself ties them to its life; it waits long
 * enough after "ready" for every thread to have come to its wait.
 */
#pragma once

#include <atomic>
#include <cstdio>
#include <thread>
#include <unistd.h>

// All of them meet without a system call that could be mistaken for the final wait.
inline void meet(std::atomic<int> &here, int n)
{
	here++;
	while (here < n)
		std::this_thread::yield();
}

[[noreturn]] inline void stay()
{
	std::puts("ready");
	std::fflush(stdout);
	for (;;)
		pause();
}
