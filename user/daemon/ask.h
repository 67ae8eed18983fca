/* SPDX-License-Identifier: GPL-2.0-only */
/* ask.h - asks a daemon one thing through its socket (server.h says how they talk).
 *
 * Whoever answers must be root or who we are, within deadlines; what the answer says is
 * the caller's to check. Two ways: ask() waits; a struct ask is moved by whoever polls. */
#pragma once

#include <stdio.h>

#define ASK_FIRST_MS 5000 /* until the answer begins: a pass over a large host ends first */
#define ASK_ALL_MS 10000  /* until it is here */
#define ASK_BYTES (256ull << 20)

/* 0: *ret is the answer, to be closed with fclose(). Else -errno, -ENOENT and -ECONNREFUSED
 * when no daemon is there, and *ret_error is one line (free it; NULL without memory). */
int ask(const char *path, const char *request, FILE **ret, char **ret_error);

struct ask;

/* Begins to ask. 0, or as ask(). */
int ask_begin(const char *path, const char *request, struct ask **ret, char **ret_error);
void ask_free(struct ask *a);
/* What to poll for; then, or when the time is over, comes ask_step(). */
int ask_fd(const struct ask *a);
short ask_events(const struct ask *a);
int ask_timeout_ms(const struct ask *a);
/* -EAGAIN: not yet; all else as ask(). */
int ask_step(struct ask *a, FILE **ret, char **ret_error);
