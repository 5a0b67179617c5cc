/* SPDX-License-Identifier: MIT
 *
 * The order that a program or its user has declared, by names. A nesting against it is a finding by
 * itself: the other order need not have been seen. What is declared of two names holds of all that lie
 * between them; two names that lie before each other say nothing.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/find.h"
#include "core/labels.h"

#define DECLARED_ARCS 64 /* of one link that are looked at */

struct declared {
	struct find *f;
	struct labels names;
	uint32_t n;         /* names */
	const char **words; /* of each name */
	bool *used;         /* some lock or class has it */
	uint32_t *first;    /* of each name, n + 1: where its rows of before[] start */
	uint32_t *before;   /* names declared directly before it */
	uint32_t *of_class, *of_lock; /* the name of each, or LOCKDAG_NONE */
	/* Names that come before the name `known` have mark == round. */
	uint32_t *mark, *queue, known, round;
};

static int declared_add_name(struct declared *d, const char *name, uint32_t *ret)
{
	int r;

	*ret = labels_find(&d->names, name);
	if (*ret != LOCKDAG_NONE)
		return 0;
	r = labels_add(&d->names, d->f->classes.strings, name, d->n);
	d->words[d->n] = name;
	*ret = d->n++;
	return r;
}

/* Names and their rows. */
static int declared_read(struct declared *d)
{
	size_t rows = d->f->m->declared.n;
	uint32_t *pairs = malloc((2 * rows + 1) * sizeof(*pairs));
	int r = pairs ? 0 : -ENOMEM;

	for (size_t i = 0; !r && i < rows; i++) {
		r = declared_add_name(d, d->f->m->declared.items[i].before, &pairs[2 * i]);
		if (!r)
			r = declared_add_name(d, d->f->m->declared.items[i].after, &pairs[2 * i + 1]);
	}
	for (size_t i = 0; !r && i < rows; i++)
		d->first[pairs[2 * i + 1] + 1]++;
	for (uint32_t i = 0; !r && i < d->n; i++)
		d->first[i + 1] += d->first[i];
	for (size_t i = 0; !r && i < rows; i++) /* queue: how many of each are there already */
		d->before[d->first[pairs[2 * i + 1]] + d->queue[pairs[2 * i + 1]]++] = pairs[2 * i];
	free(pairs);
	return r;
}

static uint32_t declared_name(struct declared *d, const char *name)
{
	uint32_t i = name ? labels_find(&d->names, name) : LOCKDAG_NONE;

	if (i != LOCKDAG_NONE)
		d->used[i] = true;
	return i;
}

static void declared_match(struct declared *d)
{
	const struct find *f = d->f;

	for (size_t i = 0; i < f->classes.items.n; i++)
		d->of_class[i] = declared_name(d, f->classes.items.items[i].name);
	for (size_t i = 0; i < f->m->locks.n; i++) {
		const struct lockdag_lock *l = &f->m->locks.items[i];

		d->of_lock[i] = l->flags & LOCKDAG_LOCK_MANY ? LOCKDAG_NONE
							     : declared_name(d, l->name);
	}
}

/* Is name x declared to come before name y, directly or over others? */
static bool declared_before(struct declared *d, uint32_t x, uint32_t y)
{
	size_t head = 0, tail = 0;

	if (d->known != y) {
		d->known = y;
		d->round++;
		d->queue[tail++] = y;
	}
	while (head < tail) {
		uint32_t at = d->queue[head++];

		for (uint32_t i = d->first[at]; i < d->first[at + 1]; i++) {
			if (d->mark[d->before[i]] == d->round)
				continue;
			d->mark[d->before[i]] = d->round;
			d->queue[tail++] = d->before[i];
		}
	}
	return d->mark[x] == d->round;
}

/* Was y held, x asked for, and x has to come first? */
static bool declared_broken(struct declared *d, uint32_t x, uint32_t y)
{
	return x != LOCKDAG_NONE && y != LOCKDAG_NONE && x != y && declared_before(d, x, y) &&
	       !declared_before(d, y, x);
}

static int declared_arc(struct declared *d, const struct arc *arc)
{
	const struct find *f = d->f;
	const struct lockdag_acquire *a;
	const struct lockdag_held *h;
	uint32_t asked, held;

	if (arc->held == LOCKDAG_NONE) /* asked for under an event: nobody held that */
		return 0;
	a = &f->m->acquires.items[arc->acquire];
	h = &f->m->held.items[a->held + arc->held];
	asked = d->of_class[f->classes.of_lock[a->lock]];
	held = d->of_class[f->classes.of_lock[h->lock]];
	if (!declared_broken(d, asked, held) && !declared_broken(d, d->of_lock[a->lock], held) &&
		!declared_broken(d, asked, d->of_lock[h->lock]) &&
		!declared_broken(d, d->of_lock[a->lock], d->of_lock[h->lock]))
		return 0;
	return misuse_add(d->f, &(struct lockdag_misuse){.thread = a->thread,
					.rule = LOCKDAG_MISUSE_DECLARED_ORDER,
					.lock = a->lock,
					.stack = a->stack,
					.with = h->lock,
					.other_thread = a->thread,
					.other_stack = h->stack,
					.other_with = LOCKDAG_NONE});
}

static int declared_graph(struct declared *d, const struct graph *g)
{
	int r = 0;

	for (size_t i = 0; !r && i < g->links.n; i++) {
		const struct link *l = &g->links.items[i];

		for (uint32_t k = 0; !r && k < l->n && k < DECLARED_ARCS; k++)
			r = declared_arc(d, &g->arcs.items[l->first + k]);
	}
	return r;
}

static int declared_unused(struct declared *d)
{
	for (uint32_t i = 0; i < d->n; i++) {
		const char **row = d->used[i] ? NULL : lockdag_vec_push(&d->f->unused);

		if (d->used[i])
			continue;
		if (!row)
			return -ENOMEM;
		*row = d->words[i];
	}
	return 0;
}

static int declared_alloc(struct declared *d)
{
	size_t names = 2 * d->f->m->declared.n + 1;

	d->known = LOCKDAG_NONE;
	d->words = malloc(names * sizeof(*d->words));
	d->used = calloc(names, sizeof(*d->used));
	d->first = calloc(names + 1, sizeof(*d->first));
	d->before = malloc(names * sizeof(*d->before));
	d->mark = calloc(names, sizeof(*d->mark));
	d->queue = calloc(names, sizeof(*d->queue));
	d->of_class = malloc((d->f->classes.items.n + 1) * sizeof(*d->of_class));
	d->of_lock = malloc((d->f->m->locks.n + 1) * sizeof(*d->of_lock));
	return d->words && d->used && d->first && d->before && d->mark && d->queue &&
			       d->of_class && d->of_lock
		       ? 0
		       : -ENOMEM;
}

int declared_find(struct find *f)
{
	struct declared d = {.f = f};
	int r;

	if (!f->m->declared.n)
		return 0;
	r = declared_alloc(&d);
	if (!r)
		r = declared_read(&d);
	if (!r) {
		declared_match(&d);
		r = declared_graph(&d, &f->by_class);
	}
	if (!r)
		r = declared_graph(&d, &f->by_instance);
	if (!r)
		r = declared_unused(&d);
	labels_done(&d.names);
	free(d.words);
	free(d.used);
	free(d.first);
	free(d.before);
	free(d.mark);
	free(d.queue);
	free(d.of_class);
	free(d.of_lock);
	return r;
}
