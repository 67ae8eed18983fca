/* SPDX-License-Identifier: GPL-2.0-only */
/* guard.h - calls that may hang for ever, made aside with a deadline.
 *
 * Reading another process's memory or map can block: behind a lock its own stuck
 * threads hold, on a page that only a dead file server or a userfaultfd handler
 * could bring. Such a call runs in a second thread; when it does not come back in
 * time, that thread is left behind (it ends when the call comes back, or with the
 * process) and a new one takes its place. A thread that runs, or waits for a
 * processor, does not hang: on a busy host it is given more time. */
#pragma once

struct guard;

struct guard *guard_new(unsigned int deadline_ms);
void guard_free(struct guard *g);

/* Runs fn(arg) about process pid and returns what it returns; -ETIMEDOUT when it hangs:
 * from then on arg must not be touched; drop(arg) gives it back if the thread comes back.
 * -EBUSY when that process has hung before, or GUARD_HUNG_MAX others have: until it is
 * forgiven it is not tried again, so that all hangs together cost a bounded time. -EAGAIN
 * when no thread could be made. */
#define GUARD_HUNG_MAX 6
#define GUARD_EXTENSIONS 20 /* by one deadline each, for all calls before guard_forgive() */
int guard_call(struct guard *g, unsigned int pid, int (*fn)(void *arg), void (*drop)(void *arg),
	       void *arg);
/* Forgives those that have come back meanwhile; to be called before each pass. */
void guard_forgive(struct guard *g);
/* What an error of guard_call() means, for after "could not be read: "; good until the next. */
const char *guard_error(int err);
