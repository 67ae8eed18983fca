// SPDX-License-Identifier: GPL-2.0-only
/* ignore.c - findings of processes that nobody wants to hear of: they are known already. */
#include "ignore.h"

#include "analyze/confirm.h"
#include "base/comm.h"

static bool is_named(const struct verdicts *v, __u32 tgid, const struct ignore *ignore)
{
	const struct wire_thread *leader = world_thread(v->world, tgid);

	return leader && comm_matches(leader->comm, ignore->patterns, ignore->n);
}

/* A ring through several processes is of interest as long as one of them is. */
static bool is_ignored(const struct verdicts *v, const struct finding *f,
		       const struct ignore *ignore)
{
	for (size_t i = 0; i < f->members.n; i++)
		if (!is_named(v, v->judged.v[f->members.v[i]].thread->tgid, ignore))
			return false;
	return is_named(v, f->pid, ignore);
}

static void drop(struct verdicts *v, struct finding *f)
{
	for (size_t i = 0; i < f->members.n; i++)
		confirm_let_go(&v->judged.v[f->members.v[i]], "findings of its process are ignored",
			       "Whoever asked wants to hear nothing of it (--ignore).");
	for (size_t i = 0; i < f->goroutines.n; i++)
		v->goroutines.v[f->goroutines.v[i]].finding = 0;
	confirm_clear(f);
}

bool ignore_all(const struct verdicts *v, const struct ignore *ignore)
{
	for (size_t i = 0; i < v->findings.n; i++)
		if (!ignore->n || !is_ignored(v, &v->findings.v[i], ignore))
			return false;
	return true;
}

void ignore_findings(struct verdicts *v, const struct ignore *ignore)
{
	size_t n = 0;

	if (!ignore->n)
		return;
	for (size_t i = 0; i < v->findings.n; i++) {
		if (is_ignored(v, &v->findings.v[i], ignore))
			drop(v, &v->findings.v[i]);
		else
			v->findings.v[n++] = v->findings.v[i];
	}
	v->findings.n = n;
	confirm_number(v);
	confirm_count(v);
}
