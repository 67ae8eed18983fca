// SPDX-License-Identifier: GPL-2.0-only
/* plugin_wait.c - the library that plugin.c loads */
#include <pthread.h>

void plugin_wait(pthread_mutex_t *mutex);

void plugin_wait(pthread_mutex_t *mutex)
{
	pthread_mutex_lock(mutex);
	__asm__ volatile("" ::: "memory");
}
