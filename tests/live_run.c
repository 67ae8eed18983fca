// SPDX-License-Identifier: GPL-2.0-only
/* live_run.c - starts planted programs and nowake, and leaves nothing of them behind
 *
 * Every program is a session of its own, so that all its processes can be found in /proc. It
 * dies with this process (PR_SET_PDEATHSIG), whichever way that ends; as their subreaper this
 * process also reaps what the programs' own parents leave.
 */
#include "live.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NOWAKE_SECONDS 240 /* a report that takes longer has failed */
#define LIFETIME 900	   /* seconds, of this process and so of all programs */

static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

bool live_run_stopped(void)
{
	return stopped;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static int milliseconds_until(double deadline)
{
	double left = deadline - now();

	return left > 0 ? (int)(left * 1000) + 1 : 0;
}

int live_run_setup(struct live *live)
{
	struct sigaction act = { .sa_handler = on_signal }; /* no SA_RESTART: poll() is to end */
	char pid[16];

	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	strcpy(live->tmp, "/tmp/nowake-live.XXXXXX");
	if (!mkdtemp(live->tmp)) {
		fprintf(stderr, "live: mkdtemp %s: %m\n", live->tmp);
		return -1;
	}
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	alarm(LIFETIME); /* kills, and the programs die with this process: see plant.h */
	return setenv("PLANT_TMP", live->tmp, 1) || setenv("PLANT_RUNNER", pid, 1) ||
	       setenv("PLANT_LIFETIME", "0", 1);
}

/* Forks; the child has `out` as its standard output, and a session of its own. */
static pid_t spawn(const char *const argv[], int *ret_out)
{
	pid_t parent = getpid(), pid;
	int fds[2], null;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (!pid) {
		setsid();
		null = open("/dev/null", O_RDONLY);
		if (null < 0) /* a bare initramfs */
			null = open("/proc/self/stat", O_RDONLY);
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent || null < 0 ||
		    dup2(null, STDIN_FILENO) < 0 || dup2(fds[1], STDOUT_FILENO) < 0)
			_exit(127);
		close(null);
		execv(argv[0], (char *const *)argv);
		if (errno == ENOEXEC) /* of 32 bits, for a kernel that runs none */
			dprintf(STDOUT_FILENO, "skip: this kernel does not run such programs\n");
		fprintf(stderr, "live: %s: %m\n", argv[0]);
		_exit(127);
	}
	close(fds[1]);
	if (pid < 0)
		close(fds[0]);
	else
		*ret_out = fds[0];
	return pid;
}

void live_run_start(const struct live *live, struct live_program *program)
{
	char path[4096];
	const char *const argv[] = { path, NULL };

	if (program->state != LIVE_PENDING)
		return;
	snprintf(path, sizeof(path), "%s/%s", live->binary_dir, program->name);
	program->pid = spawn(argv, &program->out);
	if (program->pid > 0)
		return;
	program->pid = 0;
	program->state = LIVE_FAILED;
	snprintf(program->why, sizeof(program->why), "cannot start: %s", strerror(errno));
}

/* Takes what a program has to say: its first line decides. */
static void program_listen(struct live_program *program)
{
	ssize_t n = read(program->out, program->line + program->len,
			 sizeof(program->line) - 1 - program->len);
	char *end;

	if (n < 0 && errno == EINTR)
		return;
	program->len += n > 0 ? (size_t)n : 0;
	program->line[program->len] = 0;
	end = strchr(program->line, '\n');
	if (!end && n > 0 && program->len < sizeof(program->line) - 1)
		return;
	if (end)
		*end = 0;
	program->state = LIVE_FAILED;
	snprintf(program->why, sizeof(program->why), "did not get ready, said \"%.200s\"",
		 program->line);
	if (end && !strcmp(program->line, "ready"))
		program->state = LIVE_READY;
	if (end && !strncmp(program->line, "skip: ", 6)) {
		program->state = LIVE_SKIPPED;
		strcpy(program->why, program->line + 6);
	}
}

/* Waits until all have said something, or their time is over. */
void live_run_await(struct live *live)
{
	double deadline = now() + live->patience;
	struct pollfd *fds = calloc(live->count + 1, sizeof(*fds));
	size_t waiting = 1;

	if (!fds)
		abort();
	while (waiting && !stopped && now() < deadline) {
		waiting = 0;
		for (size_t i = 0; i < live->count; i++) {
			bool waits = live->programs[i].state == LIVE_PENDING;

			fds[i] = (struct pollfd){ .fd = waits ? live->programs[i].out : -1,
						  .events = POLLIN };
			waiting += waits;
		}
		if (!waiting || poll(fds, live->count, milliseconds_until(deadline)) <= 0)
			continue;
		for (size_t i = 0; i < live->count; i++)
			if (fds[i].revents)
				program_listen(&live->programs[i]);
	}
	free(fds);
	for (size_t i = 0; i < live->count; i++) {
		if (live->programs[i].state != LIVE_PENDING)
			continue;
		live->programs[i].state = LIVE_FAILED;
		strcpy(live->programs[i].why, "was not ready in time");
	}
}

void live_run_settle(double seconds)
{
	double deadline = now() + seconds;

	while (!stopped && now() < deadline)
		poll(NULL, 0, milliseconds_until(deadline));
}

void live_run_census(struct live *live)
{
	for (size_t i = 0; i < live->count; i++) {
		struct live_program *program = &live->programs[i];
		siginfo_t info = { .si_pid = 0 };

		if (program->state != LIVE_READY ||
		    (!waitid(P_PID, program->pid, &info, WEXITED | WNOHANG | WNOWAIT) &&
		     !info.si_pid))
			continue;
		program->state = LIVE_FAILED;
		strcpy(program->why, "ended by itself");
	}
}

/* Reads to the end of the file. Returns NULL when the time is over, or a signal came. */
static char *slurp(int fd, double deadline, size_t *ret_len)
{
	struct pollfd in = { .fd = fd, .events = POLLIN };
	size_t len = 0, room = 1 << 16;
	char *text = malloc(room);

	while (text && !stopped && now() < deadline) {
		ssize_t n;

		if (poll(&in, 1, milliseconds_until(deadline)) <= 0)
			continue;
		n = read(fd, text + len, room - len);
		if (n == 0) {
			*ret_len = len;
			return text;
		}
		len += n > 0 ? (size_t)n : 0;
		if (len == room)
			text = reallocarray(text, room *= 2, 1);
	}
	free(text);
	return NULL;
}

char *live_run_nowake(const struct live *live, size_t *ret_len)
{
	double deadline = now() + NOWAKE_SECONDS;
	const char *const argv[] = { live->nowake, "report",	    "--json",
				     "--all",	   "--threshold",   live->threshold,
				     "--ignore",   "plant_ignored", NULL };
	int out = -1, status = 0;
	pid_t pid = spawn(argv, &out);
	char *text;

	if (pid < 0) {
		fprintf(stderr, "live: cannot start %s: %m\n", live->nowake);
		return NULL;
	}
	text = slurp(out, deadline, ret_len);
	close(out);
	if (!text)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (text && !status)
		return text;
	fprintf(stderr, "live: nowake report failed: %s %d\n",
		!text		      ? "timeout, status"
		: WIFSIGNALED(status) ? "signal"
				      : "exit status",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	free(text);
	return NULL;
}

static bool is_ours(const struct live *live, pid_t session)
{
	for (size_t i = 0; session > 0 && i < live->count; i++)
		if (live->programs[i].pid == session)
			return true;
	return false;
}

/* Kills every process of the programs' sessions. Returns how many are still there. */
static int kill_sessions(const struct live *live)
{
	const struct dirent *entry;
	DIR *proc = opendir("/proc");
	int left = 0;

	while (proc && (entry = readdir(proc))) {
		pid_t pid = atoi(entry->d_name);

		if (pid <= 1 || pid == getpid() || !is_ours(live, getsid(pid)))
			continue;
		kill(pid, SIGKILL);
		left++;
	}
	if (proc)
		closedir(proc);
	return left;
}

static void remove_cgroups(const struct live *live)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	const struct mntent *entry;
	char path[4096];

	while (mounts && (entry = getmntent(mounts))) {
		if (strcmp(entry->mnt_type, "cgroup2"))
			continue;
		for (size_t i = 0; i < live->count; i++) {
			if (!live->programs[i].pid)
				continue;
			snprintf(path, sizeof(path), "%s/nowake-plant-%d", entry->mnt_dir,
				 (int)live->programs[i].pid);
			rmdir(path);
		}
	}
	if (mounts)
		endmntent(mounts);
}

static void remove_files(const char *dir_path)
{
	const struct dirent *entry;
	DIR *dir = opendir(dir_path);

	while (dir && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
	rmdir(dir_path);
}

void live_run_cleanup(struct live *live)
{
	for (size_t i = 0; i < live->count; i++) {
		if (live->programs[i].pid > 0)
			kill(-live->programs[i].pid, SIGKILL);
		if (live->programs[i].out >= 0)
			close(live->programs[i].out);
	}
	for (int tries = 0; tries < 500; tries++) {
		int left = kill_sessions(live);

		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (!left)
			break;
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	remove_cgroups(live);
	remove_files(live->tmp);
}
