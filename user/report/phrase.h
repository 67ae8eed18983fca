/* SPDX-License-Identifier: GPL-2.0-only */
/* phrase.h - threads, waits and edges in the words that text, dot and explain share.
 *
 * Everything is written to a FILE, which is a memory stream in most cases. Names of
 * others are escaped here (escape_name); utf8 says for which alphabet. */
#pragma once

#include <stdio.h>

#include "analyze/verdict.h"
#include "report/report.h"

/* "worker-a [4712]"; with home, the process that the reader has in mind, a thread of
 * another one is "worker-a [4712] of postgres [4700]". */
void phrase_thread(FILE *out, const struct world *w, __u32 tid, __u32 home, bool utf8);
/* "process postgres [4700]" */
void phrase_process(FILE *out, const struct world *w, __u32 tgid, bool utf8);
/* "mutex 0x55d0c2a4", "pipe [1234]", "child 77"; with what the stack says it is (judged.primitive,
 * or NULL) "std::future 0x55d0c2a4" */
void phrase_wait(FILE *out, const struct wait *wait, const char *primitive, bool utf8);
/* "worker-b [4713]", "process redis [7]" */
void phrase_target(FILE *out, const struct world *w, const struct waits_for *e, __u32 home,
		   bool utf8);
/* All edges of one thread, at most most of them: ", held by a [1], b [2] and 3 more". */
void phrase_edges(FILE *out, const struct world *w, const struct judged *j, __u32 home, size_t most,
		  bool utf8);
/* "goroutine 34" */
void phrase_goroutine(FILE *out, const struct go_wait *g);
/* "chan receive on the closed channel 0xc000012", "select on 0xc000012 and 2 more",
 * "sync.Mutex.Lock on 0xc000012", "select (no cases)" */
void phrase_go_wait(FILE *out, const struct go_wait *g, bool utf8);
/* "main.start (main.go:12) by goroutine 1", by whom and where it was made; false: nothing is known,
 * nothing is written. */
bool phrase_go_made(FILE *out, const struct judged_goroutine *one, bool utf8);
/* "14:03:10", with the date when that was another day than the look's; "" if not known. */
void phrase_since(FILE *out, const struct world *w, __u64 age_ns);
/* The name of the process (its main thread's, else of any thread at hand), escaped for UTF-8
 * or ASCII into ret, ESCAPE_COMM bytes. */
char *phrase_comm(char *ret, const struct world *w, __u32 tgid, const struct wire_thread *other,
		  bool utf8);
/* "2 threads" */
void phrase_count(FILE *out, size_t n, const char *noun);
