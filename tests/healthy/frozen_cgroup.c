/* expect: none - */
/* needs: root cgroup2 */
// SPDX-License-Identifier: GPL-2.0-only
/* frozen_cgroup.c - a frozen cgroup looks like a standstill, or like a lost wakeup (TRAPS 23)
 *
 * The runner removes the cgroup: it knows its name by this program's pid.
 */
#include "../plant.h"

#include <mntent.h>
#include <sys/stat.h>

static _Atomic uint32_t word = 2;

static void *waiter(void *arg)
{
	while (word)
		plant_futex(&word, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0);
	return arg;
}

static void put(const char *dir, const char *file, int value)
{
	char path[256];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	out = fopen(path, "we");
	if (!out || fprintf(out, "%d\n", value) < 0 || fclose(out))
		plant_skip("cannot write into the cgroup");
}

static void make_cgroup(char dir[200])
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *entry;

	while (mounts && (entry = getmntent(mounts))) {
		if (strcmp(entry->mnt_type, "cgroup2"))
			continue;
		snprintf(dir, 200, "%s/nowake-plant-%d", entry->mnt_dir, (int)getpid());
		if (!mkdir(dir, 0755))
			return;
	}
	plant_skip("no writable cgroup2");
}

int main(void)
{
	char dir[200], path[256], line[64] = "";
	pid_t child;
	FILE *events;

	plant_init();
	make_cgroup(dir);
	child = plant_fork();
	if (!child) {
		plant_thread(waiter, NULL);
		plant_blocked(1, SYS_futex);
		word = 0; /* and is frozen before it wakes */
		plant_doze();
	}
	plant_child_blocked(child, 1, SYS_futex);
	plant_child_blocked(child, 1, SYS_clock_nanosleep);
	put(dir, "cgroup.procs", child);
	put(dir, "cgroup.freeze", 1);
	snprintf(path, sizeof(path), "%s/cgroup.events", dir);
	for (int tries = 0; tries < 2000 && strcmp(line, "frozen 1\n"); tries++) {
		plant_ms(1);
		events = fopen(path, "re");
		while (events && fgets(line, sizeof(line), events) && strcmp(line, "frozen 1\n"))
			;
		if (events)
			fclose(events);
	}
	plant_ready();
	plant_live();
}
