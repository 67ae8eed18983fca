// SPDX-License-Identifier: GPL-2.0-only
/* plant_proc.h - proof, from /proc, that a planted program's threads are where they shall be
 *
 * Works inside a pid namespace that has no /proc of its own: /proc/self and /proc/thread-self
 * name the caller in the numbers of whoever mounted /proc.
 */
#ifndef NOWAKE_PLANT_PROC_H
#define NOWAKE_PLANT_PROC_H

#include "plant.h"

#include <dirent.h>

/* Does this task sleep in that system call? `task` is a directory of /proc. */
static inline int plant_sleeps(const char *task, long nr)
{
	char path[512], line[512], state = '?';
	FILE *file;

	snprintf(path, sizeof(path), "%s/stat", task);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fgets(line, sizeof(line), file) && strrchr(line, ')'))
		sscanf(strrchr(line, ')'), ") %c", &state);
	fclose(file);
	if (state != 'S' && state != 'D')
		return 0;
	snprintf(path, sizeof(path), "%s/syscall", task);
	file = fopen(path, "re");
	if (nr == PLANT_ANY || !file) /* a kernel without that file: the state must do */
		line[0] = 0;
	else if (!fgets(line, sizeof(line), file) || strtol(line, NULL, 10) != nr || *line == 'r')
		state = '?';
	if (file)
		fclose(file);
	return state != '?';
}

/* How many threads of the process (0: this one, without the caller) sleep in that call? */
static inline int plant_count(pid_t pid, long nr)
{
	char dir[64], task[400], self[64] = "";
	const struct dirent *entry;
	int count = 0;
	DIR *tasks;

	snprintf(dir, sizeof(dir), "/proc/%d/task", (int)pid);
	if (!pid)
		strcpy(dir, "/proc/self/task"); /* whose /proc it is: maybe not our namespace's */
	if (!pid && readlink("/proc/thread-self", self, sizeof(self) - 1) < 0)
		plant_fail("/proc/thread-self");
	tasks = opendir(dir);
	while (tasks && (entry = readdir(tasks))) {
		if (entry->d_name[0] == '.' ||
		    (!pid && !strcmp(entry->d_name, strrchr(self, '/') + 1)))
			continue;
		snprintf(task, sizeof(task), "%s/%s", dir, entry->d_name);
		count += plant_sleeps(task, nr);
	}
	if (tasks)
		closedir(tasks);
	return count;
}

/* Returns once `n` threads of that child sleep in system call `nr`, and stay there. */
static inline void plant_child_blocked(pid_t pid, int n, long nr)
{
	int seen = 0;

	for (int tries = 0; seen < 3; tries++) {
		if (tries > 4000)
			plant_fail("%d of %d threads blocked in %ld", plant_count(pid, nr), n, nr);
		seen = plant_count(pid, nr) >= n ? seen + 1 : 0;
		plant_ms(1);
	}
}

/* The same for the other threads of the calling process. */
static inline void plant_blocked(int n, long nr)
{
	plant_child_blocked(0, n, nr);
}

#endif
