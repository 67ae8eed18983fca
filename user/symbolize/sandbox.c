// SPDX-License-Identifier: GPL-2.0-only
/* sandbox.c - takes away from this process all that parsing hostile files does not need.
 *
 * Entered by child.c before its first message. What opens files fails politely, since
 * libraries try (libdw looks for alternate debug files); all else that is not listed ends
 * the process, and its parent sees the signal. */
#include "symbolize/sandbox.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/array.h"

#define NOBODY 65534

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1 /* it maps terabytes, and has system calls of its own */
#else
#define SANITIZED 0
#endif

static const int allowed[] = {
	SCMP_SYS(read),
	SCMP_SYS(pread64),
	SCMP_SYS(write),
	SCMP_SYS(lseek),
	SCMP_SYS(fstat),
	SCMP_SYS(close),
	SCMP_SYS(dup),
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendmsg),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(brk),
	SCMP_SYS(futex),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(getrandom),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

/* Only what tells about a descriptor (libelf, stdio). */
static const unsigned int fcntls[] = { F_GETFD, F_GETFL };

static const int refused[] = {
	SCMP_SYS(open),	  SCMP_SYS(openat),	SCMP_SYS(stat),	   SCMP_SYS(lstat),
	SCMP_SYS(access), SCMP_SYS(readlink),	SCMP_SYS(statx),   SCMP_SYS(faccessat),
	SCMP_SYS(ioctl),  SCMP_SYS(readlinkat), SCMP_SYS(sysinfo),
};

static const int mappers[] = { SCMP_SYS(mmap), SCMP_SYS(mprotect) };

/* What a sanitizer's runtime needs to say what it found. */
static const int sanitizers[] = {
	SCMP_SYS(mmap),	       SCMP_SYS(mprotect),     SCMP_SYS(sigaltstack), SCMP_SYS(tgkill),
	SCMP_SYS(sched_yield), SCMP_SYS(rt_sigaction), SCMP_SYS(getrlimit),   SCMP_SYS(prlimit64),
};

static int add_rules(scmp_filter_ctx filter)
{
	/* newfstatat(fd, "", …) is how newer C libraries spell fstat(2): of descriptors only. */
	int err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), 1,
				   SCMP_A3(SCMP_CMP_EQ, AT_EMPTY_PATH));

	for (size_t i = 0; !err && i < ARRAY_SIZE(allowed); i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	for (size_t i = 0; !err && i < ARRAY_SIZE(refused); i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOENT), refused[i], 0);
	for (size_t i = 0; !err && i < ARRAY_SIZE(fcntls); i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
				       SCMP_A1(SCMP_CMP_EQ, fcntls[i]));
	for (size_t i = 0; SANITIZED && !err && i < ARRAY_SIZE(sanitizers); i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, sanitizers[i], 0);
	/* Memory, but none that can be executed. */
	for (size_t i = 0; !SANITIZED && !err && i < ARRAY_SIZE(mappers); i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, mappers[i], 1,
				       SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	return err;
}

static int filter_calls(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int err;

	if (!filter)
		return -ENOMEM;
	err = add_rules(filter);
	err = err ? err : seccomp_load(filter);
	seccomp_release(filter);
	return err;
}

static int limit(int what, rlim_t most)
{
	struct rlimit r = { most, most }, now;

	if (!getrlimit(what, &now) && now.rlim_max < most)
		r.rlim_cur = r.rlim_max = now.rlim_max;
	return setrlimit(what, &r) ? -errno : 0;
}

static int limit_resources(void)
{
	int err = SANITIZED ? 0 : limit(RLIMIT_AS, SANDBOX_MEMORY_MAX);

	err = err ? err : limit(RLIMIT_CPU, SANDBOX_CPU_SECONDS);
	err = err ? err : limit(RLIMIT_NOFILE, SANDBOX_FILES_MAX);
	err = err ? err : limit(RLIMIT_FSIZE, 0);
	err = err ? err : limit(RLIMIT_CORE, 0);
	/* NPROC 0 forbids fork(2) and threads, whatever the filter says. */
	return err ? err : limit(RLIMIT_NPROC, 0);
}

/* When the host runs out of memory, this process is the one to be lost. */
static void volunteer(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return; /* then it is as large as it is */
	if (write(fd, "1000", 4) < 0)
		errno = 0;
	close(fd);
}

/* A root that holds nothing: the filter lets no file be opened, but it cannot see the name
 * that newfstatat(2) is given. Where that is not permitted the filter must do. */
static int leave_root(void)
{
	if (chroot("/proc/self/fdinfo"))
		return errno == EPERM ? 0 : -errno;
	return chdir("/") ? -errno : 0;
}

/* Who has no right to change users (a test without root) stays who he is. */
static int drop_privileges(void)
{
	if (geteuid() == 0 && (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
			       setresuid(NOBODY, NOBODY, NOBODY)))
		return -errno;
	capng_clear(CAPNG_SELECT_BOTH);
	if (capng_apply(CAPNG_SELECT_CAPS))
		return -EPERM;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_DUMPABLE, 0) ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL))
		return -errno;
	return 0;
}

int sandbox_enter(void)
{
	int err;

	if (close_range(SANDBOX_SOCKET + 1, ~0u, 0))
		return -errno;
	volunteer();
	err = leave_root();
	err = err ? err : drop_privileges();
	err = err ? err : limit_resources();
	return err ? err : filter_calls();
}
