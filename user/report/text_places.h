/* SPDX-License-Identifier: GPL-2.0-only */
/* text_places.h - in whose code the threads of a finding stand: a part of text.c. */
#pragma once

#include "report/lines.h"

/* Where the members stand; of a population that grows also where its threads are made. 0 or
 * -ENOMEM. */
int text_places_print(struct lines *l, const struct verdicts *v, const struct finding *f,
		      const struct options *opts);
