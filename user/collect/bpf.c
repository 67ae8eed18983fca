// SPDX-License-Identifier: GPL-2.0-only
/* bpf.c - loads the programs of bpf/ that scan.
 *
 * Whether a program works is found by loading and attaching it, never by the
 * kernel's version: kernels are patched, locked down and cut. */
#include "collect/bpf.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cap-ng.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "analyze/syscall.h"
#include "analyze/wait.h"
#include "nowake.skel.h"
#include "wire.h"

struct bpf {
	struct nowake_bpf *skeleton;
};

/* libbpf's last warning: the best explanation of a failure. Kept, not printed. */
static char last_warning[512];

static int keep_warning(enum libbpf_print_level level, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
static int keep_warning(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	if (level == LIBBPF_WARN)
		vsnprintf(last_warning, sizeof(last_warning), fmt, ap);
	return 0;
}

void bpf_quiet(void)
{
	last_warning[0] = '\0';
	libbpf_set_print(keep_warning);
}

static char *message(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static char *message(const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	return text;
}

struct nowake_bpf *bpf_skeleton(struct bpf *b)
{
	return b->skeleton;
}

static bool has_capability(unsigned int capability)
{
	return capng_have_capability(CAPNG_EFFECTIVE, capability);
}

const char *bpf_missing_privilege(void)
{
	if (capng_get_caps_process())
		return "reading its own capabilities";
	if (!has_capability(CAP_SYS_ADMIN)) /* kernel stacks, which a finding needs */
		return "CAP_SYS_ADMIN";
	if (!has_capability(CAP_SYS_PTRACE))
		return "CAP_SYS_PTRACE";
	return NULL;
}

bool bpf_has_btf(void)
{
	return access("/sys/kernel/btf/vmlinux", R_OK) == 0;
}

/* The kernel's records have the host's ids; inside another pid namespace the same numbers
 * mean other processes, and most processes cannot be reached at all. */
static bool sees_host(void)
{
	struct stat st;

	return !stat("/proc/self/ns/pid", &st) && st.st_ino == 0xeffffffc; /* PROC_PID_INIT_INO */
}

static void configure_calls(struct nowake_bpf *skeleton)
{
	size_t n;
	const struct syscall_desc *table = syscall_table(&n);
#ifdef __aarch64__
	const enum abi abis[2] = { ABI_ARM64, ABI_ARM };
#else
	const enum abi abis[2] = { ABI_X86_64, ABI_I386 };
#endif

	for (size_t i = 0; i < 2 * n; i++) {
		const struct syscall_desc *d = &table[i / 2];
		short nr = d->nr[abis[i & 1]];
		struct wire_call call = {
			.fd = { d->fd[0], d->fd[1] },
			.lock = d->kind == WAIT_FILE_LOCK,
			/* futex_waitv(2)'s queue entries are not on its stack */
			.futex = d->kind == WAIT_FUTEX && d->shape != CALL_FUTEX_WAITV,
			.restart = d->shape == CALL_RESTART,
		};

		if (nr >= 0 && nr < WIRE_CALLS)
			memcpy((void *)&skeleton->rodata->scan_calls[(i & 1) * WIRE_CALLS + nr],
			       &call, sizeof(call));
	}
}

/* What only the daemon's events use (events.c) is not made here. */
static void leave_out_events(struct nowake_bpf *skeleton)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, skeleton->obj)
	{
		const char *name = bpf_map__name(map);

		if (!strncmp(name, "lifetime_", 9) || !strncmp(name, "futex_", 6))
			bpf_map__set_autocreate(map, false);
	}
}

static int load(struct bpf *b)
{
	int err;

	b->skeleton = nowake_bpf__open();
	if (!b->skeleton)
		return -errno;
	leave_out_events(b->skeleton);
	configure_calls(b->skeleton);
	err = nowake_bpf__load(b->skeleton);
	return err ? err : nowake_bpf__attach(b->skeleton);
}

/* A failure of libbpf in words for people. */
static char *explain(int err)
{
	struct utsname u;

	uname(&u);
	last_warning[strcspn(last_warning, "\n")] = '\0';
	if (err == -EPERM || err == -EACCES)
		return message("the kernel refuses BPF programs (%s): run nowake as root on the "
			       "host, without a seccomp filter and outside containers that drop "
			       "CAP_SYS_ADMIN; kernel lockdown must be below \"confidentiality\"",
			       strerror(-err));
	return message("kernel %s does not take nowake's programs: %s%s%s; `nowake features` "
		       "shows what it allows",
		       u.release, strerror(-err), last_warning[0] ? ": " : "", last_warning);
}

int bpf_open(struct bpf **ret, char **ret_error)
{
	const char *privilege = bpf_missing_privilege();
	struct bpf *b;
	int err;

	if (privilege) {
		*ret_error = message("missing privilege: %s: run as root (sudo nowake)", privilege);
		return -EPERM;
	}
	if (!bpf_has_btf()) {
		*ret_error =
			message("this kernel has no BTF (/sys/kernel/btf/vmlinux): nowake needs "
				"Linux 5.10 or later built with CONFIG_DEBUG_INFO_BTF=y");
		return -ENOTSUP;
	}
	if (!sees_host()) {
		*ret_error =
			message("this is not the host's pid namespace, or /proc is not mounted: "
				"nowake must run on the host itself (for a container: "
				"--pid=host)");
		return -ENOTSUP;
	}
	b = calloc(1, sizeof(*b));
	if (!b)
		return -ENOMEM;
	bpf_quiet();
	err = load(b);
	if (err) {
		bpf_free(b);
		*ret_error = explain(err);
		return err;
	}
	*ret = b;
	return 0;
}

void bpf_free(struct bpf *b)
{
	if (!b)
		return;
	nowake_bpf__destroy(b->skeleton);
	free(b);
}
