/* SPDX-License-Identifier: MIT
 *
 * A verdict becomes a finding: names, title, fingerprint, exemplars. It starts with the lock that
 * was held first in the earliest record, for that is how a person tells it; the fingerprint takes
 * the rotation whose keys come first, for that is the same in each run.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "core/find.h"

struct describe {
	struct find *f;
	const struct verdict *v;
	size_t start; /* the finding's lock 0 is held in exemplar start */
	struct nests nests;
};

static size_t describe_at(const struct describe *d, size_t i)
{
	return (d->start + i) % d->v->n;
}

static uint32_t describe_asked(const struct describe *d, const struct lockdag_exemplar *e)
{
	return exemplar_asking(d->f, e)->lock;
}

/* The one lock that all kept exemplars mean by lock i of the finding, or LOCKDAG_NONE. */
static uint32_t describe_one_lock(const struct describe *d, size_t i)
{
	const struct verdict *v = d->v;
	size_t out = describe_at(d, i), in = describe_at(d, i + v->n - 1);
	uint32_t lock = exemplar_under(d->f, &v->exemplars[out][0]).lock;

	for (size_t k = 0; k < v->n_exemplars[out]; k++) {
		if (exemplar_under(d->f, &v->exemplars[out][k]).lock != lock)
			return LOCKDAG_NONE;
	}
	for (size_t k = 0; k < v->n_exemplars[in]; k++) {
		if (describe_asked(d, &v->exemplars[in][k]) != lock)
			return LOCKDAG_NONE;
	}
	return d->f->m->locks.items[lock].flags & LOCKDAG_LOCK_MANY ? LOCKDAG_NONE : lock;
}

/* Fills l for a lock of a class; one: the very lock that is meant, or LOCKDAG_NONE. */
static int describe_lock(
	const struct describe *d, uint32_t lock, uint32_t one, struct lockdag_finding_lock *l)
{
	const struct lockdag_model *m = d->f->m;
	const struct lock_class *class;
	bool named;

	l->lock = lock;
	l->class_id = d->f->classes.of_lock[lock];
	class = &d->f->classes.items.items[l->class_id];
	l->type = class->type;
	l->where = m->locks.items[lock].where;
	if (one == LOCKDAG_NONE || !l->where)
		l->where = lock_birth(m, lock)->where;
	named = one != LOCKDAG_NONE && m->locks.items[one].name;
	l->name = strdup(named ? m->locks.items[one].name : class->name);
	l->key = strdup(class->key);
	return l->name && l->key ? 0 : -ENOMEM;
}

/* Lock i of the cycle. */
static int describe_own(const struct describe *d, size_t i, struct lockdag_finding_lock *l)
{
	uint32_t lock = exemplar_under(d->f, &d->v->exemplars[describe_at(d, i)][0]).lock;

	return describe_lock(d, lock, d->v->instances ? lock : describe_one_lock(d, i), l);
}

/* A lock that was taken between, by the scenario's exemplar of link i. */
static int describe_between(
	const struct describe *d, size_t i, uint32_t row, struct lockdag_finding_lock *l)
{
	const struct lockdag_model *m = d->f->m;
	const struct lockdag_exemplar *e = &d->v->exemplars[describe_at(d, i)][0];
	uint32_t lock = m->held.items[exemplar_asking(d->f, e)->held + row].lock;
	bool many = m->locks.items[lock].flags & LOCKDAG_LOCK_MANY;

	l->between = true;
	return describe_lock(d, lock, many ? LOCKDAG_NONE : lock, l);
}

/* Locks of one class that go by one name get numbers, or nobody could tell them apart. */
static int describe_number(struct lockdag_finding *finding)
{
	for (size_t i = 0; i < finding->n_locks; i++) {
		size_t same = 0, number = 1;
		char *name;

		for (size_t k = 0; k < finding->n_locks; k++)
			same += !strcmp(finding->locks[k].name, finding->locks[i].name);
		if (same < 2)
			continue;
		name = strdup(finding->locks[i].name);
		if (!name)
			return -ENOMEM;
		for (size_t k = i; k < finding->n_locks; k++) {
			struct lockdag_finding_lock *l = &finding->locks[k];
			char *numbered;

			if (strcmp(l->name, name))
				continue;
			numbered = lockdag_textf("%s #%zu", name, number++);
			if (!numbered) {
				free(name);
				return -ENOMEM;
			}
			free(l->name);
			l->name = numbered;
		}
		free(name);
	}
	return 0;
}

struct lockdag_exemplar describe_exemplar(const struct find *f, struct lockdag_exemplar e)
{
	size_t n = f->m->acquires.n;

	if (e.acquire >= n) {
		const struct asking *x = &f->events.more[e.acquire - n];

		e = (struct lockdag_exemplar){
			x->acquire, LOCKDAG_NONE, x->row, x->discharge, LOCKDAG_NONE};
	}
	return e;
}

/* The links of the nest of link i of the cycle: from lock first of the finding on. */
static int describe_links(
	const struct describe *d, size_t i, size_t first, size_t n_all, struct lockdag_link *links)
{
	size_t at = describe_at(d, i), n = d->v->n_exemplars[at];

	for (size_t hop = 0; hop <= d->nests.n[i]; hop++) {
		struct lockdag_link *link = &links[first + hop];

		link->from = (uint32_t)(first + hop);
		link->to = (uint32_t)((first + hop + 1) % n_all);
		link->context = (uint32_t)i;
		link->through = d->v->way[at].through;
		link->by = d->v->way[at].by;
		link->exemplars = malloc(n * sizeof(*link->exemplars));
		if (!link->exemplars)
			return -ENOMEM;
		for (size_t k = 0; k < n; k++) {
			struct lockdag_exemplar e = d->v->exemplars[at][k];
			uint32_t rows[NEST_MAX];

			if (!nest_alike(d->f, d->v, d->start, i, k, &d->nests, rows))
				continue;
			if (hop > 0)
				e.held = rows[hop - 1];
			if (hop < d->nests.n[i])
				e.asked = rows[hop];
			link->exemplars[link->n_exemplars++] = describe_exemplar(d->f, e);
		}
	}
	return 0;
}

/* Do the keys from lock a on come before those from lock b on? */
static bool describe_rotation_less(
	const struct lockdag_finding_lock *const *locks, size_t n, size_t a, size_t b)
{
	for (size_t i = 0; i < n; i++) {
		int order = strcmp(locks[(a + i) % n]->key, locks[(b + i) % n]->key);

		if (order)
			return order < 0;
	}
	return false;
}

/* Of the cycle's own locks. */
static uint64_t describe_id(const struct lockdag_finding *finding, uint64_t seed)
{
	const struct lockdag_finding_lock *locks[PICK_MAX_LENGTH];
	size_t first = 0, n = 0;

	for (size_t i = 0; i < finding->n_locks; i++) {
		if (!finding->locks[i].between)
			locks[n++] = &finding->locks[i];
	}
	for (size_t i = 1; i < n; i++) {
		if (describe_rotation_less(locks, n, i, first))
			first = i;
	}
	seed = seed ? seed : LOCKDAG_HASH_SEED;
	for (size_t i = 0; i < n; i++)
		seed = lockdag_hash_string(seed, locks[(first + i) % n]->key);
	return seed;
}

/* "a -> b -> a"; what a link leads through stands in between: "a -> SIGINT handler -> a" */
static char *describe_title(const struct find *f, const struct lockdag_finding *finding)
{
	struct lockdag_text t = {0};

	for (size_t i = 0; i < finding->n_locks; i++) {
		const struct lockdag_link *l = &finding->links[i];

		lockdag_text_addf(&t, "%s -> ", finding->locks[i].name);
		if (l->through == LOCKDAG_THROUGH_HANDLER)
			lockdag_text_addf(&t, "%s -> ",
				f->classes.items.items[f->classes.of_lock[l->by]].name);
		else if (l->through == LOCKDAG_THROUGH_FORK)
			lockdag_text_add(&t, "fork -> ");
	}
	lockdag_text_add(&t, finding->locks[0].name);
	return lockdag_text_take(&t);
}

static char *describe_reason(const struct describe *d, const struct lockdag_finding *finding)
{
	struct lockdag_finding_lock own[PICK_MAX_LENGTH];
	size_t n = 0;

	for (size_t i = 0; i < finding->n_locks; i++) {
		if (!finding->locks[i].between)
			own[n++] = finding->locks[i];
	}
	return reason_sentence(d->f, d->v, d->start, own, &d->nests);
}

static int describe_fill(struct describe *d, struct lockdag_finding *finding)
{
	size_t n = d->v->n, at = 0, row = 0;
	int r = 0;

	nest_find(d->f, d->v, d->start, &d->nests);
	for (size_t i = 0; i < d->v->n; i++)
		n += d->nests.n[i];
	finding->locks = calloc(n, sizeof(*finding->locks));
	finding->links = calloc(n, sizeof(*finding->links));
	if (!finding->locks || !finding->links)
		return -ENOMEM;
	finding->n_locks = n;
	for (size_t i = 0; !r && i < d->v->n; i++) {
		r = describe_links(d, i, at, n, finding->links);
		if (!r)
			r = describe_own(d, i, &finding->locks[at++]);
		for (size_t k = 0; !r && k < d->nests.n[i]; k++)
			r = describe_between(d, i, d->nests.rows[row++], &finding->locks[at++]);
	}
	if (!r)
		r = describe_number(finding);
	if (r)
		return r;
	finding->id = describe_id(finding, d->v->seed);
	finding->title = describe_title(d->f, finding);
	finding->reason = describe_reason(d, finding);
	return finding->title && finding->reason ? 0 : -ENOMEM;
}

int describe_add(struct find *f, const struct verdict *verdict)
{
	struct verdict flat;
	const struct verdict *v = contexts_flatten(f, verdict, &flat) ? &flat : verdict;
	struct describe d = {.f = f, .v = v};
	struct lockdag_finding finding = {.kind = LOCKDAG_FINDING_CYCLE,
		.grade = v->grade,
		.ruled = v->ruled,
		.writer = v->writer};
	struct lockdag_finding *row;
	int r;

	/* Under a lock before under an event. */
	for (size_t i = 1; i < v->n; i++) {
		const struct lockdag_exemplar *e = &v->exemplars[i][0];
		const struct lockdag_exemplar *start = &v->exemplars[d.start][0];
		bool event = e->held == LOCKDAG_NONE, start_event = start->held == LOCKDAG_NONE;

		if (event != start_event ? start_event : e->acquire < start->acquire)
			d.start = i;
	}
	r = describe_fill(&d, &finding);
	row = r ? NULL : lockdag_vec_push(&f->findings);
	if (!row) {
		describe_free(&finding);
		return -ENOMEM;
	}
	*row = finding;
	return 0;
}

void describe_free(struct lockdag_finding *finding)
{
	for (size_t i = 0; i < finding->n_locks; i++) {
		free(finding->locks[i].name);
		free(finding->locks[i].key);
		if (finding->links) /* a misuse has none */
			free(finding->links[i].exemplars);
	}
	free(finding->locks);
	free(finding->links);
	free(finding->title);
	free(finding->reason);
}
