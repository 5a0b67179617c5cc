/* SPDX-License-Identifier: MIT
 *
 * The place that made an edge, as far as the stacks of a report tell. They show where the inner
 * lock is asked for; where the outer one was taken is printed for the new edge alone. Elsewhere a
 * function that was seen to take the outer lock, by whatever report, and is among the inner one's
 * callers, did both.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "kernel/union.h"

#define SITE_COST 30u
#define SITE_CORE 15u  /* more: it has callers everywhere, which three changes of drivers outweigh \
			*/
#define SITE_MODULE 4u /* less: its own business */
#define SITE_BUILT_IN 1u    /* more: nobody knows whose it is */
#define SITE_CLOSING 3u     /* less: history cut the new edge in half of the cases */
#define SITE_BOTH 2u        /* less: it is known what to change */
#define SITE_DEPTH 4u       /* the most that frames between function and lock add */
#define SITE_OWNER_REACH 8u /* frames in which a module's function is looked for */

static bool site_usable(const struct lockdag_kframe *f)
{
	return f->function && !f->unreliable;
}

static bool site_same_function(const char *a, const char *b)
{
	size_t n = names_function(a);

	return n == names_function(b) && !memcmp(a, b, n);
}

static bool site_takes(const struct union_node *node, const char *function)
{
	for (size_t i = 0; i < node->n_takers; i++)
		if (site_same_function(node->takers[i], function))
			return true;
	return false;
}

/* The innermost frame that does more than to take a lock; n: none. */
static size_t site_own(const struct lockdag_kstack *stack)
{
	for (size_t i = 0; i < stack->n; i++)
		if (site_usable(&stack->frames[i]) && !names_is_api(stack->frames[i].function))
			return i;
	return stack->n;
}

/* The innermost frame of the function that took the outer lock; n: it is not among the callers. */
static size_t site_both(const struct lockdag_kstack *stack, size_t own,
	const struct union_node *from, const struct union_step *step)
{
	for (size_t i = own; step->held_at && i < stack->n; i++)
		if (site_usable(&stack->frames[i]) &&
			site_same_function(stack->frames[i].function, step->held_at->function))
			return i;
	for (size_t i = own; !step->held_at && i < stack->n; i++)
		if (site_usable(&stack->frames[i]) && site_takes(from, stack->frames[i].function))
			return i;
	return stack->n;
}

/* Of a driver that calls into core code: the driver's function. */
static size_t site_module(const struct lockdag_kstack *stack, size_t own)
{
	for (size_t i = own; i < stack->n && i < own + SITE_OWNER_REACH; i++)
		if (site_usable(&stack->frames[i]) && stack->frames[i].module)
			return i;
	return own;
}

static const char *site_callee(const struct lockdag_kstack *stack, size_t at)
{
	while (at-- > 0)
		if (site_usable(&stack->frames[at]))
			return names_is_api(stack->frames[at].function)
				       ? NULL
				       : stack->frames[at].function;
	return NULL;
}

static void site_from_frame(struct union_place *p, const struct lockdag_kframe *f)
{
	p->function = f->function;
	p->function_n = names_function(f->function);
	p->module = f->module;
	p->file = f->file;
	p->line = f->line;
	p->own = f->module != NULL;
	if (!f->module && f->file && names_path_owner(f->file, &p->owner))
		p->own = !p->owner;
	else if (!f->module)
		p->owner = names_owner(f->function);
}

/* core: the function that asks, where a driver's further out is the place. */
static void site_describe(struct union_place *p, struct union_place *core,
	const struct union_node *from, const struct union_step *step)
{
	const struct lockdag_kstack *stack = step->stack;
	size_t own = stack ? site_own(stack) : 0, at;

	if (!stack || own == stack->n) {
		if (step->at && step->at->function)
			site_from_frame(p, step->at);
		return;
	}
	at = site_both(stack, own, from, step);
	p->both = at < stack->n;
	if (!p->both)
		at = site_module(stack, own);
	site_from_frame(p, &stack->frames[at]);
	p->callee = site_callee(stack, at);
	p->depth = (uint32_t)(at - own);
	if (!p->both && at > own)
		site_from_frame(core, &stack->frames[own]);
}

/* ------------------------------------------------------------------ costs */

void union_site_cost(struct union_place *p)
{
	p->cost = SITE_COST;
	if (p->owner)
		p->cost += SITE_CORE;
	else if (p->own)
		p->cost -= SITE_MODULE;
	else
		p->cost += SITE_BUILT_IN;
	if (p->closing)
		p->cost -= SITE_CLOSING;
	if (p->both)
		p->cost -= SITE_BOTH;
	p->cost += p->depth < SITE_DEPTH ? p->depth : SITE_DEPTH;
}

/* ------------------------------------------------------------------ the table */

static uint64_t site_text_hash(uint64_t hash, const char *s, size_t n)
{
	return s ? lockdag_hash_bytes(hash, s, n) * 31 : hash + 7;
}

static uint64_t site_hash(const struct union_place *p)
{
	uint64_t hash = site_text_hash(LOCKDAG_HASH_SEED, p->function, p->function_n);

	hash = site_text_hash(hash, p->module, p->module ? strlen(p->module) : 0);
	return lockdag_hash_mix(hash ^ p->node);
}

static uint64_t site_row_hash(const struct lockdag_union *u, uint32_t row)
{
	return site_hash(&u->places.items[row]);
}

static bool site_text_equal(const char *a, size_t n_a, const char *b, size_t n_b)
{
	return (!a && !b) || (a && b && n_a == n_b && !memcmp(a, b, n_a));
}

static bool site_equal(const struct lockdag_union *u, uint32_t row, const void *key)
{
	const struct union_place *a = &u->places.items[row], *b = key;

	return a->node == b->node &&
	       site_text_equal(a->function, a->function_n, b->function, b->function_n) &&
	       site_text_equal(a->module, a->module ? strlen(a->module) : 0, b->module,
		       b->module ? strlen(b->module) : 0);
}

static int site_row(struct lockdag_union *u, const struct union_place *place, bool closing)
{
	struct union_place *row;
	uint32_t *slot =
		union_slot(&u->place_table, site_hash(place), site_equal, site_row_hash, u, place);

	if (!slot)
		return -ENOMEM;
	if (*slot) {
		row = &u->places.items[*slot - 1];
		row->closing = row->closing || closing;
		if (place->both && !row->both) {
			row->both = true;
			row->callee = place->callee;
			row->depth = place->depth;
		}
		return (int)*slot - 1;
	}
	row = lockdag_vec_push(&u->places);
	if (!row)
		return -ENOMEM;
	*row = *place;
	row->closing = closing;
	*slot = (uint32_t)u->places.n;
	u->place_table.n++;
	return (int)u->places.n - 1;
}

int union_site(struct lockdag_union *u, const struct union_node *from, uint32_t to,
	const struct union_step *step, bool closing, struct union_where *ret_where)
{
	struct union_place place = {.node = to}, core = {.node = to};
	struct union_where where;
	int r;

	site_describe(&place, &core, from, step);
	/* What nothing is known of is a place of its own for each pair of classes. */
	if (!place.function)
		place.node = (uint32_t)lockdag_hash_mix(
			(uint64_t)(from - u->nodes.items) << 32 | to | 1ull << 63);
	r = site_row(u, &place, closing);
	if (r < 0)
		return r;
	where.place = where.core = (uint32_t)r;
	if (core.function) {
		r = site_row(u, &core, closing);
		if (r < 0)
			return r;
		where.core = (uint32_t)r;
	}
	*ret_where = where;
	return 0;
}
