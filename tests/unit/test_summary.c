// SPDX-License-Identifier: GPL-2.0-only
/* test_summary.c - what the daemon says to `nowake top`: bounded, and checked by who reads it. */
#include <criterion/criterion.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "made.h"
#include "report/summary.h"

#define SECOND 1000000000ull

TestSuite(summary, .timeout = 60);

static const struct health health = {
	.started = 40 * SECOND,
	.passes = 7,
	.failed = 1,
	.pass_ns = 12000000,
	.interval_ns = 10 * SECOND,
	.events = { 1, 2, 3, 4, 5 },
	.lost = 9,
	.restarts = 2,
	.cpu_ns = 5 * SECOND,
	.resident = 12345678,
	.futex_hook = "tracepoint",
	.found = { [CLASS_DEADLOCK] = 3, [CLASS_ORPHANED] = 1 },
	.resolved = { [CLASS_ORPHANED] = 1 },
};

static void add_site(struct verdicts *v, struct site s)
{
	s.floors.window_ns = 600 * SECOND;
	cr_assert(!array_push(&((struct world *)v->world)->past.sites, s));
}

static struct verdicts *made(void)
{
	struct verdicts *v = made_stacks();
	struct world *w = (struct world *)v->world;

	w->boot_time = 100 * SECOND;
	w->thread_limit = 30000;
	cr_assert(!world_blind(w, "the files of \033[1m are not known"));
	add_site(v, (struct site){ .id = 1, .tgid = 5000, .alive = 50, .born = 60, .ended = 10 });
	add_site(v, (struct site){ .id = 2,
				   .tgid = 4711,
				   .trace = 1,
				   .alive = 30,
				   .born = 30,
				   .floors.n = 3,
				   .floors.at = { 10, 15, 20 } });
	add_site(v, (struct site){ .id = ~0ull,
				   .tgid = 1,
				   .alive = 3,
				   .born = 90,
				   .ended = 87,
				   .floors.n = 2,
				   .floors.at = { 5, 3 } });
	add_site(v,
		 (struct site){ .id = 4, .tgid = 5000, .trace = 99, .alive = 51, .floors.n = 1 });
	return v;
}

static char *print(const struct verdicts *v)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	cr_assert_eq(summary_print(out, v, &health), 0);
	fclose(out);
	return text;
}

static int read_text(const char *text, size_t n, struct summary **ret, char **ret_error)
{
	FILE *in = n ? fmemopen((char *)text, n, "r") : fopen("/dev/null", "r");
	int err = summary_read(in, ret, ret_error);

	fclose(in);
	return err;
}

static struct summary *summary_of(const struct verdicts *v)
{
	char *text = print(v), *error;
	struct summary *s;

	for (const char *c = text; *c; c++)
		cr_assert(*c == '\n' || (unsigned char)*c >= ' ');
	cr_assert_eq(read_text(text, strlen(text), &s, &error), 0, "%s", error);
	free(text);
	return s;
}

Test(summary, head)
{
	struct verdicts *v = made();
	struct summary *s = summary_of(v);

	cr_expect_str_eq(s->host, "host");
	cr_expect(s->time == 1714572315 && s->threshold == 30);
	cr_expect(s->daemon.watching == 60 && s->daemon.pass == 0.012 && s->daemon.cpu == 5);
	cr_expect(s->daemon.passes == 7 && s->daemon.failed == 1 && s->daemon.events == 15);
	cr_expect(s->daemon.lost == 9 && s->daemon.restarts == 2);
	cr_expect(s->daemon.found == 4 && s->daemon.resolved == 1);
	cr_expect_str_eq(s->daemon.futex, "tracepoint");
	cr_expect(s->scan.threads == 9 && s->scan.thread_limit == 30000 && s->scan.blocked == 8);
	cr_expect(s->scan.blind == 1);
	cr_expect_str_eq(s->scan.first_blind, "the files of \\x1b[1m are not known");
	summary_free(s);
	made_free(v);
}

Test(summary, findings)
{
	struct verdicts *v = made();
	struct summary *s = summary_of(v);
	const struct summary_finding *f = s->findings;

	cr_assert_eq(s->nfindings, 3);
	cr_expect(f->pid == 4711 && f->count == 4 && f->seconds == 35.2);
	cr_expect_str_eq(f->id, "0123456789abcdef");
	cr_expect_str_eq(f->class, "deadlock");
	cr_expect_str_eq(f->confidence, "proven");
	cr_expect_str_eq(f->comm, "mutex_cycle2");
	cr_expect_str_eq(f->place, "Guard<std::mutex; int>::Guard(std::mutex&)");
	cr_expect(strstr(f->reason, "each could only be woken by the other"));
	cr_expect(!f[1].place);
	summary_free(s);
	v->findings.v[1].confidence = CONFIDENCE_SUSPECT;
	s = summary_of(v);
	cr_expect_eq(s->nfindings, 2);
	summary_free(s);
	made_free(v);
}

Test(summary, an_age_that_is_not_known)
{
	struct verdicts *v = made();
	struct judged_goroutine one = { .wait = &(struct go_wait){ .tgid = 4711, .id = 7 } };
	struct summary *s;

	v->findings.v[0].age_ns = 0;
	cr_assert(!array_push(&v->goroutines, one));
	cr_assert(!array_push(&v->findings.v[0].goroutines, 0));
	s = summary_of(v);
	cr_expect(s->findings[0].seconds < 0 && !s->findings[0].place);
	summary_free(s);
	made_free(v);
}

Test(summary, sites)
{
	struct verdicts *v = made();
	struct summary *s = summary_of(v);
	const struct summary_site *site = s->sites;

	cr_assert_eq(s->nsites, 4);
	cr_expect_str_eq(site[0].comm, "mutex_cycle2");
	cr_expect_str_eq(site[0].function, "main");
	cr_expect(site[0].grown && site[0].growth == 30 && site[0].nfloors == 3);
	cr_expect(site[0].floors[0] == 10 && site[0].floors[2] == 20);
	cr_expect(!site[1].grown && site[1].alive == 51 && !site[1].function);
	cr_expect(!site[2].grown && site[2].alive == 50 && site[2].ended == 10);
	cr_expect(site[3].grown && site[3].growth == -12 && site[3].born == 90);
	cr_expect_str_eq(site[3].comm, "?");
	cr_expect_str_eq(site[3].id, "ffffffffffffffff");
	summary_free(s);
	made_free(v);
}

Test(summary, waits)
{
	struct verdicts *v = made();
	struct summary *s = summary_of(v);
	const struct summary_wait *w = s->waits;

	cr_assert_eq(s->nwaits, 8);
	cr_expect(w[0].tid == 4900 && w[0].seconds == 777600 && !w[0].source);
	for (size_t i = 1; i < s->nwaits; i++)
		cr_expect(w[i].seconds <= w[i - 1].seconds);
	cr_expect_str_eq(w[0].class, "deadlock");
	cr_expect_str_eq(w[2].class, "idle");
	cr_expect_str_eq(w[2].source, "the network");
	cr_expect_str_eq(w[2].kind, "epoll");
	summary_free(s);
	made_free(v);
}

Test(summary, before_the_first_pass)
{
	struct summary *s = summary_of(NULL);

	cr_expect(!s->time && !s->nfindings && !s->nsites && !s->nwaits && !s->scan.threads);
	cr_expect_eq(s->daemon.passes, 7);
	summary_free(s);
}

/* However large the host, the object is small, and has what matters most. */
Test(summary, bounded)
{
	static struct made_thread threads[3001];
	struct verdicts *v;
	struct summary *s;
	char *text, reason[5000];

	memset(reason, '\\', sizeof(reason) - 1);
	reason[sizeof(reason) - 1] = '\0';
	for (__u32 i = 0; i < 3000; i++)
		threads[i] =
			(struct made_thread){ .tid = i + 1,
					      .tgid = i + 1,
					      .comm = "\001\002\003\004\005\006\007\001\001\001",
					      .kind = WAIT_MUTEX,
					      .seconds = 100 + (i * 7919) % 3000,
					      .class = CLASS_ORPHANED };
	v = made_verdicts(threads);
	for (__u32 i = 0; i < 3000; i++) {
		made_finding(v, reason, false, 1, (const __u32[]){ i + 1, 0 });
		add_site(v,
			 (struct site){ .id = i,
					.floors.n = 200,
					.floors.at = { [SITE_WINDOWS - 1] = (i * 7919) % 3000 } });
	}
	text = print(v);
	cr_expect_lt(strlen(text), SUMMARY_BYTES / 4);
	free(text);
	s = summary_of(v);
	cr_expect(s->nfindings == SUMMARY_FINDINGS && s->nsites == SUMMARY_SITES &&
		  s->nwaits == SUMMARY_WAITS);
	for (size_t i = 0; i < SUMMARY_WAITS; i++) {
		cr_expect_eq(s->waits[i].seconds, 3099 - i);
		cr_expect_eq(s->sites[i].floors[SITE_WINDOWS - 1], 2999 - i);
	}
	summary_free(s);
	made_free(v);
}

/* ---- what a daemon should not say ---- */

static void expect_refused(json_t *root, const char *part)
{
	char *text = json_dumps(root, JSON_COMPACT), *error;
	struct summary *s;
	int err = read_text(text, strlen(text), &s, &error);

	cr_expect_eq(err, -EPROTO, "%s: %d", part, err);
	cr_expect(err && error && strstr(error, part), "%s: %s", part, error);
	if (!err)
		summary_free(s);
	free(error);
	free(text);
}

/* A member is missing, of another type, or below zero. */
static void spoil_member(json_t *root, json_t *object, const char *key)
{
	json_t *value = json_incref(json_object_get(object, key));

	json_object_set_new(object, key, json_true());
	expect_refused(root, json_is_object(value) ? "understood" : key);
	if (json_is_number(value) && strcmp(key, "growth_per_hour")) {
		json_object_set_new(object, key, json_integer(-1));
		expect_refused(root, key);
	}
	json_object_del(object, key);
	expect_refused(root, key);
	json_object_set_new(object, key, value);
}

/* Each of them in turn. */
static void spoil(json_t *root, json_t *object)
{
	json_t *copy = json_copy(object), *value;
	const char *key;

	json_object_foreach (copy, key, value) {
		if (json_is_object(value))
			spoil(root, value);
		else if (json_is_array(value) && json_is_object(json_array_get(value, 0)))
			spoil(root, json_array_get(value, 0));
		spoil_member(root, object, key);
	}
	json_decref(copy);
}

Test(summary, spoiled)
{
	struct verdicts *v = made();
	char *text = print(v);
	json_t *root = json_loads(text, 0, NULL);

	spoil(root, root);
	json_array_append_new(
		json_object_get(json_array_get(json_object_get(root, "sites"), 0), "floors"),
		json_string("x"));
	expect_refused(root, "sites[0].floors");
	json_object_set_new(root, "schema", json_integer(2));
	expect_refused(root, "schema");
	json_decref(root);
	free(text);
	made_free(v);
}

static void expect_text(const char *text, size_t n, const char *part)
{
	struct summary *s;
	char *error;
	int err = read_text(text, n, &s, &error);

	cr_expect_eq(err, -EPROTO, "%s", part);
	cr_expect(error && strstr(error, part), "%s", error);
	free(error);
}

Test(summary, nonsense)
{
	size_t n = SUMMARY_BYTES + 10;
	char *much = malloc(n);

	expect_text("", 0, "no JSON object");
	expect_text("[]", 2, "no JSON object");
	expect_text("{\"schema\":", 10, "no JSON object");
	expect_text("{\"schema\":1,\"schema\":1}", 23, "no JSON object");
	expect_text("\xff\xfe\0\1", 4, "no JSON object");
	memset(much, '[', n);
	expect_text(much, n, "too much");
	expect_text(much, n - 100, "no JSON object");
	free(much);
}
