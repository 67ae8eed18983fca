/* SPDX-License-Identifier: GPL-2.0-only */
/* confirm.h - what verdict.c and confirm.c share. */
#pragma once

#include "analyze/verdict.h"

/* Counts idle, unknown and stuck threads anew. */
void confirm_count(struct verdicts *v);
/* Frees what a finding holds. */
void confirm_clear(struct finding *f);
