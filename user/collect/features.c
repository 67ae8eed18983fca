// SPDX-License-Identifier: GPL-2.0-only
/* features.c - what this kernel and these privileges allow, found by trial. */
#include "collect/features.h"

#include <bpf/btf.h>
#include <cap-ng.h>
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "collect/bpf.h"
#include "collect/trial.h"
#include "symbolize/client.h"

struct features {
	struct feature v[16];
	size_t n;
};

static void add(struct features *f, struct feature line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void add(struct features *f, struct feature line, const char *fmt, ...)
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
	const char *privilege = bpf_missing_privilege();
	bool ptrace = capng_have_capability(CAPNG_EFFECTIVE, CAP_SYS_PTRACE);

	add(f, (struct feature){ "privileges", !privilege, true, "nothing can be looked at" },
	    "%s%s", privilege ? "missing: " : "BPF and reading of processes",
	    privilege ? privilege : "");
	add(f, (struct feature){ "process memory", ptrace, true, "owners of locks, timeouts" },
	    "%s", ptrace ? "CAP_SYS_PTRACE" : "CAP_SYS_PTRACE is missing");
}

static void features_types(struct features *f, const struct btf *btf)
{
	bool arrival = btf_has_member(btf, "sched_info", "last_arrival");
	bool key = btf_has_struct(btf, "futex_q");
	bool helper = btf && btf__find_by_name_kind(btf, "bpf_task_pt_regs", BTF_KIND_FUNC) > 0;
	bool unix_peer = btf_has_struct(btf, "unix_sock");
	bool eventfd = btf_has_struct(btf, "eventfd_ctx");

	add(f, (struct feature){ "wait age", arrival, false, "nothing" }, "%s",
	    arrival ? "sched_info.last_arrival: exact at the first look"
		    : "se.exec_start instead: the last time its run time was counted");
	add(f,
	    (struct feature){ "futex queue key", key, false,
			      "requeued and process-shared waiters are unknown" },
	    "%s", key ? "struct futex_q" : "struct futex_q is not in BTF");
	add(f, (struct feature){ "user registers", helper, false, "nothing" }, "%s",
	    helper ? "bpf_task_pt_regs()" : "read from the top of the kernel stack instead");
	add(f,
	    (struct feature){ "unix socket peers", unix_peer, false,
			      "waits on unix sockets are unknown" },
	    "%s", unix_peer ? "struct unix_sock" : "struct unix_sock is not in BTF");
	add(f, (struct feature){ "eventfd users", eventfd, false, "waits on eventfds are unknown" },
	    "%s", eventfd ? "struct eventfd_ctx" : "struct eventfd_ctx is not in BTF");
}

static void features_programs(struct features *f)
{
	char *error = NULL;
	struct bpf *b = NULL;
	int err = bpf_open(&b, &error);

	add(f, (struct feature){ "BPF iterators", !err, true, "nothing can be looked at" }, "%s",
	    err ? (error ? error : strerror(-err)) : "task, task_file: loaded, attached");
	free(error);
	bpf_free(b);
}

/* What the daemon adds, and what it costs. */
static void features_events(struct features *f)
{
	enum futex_hook hook;
	struct trial trial;
	int err = trial_run(FUTEX_OFF, &hook, &trial);
	struct feature line = { "thread events", !err, false,
				"no daemon; a report says as much as ever" };

	if (err)
		add(f, line, "%s", strerror(-err));
	else if (!trial.measured)
		add(f, line, "births and ends of threads (this kernel does not count their cost)");
	else
		add(f, line, "births and ends of threads: %llu and %llu ns each",
		    (unsigned long long)trial.birth_ns, (unsigned long long)trial.death_ns);
}

static void feature_hook(struct features *f, enum futex_hook hook, const char *name,
			 const char *when, const char *lost)
{
	struct feature line = { name, false, false, lost };
	struct trial trial;
	int err = trial_run(hook, &hook, &trial);

	line.present = !err;
	if (err)
		add(f, line, "who wakes a futex: %s", strerror(-err));
	else if (!trial.measured)
		add(f, line, "who wakes a futex");
	else
		add(f, line, "who wakes a futex: %llu ns %s", (unsigned long long)trial.wake_ns,
		    when);
}

/* The symbolizer, by trial: it is given an empty memory map. */
static void features_stacks(struct features *f)
{
	struct client *client = client_new(NULL);
	int maps = memfd_create("nowake-maps", MFD_CLOEXEC);
	int err = client && maps >= 0 ? client_space(client, EM_NONE, maps, NULL) : -errno;

	add(f, (struct feature){ "user stacks", !err, false, "findings show addresses, no names" },
	    "%s",
	    err ? client ? client_trouble(client) : strerror(-err)
		: "a symbolizer in a sandbox: no files, no privileges (seccomp)");
	if (maps >= 0)
		close(maps);
	client_free(client);
}

int features_try(struct feature **ret_v, size_t *ret_n)
{
	struct features f = { .n = 0 };
	struct btf *btf;

	bpf_quiet();
	btf = bpf_has_btf() ? btf__load_vmlinux_btf() : NULL;
	features_privileges(&f);
	add(&f,
	    (struct feature){ "kernel types (BTF)", btf != NULL, true, "nothing can be looked at" },
	    "%s", btf ? "/sys/kernel/btf/vmlinux" : "CONFIG_DEBUG_INFO_BTF is off");
	features_programs(&f);
	features_types(&f, btf);
	features_stacks(&f);
	features_events(&f);
	feature_hook(&f, FUTEX_FENTRY, "futex by fentry", "a wake",
		     "with --futex-events auto, the default, nobody sees who wakes whom");
	feature_hook(&f, FUTEX_KPROBE, "futex by kprobe", "a wake", "no --futex-events kprobe");
	feature_hook(&f, FUTEX_TRACEPOINT, "futex by tracepoint",
		     "after every system call: never by default", "no --futex-events tracepoint");
	btf__free(btf);
	*ret_v = malloc(f.n * sizeof(*f.v));
	if (!*ret_v)
		return -ENOMEM;
	memcpy(*ret_v, f.v, f.n * sizeof(*f.v));
	*ret_n = f.n;
	return 0;
}
