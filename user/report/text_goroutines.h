/* SPDX-License-Identifier: GPL-2.0-only */
/* text_goroutines.h - what the report for people says of goroutines: a part of text.c. */
#pragma once

#include "report/lines.h"

/* Those of a finding, one paragraph each, most without --all. */
void text_goroutines_list(struct lines *l, const struct verdicts *v, const struct finding *f,
			  const struct options *opts);
/* --all: every one of which there is a row. */
void text_goroutines_all(struct lines *l, const struct verdicts *v, const struct options *opts);
/* How many of how many programs were looked at, and whose were not judged. */
void text_goroutines_summary(struct lines *l, const struct verdicts *v, const struct options *opts);
