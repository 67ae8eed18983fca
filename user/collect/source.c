// SPDX-License-Identifier: GPL-2.0-only
/* source.c - what the symbolizer may have of a process.
 *
 * What is mapped is opened by its mapping (/proc/PID/map_files, proc(5)), so that a file
 * that was deleted, replaced or lies in a container is the one that runs. Every name that
 * comes from the process or the symbolizer is resolved inside the process's root. */
#include "collect/source.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "collect/feed.h"
#include "collect/gather.h"
#include "collect/procfs.h"

#define FLAGS (O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
#define DEBUG_ROOT "/usr/lib/debug"
#define STACKS_MS 50 /* then no further stack is read in the same call */

/* Belongs to the guarded thread until guard_call() has returned. */
struct job {
	__u32 tid;
	__u32 ns_tgid;
	struct message_open what;
	__u64 address; /* of memory that is read */
	size_t len;
	size_t got;
	int fd;
	unsigned char bytes[MESSAGE_BYTES_MAX];
};

/* ---- opening without side effects ---- */

/* Opens again, for reading, what was opened as a path only: nothing but a regular file. */
static int open_regular(int path)
{
	char name[64];
	struct stat st;
	int fd;

	if (fstat(path, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if ((__u64)st.st_size > SOURCE_FILE_MAX)
		return -EFBIG;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", path);
	fd = open(name, FLAGS | O_NOATIME); /* what is looked at stays as it is */
	if (fd < 0 && errno == EPERM)
		fd = open(name, FLAGS);
	return fd < 0 ? -errno : fd;
}

/* The same, if it begins like an ELF file: nothing else is the symbolizer's business. */
static int open_elf(int path)
{
	char magic[SELFMAG];
	int fd = open_regular(path);

	if (fd < 0)
		return fd;
	if (pread(fd, magic, sizeof(magic), 0) == sizeof(magic) && !memcmp(magic, ELFMAG, SELFMAG))
		return fd;
	close(fd);
	return -ENOEXEC;
}

/* A path below root, links included. */
static int open_below(int root, const char *path, __u64 flags)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC | flags,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

static int open_elf_below(int root, const char *path)
{
	_cleanup_close_ int fd = open_below(root, path, 0);

	return fd < 0 ? fd : open_elf(fd);
}

static int open_root(const struct job *job)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/root", job->tid);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* ---- the kinds of files ---- */

static void mapping_path(const struct job *job, char *ret, size_t size)
{
	snprintf(ret, size, "/proc/%u/map_files/%llx-%llx", job->tid, job->what.start,
		 job->what.end);
}

static int open_mapped(const struct job *job)
{
	char path[96];
	_cleanup_close_ int fd = -1;

	mapping_path(job, path, sizeof(path));
	fd = open(path, O_PATH | O_CLOEXEC);
	return fd < 0 ? -errno : open_elf(fd);
}

static ssize_t read_process(__u32 tid, __u64 address, void *ret, size_t len)
{
	struct iovec local = { ret, len }, remote = { (void *)address, len };

	return process_vm_readv(tid, &local, 1, &remote, 1, 0);
}

/* A stack may end anywhere: what lies behind it may be another's to bring. */
static ssize_t read_there(__u32 tid, __u64 address, void *ret, size_t len)
{
	len = procfs_populated(tid, address, len);
	return len ? read_process(tid, address, ret, len) : 0;
}

/* Whether the kernel has put its own library there (auxv, as for getauxval(3)). */
static bool is_vdso(struct job *job)
{
	ssize_t n = procfs_read(job->tid, "auxv", (char *)job->bytes, sizeof(job->bytes));
	const __u64 wide[2] = { AT_SYSINFO_EHDR, job->what.start };
	const __u32 narrow[2] = { AT_SYSINFO_EHDR, (__u32)job->what.start };

	for (ssize_t at = 0; at + (ssize_t)sizeof(wide) <= n; at += sizeof(narrow))
		if (!memcmp(job->bytes + at, wide, sizeof(wide)) ||
		    (narrow[1] == wide[1] && !memcmp(job->bytes + at, narrow, sizeof(narrow))))
			return true;
	return false;
}

/* A copy of the vdso, as a file. */
static int open_memory(struct job *job)
{
	__u64 len = job->what.end - job->what.start;
	_cleanup_close_ int fd = memfd_create("nowake-memory", MFD_CLOEXEC);

	if (job->what.end <= job->what.start || len > MESSAGE_MEMORY_MAX || !is_vdso(job))
		return -EINVAL;
	if (fd < 0)
		return -errno;
	for (__u64 at = 0; at < len;) {
		size_t want = len - at < sizeof(job->bytes) ? len - at : sizeof(job->bytes);
		ssize_t n = read_process(job->tid, job->what.start + at, job->bytes, want);

		if (n <= 0 || pwrite(fd, job->bytes, n, at) != n)
			return n < 0 ? -errno : -EIO;
		at += n;
	}
	/* It is ours, not the process's: see same_build() in symbolize/image.c. */
	return fchmod(fd, 0400) ? -errno : TAKE_FD(fd);
}

/* gdb's and elfutils' rule: /usr/lib/debug/.build-id/ab/cdef….debug. */
static int open_build_id(const struct job *job)
{
	char path[sizeof(DEBUG_ROOT) + 32 + 2 * MESSAGE_ID_MAX];
	_cleanup_close_ int root = open_root(job), host = -1;
	int n, fd;

	if (job->what.id_len < 2)
		return -EINVAL;
	n = snprintf(path, sizeof(path), DEBUG_ROOT "/.build-id/%02x/", job->what.id[0]);
	for (__u32 i = 1; i < job->what.id_len; i++)
		n += snprintf(path + n, sizeof(path) - n, "%02x", job->what.id[i]);
	snprintf(path + n, sizeof(path) - n, ".debug");
	fd = root < 0 ? root : open_elf_below(root, path);
	if (fd >= 0)
		return fd;
	host = open(path, O_PATH | O_CLOEXEC);
	return host < 0 ? -errno : open_elf(host);
}

/* The directory of what is mapped there, as the process names it. */
static int mapped_directory(const struct job *job, char *ret, size_t size)
{
	char path[96];
	ssize_t n;
	char *slash;

	mapping_path(job, path, sizeof(path));
	n = readlink(path, ret, size - 1);
	if (n < 0)
		return -errno;
	ret[n] = '\0';
	slash = strrchr(ret, '/');
	if (ret[0] != '/' || !slash)
		return -EINVAL;
	*slash = '\0';
	return 0;
}

/* gdb's rule for .gnu_debuglink: beside the file, in .debug there, below /usr/lib/debug. */
static int open_link(const struct job *job)
{
	static const char *const places[] = { "%s/%s", "%s/.debug/%s", DEBUG_ROOT "%s/%s" };
	const char *name = job->what.name;
	_cleanup_close_ int root = open_root(job);
	char directory[4096], path[4096 + 512];
	int err = mapped_directory(job, directory, sizeof(directory)), fd = -ENOENT;

	if (err || root < 0)
		return err ? err : root;
	if (!name[0] || name[0] == '.' || strchr(name, '/'))
		return -EINVAL;
	for (size_t i = 0; fd < 0 && i < sizeof(places) / sizeof(places[0]); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(path, sizeof(path), places[i], directory, name);
#pragma GCC diagnostic pop
		fd = open_elf_below(root, path);
	}
	return fd;
}

/* Only a file of the process's own user counts, or root's, as for perf(1). */
static int open_perf_map(const struct job *job)
{
	_cleanup_close_ int root = open_root(job), fd = -1;
	struct stat st, process;
	char path[64];

	if (root < 0)
		return root;
	snprintf(path, sizeof(path), "/proc/%u", job->tid);
	if (stat(path, &process))
		return -errno;
	snprintf(path, sizeof(path), "/tmp/perf-%u.map", job->ns_tgid);
	fd = open_below(root, path, O_NOFOLLOW);
	if (fd < 0 || fstat(fd, &st))
		return fd < 0 ? fd : -errno;
	if (st.st_uid && st.st_uid != process.st_uid)
		return -EACCES;
	return open_regular(fd);
}

static int open_holes(const struct job *job)
{
	_cleanup_close_ int fd = memfd_create("nowake-holes", MFD_CLOEXEC);
	int err = fd < 0 ? -errno : procfs_write_holes(job->tid, fd);

	if (err)
		return err;
	return lseek(fd, 0, SEEK_SET) ? -errno : TAKE_FD(fd);
}

/* ---- under the guard ---- */

static int run_open(void *arg)
{
	struct job *job = arg;

	switch (job->what.what) {
	case MESSAGE_OPEN_MAPPED:
		job->fd = open_mapped(job);
		break;
	case MESSAGE_OPEN_MEMORY:
		job->fd = open_memory(job);
		break;
	case MESSAGE_OPEN_BUILD_ID:
		job->fd = open_build_id(job);
		break;
	case MESSAGE_OPEN_LINK:
		job->fd = open_link(job);
		break;
	case MESSAGE_OPEN_PERF_MAP:
		job->fd = open_perf_map(job);
		break;
	case MESSAGE_OPEN_HOLES:
		job->fd = open_holes(job);
		break;
	default:
		job->fd = -EINVAL;
	}
	return 0;
}

static int run_read(void *arg)
{
	struct job *job = arg;
	ssize_t n = read_there(job->tid, job->address, job->bytes, job->len);

	job->got = n > 0 ? n : 0;
	return 0;
}

/* Stops early enough to be called again: one call has a deadline. */
static int run_stacks(void *arg)
{
	struct source_stacks *s = arg;
	__u64 start = clock_ms();

	for (size_t i = 0; i < s->n; i++) {
		struct source_stack *one = &s->stack[i];
		ssize_t n = read_there(s->tid, one->address, one->bytes, sizeof(one->bytes));

		one->len = n > 0 ? n : 0;
		if (clock_ms() - start >= STACKS_MS)
			s->n = i + 1;
	}
	return 0;
}

static int run_maps(void *arg)
{
	struct job *job = arg;
	_cleanup_close_ int from = -1, to = memfd_create("nowake-maps", MFD_CLOEXEC);
	size_t total = 0;
	char path[64];
	ssize_t n = 0;

	snprintf(path, sizeof(path), "/proc/%u/maps", job->tid);
	from = open(path, O_RDONLY | O_CLOEXEC);
	if (from < 0 || to < 0)
		return -errno;
	while (total < SOURCE_MAPS_MAX && (n = read(from, job->bytes, sizeof(job->bytes))) > 0) {
		if (write(to, job->bytes, n) != n)
			return -EIO;
		total += n;
	}
	if (n < 0 || lseek(to, 0, SEEK_SET))
		return -errno;
	job->fd = TAKE_FD(to);
	return 0;
}

static struct job *job_new(const struct source *s)
{
	struct job *job = malloc(sizeof(*job));

	if (!job)
		return NULL;
	job->tid = s->tid;
	job->ns_tgid = s->ns_tgid;
	job->fd = -EIO;
	job->got = 0;
	return job;
}

/* What came too late. */
static void job_drop(void *arg)
{
	struct job *job = arg;

	if (job->fd >= 0)
		close(job->fd);
	free(job);
}

/* Runs a job; NULL when it has none or it hangs: then the job stays with the thread. */
static struct job *run(struct source *s, struct job *job, int (*fn)(void *arg), int *ret_err)
{
	*ret_err = job ? guard_call(s->guard, s->tgid, fn, job_drop, job) : -ENOMEM;
	return *ret_err == -ETIMEDOUT ? NULL : job;
}

size_t source_read(struct source *s, __u64 address, void *ret, size_t len)
{
	_cleanup_free_ struct job *job = job_new(s);
	size_t n = 0;
	int err;

	if (job) {
		job->address = address;
		job->len = len < sizeof(job->bytes) ? len : sizeof(job->bytes);
	}
	job = run(s, job, run_read, &err);
	if (!err) {
		n = job->got;
		memcpy(ret, job->bytes, n);
	}
	return n;
}

struct source_stacks *source_read_stacks(struct source *s, struct source_stacks *stacks)
{
	stacks->tid = s->tid;
	for (size_t i = 0; i < stacks->n; i++)
		stacks->stack[i].len = 0;
	if (guard_call(s->guard, s->tgid, run_stacks, free, stacks) == -ETIMEDOUT)
		return NULL;
	return stacks;
}

int source_maps(struct source *s)
{
	_cleanup_free_ struct job *job = job_new(s);
	int err;

	job = run(s, job, run_maps, &err);
	return err ? err : job->fd;
}

static void call_gather(void *arg, struct message_piece *pieces, size_t n, unsigned char *ret)
{
	const struct source *s = arg;

	gather_pieces(s->guard, s->tid, s->tgid, pieces, n, ret);
}

static size_t call_read(void *arg, __u64 address, void *ret, size_t len)
{
	return source_read(arg, address, ret, len);
}

/* The kernel alone is asked, which does not hang. */
static int open_threads(const struct source *s)
{
	_cleanup_close_ int fd = memfd_create("nowake-threads", MFD_CLOEXEC);
	struct feed_registers registers = {};
	int err = fd < 0   ? -errno
		  : s->bpf ? feed_process_regs(s->bpf, s->tgid, &registers)
			   : -EINVAL;

	for (size_t i = 0; !err && i < registers.regs.n; i++) {
		const struct wire_regs *r = &registers.regs.v[i];
		struct message_thread thread = {
			.tid = r->head.tid,
			.asleep = !!(r->bits & WIRE_ASLEEP),
			.switches = r->switches,
			.sp = r->reg[FEED_SP],
		};

		memcpy(thread.reg, r->reg, sizeof(thread.reg));
		err = write(fd, &thread, sizeof(thread)) == sizeof(thread) ? 0 : -EIO;
	}
	array_free(&registers.regs);
	if (err)
		return err;
	return lseek(fd, 0, SEEK_SET) ? -errno : TAKE_FD(fd);
}

static int call_open(void *arg, const struct message_open *what)
{
	struct source *s = arg;
	_cleanup_free_ struct job *job = NULL;
	int err;

	if (what->what == MESSAGE_OPEN_THREADS)
		return open_threads(s);
	job = job_new(s);
	if (job)
		job->what = *what;
	job = run(s, job, run_open, &err);
	err = err ? err : job->fd;
	if (err < 0 && what->what == MESSAGE_OPEN_BUILD_ID && s->debuginfod)
		err = debuginfod_open(s->debuginfod, what->id, what->id_len);
	return err;
}

void source_init(struct source *ret)
{
	ret->calls = (struct client_source){ ret, call_read, call_gather, call_open };
}
