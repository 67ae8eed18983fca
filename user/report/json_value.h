/* SPDX-License-Identifier: GPL-2.0-only */
/* json_value.h - values that the JSON report is made of; each is new, or NULL without memory. */
#pragma once

#include <jansson.h>

#include "analyze/verdict.h"

json_t *json_value_seconds(__u64 ns);
/* A time that a finding has; null of goroutines where it is not known. */
json_t *json_value_age(const struct finding *f, __u64 ns);
/* A string of valid UTF-8 without control characters; null when it is not known. */
json_t *json_value_sentence(const char *text);
/* Why who is only suspected is no finding to be shown. */
json_t *json_value_suspicion(enum verdict_class class);
json_t *json_value_sentences(char *const *text, size_t n);
/* A thread's name; null of none. */
json_t *json_value_comm(const struct wire_thread *t);
/* null of 0. */
json_t *json_value_address(__u64 n);
/* The words for a call of frames.h: those of text. */
json_t *json_value_call(const struct frame *f);
json_t *json_value_frame(const struct frame *f);
json_t *json_value_stack(const struct world *w, const struct trace *t);
