// SPDX-License-Identifier: GPL-2.0-only
/* load.c - what the daemon could slow down, each as a loop of a fixed number of rounds.
 *
 * Usage: load MODE|all [ROUNDS]. Prints "load MODE NS", the nanoseconds of one round by the
 * monotonic clock; what is made before the rounds is not counted. `load sleep SECONDS` only
 * sleeps. Built static: the virtual machines of cost_vm.py have no library. */
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PEERS 10    /* of messaging: senders, and as many receivers */
#define MESSAGE 100 /* bytes */
#define WAITERS 32  /* of wake */
#define WORDS 1024  /* of hash */

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void check(int bad, const char *what)
{
	if (!bad)
		return;
	perror(what);
	exit(1);
}

static long futex(uint32_t *word, int op, uint32_t value)
{
	return syscall(SYS_futex, word, op | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

/* ---- one function a mode; each returns the nanoseconds of all its rounds ---- */

/* Two processes, as perf bench sched pipe. */
static uint64_t mode_pipe(long n)
{
	int there[2], back[2];
	uint64_t start;
	char byte = 0;
	pid_t child;

	check(pipe(there) || pipe(back), "pipe");
	child = fork();
	check(child < 0, "fork");
	for (long i = 0; !child && i < n; i++)
		if (read(there[0], &byte, 1) != 1 || write(back[1], &byte, 1) != 1)
			_exit(1);
	if (!child)
		_exit(0);
	start = now();
	for (long i = 0; i < n; i++)
		check(write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1, "pipe");
	start = now() - start;
	waitpid(child, NULL, 0);
	return start;
}

static void send_all(int (*pair)[2], long n)
{
	char text[MESSAGE] = {};

	while (n--)
		for (int to = 0; to < PEERS; to++)
			if (write(pair[to][1], text, MESSAGE) != MESSAGE)
				_exit(1);
}

static void receive_all(int fd, long n)
{
	char text[MESSAGE];
	ssize_t got;

	for (long left = n * PEERS * MESSAGE; left > 0; left -= got) {
		got = read(fd, text, left < MESSAGE ? left : MESSAGE);
		if (got <= 0)
			_exit(1);
	}
}

/* Every sender sends to every receiver, as perf bench sched messaging. */
static uint64_t mode_messaging(long n)
{
	int pair[PEERS][2], go[2];
	uint64_t start;
	char byte;

	check(pipe(go), "pipe");
	for (int i = 0; i < PEERS; i++)
		check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair[i]), "socketpair");
	for (int i = 0; i < 2 * PEERS; i++) {
		pid_t child = fork();

		check(child < 0, "fork");
		if (child)
			continue;
		close(go[1]);
		if (read(go[0], &byte, 1))
			_exit(1);
		if (i < PEERS)
			send_all(pair, n);
		else
			receive_all(pair[i - PEERS][0], n);
		_exit(0);
	}
	usleep(10000);
	start = now();
	close(go[1]);
	while (wait(NULL) > 0)
		;
	start = now() - start;
	close(go[0]);
	for (int i = 0; i < 2 * PEERS; i++)
		close(pair[i / 2][i & 1]);
	return start;
}

static struct {
	pthread_mutex_t lock;
	pthread_cond_t turned[2];
	int turn;
	long n;
} game = {
	PTHREAD_MUTEX_INITIALIZER, { PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER }, 0, 0
};

static void play(int me)
{
	pthread_mutex_lock(&game.lock);
	for (long i = 0; i < game.n; i++) {
		while (game.turn != me)
			pthread_cond_wait(&game.turned[me], &game.lock);
		game.turn = !me;
		pthread_cond_signal(&game.turned[!me]);
	}
	pthread_mutex_unlock(&game.lock);
}

static void *second(void *arg)
{
	play(1);
	return arg;
}

static uint64_t mode_cond(long n)
{
	pthread_t thread;
	uint64_t start;

	game.n = n;
	game.turn = 0;
	check(errno = pthread_create(&thread, NULL, second, NULL), "pthread_create");
	start = now();
	play(0);
	pthread_join(thread, NULL);
	return now() - start;
}

/* A wait that finds another value, as perf bench futex hash. */
static uint64_t mode_hash(long n)
{
	static uint32_t words[WORDS];
	uint64_t start = now();

	for (long i = 0; i < n; i++)
		futex(&words[i % WORDS], FUTEX_WAIT, 1234);
	return now() - start;
}

static uint32_t gate, arrived;

static void *waiter(void *arg)
{
	for (long i = 0; i < (long)arg; i++) {
		__atomic_fetch_add(&arrived, 1, __ATOMIC_SEQ_CST);
		futex(&gate, FUTEX_WAIT, i);
		while (__atomic_load_n(&gate, __ATOMIC_SEQ_CST) == (uint32_t)i)
			futex(&gate, FUTEX_WAIT, i);
	}
	return NULL;
}

/* Threads that wait on one word, woken one by one, as perf bench futex wake; a round is one of
 * them, its wait included. */
static uint64_t mode_wake(long n)
{
	long rounds = (n + WAITERS - 1) / WAITERS;
	pthread_t threads[WAITERS];
	uint64_t sum = 0;

	gate = arrived = 0;
	for (int i = 0; i < WAITERS; i++)
		check(errno = pthread_create(&threads[i], NULL, waiter, (void *)rounds),
		      "pthread_create");
	for (long i = 0; i < rounds; i++) {
		uint64_t start;
		long left = WAITERS;

		while (__atomic_load_n(&arrived, __ATOMIC_SEQ_CST) < (i + 1) * WAITERS)
			sched_yield();
		usleep(1000);
		start = now();
		__atomic_fetch_add(&gate, 1, __ATOMIC_SEQ_CST);
		while (left > 0 && futex(&gate, FUTEX_WAKE, 1) == 1)
			left--;
		sum += now() - start;
	}
	for (int i = 0; i < WAITERS; i++)
		pthread_join(threads[i], NULL);
	return sum;
}

static void *nothing(void *arg)
{
	return arg;
}

static uint64_t mode_create(long n)
{
	uint64_t start = now();
	pthread_t thread;

	for (long i = 0; i < n; i++) {
		check(errno = pthread_create(&thread, NULL, nothing, NULL), "pthread_create");
		pthread_join(thread, NULL);
	}
	return now() - start;
}

static uint64_t mode_syscall(long n)
{
	uint64_t start = now();

	for (long i = 0; i < n; i++)
		syscall(SYS_getppid);
	return now() - start;
}

/* ---- */

static const struct mode {
	const char *name;
	uint64_t (*run)(long n);
	long rounds; /* for a tenth of a second or so */
} modes[] = {
	{ "pipe", mode_pipe, 10000 },	      { "messaging", mode_messaging, 300 },
	{ "cond", mode_cond, 10000 },	      { "hash", mode_hash, 200000 },
	{ "wake", mode_wake, 10240 },	      { "create", mode_create, 10000 },
	{ "syscall", mode_syscall, 1000000 },
};

int main(int argc, char **argv)
{
	const char *wanted = argc > 1 ? argv[1] : "all";
	long n = argc > 2 ? atol(argv[2]) : 0;
	int known = 0;

	if (!strcmp(wanted, "sleep"))
		return usleep(n * 1000000);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		const struct mode *m = &modes[i];
		long rounds = n > 0 ? n : m->rounds;

		if (strcmp(wanted, "all") && strcmp(wanted, m->name))
			continue;
		known = 1;
		printf("load %s %.2f\n", m->name, (double)m->run(rounds) / rounds);
		fflush(stdout);
	}
	if (!known)
		fprintf(stderr, "usage: load MODE|all [ROUNDS], or load sleep SECONDS\n");
	return known ? 0 : 2;
}
