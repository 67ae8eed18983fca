// SPDX-License-Identifier: GPL-2.0-only
/* process.c - what only /proc tells about a process that may become a finding. */
#include "collect/process.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "collect/procfs.h"

#define DESCRIPTORS_MAX 20000 /* of one process are looked through for sockets */
#define LIBRARIES_MAX 1024    /* and so many files for a library of Go's, */
#define LIBRARY_HEAD 2048     /* in whose first bytes its notes are */

/* Belongs to the guarded thread until guard_call() has returned. */
struct lookup {
	__u32 tid;
	__u32 tgid;
	__u64 handlers;
	__u32 sockets;
	bool go;
	__u64 exe_ino;
	__u32 exe_dev;
	__u32 libraries; /* looked at */
	char exe[4096];
	char cgroup[4096];
	char status[8192];
	unsigned char bytes[65536];
};

/* cgroups(7): "0::/path" is version 2; of version 1 systemd's own hierarchy counts. */
static const char *cgroup_path(char *text)
{
	char *save = NULL;
	const char *path = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (!strncmp(line, "0::", 3) && strlen(line) > 4)
			path = line + 3;
		else if (strstr(line, ":name=systemd:"))
			path = strstr(line, ":name=systemd:") + strlen(":name=systemd:");
	}
	return path;
}

/* A container's cgroup ends in 64 hexadecimal digits, with or without a prefix and
 * ".scope"; people know the first twelve. */
static char *container_id(const char *last)
{
	const char *p = last + strlen(last);
	size_t digits;

	if (p - last > 6 && !strcmp(p - 6, ".scope"))
		p -= 6;
	for (digits = 0; p > last && strchr("0123456789abcdef", p[-1]); digits++)
		p--;
	return digits == 64 ? strndup(p, 12) : NULL;
}

/* The innermost systemd unit or container of a cgroup path; NULL for the root. */
static char *unit_of(const char *path)
{
	const char *end = path + strlen(path);

	while (end > path) {
		const char *start = end;
		char *part, *id;

		while (start > path && start[-1] != '/')
			start--;
		part = strndup(start, end - start);
		if (!part)
			return NULL;
		id = container_id(part);
		if (id) {
			free(part);
			return id;
		}
		if (strstr(part, ".service") || strstr(part, ".scope"))
			return part;
		free(part);
		end = start > path ? start - 1 : path;
	}
	return NULL;
}

/* Go's linker writes an ELF note named "Go" (build id) near the start of the file and
 * a magic string at the head of .go.buildinfo (cmd/link, debug/buildinfo); both stay
 * when a binary is stripped. */
static bool looks_like_go(const unsigned char *bytes, size_t n)
{
	static const char note[] = "\x04\0\0\0Go\0";
	static const char info[] = "\xff Go buildinf:";

	return memmem(bytes, n, note, sizeof(note)) || memmem(bytes, n, info, sizeof(info) - 1);
}

/* How many bytes of the beginning of a mapping are in l->bytes. */
static size_t read_head(struct lookup *l, const struct procfs_map *map, size_t most)
{
	const size_t len = most < map->end - map->start ? most : map->end - map->start;
	struct iovec local = { l->bytes, len }, remote = { (void *)map->start, len };
	const ssize_t n = process_vm_readv(l->tid, &local, 1, &remote, 1, 0);

	return n > 0 ? n : 0;
}

/* The executable, which is mapped first. */
static int search_go(void *arg, const struct procfs_map *map)
{
	struct lookup *l = arg;

	if (!l->exe_ino) {
		l->exe_ino = map->ino;
		l->exe_dev = map->dev;
	}
	if (map->ino == l->exe_ino && map->dev == l->exe_dev)
		l->go = looks_like_go(l->bytes, read_head(l, map, sizeof(l->bytes)));
	return l->go;
}

/* Or a library of Go's (c-shared) in a program that is none: it is linked by C's linker, which puts
 * notes first. */
static int search_go_anywhere(void *arg, const struct procfs_map *map)
{
	struct lookup *l = arg;
	size_t n;

	if (search_go(l, map) || map->offset || !map->ino || map->ino == l->exe_ino ||
	    l->libraries == LIBRARIES_MAX)
		return l->go;
	l->libraries++;
	n = read_head(l, map, LIBRARY_HEAD);
	l->go = n > SELFMAG && !memcmp(l->bytes, ELFMAG, SELFMAG) && looks_like_go(l->bytes, n);
	return l->go;
}

static __u32 count_sockets(__u32 tid)
{
	char path[32], link[16];
	struct dirent *entry;
	DIR *dir;
	__u32 n = 0;

	snprintf(path, sizeof(path), "/proc/%u/fd", tid);
	dir = opendir(path);
	for (int i = 0; dir && i < DESCRIPTORS_MAX && (entry = readdir(dir)); i++)
		n += readlinkat(dirfd(dir), entry->d_name, link, sizeof(link)) > 7 &&
		     !memcmp(link, "socket:", 7);
	if (dir)
		closedir(dir);
	return n;
}

static int lookup_run(void *arg)
{
	struct lookup *l = arg;
	char path[64];
	const char *caught;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%u/exe", l->tid);
	n = readlink(path, l->exe, sizeof(l->exe) - 1);
	l->exe[n > 0 ? n : 0] = '\0';
	procfs_read(l->tid, "cgroup", l->cgroup, sizeof(l->cgroup));
	n = procfs_read(l->tid, "status", l->status, sizeof(l->status));
	if (n < 0)
		return n;
	caught = strstr(l->status, "\nSigCgt:");
	if (caught)
		l->handlers = strtoull(caught + strlen("\nSigCgt:"), NULL, 16);
	procfs_maps(l->tid, search_go, l);
	l->sockets = count_sockets(l->tid);
	return 0;
}

static int is_go_run(void *arg)
{
	struct lookup *l = arg;

	int err = procfs_maps(l->tid, search_go_anywhere, l);

	return err < 0 ? err : 0;
}

int process_is_go(struct guard *g, const struct wire_thread *t)
{
	struct lookup *l = calloc(1, sizeof(*l));
	int err;

	if (!l)
		return -ENOMEM;
	l->tid = t->head.tid;
	err = guard_call(g, t->tgid, is_go_run, free, l);
	if (err == -ETIMEDOUT)
		return err;
	err = err ? err : l->go;
	free(l);
	return err;
}

static int lookup_keep(struct world *w, struct lookup *l)
{
	const char *path = cgroup_path(l->cgroup);
	struct process p = {
		.tgid = l->tgid,
		.bits = PROCESS_KNOWN | (l->go ? PROCESS_GO : 0),
		.handlers = l->handlers,
		.sockets = l->sockets,
		.exe = l->exe[0] ? strdup(l->exe) : NULL,
		.unit = path ? unit_of(path) : NULL,
	};

	if (!array_push(&w->processes, p))
		return 0;
	free(p.exe);
	free(p.unit);
	return -ENOMEM;
}

int process_identify(__u32 tgid, char **ret_exe, char **ret_unit)
{
	char path[64], exe[4096], cgroup[4096] = "";
	const char *unit;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%u/exe", tgid);
	n = readlink(path, exe, sizeof(exe) - 1);
	exe[n > 0 ? n : 0] = '\0';
	procfs_read(tgid, "cgroup", cgroup, sizeof(cgroup));
	unit = cgroup_path(cgroup);
	*ret_exe = n > 0 ? strdup(exe) : NULL;
	*ret_unit = unit ? unit_of(unit) : NULL;
	if (n <= 0 || *ret_exe)
		return 0;
	free(*ret_unit);
	return -ENOMEM;
}

/* Whether a reading failed because the thread is not there any more. */
static bool has_ended(const struct wire_thread *t, int err)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%u", t->head.tid);
	return err == -ESRCH || (err == -ENOENT && access(path, F_OK));
}

static int lookup_one(struct guard *g, struct world *w, const struct wire_thread *t)
{
	struct lookup *l = calloc(1, sizeof(*l));
	struct process unreadable = { .tgid = t->tgid, .bits = PROCESS_UNREADABLE };
	int err;

	if (!l)
		return -ENOMEM;
	l->tid = t->head.tid;
	l->tgid = t->tgid;
	err = guard_call(g, t->tgid, lookup_run, free, l);
	if (!err) {
		err = lookup_keep(w, l);
		free(l);
		return err;
	}
	if (err != -ETIMEDOUT)
		free(l);
	/* Of one that has ended too: nothing is proven until a second look finds it gone. */
	if (array_push(&w->processes, unreadable))
		return -ENOMEM;
	if (has_ended(t, err))
		return 0;
	return world_blind(w,
			   "/proc/%u could not be read (%s): what stands still there is not judged",
			   t->tgid, guard_error(err));
}

int process_lookup(struct guard *g, struct world *w, const __u32 *tids, size_t n)
{
	int err = 0;

	for (size_t i = 0; !err && i < n; i++) {
		const struct wire_thread *t = world_thread(w, tids[i]);
		bool known = false;

		for (size_t k = 0; t && !known && k < w->processes.n; k++)
			known = w->processes.v[k].tgid == t->tgid;
		if (t && !known)
			err = lookup_one(g, w, t);
	}
	world_sort(w);
	return err;
}

/* ---- waits that no system call explains ---- */

struct kernel_job {
	struct kernel_wait wait;
	__u64 fault;
	char stack[4096];
};

static int find_fault(void *arg, const struct procfs_map *map)
{
	struct kernel_job *job = arg;

	if (job->fault < map->start || job->fault >= map->end)
		return 0;
	snprintf(job->wait.where, sizeof(job->wait.where), "%s",
		 map->name[0] ? map->name : "anonymous memory");
	return 1;
}

/* "[<0>] name+0x12/0x34": the name alone, cut to size; false when it is no frame. */
static bool frame_name(const char *line, char *ret, size_t size)
{
	const char *name = strstr(line, "] ");

	if (!name)
		return false;
	name += 2;
	snprintf(ret, size, "%.*s", (int)strcspn(name, "+ \n"), name);
	return true;
}

/* Adds a function to the stack, whole or not at all. */
static void keep_name(struct kernel_wait *wait, const char *name)
{
	size_t have = strlen(wait->stack), more = strlen(name) + 1;

	if (have + more < sizeof(wait->stack))
		snprintf(wait->stack + have, sizeof(wait->stack) - have, "%s\n", name);
}

/* The function that says most about the wait: a file system's or handler's before the
 * innermost one. */
static void pick_function(struct kernel_job *job)
{
	static const char *const telling[] = {
		"userfault", "fuse_", "nfs",  "_restart", "hrtimer_nanosleep",
		"p9_",	     "ceph_", "cifs", "smb",	  "seccomp"
	};
	char name[sizeof(job->wait.function)];
	char *save = NULL;
	bool faults = strstr(job->stack, "handle_mm_fault") || strstr(job->stack, "page_fault");
	bool told = false;

	for (char *line = strtok_r(job->stack, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (!frame_name(line, name, sizeof(name)))
			continue;
		keep_name(&job->wait, name);
		if (!job->wait.function[0])
			memcpy(job->wait.function, name, sizeof(name));
		for (size_t i = 0; !told && i < sizeof(telling) / sizeof(*telling); i++) {
			if (!strstr(name, telling[i]))
				continue;
			memcpy(job->wait.function, name, sizeof(name));
			told = true;
		}
	}
	if (faults)
		procfs_maps(job->wait.tid, find_fault, job);
}

static int kernel_run(void *arg)
{
	struct kernel_job *job = arg;
	ssize_t n = procfs_read(job->wait.tid, "stack", job->stack, sizeof(job->stack));

	if (n > 0)
		pick_function(job);
	return n < 0 ? n : 0;
}

static bool needs_kernel_stack(const struct wire_thread *t)
{
	if (t->bits & (WIRE_ZOMBIE | WIRE_RUNNABLE | WIRE_STOPPED | WIRE_FROZEN))
		return false;
	return t->nr < 0 || (t->bits & (WIRE_UNINTERRUPTIBLE | WIRE_RESTARTED));
}

static int say_hidden(struct world *w, const struct wire_thread *t, int err)
{
	if (err == -ETIMEDOUT)
		return world_blind(w, "/proc/%u/stack hangs", t->head.tid);
	if (err == -EBUSY)
		return world_blind(w,
				   "kernel stacks of threads that may be stuck: earlier readings "
				   "of them hang");
	if (has_ended(t, err))
		return 0;
	return world_blind(w, "kernel stacks of threads that may be stuck: %s", strerror(-err));
}

static int kernel_one(struct guard *g, struct world *w, const struct wire_thread *t)
{
	struct kernel_job *job = calloc(1, sizeof(*job));
	int err;

	if (!job)
		return -ENOMEM;
	job->wait.tid = t->head.tid;
	job->fault = t->fault;
	err = guard_call(g, t->tgid, kernel_run, free, job);
	if (err) {
		const struct kernel_wait hidden = { .tid = t->head.tid, .hidden = 1 };

		if (err != -ETIMEDOUT)
			free(job);
		return array_push(&w->kernel_waits, hidden) ? -ENOMEM : say_hidden(w, t, err);
	}
	err = array_push(&w->kernel_waits, job->wait) ? -ENOMEM : 0;
	free(job);
	return err;
}

int process_kernel_waits(struct guard *g, struct world *w, __u64 threshold_ns)
{
	int err = 0;

	for (size_t i = 0; !err && i < w->threads.n; i++) {
		const struct wire_thread *t = &w->threads.v[i];

		if (needs_kernel_stack(t) && world_age(w, t) >= threshold_ns)
			err = kernel_one(g, w, t);
	}
	world_sort(w);
	return err;
}

int process_kernel_check(struct guard *g, struct world *w, const __u32 *tids, size_t n)
{
	int err = 0;

	for (size_t i = 0; !err && i < n; i++) {
		const struct wire_thread *t = world_thread(w, tids[i]);

		if (t && !needs_kernel_stack(t))
			err = kernel_one(g, w, t);
	}
	world_sort(w);
	return err;
}
