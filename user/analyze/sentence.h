/* SPDX-License-Identifier: GPL-2.0-only */
/* sentence.h - shared by sentence.c (threads) and evidence.c (findings). */
#pragma once

#include "analyze/judge.h"

#define SENTENCE_NAME 96 /* room for a name as sentence_name() writes it */

/* "comm [tid]", escaped; returns ret. */
const char *sentence_name(const struct wire_thread *t, char *ret, size_t size);

/* evidence.c: adds one fact to a finding, unless it has it. 0 or -ENOMEM. */
int evidence_fact(struct finding *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* evidence.c: reason and evidence of one finding. 0 or -ENOMEM. */
int evidence_write(const struct judge *j, struct finding *f);
