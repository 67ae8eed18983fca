/* SPDX-License-Identifier: GPL-2.0-only */
/* explain_label.h - what stands left of each paragraph of explain. */
#pragma once

#include "report/lines.h"

#define EXPLAIN_LABEL(text)                                                                        \
	{                                                                                          \
		"  " text, "              ", LINES_DIM                                             \
	}
