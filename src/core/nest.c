/* SPDX-License-Identifier: MIT
 *
 * The search closes a cycle over the fewest locks: a thread that nests disk, inode and journal
 * against one that nests journal and disk gives disk -> journal -> disk. People want the order as
 * it was taken, disk -> inode -> journal -> disk. What is added here changes no verdict and no id.
 */
#include <string.h>

#include "core/find.h"

/* Would the row, as one more lock of the finding, say what the finding says already? */
static bool nest_is_known(const struct find *f, const struct verdict *v,
	const struct lockdag_held *row, const struct lockdag_held *other)
{
	if (!v->instances)
		return f->classes.of_lock[row->lock] == f->classes.of_lock[other->lock];
	return row->lock == other->lock && row->serial == other->serial;
}

/* Locks that libc holds while it runs somebody else's functions: the stacks say so. */
static bool nest_is_libc(const struct find *f, uint32_t lock)
{
	enum lockdag_lock_type type = lock_birth(f->m, lock)->type;

	return type == LOCKDAG_LOCK_LOADER || type == LOCKDAG_LOCK_EXIT;
}

/* A once that joins a thread (std::async's future does it so) is how the join is done, not a lock more. */
static bool nest_is_join_once(const struct find *f, const struct lockdag_acquire *a, uint32_t lock)
{
	enum lockdag_lock_type type = lock_birth(f->m, lock)->type;

	return (type == LOCKDAG_LOCK_ONCE || type == LOCKDAG_LOCK_ONCE_FLAG) &&
	       lock_birth(f->m, a->lock)->type == LOCKDAG_LOCK_THREAD;
}

/* The held rows between the two locks of an exemplar that wait and are not in the cycle. Returns
 * how many; rows gets the first NEST_MAX. */
static size_t nest_rows(const struct find *f, const struct verdict *v,
	const struct lockdag_exemplar *e, uint32_t rows[NEST_MAX])
{
	const struct lockdag_acquire *a = exemplar_asking(f, e);
	const struct lockdag_held *held = &f->m->held.items[a->held];
	size_t n = 0;

	if (e->held == LOCKDAG_NONE || e->holder != LOCKDAG_NONE) /* under an event, not in a nest */
		return 0;
	if (a->n_held > e->held + 1 + NEST_MAX) /* nobody reads that many, of one class or not */
		return a->n_held - e->held - 1;
	for (uint32_t k = e->held + 1; k < a->n_held; k++) {
		bool known = !filters_held_waits(f->m, a, k) || nest_is_libc(f, held[k].lock) ||
			     nest_is_join_once(f, a, held[k].lock);

		for (size_t i = 0; !known && i < v->n; i++) {
			struct lockdag_held own = exemplar_under(f, &v->exemplars[i][0]);

			known = nest_is_known(f, v, &held[k], &own);
		}
		for (size_t i = 0; !known && i < n && i < NEST_MAX; i++)
			known = nest_is_known(f, v, &held[k], &held[rows[i]]);
		if (known)
			continue;
		if (n < NEST_MAX)
			rows[n] = k;
		n++;
	}
	return n;
}

/* Leaves out what an earlier link's nest has. */
static size_t nest_new_rows(const struct find *f, const struct verdict *v, size_t start,
	const struct nests *nests, size_t link, uint32_t *rows, size_t n)
{
	const struct lockdag_exemplar *e = &v->exemplars[(start + link) % v->n][0];
	const struct lockdag_held *held = &f->m->held.items[exemplar_asking(f, e)->held];
	size_t kept = 0;

	for (size_t k = 0; k < n; k++) {
		bool known = false;
		size_t at = 0;

		for (size_t i = 0; i < link; i++) {
			const struct lockdag_exemplar *other = &v->exemplars[(start + i) % v->n][0];
			uint32_t first = exemplar_asking(f, other)->held;

			for (size_t r = 0; r < nests->n[i]; r++, at++)
				known |= nest_is_known(f, v, &held[rows[k]],
					&f->m->held.items[first + nests->rows[at]]);
		}
		if (!known)
			rows[kept++] = rows[k];
	}
	return kept;
}

void nest_find(const struct find *f, const struct verdict *v, size_t start, struct nests *ret)
{
	size_t all = 0, seen = 0;

	memset(ret, 0, sizeof(*ret));
	if (v->n < 2 || v->grade < LOCKDAG_POSSIBLE)
		return;
	for (size_t i = 0; i < v->n; i++) {
		uint32_t rows[NEST_MAX];
		size_t n = nest_rows(f, v, &v->exemplars[(start + i) % v->n][0], rows);

		ret->dropped[i] = n;
		seen += n;
		if (seen > NEST_MAX)
			continue;
		n = nest_new_rows(f, v, start, ret, i, rows, n);
		memcpy(&ret->rows[all], rows, n * sizeof(*rows));
		ret->n[i] = n;
		all += n;
	}
	memset(seen > NEST_MAX ? ret->n : ret->dropped, 0, sizeof(ret->n));
}

bool nest_alike(const struct find *f, const struct verdict *v, size_t start, size_t i, size_t k,
	const struct nests *nests, uint32_t rows[NEST_MAX])
{
	const struct lockdag_exemplar *first = &v->exemplars[(start + i) % v->n][0];
	const struct lockdag_exemplar *e = &v->exemplars[(start + i) % v->n][k];
	size_t at = 0, n = 0;

	for (size_t link = 0; link < i; link++)
		at += nests->n[link];
	if (k == 0) {
		memcpy(rows, &nests->rows[at], nests->n[i] * sizeof(*rows));
		return true;
	}
	if (e->held == LOCKDAG_NONE || e->holder != LOCKDAG_NONE)
		return !nests->n[i];
	/* Rows of the same classes, in the same order; others may stand among them. */
	for (uint32_t row = e->held + 1; row < e->asked && n < nests->n[i]; row++) {
		const struct lockdag_acquire *a = exemplar_asking(f, e);
		uint32_t want = exemplar_asking(f, first)->held + nests->rows[at + n];

		if (f->classes.of_lock[f->m->held.items[a->held + row].lock] ==
			f->classes.of_lock[f->m->held.items[want].lock])
			rows[n++] = row;
	}
	return n == nests->n[i];
}
