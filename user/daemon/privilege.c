// SPDX-License-Identifier: GPL-2.0-only
/* privilege.c - what the daemon keeps of its privileges when all is loaded. */
#include "daemon/privilege.h"

#include <cap-ng.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>

#include "base/array.h"

/* And what for. */
static const unsigned int needed[] = {
	CAP_SYS_PTRACE,	     /* memory, maps and descriptors of processes */
	CAP_DAC_READ_SEARCH, /* their files, debug files, perf maps */
	CAP_SYS_ADMIN,	     /* kernel stacks; map_files; BPF system calls before 5.8 */
	CAP_BPF,	     /* reading maps and iterators where only privileged users may */
	CAP_PERFMON,	     /* run times of BPF programs */
	CAP_KILL,	     /* ending a symbolizer, which is nobody's */
	CAP_SYS_CHROOT,	     /* a new symbolizer shuts itself in */
	CAP_SETUID,	     /* and becomes nobody */
	CAP_SETGID,
	CAP_SETPCAP, /* and gives up what it could get back */
};

/* What is not there is not needed either: the daemon came so far without. Only CAP_SETPCAP may
 * change the bounding set. */
int privilege_drop(void)
{
	bool has[ARRAY_SIZE(needed)];
	bool all;

	if (capng_get_caps_process())
		return -EPERM;
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		has[i] = capng_have_capability(CAPNG_PERMITTED, needed[i]);
	all = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);
	capng_clear(CAPNG_SELECT_BOTH);
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (has[i] &&
		    capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_BOUNDING_SET,
				 needed[i]))
			return -EINVAL;
	if (capng_apply(all ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS))
		return -EPERM;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}
