// SPDX-License-Identifier: GPL-2.0-only
/* health.c - the words for what the daemon knows of itself. */
#include "report/health.h"

static const char *const events[] = {
	[HEALTH_BIRTH] = "birth", [HEALTH_STACK] = "stack", [HEALTH_EXEC] = "exec",
	[HEALTH_DEATH] = "death", [HEALTH_WAKE] = "wake",
};
_Static_assert(sizeof(events) / sizeof(events[0]) == HEALTH_EVENTS, "a word is missing");

const char *health_event_name(enum health_event event)
{
	return event < HEALTH_EVENTS ? events[event] : "unknown";
}
