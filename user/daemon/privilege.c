// SPDX-License-Identifier: GPL-2.0-only
/* privilege.c - what the daemon keeps of its privileges when all is loaded. */
#include "daemon/privilege.h"

#include <cap-ng.h>
#include <errno.h>
#include <stddef.h>
#include <sys/prctl.h>

/* And what for. */
static const unsigned int needed[] = {
	CAP_SYS_PTRACE,	     /* memory, maps and descriptors of processes */
	CAP_DAC_READ_SEARCH, /* their files, debug files, perf maps */
	CAP_SYS_ADMIN,	     /* kernel stacks; map_files; BPF system calls before 5.8 */
	CAP_BPF,	     /* reading maps and iterators where only privileged users may */
	CAP_PERFMON,	     /* run times of BPF programs */
	CAP_SYS_CHROOT,	     /* a new symbolizer shuts itself in */
	CAP_SETUID,	     /* and becomes nobody */
	CAP_SETGID,
	CAP_SETPCAP, /* and gives up what it could get back */
};

int privilege_drop(void)
{
	capng_clear(CAPNG_SELECT_BOTH);
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_BOUNDING_SET,
				 needed[i]))
			return -EINVAL;
	if (capng_apply(CAPNG_SELECT_BOTH))
		return -EPERM;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}
