/* expect: none sysv-sem,sysv-msg,mqueue */
/* needs: root */
// SPDX-License-Identifier: GPL-2.0-only
/* kernel_ipc.c - System V and POSIX queues that others may come and feed (TRAPS 18)
 *
 * In an IPC namespace of its own: the objects end with the program.
 */
#include "../plant.h"

#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>

static void *wait_sem(void *id)
{
	struct sembuf down = { .sem_op = -1 };

	return semop(*(int *)id, &down, 1) < 0 ? id : NULL;
}

static void *wait_msg(void *id)
{
	char msg[64];

	return msgrcv(*(int *)id, msg, sizeof(msg) - sizeof(long), 0, 0) < 0 ? id : NULL;
}

static void *wait_mq(void *id)
{
	char msg[64];

	return mq_receive(*(mqd_t *)id, msg, sizeof(msg), NULL) < 0 ? id : NULL;
}

int main(void)
{
	struct mq_attr attr = { .mq_maxmsg = 1, .mq_msgsize = 64 };
	int sem, msg;
	mqd_t mq;

	plant_init();
	if (unshare(CLONE_NEWIPC) < 0)
		plant_skip("unshare(CLONE_NEWIPC)");
	sem = semget(0x6e77, 1, IPC_CREAT | 0600);
	msg = msgget(0x6e77, IPC_CREAT | 0600);
	mq = mq_open("/nowake-plant", O_RDWR | O_CREAT, 0600, &attr);
	if (sem < 0 || msg < 0 || mq == (mqd_t)-1)
		plant_skip("no System V IPC or no POSIX message queues");
	plant_thread(wait_sem, &sem);
	plant_thread(wait_msg, &msg);
	plant_thread(wait_mq, &mq);
	plant_blocked(3, PLANT_ANY);
	plant_ready();
	plant_live();
}
