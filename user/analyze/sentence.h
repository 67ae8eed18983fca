/* SPDX-License-Identifier: GPL-2.0-only */
/* sentence.h - shared by sentence.c (threads) and evidence.c (findings). */
#pragma once

#include "analyze/judge.h"

#define SENTENCE_NAME 96 /* room for a name as sentence_name() writes it */
#define SENTENCE_AGE 32

/* "comm [tid]", escaped; "2 min 5 s". Both return ret. */
const char *sentence_name(const struct wire_thread *t, char *ret, size_t size);
const char *sentence_age(__u64 ns, char *ret, size_t size);

/* evidence.c: reason and evidence of one finding. 0 or -ENOMEM. */
int evidence_write(const struct judge *j, struct finding *f);
