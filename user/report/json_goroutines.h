/* SPDX-License-Identifier: GPL-2.0-only */
/* json_goroutines.h - goroutines and Go programs in the JSON report; new objects, or NULL. */
#pragma once

#include <jansson.h>

#include "analyze/verdict.h"

/* One of a finding. */
json_t *json_goroutines_one(const struct world *w, const struct judged_goroutine *one);
/* One that is no finding: with its process, its class, and why. */
json_t *json_goroutines_bystander(const struct verdicts *v, const struct judged_goroutine *one);
json_t *json_goroutines_program(const struct world *w, const struct go_process *p);
