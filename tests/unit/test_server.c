// SPDX-License-Identifier: GPL-2.0-only
/* test_server.c - the daemon's socket and who asks it, with real
 * sockets: peers that are slow, deaf, many, or talk nonsense. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/ask.h"
#include "daemon/server.h"

#define BIG (5u << 20)

static char dir[] = "/tmp/nowake-server-XXXXXX", path[96], inner[64];
static struct server *server;
static atomic_bool stop;
static pthread_t thread;
static atomic_uint answers;

static int answer(void *arg, const char *request, FILE *out)
{
	(void)arg;
	answers++;
	if (!strcmp(request, "top"))
		return fputs("{\"a\": 1}\n", out) < 0 ? -EIO : 0;
	if (!strcmp(request, "empty"))
		return 0;
	if (strcmp(request, "history"))
		return -EINVAL;
	for (unsigned int i = 0; i < BIG; i++)
		fputc('a' + i % 26, out);
	return 0;
}

static const struct server_handler handler = { answer, NULL };

static void set_up(void)
{
	char *error;

	cr_assert(mkdtemp(dir));
	snprintf(inner, sizeof(inner), "%s/nowake", dir);
	snprintf(path, sizeof(path), "%s/socket", inner);
	cr_assert_eq(mkdir(inner, 0700), 0);
	cr_assert_eq(server_open(path, &server, &error), 0);
}

static void tear_down(void)
{
	server_close(server);
	cr_expect(access(path, F_OK) && errno == ENOENT);
	unlink(path);
	rmdir(inner);
	cr_expect_eq(rmdir(dir), 0);
}

TestSuite(server, .init = set_up, .fini = tear_down, .timeout = 60);

/* Serves for so long as nothing more happens within ms. */
static void serve(int ms)
{
	struct pollfd p = { .fd = server_fd(server), .events = POLLIN };

	while (poll(&p, 1, ms) > 0)
		server_serve(server, &handler);
	server_serve(server, &handler);
}

static void *run(void *arg)
{
	(void)arg;
	while (!stop)
		serve(20);
	return NULL;
}

static void start(void)
{
	cr_assert_eq(pthread_create(&thread, NULL, run, NULL), 0);
}

static void finish(void)
{
	stop = true;
	pthread_join(thread, NULL);
}

static int dial(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(a.sun_path, path);
	cr_assert_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static void say(int fd, const char *text, size_t n)
{
	cr_assert_eq(send(fd, text, n, MSG_NOSIGNAL), (ssize_t)n);
}

/* All that comes until the end, in a static buffer. */
static const char *hear(int fd)
{
	static char text[1024];
	size_t n = 0;
	ssize_t more;

	while (n < sizeof(text) - 1 && (more = recv(fd, text + n, sizeof(text) - 1 - n, 0)) > 0)
		n += (size_t)more;
	text[n] = '\0';
	close(fd);
	return text;
}

Test(server, modes)
{
	struct stat st;

	cr_assert_eq(stat(path, &st), 0);
	cr_expect(S_ISSOCK(st.st_mode) && (st.st_mode & 07777) == 0600);
	cr_expect_eq(server_timeout_ms(server), -1);
}

static void expect_open(const char *where, int expected, const char *part)
{
	struct server *other = NULL;
	char *error = NULL;
	int err = server_open(where, &other, &error);

	cr_expect_eq(err, expected, "%s: %d", where, err);
	cr_expect(!part == !error && (!part || strstr(error, part)), "%s", error);
	free(error);
	if (!err)
		server_close(other);
}

Test(server, places)
{
	char other[128], file[128], deep[128];
	int fd;

	expect_open(path, -EADDRINUSE, "another nowake daemon listens at /tmp");
	snprintf(other, sizeof(other), "%s/other", inner);
	expect_open(other, 0, NULL);
	cr_expect_neq(access(other, F_OK), 0);
	snprintf(file, sizeof(file), "%s/file", inner);
	fd = open(file, O_CREAT | O_WRONLY, 0600);
	close(fd);
	expect_open(file, -EEXIST, "no socket");
	cr_expect_eq(unlink(file), 0);
	snprintf(deep, sizeof(deep), "%s/there/socket", dir);
	expect_open(deep, -ENOENT, "the directory of");
	memset(deep, 'x', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	expect_open(deep, -ENAMETOOLONG, "too long");
	expect_open("", -ENAMETOOLONG, "");
}

/* The file of a daemon that was killed is replaced; that of another is left alone. */
Test(server, stale)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct server *next;
	char *error;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	cr_assert_eq(unlink(path), 0);
	strcpy(a.sun_path, path);
	cr_assert_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	close(fd);
	cr_assert_eq(server_open(path, &next, &error), 0);
	server_close(server);
	cr_expect_eq(access(path, F_OK), 0);
	server = next;
}

Test(server, asked)
{
	char *error, line[64] = "";
	FILE *f;

	start();
	for (int i = 0; i < 50; i++) {
		cr_assert_eq(ask(path, "top", &f, &error), 0);
		cr_expect(fgets(line, sizeof(line), f));
		cr_expect_str_eq(line, "{\"a\": 1}\n");
		cr_expect_eq(fgetc(f), EOF);
		fclose(f);
	}
	cr_assert_eq(ask(path, "empty", &f, &error), 0);
	cr_expect_eq(fgetc(f), EOF);
	fclose(f);
	cr_assert_eq(ask(path, "history", &f, &error), 0);
	for (unsigned int i = 0; i < BIG; i++)
		cr_assert_eq(fgetc(f), (int)('a' + i % 26));
	cr_expect_eq(fgetc(f), EOF);
	fclose(f);
	cr_assert_eq(ask(path, "else", &f, &error), -EREMOTEIO);
	cr_expect(strstr(error, "refuses: Invalid argument"), "%s", error);
	free(error);
	finish();
}

Test(server, nonsense)
{
	char junk[SERVER_REQUEST];
	int fds[5];

	for (int i = 0; i < 5; i++)
		fds[i] = dial();
	memset(junk, 'x', sizeof(junk));
	say(fds[0], junk, sizeof(junk));
	say(fds[1], "\n", 1);
	say(fds[2], "to\0p\n", 5);
	say(fds[3], "\xff\xfe\n", 3);
	close(fds[4]);
	serve(50);
	for (int i = 0; i < 4; i++)
		cr_expect_str_eq(hear(fds[i]), "error this is no request\n", "%d", i);
	cr_expect_eq(answers, 0);
	cr_expect_eq(server_peers(server), 0);
}

Test(server, line_in_pieces)
{
	int fd = dial();

	for (const char *c = "top"; *c; c++) {
		say(fd, c, 1);
		serve(10);
	}
	cr_expect_eq(answers, 0);
	cr_expect_eq(server_peers(server), 1);
	say(fd, "\nmore", 5);
	serve(10);
	cr_expect_str_eq(hear(fd), "ok 0000000009\n{\"a\": 1}\n");
	cr_expect_eq(answers, 1);
}

Test(server, half_closed)
{
	int fd = dial();

	say(fd, "top\n", 4);
	shutdown(fd, SHUT_WR);
	serve(10);
	cr_expect_str_eq(hear(fd), "ok 0000000009\n{\"a\": 1}\n");
	fd = dial();
	say(fd, "top", 3);
	shutdown(fd, SHUT_WR);
	serve(10);
	cr_expect_str_eq(hear(fd), "");
}

/* A peer that never reads holds its answer, and nobody up; it is dropped in the end. */
Test(server, deaf)
{
	int fd = dial(), quick;

	server_patience(server, 2000);
	say(fd, "history\n", 8);
	serve(20);
	cr_expect_eq(server_peers(server), 1);
	cr_expect(server_timeout_ms(server) > 0 && server_timeout_ms(server) <= 2000);
	quick = dial();
	say(quick, "top\n", 4);
	serve(20);
	cr_expect_str_eq(hear(quick), "ok 0000000009\n{\"a\": 1}\n");
	while (server_timeout_ms(server) > 0)
		usleep(10000);
	serve(10);
	cr_expect_eq(server_peers(server), 0);
	cr_expect_eq(server_timeout_ms(server), -1);
	close(fd);
}

/* One that reads a little now and then is dropped too. */
Test(server, slow)
{
	char little[512];
	__u64 start = clock_ns(CLOCK_MONOTONIC);
	int fd = dial(), i;

	server_patience(server, 400);
	say(fd, "history\n", 8);
	for (i = 0; i < 300 && (!i || server_peers(server)); i++) {
		serve(10);
		for (int k = 0; k < 200; k++)
			recv(fd, little, sizeof(little), MSG_DONTWAIT);
		usleep(30000);
	}
	cr_expect(clock_ns(CLOCK_MONOTONIC) - start > 390000000ull && i < 300, "%d", i);
	close(fd);
}

Test(server, answers_wait_within_bounds)
{
	int fds[SERVER_PEERS], refused = 0;

	for (int i = 0; i < SERVER_PEERS; i++) {
		fds[i] = dial();
		say(fds[i], "history\n", 8);
		serve(10);
	}
	cr_expect_leq(answers, SERVER_PENDING / BIG + 1);
	for (int i = 0; i < SERVER_PEERS; i++) {
		char first[6] = "";

		recv(fds[i], first, 5, 0);
		refused += !strcmp(first, "error");
		close(fds[i]);
	}
	cr_expect_eq(refused, SERVER_PEERS - (int)answers);
	serve(10);
	cr_expect_eq(server_peers(server), 0);
}

Test(server, full_house)
{
	int fds[SERVER_PEERS + 8];

	for (int i = 0; i < SERVER_PEERS + 8; i++) {
		fds[i] = dial();
		serve(10);
	}
	cr_expect_eq(server_peers(server), SERVER_PEERS);
	for (int i = 0; i < SERVER_PEERS + 8; i++)
		say(fds[i], "top\n", 4);
	serve(20);
	for (int i = 0; i < SERVER_PEERS + 8; i++)
		cr_expect_str_eq(hear(fds[i]), "ok 0000000009\n{\"a\": 1}\n", "%d", i);
	cr_expect_eq(server_peers(server), 0);
}

Test(server, many_at_once)
{
	FILE *f;
	char *error;

	start();
	for (int i = 0; i < 100; i++) {
		int fds[4];

		for (int k = 0; k < 4; k++)
			fds[k] = dial();
		cr_assert_eq(ask(path, "top", &f, &error), 0);
		fclose(f);
		for (int k = 0; k < 4; k++)
			close(fds[k]);
	}
	finish();
}

static void expect_ask(const char *where, int expected, const char *part)
{
	char *error = NULL;
	FILE *f;
	int err = ask(where, "top", &f, &error);

	cr_expect_eq(err, expected, "%d: %s", err, error);
	cr_expect(error && strstr(error, part), "%s", error);
	free(error);
}

Test(server, nobody_there)
{
	char other[128];

	snprintf(other, sizeof(other), "%s/none", inner);
	expect_ask(other, -ENOENT, "does not run");
	/* Nobody serves: the kernel takes the connection, and no answer comes. */
	expect_ask(path, -ETIMEDOUT, "does not answer in time");
}

/* A daemon that lies, as text. */
static void expect_liar(const char *text, int expected)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), peer, err;
	struct ask *ask;
	char *error;
	FILE *f;

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/liar", inner);
	cr_assert(!bind(fd, (struct sockaddr *)&a, sizeof(a)) && !listen(fd, 1));
	cr_assert_eq(ask_begin(a.sun_path, "top", &ask, &error), 0);
	cr_assert_eq(ask_step(ask, &f, &error), -EAGAIN);
	peer = accept(fd, NULL, NULL);
	say(peer, text, strlen(text));
	close(peer);
	err = ask_step(ask, &f, &error);
	cr_expect_eq(err, expected, "%s: %d %s", text, err, error);
	if (!err)
		fclose(f);
	free(error);
	ask_free(ask);
	close(fd);
	unlink(a.sun_path);
}

Test(server, liars)
{
	char endless[1000] = "";

	memset(endless, '1', sizeof(endless) - 1);
	expect_liar("ok 3\nabc", 0);
	expect_liar("ok 3\nabcdef", 0);
	expect_liar("ok 3\nab", -ECONNRESET);
	expect_liar("", -ECONNRESET);
	expect_liar("ok", -ECONNRESET);
	expect_liar("ok \n", -EPROTO);
	expect_liar("ok -1\n", -EPROTO);
	expect_liar("ok 99999999999\n", -EFBIG);
	expect_liar("ok 99999999999999999999999\n", -EPROTO);
	expect_liar("hello\n", -EPROTO);
	expect_liar("error \033[31mno\n", -EREMOTEIO);
	expect_liar(endless, -EPROTO);
}
