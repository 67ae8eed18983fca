// SPDX-License-Identifier: GPL-2.0-only
/* summary_read.c - the other side of summary.c: what a daemon says, checked.
 *
 * A daemon of another version may say more, never something else: what is missing, of another
 * type or out of range makes the whole useless. */
#include <errno.h>
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "report/summary.h"

#define EXACT (1ll << 53) /* larger numbers are none that a host has */

/* Where reading stands: the first thing that is wrong. */
struct reader {
	const char *array; /* NULL: not in a row */
	size_t row;
	const char *wrong; /* a key; NULL: nothing */
};

static const json_t *member(struct reader *r, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (!value && !r->wrong)
		r->wrong = key;
	return value;
}

static const char *string(struct reader *r, const json_t *object, const char *key)
{
	const char *text = json_string_value(member(r, object, key));

	if (!text && !r->wrong)
		r->wrong = key;
	return text ? text : "";
}

static const char *string_or_null(struct reader *r, const json_t *object, const char *key)
{
	return json_is_null(member(r, object, key)) ? NULL : string(r, object, key);
}

static double real(struct reader *r, const json_t *object, const char *key)
{
	const json_t *value = member(r, object, key);
	double n = json_number_value(value);

	if (json_is_number(value) && n > -(double)EXACT && n < (double)EXACT)
		return n;
	if (!r->wrong)
		r->wrong = key;
	return 0;
}

static double seconds(struct reader *r, const json_t *object, const char *key)
{
	double n = real(r, object, key);

	if (n < 0 && !r->wrong)
		r->wrong = key;
	return n < 0 ? 0 : n;
}

static double seconds_or_null(struct reader *r, const json_t *object, const char *key)
{
	return json_is_null(member(r, object, key)) ? -1 : seconds(r, object, key);
}

static bool is_count(const json_t *value, __u64 most)
{
	json_int_t n = json_integer_value(value);

	return json_is_integer(value) && n >= 0 && (__u64)n <= most;
}

static __u64 count(struct reader *r, const json_t *object, const char *key, __u64 most)
{
	const json_t *value = member(r, object, key);

	if (is_count(value, most))
		return (__u64)json_integer_value(value);
	if (!r->wrong)
		r->wrong = key;
	return 0;
}

static __u64 number(struct reader *r, const json_t *object, const char *key)
{
	return count(r, object, key, EXACT);
}

static __u32 small(struct reader *r, const json_t *object, const char *key)
{
	return (__u32)count(r, object, key, UINT32_MAX);
}

/* ---- the parts ---- */

static void read_daemon(struct reader *r, const json_t *o, struct summary *s)
{
	s->daemon.watching = seconds(r, o, "watching_seconds");
	s->daemon.pass = seconds(r, o, "pass_seconds");
	s->daemon.interval = seconds(r, o, "interval_seconds");
	s->daemon.cpu = seconds(r, o, "cpu_seconds");
	s->daemon.passes = number(r, o, "passes");
	s->daemon.failed = number(r, o, "failed");
	s->daemon.events = number(r, o, "events");
	s->daemon.lost = number(r, o, "lost");
	s->daemon.restarts = number(r, o, "symbolizer_restarts");
	s->daemon.resident = number(r, o, "resident_bytes");
	s->daemon.found = number(r, o, "found");
	s->daemon.resolved = number(r, o, "resolved");
	s->daemon.futex = string(r, o, "futex_events");
}

static void read_scan(struct reader *r, const json_t *o, struct summary *s)
{
	if (json_is_null(o))
		return;
	s->scan.threads = number(r, o, "threads");
	s->scan.thread_limit = number(r, o, "thread_limit");
	s->scan.processes = number(r, o, "processes");
	s->scan.blocked = number(r, o, "blocked");
	s->scan.idle = number(r, o, "idle");
	s->scan.unknown = number(r, o, "unknown");
	s->scan.stuck = number(r, o, "stuck");
	s->scan.blind = number(r, o, "blind");
	s->scan.first_blind = string_or_null(r, o, "first_blind");
}

static void read_finding(struct reader *r, const json_t *o, struct summary *s)
{
	s->findings[s->nfindings++] = (struct summary_finding){
		.id = string(r, o, "id"),
		.class = string(r, o, "class"),
		.confidence = string(r, o, "confidence"),
		.comm = string(r, o, "comm"),
		.reason = string(r, o, "reason"),
		.place = string_or_null(r, o, "place"),
		.pid = small(r, o, "pid"),
		.count = small(r, o, "count"),
		.seconds = seconds_or_null(r, o, "blocked_seconds"),
	};
}

static void read_floors(struct reader *r, const json_t *array, struct summary_site *ret)
{
	size_t n = json_array_size(array);

	if (!json_is_array(array) || n > SITE_WINDOWS) {
		r->wrong = r->wrong ? r->wrong : "floors";
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const json_t *value = json_array_get(array, i);

		if (is_count(value, EXACT))
			ret->floors[ret->nfloors++] = (__u64)json_integer_value(value);
		else if (!r->wrong)
			r->wrong = "floors";
	}
}

static void read_site(struct reader *r, const json_t *o, struct summary *s)
{
	struct summary_site *site = &s->sites[s->nsites++];

	*site = (struct summary_site){
		.id = string(r, o, "id"),
		.comm = string(r, o, "comm"),
		.function = string_or_null(r, o, "function"),
		.pid = small(r, o, "pid"),
		.alive = number(r, o, "alive"),
		.born = number(r, o, "born"),
		.ended = number(r, o, "ended"),
		.grown = !json_is_null(member(r, o, "growth_per_hour")),
	};
	site->growth = site->grown ? real(r, o, "growth_per_hour") : 0;
	read_floors(r, member(r, o, "floors"), site);
}

static void read_wait(struct reader *r, const json_t *o, struct summary *s)
{
	s->waits[s->nwaits++] = (struct summary_wait){
		.comm = string(r, o, "comm"),
		.kind = string(r, o, "kind"),
		.class = string(r, o, "class"),
		.source = string_or_null(r, o, "source"),
		.tid = small(r, o, "tid"),
		.pid = small(r, o, "pid"),
		.seconds = seconds(r, o, "blocked_seconds"),
	};
}

static void read_rows(struct reader *r, const char *key, size_t most, struct summary *s,
		      void (*row)(struct reader *r, const json_t *o, struct summary *s))
{
	const json_t *array = member(r, s->json, key);
	size_t n = json_array_size(array);

	if ((!json_is_array(array) || n > most) && !r->wrong)
		r->wrong = key;
	for (size_t i = 0; !r->wrong && i < n; i++) {
		r->array = key;
		r->row = i;
		row(r, json_array_get(array, i), s);
	}
	if (!r->wrong)
		r->array = NULL;
}

static void read_all(struct reader *r, struct summary *s)
{
	const json_t *o = s->json;

	if (number(r, o, "schema") != SUMMARY_SCHEMA && !r->wrong)
		r->wrong = "schema";
	s->host = string(r, o, "host");
	s->time = number(r, o, "time_seconds");
	s->threshold = seconds(r, o, "threshold_seconds");
	read_daemon(r, member(r, o, "daemon"), s);
	read_scan(r, member(r, o, "scan"), s);
	read_rows(r, "findings", SUMMARY_FINDINGS, s, read_finding);
	read_rows(r, "sites", SUMMARY_SITES, s, read_site);
	read_rows(r, "waits", SUMMARY_WAITS, s, read_wait);
}

/* ---- the whole ---- */

DEFINE_CLEANUP(struct summary *, summary_free);

/* Reads all, up to SUMMARY_BYTES. */
static int slurp(FILE *in, char **ret, size_t *ret_n)
{
	char *text = malloc(SUMMARY_BYTES + 1);
	size_t n = text ? fread(text, 1, SUMMARY_BYTES + 1, in) : 0;
	int err = !text ? -ENOMEM : ferror(in) ? -EIO : n > SUMMARY_BYTES ? -EFBIG : 0;

	if (err) {
		free(text);
		return err;
	}
	*ret = text;
	*ret_n = n;
	return 0;
}

static int complain(const struct reader *r, const char *wrong, char **ret_error)
{
	int n = r->array
			? asprintf(ret_error, "not understood: %s[%zu].%s", r->array, r->row, wrong)
			: asprintf(ret_error, "not understood: %s", wrong);

	if (n < 0)
		*ret_error = NULL;
	return -EPROTO;
}

int summary_read(FILE *in, struct summary **ret, char **ret_error)
{
	_cleanup_(summary_freep) struct summary *s = calloc(1, sizeof(*s));
	_cleanup_free_ char *text = NULL;
	struct reader r = {};
	size_t n;
	int err = s ? slurp(in, &text, &n) : -ENOMEM;

	*ret_error = NULL;
	if (err == -EFBIG)
		return complain(&r, "it is too much", ret_error);
	if (err)
		return err;
	s->json = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object((json_t *)s->json))
		return complain(&r, "it is no JSON object", ret_error);
	read_all(&r, s);
	if (r.wrong)
		return complain(&r, r.wrong, ret_error);
	*ret = TAKE_PTR(s);
	return 0;
}
