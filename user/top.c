// SPDX-License-Identifier: GPL-2.0-only
/* top.c - nowake top: what the daemon sees, live, on a whole terminal.
 *
 * Brings screen.c to ncurses: asks the daemon every interval, without waiting for it, and turns
 * keys into what screen.c knows. Signals come through a descriptor, so that whatever ends
 * it, the terminal is given back as it was. */
#include "top.h"

#include <errno.h>
#include <langinfo.h>
#include <ncurses.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "daemon/ask.h"
#include "report/screen.h"

#define ESCAPE_MS 25 /* how long after Esc the rest of a key's sequence is awaited */
#define AGE_MS 1000  /* how often the age of an old summary is shown anew */

struct top {
	const char *path;
	__s64 interval_ms;
	struct screen screen;
	struct summary *shown;
	struct ask *ask; /* NULL: the daemon is not being asked */
	__s64 next;	 /* when it will be; CLOCK_MONOTONIC, ms */
	__s64 answered;	 /* when shown came */
	char *trouble;
	int signals;
	SCREEN *terminal;
};

/* ---- the terminal ---- */

static int attributes[] = {
	[SCREEN_PLAIN] = A_NORMAL, [SCREEN_TOP] = A_BOLD,	  [SCREEN_TITLE] = A_NORMAL,
	[SCREEN_FOCUS] = A_BOLD,   [SCREEN_BAD] = A_BOLD,	  [SCREEN_WARN] = A_NORMAL,
	[SCREEN_DIM] = A_DIM,	   [SCREEN_SELECTED] = A_REVERSE,
};

static void use_colors(void)
{
	const char *no = getenv("NO_COLOR");

	if ((no && *no) || !has_colors())
		return;
	start_color();
	use_default_colors();
	init_pair(1, COLOR_RED, -1);
	init_pair(2, COLOR_YELLOW, -1);
	init_pair(3, COLOR_CYAN, -1);
	attributes[SCREEN_BAD] = A_BOLD | COLOR_PAIR(1);
	attributes[SCREEN_WARN] = COLOR_PAIR(2);
	attributes[SCREEN_TITLE] = COLOR_PAIR(3);
	attributes[SCREEN_FOCUS] = A_BOLD | COLOR_PAIR(3);
}

static int open_terminal(struct top *t)
{
	const char *term = getenv("TERM");

	t->terminal = newterm(NULL, stdout, stdin);
	if (!t->terminal) {
		fprintf(stderr, "nowake: top does not know this terminal (TERM is \"%s\")\n",
			term ? term : "");
		return EXIT_USAGE;
	}
	use_colors();
	set_escdelay(ESCAPE_MS);
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	return EXIT_DONE;
}

static void close_terminal(struct top *t)
{
	if (!t->terminal)
		return;
	endwin();
	delscreen(t->terminal);
	t->terminal = NULL;
}

static void resize(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row || !size.ws_col)
		return;
	resizeterm(size.ws_row, size.ws_col);
	clearok(stdscr, TRUE);
}

static int draw(struct top *t)
{
	struct screen_lines l;
	int err;

	getmaxyx(stdscr, t->screen.rows, t->screen.cols);
	t->screen.trouble = t->trouble;
	t->screen.age = t->answered ? (__u64)(clock_ms() - t->answered) / 1000 : 0;
	err = screen_draw(&t->screen, t->shown, &l);
	if (err)
		return err;
	erase();
	for (size_t i = 0; i < l.lines.n; i++) {
		attrset(attributes[l.lines.v[i].look]);
		mvaddstr((int)i, 0, l.lines.v[i].text);
	}
	attrset(A_NORMAL);
	refresh();
	screen_lines_free(&l);
	return 0;
}

/* ---- keys and signals ---- */

static enum screen_key key_of(int c)
{
	switch (c) {
	case 'q':
	case 'Q':
		return SCREEN_KEY_QUIT;
	case 'p':
	case 'P':
		return SCREEN_KEY_PAUSE;
	case '?':
	case 'h':
		return SCREEN_KEY_HELP;
	case '\t':
	case KEY_RIGHT:
		return SCREEN_KEY_NEXT;
	case KEY_BTAB:
	case KEY_LEFT:
		return SCREEN_KEY_PREVIOUS;
	case KEY_UP:
	case 'k':
		return SCREEN_KEY_UP;
	case KEY_DOWN:
	case 'j':
		return SCREEN_KEY_DOWN;
	case KEY_PPAGE:
		return SCREEN_KEY_PAGE_UP;
	case KEY_NPAGE:
	case ' ':
		return SCREEN_KEY_PAGE_DOWN;
	case KEY_HOME:
		return SCREEN_KEY_HOME;
	case KEY_END:
		return SCREEN_KEY_END;
	case '\n':
	case '\r':
	case KEY_ENTER:
		return SCREEN_KEY_ENTER;
	case 27:
		return SCREEN_KEY_BACK;
	default:
		return SCREEN_KEY_NONE;
	}
}

/* False: it is time to end. */
static bool read_keys(struct top *t)
{
	for (int c = getch(); c != ERR; c = getch())
		if (!screen_key(&t->screen, t->shown, key_of(c)))
			return false;
	return true;
}

static int block_signals(struct top *t)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGWINCH);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	t->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return t->signals < 0 ? -errno : 0;
}

/* False: one that ends us. */
static bool read_signals(struct top *t)
{
	struct signalfd_siginfo info;

	while (read(t->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo != SIGWINCH)
			return false;
		resize();
	}
	return true;
}

/* ---- the daemon ---- */

/* Keeps why it does not answer, in few words where that is enough; takes error, or NULL. */
static void set_trouble(struct top *t, int err, char *error)
{
	const char *words = err == -ENOENT || err == -ECONNREFUSED ? "it does not run"
			    : err == -ETIMEDOUT			   ? "not in time"
			    : error				   ? error
								   : strerror(-err);

	free(t->trouble);
	t->trouble = strdup(words);
	free(error);
}

/* Shows what was answered. */
static int take_answer(struct top *t, FILE *answer, char **ret_error)
{
	struct summary *new;
	int err = summary_read(answer, &new, ret_error);

	if (err)
		return err;
	screen_key_update(&t->screen, t->shown, new);
	summary_free(t->shown);
	t->shown = new;
	t->answered = clock_ms();
	free(TAKE_PTR(t->trouble));
	return 0;
}

static void end_asking(struct top *t)
{
	ask_free(TAKE_PTR(t->ask));
	t->next = clock_ms() + t->interval_ms;
}

/* Moves the conversation with the daemon, as far as it goes now. */
static void ask_on(struct top *t)
{
	_cleanup_fclose_ FILE *answer = NULL;
	char *error = NULL;
	int err = 0;

	if (!t->ask) {
		if (t->screen.paused || clock_ms() < t->next)
			return;
		err = ask_begin(t->path, "top", &t->ask, &error);
	}
	err = err ? err : ask_step(t->ask, &answer, &error);
	if (err == -EAGAIN)
		return;
	err = err ? err : take_answer(t, answer, &error);
	if (err)
		set_trouble(t, err, error);
	end_asking(t);
}

/* The first answer, before the terminal is touched: who has no daemon is told how to get one. */
static int ask_first(struct top *t)
{
	_cleanup_fclose_ FILE *answer = NULL;
	_cleanup_free_ char *error = NULL;
	int err = ask(t->path, "top", &answer, &error);
	const char *whose = "";

	if (!err) {
		err = take_answer(t, answer, &error);
		whose = "the daemon's answer: ";
	}
	t->next = clock_ms() + t->interval_ms;
	if (!err)
		return EXIT_DONE;
	fprintf(stderr, "nowake: %s%s\n", whose, error ? error : strerror(-err));
	if (err == -ENOENT || err == -ECONNREFUSED)
		fputs("nowake: start one with `nowake daemon` (as root), or name its socket with "
		      "--socket\n",
		      stderr);
	return EXIT_BLIND;
}

/* ---- all together ---- */

static int timeout_ms(const struct top *t)
{
	__s64 left = t->ask ? ask_timeout_ms(t->ask) : t->screen.paused ? -1 : t->next - clock_ms();

	if (left < 0 && (t->ask || !t->screen.paused))
		left = 0;
	if (t->trouble && (left < 0 || left > AGE_MS))
		return AGE_MS;
	return (int)left;
}

static int loop(struct top *t)
{
	enum { KEYS, SIGNALS, DAEMON };
	int err = draw(t);

	while (!err) {
		struct pollfd p[] = {
			[KEYS] = { .fd = STDIN_FILENO, .events = POLLIN },
			[SIGNALS] = { .fd = t->signals, .events = POLLIN },
			[DAEMON] = { .fd = t->ask ? ask_fd(t->ask) : -1,
				     .events = t->ask ? ask_events(t->ask) : 0 },
		};

		/* interrupted by a stop and a continue (ncurses handles both): drawn anew */
		if (poll(p, sizeof(p) / sizeof(p[0]), timeout_ms(t)) < 0 && errno != EINTR)
			return -errno;
		if (!read_signals(t) || p[KEYS].revents & (POLLHUP | POLLERR | POLLNVAL) ||
		    !read_keys(t))
			return 0;
		ask_on(t);
		err = draw(t);
	}
	return err;
}

int top_run(const struct options *opts)
{
	struct top t = {
		.path = opts->socket,
		.interval_ms = (__s64)(opts->interval_ns / 1000000),
		.screen.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8"),
		.signals = -1,
	};
	int status, err = 0;

	if (!t.path) {
		fputs("nowake: top shows what a daemon sees: --socket must name one\n", stderr);
		return EXIT_USAGE;
	}
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		fputs("nowake: top needs a terminal; `nowake report` writes to files and pipes\n",
		      stderr);
		return EXIT_USAGE;
	}
	status = ask_first(&t);
	if (!status)
		err = block_signals(&t);
	if (!status && !err)
		status = open_terminal(&t);
	if (!status && !err)
		err = loop(&t);
	close_terminal(&t);
	if (err)
		fprintf(stderr, "nowake: top: %s\n", strerror(-err));
	if (t.signals >= 0)
		close(t.signals);
	ask_free(t.ask);
	summary_free(t.shown);
	free(t.trouble);
	return err ? EXIT_BLIND : status;
}
