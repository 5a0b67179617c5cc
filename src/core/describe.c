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
};

static size_t describe_at(const struct describe *d, size_t i)
{
	return (d->start + i) % d->v->n;
}

static uint32_t describe_asked(const struct describe *d, const struct lockdag_exemplar *e)
{
	return d->f->m->acquires.items[e->acquire].lock;
}

/* The one lock that all kept exemplars mean by lock i of the finding, or LOCKDAG_NONE. */
static uint32_t describe_one_lock(const struct describe *d, size_t i)
{
	const struct verdict *v = d->v;
	size_t out = describe_at(d, i), in = describe_at(d, i + v->n - 1);
	uint32_t lock = exemplar_held(d->f->m, &v->exemplars[out][0])->lock;

	for (size_t k = 0; k < v->n_exemplars[out]; k++) {
		if (exemplar_held(d->f->m, &v->exemplars[out][k])->lock != lock)
			return LOCKDAG_NONE;
	}
	for (size_t k = 0; k < v->n_exemplars[in]; k++) {
		if (describe_asked(d, &v->exemplars[in][k]) != lock)
			return LOCKDAG_NONE;
	}
	return d->f->m->locks.items[lock].flags & LOCKDAG_LOCK_MANY ? LOCKDAG_NONE : lock;
}

static int describe_lock(const struct describe *d, size_t i, struct lockdag_finding_lock *l)
{
	const struct lockdag_model *m = d->f->m;
	const struct lockdag_exemplar *e = &d->v->exemplars[describe_at(d, i)][0];
	uint32_t one = describe_one_lock(d, i);
	const struct lock_class *class;
	bool named;

	l->lock = exemplar_held(m, e)->lock;
	if (d->v->instances)
		one = l->lock;
	l->class_id = d->f->classes.of_lock[l->lock];
	class = &d->f->classes.items.items[l->class_id];
	l->type = class->type;
	l->where = m->locks.items[l->lock].where;
	if (one == LOCKDAG_NONE || !l->where)
		l->where = lock_birth(m, l->lock)->where;
	named = one != LOCKDAG_NONE && m->locks.items[one].name;
	l->name = strdup(named ? m->locks.items[one].name : class->name);
	l->key = strdup(class->key);
	return l->name && l->key ? 0 : -ENOMEM;
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

static int describe_link(const struct describe *d, size_t i, struct lockdag_link *link)
{
	size_t at = describe_at(d, i), n = d->v->n_exemplars[at];

	link->from = (uint32_t)i;
	link->to = (uint32_t)((i + 1) % d->v->n);
	link->context = (uint32_t)i;
	link->exemplars = malloc(n * sizeof(*link->exemplars));
	if (!link->exemplars)
		return -ENOMEM;
	memcpy(link->exemplars, d->v->exemplars[at], n * sizeof(*link->exemplars));
	link->n_exemplars = n;
	return 0;
}

/* Do the keys from lock a on come before those from lock b on? */
static bool describe_rotation_less(const struct lockdag_finding *finding, size_t a, size_t b)
{
	size_t n = finding->n_locks;

	for (size_t i = 0; i < n; i++) {
		int order =
			strcmp(finding->locks[(a + i) % n].key, finding->locks[(b + i) % n].key);

		if (order)
			return order < 0;
	}
	return false;
}

static uint64_t describe_id(const struct lockdag_finding *finding)
{
	uint64_t id = LOCKDAG_HASH_SEED;
	size_t first = 0;

	for (size_t i = 1; i < finding->n_locks; i++) {
		if (describe_rotation_less(finding, i, first))
			first = i;
	}
	for (size_t i = 0; i < finding->n_locks; i++)
		id = lockdag_hash_string(id, finding->locks[(first + i) % finding->n_locks].key);
	return id;
}

static char *describe_title(const struct lockdag_finding *finding)
{
	struct lockdag_text t = {0};

	for (size_t i = 0; i < finding->n_locks; i++)
		lockdag_text_addf(&t, "%s -> ", finding->locks[i].name);
	lockdag_text_add(&t, finding->locks[0].name);
	return lockdag_text_take(&t);
}

static int describe_fill(struct describe *d, struct lockdag_finding *finding)
{
	int r = 0;

	finding->locks = calloc(d->v->n, sizeof(*finding->locks));
	finding->links = calloc(d->v->n, sizeof(*finding->links));
	if (!finding->locks || !finding->links)
		return -ENOMEM;
	finding->n_locks = d->v->n;
	for (size_t i = 0; !r && i < d->v->n; i++) {
		r = describe_lock(d, i, &finding->locks[i]);
		if (!r)
			r = describe_link(d, i, &finding->links[i]);
	}
	if (!r)
		r = describe_number(finding);
	if (r)
		return r;
	finding->id = describe_id(finding);
	finding->title = describe_title(finding);
	finding->reason = reason_sentence(d->f, d->v, d->start, finding->locks);
	return finding->title && finding->reason ? 0 : -ENOMEM;
}

int describe_add(struct find *f, const struct verdict *v)
{
	struct describe d = {f, v, 0};
	struct lockdag_finding finding = {.kind = LOCKDAG_FINDING_CYCLE,
		.grade = v->grade,
		.ruled = v->ruled,
		.writer = v->writer};
	struct lockdag_finding *row;
	int r;

	for (size_t i = 1; i < v->n; i++) {
		if (v->exemplars[i][0].acquire < v->exemplars[d.start][0].acquire)
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
		free(finding->links[i].exemplars);
	}
	free(finding->locks);
	free(finding->links);
	free(finding->title);
	free(finding->reason);
}
