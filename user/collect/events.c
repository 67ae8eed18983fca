// SPDX-License-Identifier: GPL-2.0-only
/* events.c - the ring buffer of lifetime.bpf.c and the words of futex.bpf.c.
 *
 * A second instance of the skeleton, beside the one that scans: which hook a kernel takes is
 * found by loading and attaching, and what failed must not take the scan with it. */
#include "collect/events.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "collect/bpf.h"
#include "nowake.skel.h"

#define STACKS_GRANTED 64 /* creation stacks that may be copied between two drains */
#define FORGET_NS (3600ull * 1000000000)
#define FORGET_FULL_NS (60ull * 1000000000) /* when there is hardly room for others */
#define FULL (WIRE_WORDS_MAX / 4 * 3)
#define PROGRAMS_MAX 5
#define KERNEL_ENOTSUPP 524 /* include/linux/errno.h: the kernel's own, which no libc can name */

/* A way to see wakes, best first: the first costs next to nothing. */
static const struct way {
	enum futex_hook hook;
	const char *programs[PROGRAMS_MAX];
} ways[] = {
	{ FUTEX_FENTRY, { "futex_narrow_wake", "futex_narrow_wake_op", "futex_narrow_requeue" } },
	{ FUTEX_FENTRY, { "futex_wide" } },
	{ FUTEX_KPROBE,
	  { "futex_enter_wake", "futex_leave_wake", "futex_enter_wake_op",
	    "futex_enter_requeue" } },
	{ FUTEX_KPROBE, { "futex_enter_wide" } },
	{ FUTEX_TRACEPOINT, { "futex_sys_exit" } },
	{ FUTEX_OFF, {} },
};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

static const char *const lifetime_programs[] = { "lifetime_fork", "lifetime_exec",
						 "lifetime_exit" };
#define LIFETIME_PROGRAMS 3

struct watched {
	struct wire_word_key key;
	__u64 wanted; /* when it was last asked for */
	__u64 wakes;  /* of it that events.wakes has */
};

struct events {
	struct nowake_bpf *skeleton;
	const struct way *way;
	struct ring_buffer *ring;
	size_t buffer;		       /* bytes of the ring */
	__s64 stacks;		       /* that are granted with each drain */
	ARRAY(struct watched) watched; /* sorted by key */
	__u64 wakes;		       /* see events_wakes() */
	__u64 rest_until;	       /* the hook is off; 0: it is not */
	__u64 guarded;		       /* when events_guard() looked last, and what it saw */
	__u64 calls;
	int stats; /* descriptor that keeps them on, or -1 */
	/* Of the drain under way: */
	int (*take)(void *arg, const struct wire_head *event);
	void *arg;
	size_t left; /* bytes that it may still take */
};

static void select_maps(struct nowake_bpf *s, const struct way *way, size_t buffer)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, s->obj)
	{
		const char *name = bpf_map__name(map);
		bool lifetime = !strncmp(name, "lifetime_", 9);
		bool futex = !strncmp(name, "futex_", 6) && way->hook != FUTEX_OFF;

		if (!bpf_map__is_internal(map))
			bpf_map__set_autocreate(map, lifetime || futex);
	}
	bpf_map__set_max_entries(s->maps.lifetime_ring, buffer);
	s->rodata->lifetime_wake_at = buffer / 2;
}

static bool is_wake_program(const struct way *way, const char *name)
{
	for (size_t i = 0; i < PROGRAMS_MAX && way->programs[i]; i++)
		if (!strcmp(name, way->programs[i]))
			return true;
	return false;
}

static bool is_of(const struct way *way, const char *name)
{
	for (size_t i = 0; i < LIFETIME_PROGRAMS; i++)
		if (!strcmp(name, lifetime_programs[i]))
			return true;
	return is_wake_program(way, name);
}

/* A function that the compiler has put into its callers can be hooked, and is never called
 * (futex_wake() of 5.10). So a wake must be seen to be believed. */
static bool sees_wakes(struct nowake_bpf *s)
{
	static __u32 word;
	__u32 bit = wire_word_hash((__u64)&word);
	__u64 before = s->bss->futex_misses;

	s->bss->futex_filter[bit / 64] |= 1ull << (bit & 63);
	syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	s->bss->futex_filter[bit / 64] &= ~(1ull << (bit & 63));
	return s->bss->futex_misses > before;
}

static int try_way(struct events *e, const struct way *way, size_t buffer)
{
	struct nowake_bpf *s = nowake_bpf__open();
	struct bpf_program *program;
	int err;

	if (!s)
		return -errno;
	select_maps(s, way, buffer);
	bpf_object__for_each_program(program, s->obj)
		bpf_program__set_autoload(program, is_of(way, bpf_program__name(program)));
	err = nowake_bpf__load(s);
	err = err ? err : nowake_bpf__attach(s);
	if (!err && way->hook != FUTEX_OFF && !sees_wakes(s))
		err = -ENOENT;
	if (err) {
		nowake_bpf__destroy(s);
		return err == -KERNEL_ENOTSUPP ? -ENOTSUP : err;
	}
	e->skeleton = s;
	e->way = way;
	return 0;
}

static int take_sample(void *arg, void *data, size_t size)
{
	static const size_t sizes[] = {
		[WIRE_BIRTH] = sizeof(struct wire_birth),
		[WIRE_STACK] = sizeof(struct wire_stack),
		[WIRE_EXEC] = sizeof(struct wire_exec),
		[WIRE_DEATH] = sizeof(struct wire_death),
	};
	const struct wire_head *head = data;
	struct events *e = arg;
	int err;

	if (size < sizeof(*head) || head->kind >= sizeof(sizes) / sizeof(sizes[0]) ||
	    !sizes[head->kind] || head->size != sizes[head->kind] || size < head->size)
		return -EPROTO;
	err = e->take(e->arg, head);
	if (!err && e->left <= size)
		return -EAGAIN;
	e->left -= size;
	return err;
}

/* The tracepoint slows every system call of the host, probes where a function begins and where
 * it ends every lock that threads fight for (tests/bench/cost_vm.py), and a hook on do_futex()
 * waits too: only who asks gets them. */
static bool is_dear(const struct way *way)
{
	return way != &ways[0] && way->hook != FUTEX_OFF;
}

int events_open(size_t buffer, enum futex_hook hook, struct events **ret, char **ret_error)
{
	struct events *e = calloc(1, sizeof(*e));
	int err = e ? -ENOTSUP : -ENOMEM;

	for (size_t i = 0; e && err && i < WAYS; i++) {
		if (hook == FUTEX_AUTO ? is_dear(&ways[i]) : ways[i].hook != hook)
			continue;
		err = try_way(e, &ways[i], buffer);
	}
	if (!err) {
		e->stats = -1;
		e->buffer = buffer;
		e->ring = ring_buffer__new(bpf_map__fd(e->skeleton->maps.lifetime_ring),
					   take_sample, e, NULL);
		err = e->ring ? 0 : -errno;
		/* A buffer that has room for hardly one is for births and deaths. */
		e->stacks = buffer > 4 * sizeof(struct wire_stack) ? STACKS_GRANTED : 0;
		e->skeleton->bss->lifetime_stacks_left = e->stacks;
	}
	if (err) {
		events_free(e);
		if (asprintf(ret_error,
			     "this kernel does not take the programs that stream events%s (%s): "
			     "`nowake features` shows what it allows",
			     hook == FUTEX_AUTO || hook == FUTEX_OFF
				     ? ""
				     : " with this --futex-events, auto takes what works",
			     strerror(-err)) < 0)
			*ret_error = NULL;
		return err;
	}
	*ret = e;
	return 0;
}

void events_free(struct events *e)
{
	if (!e)
		return;
	if (e->stats > 0)
		close(e->stats);
	ring_buffer__free(e->ring);
	nowake_bpf__destroy(e->skeleton);
	array_free(&e->watched);
	free(e);
}

int events_fd(const struct events *e)
{
	return ring_buffer__epoll_fd(e->ring);
}

int events_drain(struct events *e, int (*take)(void *arg, const struct wire_head *event), void *arg)
{
	int n;

	e->take = take;
	e->arg = arg;
	e->left = 2 * e->buffer;
	n = ring_buffer__consume(e->ring);
	e->skeleton->bss->lifetime_stacks_left = e->stacks;
	return n < 0 && n != -EAGAIN ? n : 0;
}

__u64 events_lost(const struct events *e)
{
	return e->skeleton->bss->lifetime_lost;
}

enum futex_hook events_hook(const struct events *e)
{
	return e->rest_until ? FUTEX_OFF : e->way->hook;
}

/* ---- what wakes may cost ---- */

/* Attaches the hook's programs, or takes them off. 0 or -errno. */
static int attach(struct events *e, bool on)
{
	struct bpf_object_skeleton *s = e->skeleton->skeleton;

	for (int i = 0; i < s->prog_cnt; i++) {
		struct bpf_link **link = s->progs[i].link;

		if (!is_wake_program(e->way, s->progs[i].name) || !*link == !on)
			continue;
		bpf_link__destroy(*link);
		*link = on ? bpf_program__attach(*s->progs[i].prog) : NULL;
		if (on && !*link)
			return -errno;
	}
	return 0;
}

void events_forget(struct events *e)
{
	for (size_t i = 0; i < e->watched.n; i++)
		bpf_map_delete_elem(bpf_map__fd(e->skeleton->maps.futex_words),
				    &e->watched.v[i].key);
	e->watched.n = 0;
	memset(e->skeleton->bss->futex_filter, 0, sizeof(e->skeleton->bss->futex_filter));
}

bool events_guard(struct events *e, __u64 now, __u64 *ret_rate)
{
	__u64 calls = e->skeleton->bss->futex_calls, past = now - e->guarded;
	__u64 rate = past ? (calls - e->calls) * 1000000000ull / past : 0;
	const bool first = !e->guarded;

	*ret_rate = rate;
	if (e->way->hook == FUTEX_OFF || (!first && past < EVENTS_GUARD_NS / 2))
		return false;
	e->guarded = now;
	e->calls = calls;
	if (e->rest_until && now >= e->rest_until && !attach(e, true)) {
		e->rest_until = 0;
		return true;
	}
	if (first || e->rest_until || rate <= EVENTS_WAKES_MAX)
		return false;
	attach(e, false);
	events_forget(e);
	e->rest_until = now + EVENTS_REST_NS;
	return true;
}

/* ---- words ---- */

static int compare_key(const struct wire_word_key *x, const struct wire_word_key *y)
{
	if (x->mm != y->mm)
		return x->mm < y->mm ? -1 : 1;
	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

/* Where it is among the watched, or would be. */
static size_t place_of(const struct events *e, const struct wire_word_key *key)
{
	size_t first = 0, end = e->watched.n;

	while (first < end) {
		size_t middle = first + (end - first) / 2;

		if (compare_key(&e->watched.v[middle].key, key) < 0)
			first = middle + 1;
		else
			end = middle;
	}
	return first;
}

static int add(struct events *e, size_t at, const struct wire_word_key *key, __u64 now)
{
	const struct watched one = { .key = *key, .wanted = now };
	struct wire_word word = { .since = now };
	__u32 bit = wire_word_hash(key->addr);

	/* Those that are watched are worth more than those that are not. */
	if (e->watched.n == WIRE_WORDS_MAX)
		return -E2BIG;
	if (array_push(&e->watched, one))
		return -ENOMEM;
	if (bpf_map_update_elem(bpf_map__fd(e->skeleton->maps.futex_words), key, &word, BPF_ANY)) {
		e->watched.n--;
		return -errno;
	}
	memmove(&e->watched.v[at + 1], &e->watched.v[at], (e->watched.n - 1 - at) * sizeof(one));
	e->watched.v[at] = one;
	e->skeleton->bss->futex_filter[bit / 64] |= 1ull << (bit & 63);
	return 0;
}

/* Forgets the words that nobody has asked for lately: most are of processes that have ended. */
static void forget(struct events *e, __u64 now)
{
	const __u64 most = e->watched.n < FULL ? FORGET_NS : FORGET_FULL_NS;
	static __u64 filter[WIRE_WORD_BITS / 64];
	size_t n = 0;

	memset(filter, 0, sizeof(filter));
	for (size_t i = 0; i < e->watched.n; i++) {
		const struct watched *one = &e->watched.v[i];
		__u32 bit = wire_word_hash(one->key.addr);

		if (one->wanted + most < now) {
			bpf_map_delete_elem(bpf_map__fd(e->skeleton->maps.futex_words), &one->key);
			continue;
		}
		filter[bit / 64] |= 1ull << (bit & 63);
		e->watched.v[n++] = *one;
	}
	if (n == e->watched.n)
		return;
	e->watched.n = n;
	memcpy(e->skeleton->bss->futex_filter, filter, sizeof(filter));
}

int events_watch(struct events *e, const struct wire_word_key *keys, size_t n, __u64 now)
{
	int err = 0;

	if (events_hook(e) == FUTEX_OFF)
		return 0;
	/* All of them: that there is no room for one is no reason to forget those behind it. */
	for (size_t i = 0; i < n; i++) {
		size_t at = place_of(e, &keys[i]);
		bool known = at < e->watched.n && !compare_key(&e->watched.v[at].key, &keys[i]);
		int failed = known ? 0 : add(e, at, &keys[i], now);

		if (known)
			e->watched.v[at].wanted = now;
		err = err ? err : failed;
	}
	forget(e, now);
	return err;
}

int events_words(struct events *e, struct past *ret)
{
	int fd = e->way->hook == FUTEX_OFF ? -1 : bpf_map__fd(e->skeleton->maps.futex_words);

	for (size_t i = 0; i < e->watched.n; i++) {
		struct watched *one = &e->watched.v[i];
		struct word word = { .key = one->key };
		__u64 wakes;

		if (bpf_map_lookup_elem(fd, &word.key, &word.seen))
			continue;
		wakes = word.seen.wakes + word.seen.empty;
		e->wakes += wakes - one->wakes;
		one->wakes = wakes;
		if (array_push(&ret->words, word))
			return -ENOMEM;
	}
	return 0;
}

__u64 events_wakes(const struct events *e)
{
	return e->wakes;
}

/* ---- what it costs ---- */

int events_stats(struct events *e, bool on)
{
	if (!on && e->stats >= 0) {
		close(e->stats);
		e->stats = -1;
	} else if (on && e->stats < 0) {
		e->stats = bpf_enable_stats(BPF_STATS_RUN_TIME);
		if (e->stats < 0)
			return -errno;
	}
	return 0;
}

size_t events_costs(const struct events *e, struct events_cost ret[EVENTS_COSTS])
{
	struct bpf_program *program;
	size_t n = 0;

	bpf_object__for_each_program(program, e->skeleton->obj)
	{
		struct bpf_prog_info info = {};
		__u32 size = sizeof(info);
		int fd = bpf_program__fd(program);

		if (fd < 0 || n == EVENTS_COSTS || bpf_obj_get_info_by_fd(fd, &info, &size))
			continue;
		ret[n++] = (struct events_cost){
			.name = bpf_program__name(program),
			.runs = info.run_cnt,
			.ns = info.run_time_ns,
		};
	}
	return n;
}
