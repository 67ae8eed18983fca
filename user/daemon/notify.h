/* SPDX-License-Identifier: GPL-2.0-only */
/* notify.h - tells the service manager how the daemon is: the protocol of sd_notify(3). */
#pragma once

#include <linux/types.h>

/* Sends lines such as "READY=1"; does nothing where no service manager listens. 0 or -errno. */
int notify_send(const char *state);
/* "RELOADING=1", with the time that Type=notify-reload wants. */
int notify_reloading(void);
/* Half of the time after which the service manager gives the daemon up; 0: it does not. */
__u64 notify_watchdog_ns(void);
