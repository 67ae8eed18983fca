/* SPDX-License-Identifier: GPL-2.0-only */
/* fixture.h - small worlds, built by hand, for the tests of analyze/.
 *
 * A process's threads share mm, files and namespace; every thread has slept since
 * time 0, and the look is at 100 s. */
#pragma once

#include "analyze/verdict.h"
#include "analyze/world.h"

#define FIXTURE_NOW (100ull * 1000000000ull)
#define FIXTURE_THRESHOLD (30ull * 1000000000ull)

struct world *fixture_world(void);
/* A thread that sleeps in pause(); the pointer is good until the next is added. */
struct wire_thread *fixture_thread(struct world *w, __u32 tid, __u32 tgid);
struct wire_thread *fixture_running(struct world *w, __u32 tid, __u32 tgid);
/* One that sleeps in FUTEX_WAIT_PRIVATE (val 2) on a mutex at addr. */
struct wire_thread *fixture_locks(struct world *w, __u32 tid, __u32 tgid, __u64 addr);
/* One that sleeps in FUTEX_WAIT_BITSET_PRIVATE on a word at addr with value val. */
struct wire_thread *fixture_waits(struct world *w, __u32 tid, __u32 tgid, __u64 addr, __u32 val);
/* One that joins a thread: sleeps on its tid word. */
struct wire_thread *fixture_joins(struct world *w, __u32 tid, __u32 tgid, __u32 joined);
/* One that reads descriptor fd, which is a pipe. */
struct wire_thread *fixture_reads_pipe(struct world *w, __u32 tid, __u32 tgid, __u64 pipe);

/* A glibc mutex in the memory of a process. */
void fixture_mutex(struct world *w, __u32 tgid, __u64 addr, __u32 word, __u32 owner);
void fixture_words(struct world *w, __u32 tgid, __u64 addr, const __u32 *words, size_t n);
/* A process holds the write end of a pipe. */
void fixture_holds_pipe(struct world *w, __u32 tgid, __u64 pipe);
/* 10 waits for what 20 writes, and 20 for what 10 does; neither catches a signal. */
struct world *fixture_two_pipes(void);
void fixture_process(struct world *w, __u32 tgid, __u64 handlers, __u32 bits);

/* Sorts what must be sorted, judges, and says what was found, as
 * "deadlock proven 10 11+12; quiescent likely 20": class, confidence, the knot's
 * threads, behind the + those that queue. "" for nothing. In a static buffer. */
const char *fixture_verdict(struct world *w);
/* Class and source of one thread, as "idle: its timeout". */
const char *fixture_source(struct world *w, __u32 tid);

/* What fixture_verdict() and a part of what fixture_source() must say; both free w. */
void assert_verdict(struct world *w, const char *expected);
void assert_source(struct world *w, __u32 tid, const char *part);
