// SPDX-License-Identifier: GPL-2.0-only
/* test_syscall.c - the table of calls against the kernel's own headers.
 *
 * The headers of two ABIs define the same names, so they are read as text. Those that
 * this host lacks are stood in for by a few numbers known by heart. */
#include <criterion/criterion.h>
#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "analyze/syscall.h"
#include "analyze/wait.h"

static const struct syscall_desc *by_name(const char *name, enum abi abi)
{
	size_t n;
	const struct syscall_desc *table = syscall_table(&n);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(table[i].name, name) && table[i].nr[abi] >= 0)
			return &table[i];
	return NULL;
}

/* Checks every number of the header against the table; the number of calls that both
 * know, or 0 without a header. */
static size_t compare_header(const char *path, enum abi abi)
{
	FILE *file = fopen(path, "r");
	char line[256], name[64];
	size_t both = 0;
	int nr;

	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file)) {
		const struct syscall_desc *by_nr, *named;

		if (sscanf(line, "#define __NR_%63s %d", name, &nr) != 2)
			continue;
		named = by_name(name, abi);
		by_nr = syscall_find(abi, nr);
		cr_expect_eq(named, by_nr, "%s: %s is %d", path, name, nr);
		both += named != NULL;
	}
	fclose(file);
	return both;
}

static size_t known(enum abi abi)
{
	size_t n, found = 0;
	const struct syscall_desc *table = syscall_table(&n);

	for (size_t i = 0; i < n; i++)
		found += table[i].nr[abi] >= 0;
	return found;
}

#define NEWER 1 /* calls of the table that old headers may lack: futex_wait */

static void check_headers(const char *const *paths, enum abi abi)
{
	size_t both = 0;

	for (; *paths && !both; paths++)
		both = compare_header(*paths, abi);
	cr_assert(!both || both + NEWER >= known(abi), "%zu of %zu", both, known(abi));
}

Test(syscall, x86_64_header)
{
	static const char *const paths[] = { "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
					     "/usr/include/asm/unistd_64.h", NULL };

	check_headers(paths, ABI_X86_64);
}

Test(syscall, i386_header)
{
	static const char *const paths[] = { "/usr/include/x86_64-linux-gnu/asm/unistd_32.h",
					     "/usr/include/asm/unistd_32.h", NULL };

	check_headers(paths, ABI_I386);
}

Test(syscall, numbers)
{
	static const struct {
		enum abi abi;
		int nr;
		const char *name;
	} rows[] = {
		{ ABI_X86_64, 0, "read" },
		{ ABI_X86_64, 202, "futex" },
		{ ABI_X86_64, 455, "futex_wait" },
		{ ABI_I386, 0, "restart_syscall" },
		{ ABI_I386, 102, "socketcall" },
		{ ABI_I386, 117, "ipc" },
		{ ABI_I386, 240, "futex" },
		{ ABI_I386, 422, "futex_time64" },
		{ ABI_ARM64, 22, "epoll_pwait" },
		{ ABI_ARM64, 25, "fcntl" },
		{ ABI_ARM64, 32, "flock" },
		{ ABI_ARM64, 56, "openat" },
		{ ABI_ARM64, 63, "read" },
		{ ABI_ARM64, 64, "write" },
		{ ABI_ARM64, 71, "sendfile" },
		{ ABI_ARM64, 72, "pselect6" },
		{ ABI_ARM64, 73, "ppoll" },
		{ ABI_ARM64, 79, "newfstatat" },
		{ ABI_ARM64, 95, "waitid" },
		{ ABI_ARM64, 98, "futex" },
		{ ABI_ARM64, 101, "nanosleep" },
		{ ABI_ARM64, 115, "clock_nanosleep" },
		{ ABI_ARM64, 128, "restart_syscall" },
		{ ABI_ARM64, 137, "rt_sigtimedwait" },
		{ ABI_ARM64, 207, "recvfrom" },
		{ ABI_ARM64, 260, "wait4" },
		{ ABI_ARM, 3, "read" },
		{ ABI_ARM, 142, "_newselect" },
		{ ABI_ARM, 221, "fcntl64" },
		{ ABI_ARM, 240, "futex" },
		{ ABI_ARM, 252, "epoll_wait" },
		{ ABI_ARM, 265, "clock_nanosleep" },
		{ ABI_ARM, 280, "waitid" },
		{ ABI_ARM, 285, "accept" },
		{ ABI_ARM, 291, "recv" },
		{ ABI_ARM, 298, "semop" },
		{ ABI_ARM, 341, "sync_file_range2" },
		{ ABI_ARM, 422, "futex_time64" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct syscall_desc *d = syscall_find(rows[i].abi, rows[i].nr);

		cr_expect(d && !strcmp(d->name, rows[i].name), "%d: %s", rows[i].nr, rows[i].name);
	}
}

Test(syscall, unknown_numbers)
{
	cr_expect_null(syscall_find(ABI_X86_64, -1));
	cr_expect_null(syscall_find(ABI_X86_64, 39)); /* getpid */
	cr_expect_null(syscall_find(ABI_X86_64, 0x40000000));
	cr_expect_null(syscall_find(ABI_ARM64, 422));
	cr_expect_null(syscall_find(ABI_COUNT, 0));
}

/* What scan.bpf.c and wait.c take for granted. */
Test(syscall, rows_are_sound)
{
	size_t n;
	const struct syscall_desc *table = syscall_table(&n);

	for (size_t i = 0; i < n; i++) {
		const struct syscall_desc *d = &table[i];

		cr_expect_lt(d->kind, WAIT_KIND_COUNT, "%s", d->name);
		cr_expect_lt(d->shape, CALL_COUNT, "%s", d->name);
		cr_expect(d->fd[0] <= 4 && d->fd[1] <= 4, "%s", d->name);
		cr_expect(d->timeout_arg <= 6, "%s", d->name);
		cr_expect_eq(!d->timeout_arg, d->timeout == TIMEOUT_NONE, "%s", d->name);
		for (int abi = 0; abi < ABI_COUNT; abi++) {
			cr_expect_lt(d->nr[abi], WIRE_CALLS, "%s", d->name);
			if (d->nr[abi] >= 0)
				cr_expect_eq(syscall_find(abi, d->nr[abi]), d, "%s: %d twice",
					     d->name, d->nr[abi]);
		}
	}
}

Test(syscall, abi)
{
	cr_expect_eq(syscall_abi(EM_X86_64, 0), ABI_X86_64);
	cr_expect_eq(syscall_abi(EM_X86_64, 1), ABI_I386);
	cr_expect_eq(syscall_abi(EM_AARCH64, 0), ABI_ARM64);
	cr_expect_eq(syscall_abi(EM_AARCH64, 1), ABI_ARM);
}
