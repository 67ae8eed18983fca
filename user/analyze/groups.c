// SPDX-License-Identifier: GPL-2.0-only
/* groups.c - processes by what they run, and the counters that outlive them.
 *
 * Pure. A process is its id and its start; between two looks the events alone say when it
 * ended, and what they do not say, because they were lost, the next look does. */
#include "analyze/groups.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/accumulate.h"
#include "analyze/groups_pattern.h"
#include "analyze/groups_table.h"
#include "analyze/gowaits.h"

#define UNSEEN_MAX 16384 /* processes of which only events are known; one more is "other" */

struct member {
	__u64 started; /* of the process; 0: not known */
	__u32 tgid;
	__s32 alive;	 /* threads, by the events */
	__u32 look;	 /* number of the last that saw it; 0: none yet */
	bool from_start; /* its first birth was seen, so alive is right unless events were lost */
	struct groups_tally fresh;    /* before it was named */
	struct groups_record *record; /* NULL: not named */
	UT_hash_handle hh;
};

struct groups {
	char *pattern;
	bool units;
	size_t limit;
	struct member *members; /* by tgid */
	size_t unseen;		/* of those, no look saw */
	struct groups_table table;
};

struct groups *groups_new(const char *pattern, bool units, size_t limit)
{
	struct groups *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->units = units;
	g->limit = limit;
	g->pattern = strdup(pattern);
	if (groups_table_init(&g->table, limit) || !g->pattern) {
		groups_free(g);
		return NULL;
	}
	return g;
}

void groups_free(struct groups *g)
{
	struct member *m, *next;

	if (!g)
		return;
	HASH_ITER (hh, g->members, m, next) {
		HASH_DEL(g->members, m);
		free(m);
	}
	groups_table_free(&g->table);
	free(g->pattern);
	free(g);
}

bool groups_are(const struct groups *g, const char *pattern, bool units, size_t limit)
{
	return !strcmp(g->pattern, pattern) && g->units == units && g->limit == limit;
}

/* ---- processes come and go ---- */

static struct member *find(const struct groups *g, __u32 tgid)
{
	struct member *m;

	HASH_FIND(hh, g->members, &tgid, sizeof(tgid), m);
	return m;
}

static struct member *add(struct groups *g, __u32 tgid, __u64 started)
{
	struct member *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->tgid = tgid;
	m->started = started;
	HASH_ADD(hh, g->members, tgid, sizeof(m->tgid), m);
	if (!m->hh.tbl) {
		free(m);
		return NULL;
	}
	g->unseen++;
	return m;
}

static void count(struct groups *g, struct member *m, struct groups_tally n)
{
	if (m && !m->record) {
		m->fresh.born += n.born;
		m->fresh.ended += n.ended;
		return;
	}
	groups_table_count(&g->table, m ? m->record : g->table.other, n);
}

/* What happened before the name was known goes where it belongs. */
static void attach(struct groups *g, struct member *m, struct groups_record *r)
{
	if (m->record)
		m->record->processes--;
	m->record = r;
	r->processes++;
	count(g, m, m->fresh);
	m->fresh = (struct groups_tally){};
}

static void drop(struct groups *g, struct member *m)
{
	if (!m->record)
		attach(g, m, g->table.other);
	m->record->processes--;
	g->unseen -= !m->look;
	HASH_DEL(g->members, m);
	free(m);
}

static bool is_same(const struct member *m, __u64 started)
{
	return !m->started || !started || m->started == started;
}

/* The process with this id, if it is not an older one. */
static struct member *find_same(struct groups *g, __u32 tgid, __u64 started)
{
	struct member *m = find(g, tgid);

	if (!m || is_same(m, started)) {
		if (m && started)
			m->started = started;
		return m;
	}
	drop(g, m);
	return NULL;
}

/* That of an event, which may be all that is ever known of it. */
static int member_of(struct groups *g, __u32 tgid, struct member **ret)
{
	struct member *m = find(g, tgid);

	if (!m && g->unseen < UNSEEN_MAX) {
		m = add(g, tgid, 0);
		if (!m)
			return -ENOMEM;
	}
	*ret = m;
	return 0;
}

/* ---- events ---- */

int groups_birth(struct groups *g, const struct wire_birth *e)
{
	bool leads = e->head.tid == e->tgid;
	struct member *m = find(g, e->tgid);
	int err;

	if (leads && m && m->started != e->started) {
		drop(g, m);
		m = NULL;
	}
	err = m ? 0 : member_of(g, e->tgid, &m);
	if (err)
		m = NULL;
	if (m && leads && !m->started) {
		m->started = e->started;
		m->from_start = true;
	}
	if (m)
		m->alive++;
	count(g, m, (struct groups_tally){ .born = 1 });
	return err;
}

int groups_death(struct groups *g, const struct wire_death *e)
{
	struct member *m = NULL;
	int err = member_of(g, e->tgid, &m);

	count(g, m, (struct groups_tally){ .ended = 1 });
	if (m && --m->alive <= 0 && m->from_start)
		drop(g, m);
	return err;
}

int groups_exec(struct groups *g, const struct wire_exec *e)
{
	struct member *m = find(g, e->tgid);

	if (!m || !m->record)
		return 0;
	m->record->processes--;
	m->record = NULL;
	return 0;
}

/* ---- names ---- */

bool groups_wants(const struct groups *g, __u32 tgid, __u64 started)
{
	const struct member *m = find(g, tgid);

	return !m || !is_same(m, started) || !m->record;
}

int groups_tell(struct groups *g, const struct group_name *name)
{
	struct member *m = find_same(g, name->tgid, name->started);
	char label[GROUPS_NAME], unit[GROUPS_NAME] = "";
	struct groups_record *r;

	if (!m)
		m = add(g, name->tgid, name->started);
	if (g->units)
		groups_pattern_unit(unit, name);
	r = groups_table_record(&g->table, groups_pattern_expand(label, g->pattern, name), unit);
	if (!m || !r)
		return -ENOMEM;
	attach(g, m, r);
	return 0;
}

/* ---- a look ---- */

static int see(struct groups *g, const struct world *w, __u32 tgid, struct member **ret)
{
	const struct wire_thread *leader = world_thread(w, tgid);
	__u64 started = leader ? leader->started : 0;
	struct member *m = find_same(g, tgid, started);

	if (!m)
		m = add(g, tgid, started);
	if (!m)
		return -ENOMEM;
	g->unseen -= !m->look;
	m->look = g->table.look;
	*ret = m;
	return 0;
}

static struct groups_record *record_of(const struct groups *g, __u32 tgid)
{
	const struct member *m = find(g, tgid);

	return m && m->record ? m->record : g->table.other;
}

static bool is_stuck(enum verdict_class class, enum confidence confidence)
{
	return class >= CLASS_DEADLOCK && class < CLASS_COUNT && confidence >= CONFIDENCE_LIKELY;
}

static int count_threads(struct groups *g, const struct verdicts *v)
{
	const struct world *w = v->world;
	struct member *m = NULL;
	int err = 0;

	for (size_t i = 0; i < w->threads.n; i++) {
		__u32 tgid = w->threads.v[i].tgid;

		if ((!m || m->tgid != tgid) && see(g, w, tgid, &m)) {
			m = NULL;
			err = -ENOMEM;
		}
		(m && m->record ? m->record : g->table.other)->threads++;
	}
	for (size_t i = 0; i < v->judged.n; i++) {
		const struct judged *j = &v->judged.v[i];

		record_of(g, j->thread->tgid)->stuck += is_stuck(j->class, j->confidence);
	}
	for (size_t i = 0; i < v->findings.n; i++) {
		const struct finding *f = &v->findings.v[i];

		if (is_stuck(f->class, f->confidence))
			record_of(g, f->pid)->stuck += f->goroutines.n + f->others;
	}
	return err;
}

/* Those that the look did not see are gone; but for those that were born after it. */
static void drop_gone(struct groups *g, const struct world *w)
{
	struct member *m, *next;

	HASH_ITER (hh, g->members, m, next)
		if (m->look != g->table.look && m->started < w->boot_time)
			drop(g, m);
}

static void show_judged(struct groups *g, const struct verdicts *v, const struct judged *j)
{
	struct group *shown = groups_table_shown(&g->table, record_of(g, j->thread->tgid));
	enum wait_kind kind = j->wait.kind;

	if (!shown || j->class == CLASS_NONE || j->class >= CLASS_COUNT || kind >= WAIT_KIND_COUNT)
		return;
	if (verdict_blocked(v, j)) {
		shown->blocked[kind]++;
		if (shown->age_max_ns[kind] < j->age_ns)
			shown->age_max_ns[kind] = j->age_ns;
	}
	if (j->class >= CLASS_DEADLOCK && j->confidence <= CONFIDENCE_PROVEN)
		shown->stuck[j->class][j->confidence]++;
}

/* A finding of this class stands at its site. */
static void show_growth(struct groups *g, const struct world *w, const struct finding *f)
{
	struct group *shown = groups_table_shown(&g->table, record_of(g, f->pid));

	if (!shown || f->class != CLASS_ACCUMULATING || !is_stuck(f->class, f->confidence))
		return;
	for (size_t i = 0; i < w->past.sites.n; i++) {
		const struct site *s = &w->past.sites.v[i];

		if (s->tgid == f->pid && s->id == f->place)
			*(s->made_at ? &shown->growth_go : &shown->growth) += accumulate_rate(s);
	}
}

static void show_program(struct groups *g, const struct go_process *p)
{
	struct group *shown = groups_table_shown(&g->table, record_of(g, p->tgid));
	const char *why;

	if (!shown || !(p->bits & GO_READ))
		return;
	shown->go = true;
	shown->go_judged |= gowaits_searched(p, &why);
	shown->goroutines += p->goroutines;
}

static void show_goroutines(struct groups *g, const struct finding *f)
{
	struct group *shown = groups_table_shown(&g->table, record_of(g, f->pid));

	if (!shown || !f->goroutines.n || f->class >= CLASS_COUNT ||
	    f->confidence > CONFIDENCE_PROVEN)
		return;
	shown->go_judged |= f->class == CLASS_UNREACHABLE;
	shown->stuck_go[f->class][f->confidence] += verdict_count(f);
}

int groups_look(struct groups *g, const struct verdicts *v)
{
	int err, err_end;

	groups_table_begin(&g->table);
	err = count_threads(g, v);
	drop_gone(g, v->world);
	err_end = groups_table_end(&g->table);
	for (size_t i = 0; i < v->judged.n; i++)
		show_judged(g, v, &v->judged.v[i]);
	for (size_t i = 0; i < v->findings.n; i++)
		show_growth(g, v->world, &v->findings.v[i]);
	for (size_t i = 0; i < v->world->go_processes.n; i++)
		show_program(g, &v->world->go_processes.v[i]);
	for (size_t i = 0; i < v->findings.n; i++)
		show_goroutines(g, &v->findings.v[i]);
	return err ? err : err_end;
}

const struct group *groups_all(const struct groups *g, size_t *ret_n)
{
	*ret_n = g->table.n;
	return g->table.all;
}
