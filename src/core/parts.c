/* SPDX-License-Identifier: MIT */
#include "core/parts.h"

#include <errno.h>
#include <stdlib.h>

#define PARTS_MAX_PAIRS 8192 /* of a class: beyond, a recorder no longer tells all pairs apart */

/* One lock's place in one nesting. */
struct parts_side {
	uint32_t class_id;
	struct instance lock, partner;
	enum part part;
};

typedef LOCKDAG_VEC(struct parts_side) parts_side_vec;

static int parts_compare(const void *a, const void *b)
{
	const struct parts_side *x = a, *y = b;
	int r;

	if (x->class_id != y->class_id)
		return x->class_id < y->class_id ? -1 : 1;
	r = instance_compare(&x->lock, &y->lock);
	return r ? r : instance_compare(&x->partner, &y->partner);
}

/* Both sides of a nesting; a lock that cannot be told has no partner, and spoils its class. */
static int parts_add(parts_side_vec *v, const struct lockdag_model *m,
	const struct lockdag_acquire *a, const struct lockdag_held *h, uint32_t class_id)
{
	struct instance from = {.lock = h->lock}, to = {.lock = a->lock};
	bool known = !m->locks.items[a->lock].level && instance_get(m, h->lock, h->serial, a->thread, &from) &&
		     instance_get(m, a->lock, a->serial, a->thread, &to);
	struct parts_side *row;

	if (known && instance_equal(&from, &to))
		return 0;
	for (int inner = 0; inner < 2; inner++) {
		row = lockdag_vec_push(v);
		if (!row)
			return -ENOMEM;
		*row = (struct parts_side){.class_id = class_id,
			.lock = inner ? to : from,
			.partner = inner ? from : to,
			.part = known ? (inner ? PART_INNER : PART_OUTER) : PART_NONE};
	}
	return 0;
}

/* One lock's rows, to the next lock's: its part; PART_NONE: too few. false: on both sides. */
static bool parts_of_lock(const struct parts_side *s, size_t n, enum part *ret)
{
	size_t partners = 0;

	*ret = PART_NONE;
	for (size_t i = 0; i < n; i++) {
		if (s[i].part == PART_NONE || s[i].part != s[0].part)
			return false;
		partners += !i || instance_compare(&s[i - 1].partner, &s[i].partner);
	}
	if (partners >= PARTS_PARTNERS)
		*ret = s[0].part;
	return true;
}

static size_t parts_lock_end(const struct parts_side *s, size_t n, size_t from)
{
	size_t end = from + 1;

	while (end < n && !instance_compare(&s[end].lock, &s[from].lock))
		end++;
	return end;
}

/* One class's rows. */
static void parts_split(
	struct parts *p, const struct lockdag_model *m, const struct parts_side *s, size_t n)
{
	size_t shown[3] = {0}, end;
	enum part part;

	for (size_t i = 0; i < n; i = end) {
		end = parts_lock_end(s, n, i);
		if (!parts_of_lock(s + i, end - i, &part))
			return;
		shown[part]++;
	}
	if (n > 2 * PARTS_MAX_PAIRS || shown[PART_OUTER] < PARTS_LEAST ||
		shown[PART_INNER] < PARTS_LEAST)
		return;
	for (size_t i = 0; i < n; i = end) {
		end = parts_lock_end(s, n, i);
		parts_of_lock(s + i, end - i, &part);
		/* Of many locks with one row, each is observed once for all of them. */
		if (!(m->locks.items[s[i].lock.lock].flags & LOCKDAG_LOCK_MANY))
			p->of_lock[s[i].lock.lock] = (unsigned char)part;
	}
}

int parts_init(struct parts *p, const struct lockdag_model *m, const struct classes *c)
{
	parts_side_vec v = {0};
	size_t end;
	int r = 0;

	p->of_lock = calloc(m->locks.n + 1, 1);
	if (!p->of_lock)
		return -ENOMEM;
	for (size_t i = 0; !r && i < m->acquires.n; i++) {
		const struct lockdag_acquire *a = &m->acquires.items[i];
		uint32_t class_id = c->of_lock[a->lock];

		for (uint32_t k = 0; !r && k < a->n_held; k++) {
			const struct lockdag_held *h = &m->held.items[a->held + k];

			if (c->of_lock[h->lock] == class_id)
				r = parts_add(&v, m, a, h, class_id);
		}
	}
	if (!r && v.n)
		qsort(v.items, v.n, sizeof(*v.items), parts_compare);
	for (size_t i = 0; !r && i < v.n; i = end) {
		for (end = i; end < v.n && v.items[end].class_id == v.items[i].class_id;)
			end++;
		parts_split(p, m, v.items + i, end - i);
	}
	lockdag_vec_clear(&v);
	return r;
}

void parts_done(struct parts *p)
{
	free(p->of_lock);
}
