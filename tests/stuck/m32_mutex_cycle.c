/* expect: deadlock proven mutex threads=2 */
/* needs: m32 */
/* cflags: -m32 -idirafter /usr/include/x86_64-linux-gnu */
// SPDX-License-Identifier: GPL-2.0-only
/* m32_mutex_cycle.c - AB/BA in a 32-bit program: other system call numbers, other registers */
#include "../plant_ring.h"

static pthread_mutex_t locks[2] = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER };

static void take(int i)
{
	pthread_mutex_lock(&locks[i]);
}

int main(void)
{
	plant_init();
	plant_ring(2, take, PLANT_ANY);
	plant_ready();
	plant_live();
}
