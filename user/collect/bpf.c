// SPDX-License-Identifier: GPL-2.0-only
/* bpf.c - loads the programs of bpf/, and says what a kernel allows.
 *
 * Whether a program works is found by loading and attaching it, never by the
 * kernel's version: kernels are patched, locked down and cut. */
#include "collect/bpf.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <cap-ng.h>
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "analyze/syscall.h"
#include "analyze/wait.h"
#include "nowake.skel.h"
#include "symbolize/client.h"
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

/* The first privilege that is missing, or NULL. */
static const char *missing_privilege(void)
{
	if (capng_get_caps_process())
		return "reading its own capabilities";
	if (!has_capability(CAP_SYS_ADMIN) &&
	    !(has_capability(CAP_BPF) && has_capability(CAP_PERFMON)))
		return "CAP_SYS_ADMIN (or CAP_BPF and CAP_PERFMON)";
	if (!has_capability(CAP_SYS_PTRACE))
		return "CAP_SYS_PTRACE";
	return NULL;
}

static bool has_btf(void)
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
	const char *privilege = missing_privilege();
	struct bpf *b;
	int err;

	if (privilege) {
		*ret_error = message("missing privilege: %s: run as root (sudo nowake)", privilege);
		return -EPERM;
	}
	if (!has_btf()) {
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
	last_warning[0] = '\0';
	libbpf_set_print(keep_warning);
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

/* ---- features ---- */

struct features {
	struct bpf_feature v[16];
	size_t n;
};

static void feature(struct features *f, struct bpf_feature line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void feature(struct features *f, struct bpf_feature line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line.detail, sizeof(line.detail), fmt, ap);
	va_end(ap);
	f->v[f->n++] = line;
}

static bool btf_has_member(const struct btf *btf, const char *type, const char *member)
{
	__s32 id = btf ? btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT) : -1;
	const struct btf_type *t = id > 0 ? btf__type_by_id(btf, id) : NULL;

	for (int i = 0; t && i < btf_vlen(t); i++) {
		const char *name = btf__name_by_offset(btf, btf_members(t)[i].name_off);

		if (name && !strcmp(name, member))
			return true;
	}
	return false;
}

static bool btf_has_struct(const struct btf *btf, const char *type)
{
	return btf && btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT) > 0;
}

static void features_privileges(struct features *f)
{
	const char *privilege = missing_privilege();
	bool ptrace = has_capability(CAP_SYS_PTRACE);

	feature(f,
		(struct bpf_feature){ "privileges", !privilege, true, "nothing can be looked at" },
		"%s%s", privilege ? "missing: " : "BPF and reading of processes",
		privilege ? privilege : "");
	feature(f,
		(struct bpf_feature){ "process memory", ptrace, true, "owners of locks, timeouts" },
		"%s", ptrace ? "CAP_SYS_PTRACE" : "CAP_SYS_PTRACE is missing");
}

static void features_types(struct features *f, const struct btf *btf)
{
	bool arrival = btf_has_member(btf, "sched_info", "last_arrival");
	bool key = btf_has_struct(btf, "futex_q");
	bool helper = btf && btf__find_by_name_kind(btf, "bpf_task_pt_regs", BTF_KIND_FUNC) > 0;
	bool unix_peer = btf_has_struct(btf, "unix_sock");
	bool eventfd = btf_has_struct(btf, "eventfd_ctx");

	feature(f, (struct bpf_feature){ "wait age", arrival, false, "nothing" }, "%s",
		arrival ? "sched_info.last_arrival: exact at the first look"
			: "se.exec_start instead: the last time its run time was counted");
	feature(f,
		(struct bpf_feature){ "futex queue key", key, false,
				      "requeued and process-shared waiters are unknown" },
		"%s", key ? "struct futex_q" : "struct futex_q is not in BTF");
	feature(f, (struct bpf_feature){ "user registers", helper, false, "nothing" }, "%s",
		helper ? "bpf_task_pt_regs()" : "read from the top of the kernel stack instead");
	feature(f,
		(struct bpf_feature){ "unix socket peers", unix_peer, false,
				      "waits on unix sockets are unknown" },
		"%s", unix_peer ? "struct unix_sock" : "struct unix_sock is not in BTF");
	feature(f,
		(struct bpf_feature){ "eventfd users", eventfd, false,
				      "waits on eventfds are unknown" },
		"%s", eventfd ? "struct eventfd_ctx" : "struct eventfd_ctx is not in BTF");
}

static void features_programs(struct features *f)
{
	char *error = NULL;
	struct bpf *b = NULL;
	int err = bpf_open(&b, &error);

	feature(f, (struct bpf_feature){ "BPF iterators", !err, true, "nothing can be looked at" },
		"%s", err ? (error ? error : strerror(-err)) : "task, task_file: loaded, attached");
	free(error);
	bpf_free(b);
}

/* The symbolizer, by trial: it is given an empty memory map. */
static void features_stacks(struct features *f)
{
	struct client *client = client_new(NULL);
	int maps = memfd_create("nowake-maps", MFD_CLOEXEC);
	int err = client && maps >= 0 ? client_space(client, EM_NONE, maps, NULL) : -errno;

	feature(f,
		(struct bpf_feature){ "user stacks", !err, false,
				      "findings show addresses, no names" },
		"%s",
		err ? client ? client_trouble(client) : strerror(-err)
		    : "a symbolizer in a sandbox: no files, no privileges (seccomp)");
	if (maps >= 0)
		close(maps);
	client_free(client);
}

int bpf_features(struct bpf_feature **ret_v, size_t *ret_n)
{
	struct features f = { .n = 0 };
	struct btf *btf;

	libbpf_set_print(keep_warning);
	btf = has_btf() ? btf__load_vmlinux_btf() : NULL;
	features_privileges(&f);
	feature(&f,
		(struct bpf_feature){ "kernel types (BTF)", btf != NULL, true,
				      "nothing can be looked at" },
		"%s", btf ? "/sys/kernel/btf/vmlinux" : "CONFIG_DEBUG_INFO_BTF is off");
	features_programs(&f);
	features_types(&f, btf);
	features_stacks(&f);
	btf__free(btf);
	*ret_v = malloc(f.n * sizeof(*f.v));
	if (!*ret_v)
		return -ENOMEM;
	memcpy(*ret_v, f.v, f.n * sizeof(*f.v));
	*ret_n = f.n;
	return 0;
}
