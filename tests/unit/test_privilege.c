// SPDX-License-Identifier: GPL-2.0-only
/* test_privilege.c - what the daemon keeps: of what it has, what passes need, and no more. */
#include <cap-ng.h>
#include <criterion/criterion.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "daemon/privilege.h"

/* Gives these up before, each out of the sets named; what is not given up is there for root. */
static void lose(capng_select_t from, unsigned int a, unsigned int b)
{
	capng_type_t sets = CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_BOUNDING_SET;

	cr_assert_eq(capng_get_caps_process(), 0);
	cr_assert_eq(capng_updatev(CAPNG_DROP, sets, a, b, -1), 0);
	cr_assert_eq(capng_apply(from), 0);
}

static void root_only(void)
{
	if (geteuid())
		cr_skip_test("needs root");
}

static bool has(capng_type_t set, unsigned int capability)
{
	return capng_have_capability(set, capability);
}

static void drop(void)
{
	cr_assert_eq(privilege_drop(), 0);
	cr_expect_eq(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
	cr_assert_eq(capng_get_caps_process(), 0);
	cr_expect(!has(CAPNG_PERMITTED, CAP_NET_ADMIN) && !has(CAPNG_PERMITTED, CAP_DAC_OVERRIDE));
	cr_expect(!has(CAPNG_PERMITTED, CAP_SYS_MODULE) && !has(CAPNG_PERMITTED, CAP_CHOWN));
	cr_expect(!has(CAPNG_INHERITABLE, CAP_SYS_PTRACE));
}

Test(privilege, of_root)
{
	root_only();
	drop();
	cr_expect(has(CAPNG_EFFECTIVE, CAP_SYS_PTRACE) && has(CAPNG_EFFECTIVE, CAP_SETUID));
	cr_expect(has(CAPNG_EFFECTIVE, CAP_KILL), "or no symbolizer is ever ended");
	cr_expect(has(CAPNG_BOUNDING_SET, CAP_SYS_PTRACE));
	cr_expect(!has(CAPNG_BOUNDING_SET, CAP_NET_ADMIN));
}

/* As in a container, or on a kernel that does not know them. */
Test(privilege, some_are_missing)
{
	root_only();
	lose(CAPNG_SELECT_BOTH, CAP_BPF, CAP_PERFMON);
	drop();
	cr_expect(has(CAPNG_EFFECTIVE, CAP_SYS_PTRACE) && has(CAPNG_EFFECTIVE, CAP_SYS_ADMIN));
	cr_expect(!has(CAPNG_PERMITTED, CAP_BPF) && !has(CAPNG_PERMITTED, CAP_PERFMON));
	cr_expect(!has(CAPNG_BOUNDING_SET, CAP_BPF) && !has(CAPNG_BOUNDING_SET, CAP_NET_ADMIN));
}

/* Then the bounding set stays, which alone gives nothing: programs gain none. */
Test(privilege, bounding_set_must_stay)
{
	root_only();
	lose(CAPNG_SELECT_CAPS, CAP_SETPCAP, CAP_SETPCAP);
	drop();
	cr_expect(has(CAPNG_EFFECTIVE, CAP_SYS_PTRACE));
	cr_expect(!has(CAPNG_PERMITTED, CAP_SETPCAP));
	cr_expect(has(CAPNG_BOUNDING_SET, CAP_NET_ADMIN));
}

Test(privilege, of_nobody)
{
	if (!geteuid())
		cr_assert(!setgid(65534) && !setuid(65534));
	drop();
	cr_assert_eq(capng_get_caps_process(), 0);
	cr_expect_eq(capng_have_capabilities(CAPNG_SELECT_CAPS), CAPNG_NONE);
}
