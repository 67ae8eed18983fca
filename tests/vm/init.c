// SPDX-License-Identifier: GPL-2.0-only
/* init.c - process 1 of the virtual machines of tests/vm
 *
 * Mounts what a Debian system mounts at boot (but for /tmp: all files lie in memory anyway), loads
 * /vm/modules, runs the command in /vm/command (its arguments, each ended by a NUL), says how that
 * ended and turns the machine off.
 * Its last line, "vm-exit: STATUS", is read by run.sh from the serial console: no such line means
 * that the machine died before. Static, so that the machine needs no library of its own.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define COMMAND "/vm/command"
#define MODULES "/vm/modules"
#define NO_COMMAND 127

static const struct {
	const char *type, *where, *options;
} mounts[] = {
	{ "proc", "/proc", NULL },
	{ "sysfs", "/sys", NULL },
	{ "devtmpfs", "/dev", NULL },
	{ "devpts", "/dev/pts", "gid=5,mode=620,ptmxmode=666" },
	{ "tmpfs", "/dev/shm", NULL },
	{ "mqueue", "/dev/mqueue", NULL },
	{ "cgroup2", "/sys/fs/cgroup", NULL },
	{ "bpf", "/sys/fs/bpf", "mode=700" },
	{ "securityfs", "/sys/kernel/security", NULL },
	{ "tracefs", "/sys/kernel/tracing", NULL },
};

/* Says it, and goes on: the command may well live without. */
static void complain(const char *what)
{
	printf("init: %s: %s\n", what, strerror(errno));
}

static void mount_all(void)
{
	for (size_t i = 0; i < sizeof(mounts) / sizeof(*mounts); i++) {
		mkdir(mounts[i].where, 0755);
		if (mount(mounts[i].type, mounts[i].where, mounts[i].type, 0, mounts[i].options) <
		    0)
			complain(mounts[i].where);
	}
	chmod("/tmp", 01777);
	chmod("/dev/shm", 01777);
}

static void open_console(void)
{
	int in = open("/dev/null", O_RDONLY);
	int out = open("/dev/console", O_WRONLY | O_NOCTTY);

	if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		complain("/dev/console");
	for (int fd = 3; fd < 8; fd++)
		close(fd);
	setvbuf(stdout, NULL, _IOLBF, 0);
}

static void link_standard_files(void)
{
	if (symlink("/proc/self/fd", "/dev/fd") < 0 || symlink("fd/0", "/dev/stdin") < 0 ||
	    symlink("fd/1", "/dev/stdout") < 0 || symlink("fd/2", "/dev/stderr") < 0)
		complain("/dev/fd");
}

static void raise_loopback(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &ifr) < 0) {
		complain("lo");
		return;
	}
	ifr.ifr_flags |= IFF_UP | IFF_RUNNING;
	if (ioctl(fd, SIOCSIFFLAGS, &ifr) < 0)
		complain("lo");
	close(fd);
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Their names begin with the order in which they need each other. */
static void load_modules(void)
{
	struct dirent **names;
	int n = scandir(MODULES, &names, visible, alphasort);

	for (int i = 0; i < n; i++) {
		char path[512];
		int fd;

		snprintf(path, sizeof(path), "%s/%s", MODULES, names[i]->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || syscall(SYS_finit_module, fd, "", 0) < 0)
			complain(path);
		close(fd);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

/* The arguments in COMMAND, in static memory; NULL if there are none. */
static char **read_command(void)
{
	static char text[1 << 16], *argv[1024];
	int fd = open(COMMAND, O_RDONLY | O_CLOEXEC), argc = 0;
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (len <= 0) {
		complain(COMMAND);
		return NULL;
	}
	close(fd);
	for (char *arg = text; arg < text + len && argc < 1023; arg += strlen(arg) + 1)
		argv[argc++] = arg;
	return argv;
}

static pid_t start(char **argv)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	setsid();
	execvp(argv[0], argv);
	complain(argv[0]);
	_exit(NO_COMMAND);
}

/* Reaps whatever is orphaned until the command itself has ended; its status as a shell says it. */
static int reap_until(pid_t command)
{
	int status;
	pid_t pid;

	do
		pid = wait(&status);
	while (pid != command && (pid > 0 || errno == EINTR));
	if (pid != command)
		return NO_COMMAND;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(void)
{
	struct utsname uts = { 0 };
	char **argv;
	int status = NO_COMMAND;

	mount_all();
	open_console();
	link_standard_files();
	raise_loopback();
	load_modules();
	if (sethostname("nowake-vm", 9) < 0)
		complain("hostname");
	clearenv();
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("HOME", "/root", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	uname(&uts);
	printf("\nvm-kernel: %s\n", uts.release); /* after what the firmware left on the line */
	argv = read_command();
	if (argv)
		status = reap_until(start(argv));
	kill(-1, SIGKILL);
	printf("\nvm-exit: %d\n", status);
	fflush(stdout);
	tcdrain(1);
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
