/* SPDX-License-Identifier: GPL-2.0-only */
/* command.h - what each command of the command line does. All return an exit status. */
#pragma once

#include "options.h"

int command_report(const struct options *opts);
int command_explain(const struct options *opts);
int command_features(const struct options *opts);
int command_snapshot(const struct options *opts);
