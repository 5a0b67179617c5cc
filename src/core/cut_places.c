/* SPDX-License-Identifier: MIT
 *
 * Which places make an edge. A place is a pair of sites, both seen from the innermost function that
 * leads to both: where the stack that took the outer lock and the one that asked for the inner lock
 * part. There the two can change places, whatever wrappers are below.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "core/cut.h"

#define PLACES_BASE 10u     /* a change at all */
#define PLACES_LIBRARY 40u  /* in somebody else's code */
#define PLACES_WAIT 5u      /* a wait that has to go from under a lock */
#define PLACES_DISCHARGE 15u /* an event that others need, to be brought about earlier */
#define PLACES_BACK 4u      /* off, where everything else agrees on the other order */
#define PLACES_DEPTH 5u     /* the most that frames between function and lock add */

struct sites {
	const struct lockdag_stack *held, *asked; /* or NULL */
	bool wait, discharge;
};

static const struct lockdag_stack *places_stack(const struct lockdag_model *m, uint32_t stack)
{
	return stack < m->stacks.n ? &m->stacks.items[stack] : NULL;
}

static bool places_same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool places_same_function(const struct lockdag_frame *a, const struct lockdag_frame *b)
{
	return a->function && b->function && !strcmp(a->function, b->function) &&
	       places_same_text(a->module, b->module);
}

/* One call site? An inlined frame's offset is that of the code it is in, so lines decide there. */
static bool places_same_frame(const struct lockdag_frame *a, const struct lockdag_frame *b)
{
	if (!places_same_text(a->function, b->function) || !places_same_text(a->module, b->module))
		return false;
	if (a->file && b->file && a->line && b->line)
		return a->line == b->line && !strcmp(a->file, b->file);
	return a->offset == b->offset;
}

/* Indices of the frames where the two part, innermost 0. Equal stacks part at their innermost. */
static void places_part(const struct lockdag_stack *held, const struct lockdag_stack *asked,
	size_t *ret_held, size_t *ret_asked)
{
	size_t h = held->n_frames, a = asked->n_frames;

	while (h > 1 && a > 1 &&
		places_same_frame(&held->frames[h - 1], &asked->frames[a - 1])) {
		h--;
		a--;
	}
	*ret_held = h - 1;
	*ret_asked = a - 1;
}

static void places_part_raw(const struct lockdag_stack *held, const struct lockdag_stack *asked,
	size_t *ret_held, size_t *ret_asked)
{
	size_t h = held->n_raw, a = asked->n_raw;

	while (h > 1 && a > 1 && held->raw[h - 1] == asked->raw[a - 1]) {
		h--;
		a--;
	}
	*ret_held = h - 1;
	*ret_asked = a - 1;
}

static uint64_t places_frame_key(const struct lockdag_frame *frame)
{
	uint64_t hash = lockdag_hash_string(LOCKDAG_HASH_SEED, frame->function ? frame->function : "");

	hash = lockdag_hash_string(hash, frame->file ? frame->file : "");
	return lockdag_hash_mix(hash ^ frame->line ^ (frame->file ? 0 : frame->offset));
}

/* What is known of one stack only: its innermost frame. */
static uint64_t places_key(const struct lockdag_stack *stack, size_t raw, size_t frame)
{
	if (!stack)
		return 0;
	if (stack->n_raw)
		return stack->raw[raw];
	return stack->n_frames ? places_frame_key(&stack->frames[frame]) : 0;
}

static void places_name(struct cut_place *p, const struct sites *s)
{
	const struct lockdag_stack *held = s->held, *asked = s->asked;
	size_t h = 0, a = 0, rh = 0, ra = 0;
	bool named = held && asked && held->n_frames && asked->n_frames;

	if (held && asked && held->n_raw && asked->n_raw)
		places_part_raw(held, asked, &rh, &ra);
	if (named)
		places_part(held, asked, &h, &a);
	p->held = places_key(held, rh, h);
	p->asked = places_key(asked, ra, a);
	p->depth = (uint32_t)(named ? a : ra);
	if (held && held->n_frames)
		p->named.held = &held->frames[h];
	if (asked && asked->n_frames)
		p->named.asked = &asked->frames[a];
	p->named.inner = p->named.asked ? &asked->frames[0] : NULL;
	p->named.same_function =
		named && places_same_function(p->named.held, p->named.asked);
	p->named.callee = named && a ? &asked->frames[a - 1] : NULL;
	p->named.wrapper =
		named && h && a && places_same_function(&held->frames[h - 1], &asked->frames[a - 1]);
	if (p->named.wrapper)
		p->depth = 0;
}

/* ------------------------------------------------------------------ who owns it */

static const char *places_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool places_is_system(const char *path)
{
	return !strncmp(path, "/usr/", 5) ? strncmp(path, "/usr/local/", 11) != 0
					  : !strncmp(path, "/lib", 4);
}

/* By its source, else by where its module lies; what is not known is the program's own. */
static bool places_is_library(const struct lockdag_model *m, const struct lockdag_frame *frame)
{
	if (!frame)
		return false;
	if (frame->file && places_is_system(frame->file))
		return true;
	for (size_t i = 0; frame->module && i < m->modules.n; i++)
		if (m->modules.items[i].path &&
			!strcmp(places_base_name(m->modules.items[i].path), frame->module))
			return places_is_system(m->modules.items[i].path) && !frame->file;
	return false;
}

static uint32_t places_log2(uint32_t n)
{
	return n > 1 ? 31 - (uint32_t)__builtin_clz(n) : 0;
}

static uint32_t places_cost(const struct cut_place *p, const struct cut_edge *edge)
{
	uint32_t seen = places_log2(p->n_seen), cost = PLACES_BASE;

	cost += p->library ? PLACES_LIBRARY : 0;
	cost += p->depth < PLACES_DEPTH ? p->depth : PLACES_DEPTH;
	cost += seen < 6 ? seen : 6;
	cost += edge->discharge ? PLACES_DISCHARGE : edge->wait ? PLACES_WAIT : 0;
	return edge->back ? cost - PLACES_BACK : cost;
}

/* ------------------------------------------------------------------ the table */

static uint64_t places_hash(const struct cut_place *p)
{
	return lockdag_hash_mix(p->held ^ lockdag_hash_mix(p->asked ^ p->salt));
}

static bool places_equal(const struct cut_place *a, const struct cut_place *b)
{
	return a->held == b->held && a->asked == b->asked && a->salt == b->salt;
}

static int places_grow(struct cut *c)
{
	size_t n = c->n_slots ? 2 * c->n_slots : 64;
	uint32_t *slots = calloc(n, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	for (uint32_t row = 0; row < c->places.n; row++) {
		size_t i = places_hash(&c->places.items[row]) & (n - 1);

		while (slots[i])
			i = (i + 1) & (n - 1);
		slots[i] = row + 1;
	}
	free(c->slots);
	c->slots = slots;
	c->n_slots = n;
	return 0;
}

/* The row of the place, made when it is new; negative errno. */
static int places_row(struct cut *c, const struct cut_place *p)
{
	struct cut_place *row;
	size_t i;
	int r = 2 * (c->places.n + 1) > c->n_slots ? places_grow(c) : 0;

	if (r)
		return r;
	i = places_hash(p) & (c->n_slots - 1);
	for (; c->slots[i]; i = (i + 1) & (c->n_slots - 1))
		if (places_equal(&c->places.items[c->slots[i] - 1], p))
			return (int)c->slots[i] - 1;
	row = lockdag_vec_push(&c->places);
	if (!row)
		return -ENOMEM;
	*row = *p;
	c->slots[i] = (uint32_t)c->places.n;
	return (int)c->places.n - 1;
}

/* Two copies of one inlined function are one place to change. */
static bool places_same_names(const struct cut_place *a, const struct cut_place *b)
{
	return a->named.held && a->named.asked && b->named.held && b->named.asked &&
	       a->named.held->file && a->named.asked->file && a->named.held->line &&
	       places_same_frame(a->named.held, b->named.held) &&
	       places_same_frame(a->named.asked, b->named.asked);
}

static int places_add(struct cut *c, struct cut_edge *edge, const struct sites *s)
{
	struct cut_place p = {.n_seen = 0}, *row;
	uint32_t *slot;
	int r;

	places_name(&p, s);
	if (!p.held || !p.asked)
		p.salt = (uint64_t)edge->from_lock << 32 | edge->to_lock | 1ull << 63;
	r = places_row(c, &p);
	if (r < 0)
		return r;
	row = &c->places.items[r];
	row->n_seen++;
	if (!row->named.asked)
		row->named = p.named;
	for (uint32_t i = 0; i < edge->n_places; i++) {
		uint32_t have = c->edge_places.items[edge->first_place + i];

		if (have == (uint32_t)r || places_same_names(&c->places.items[have], row))
			return 0;
	}
	slot = lockdag_vec_push(&c->edge_places);
	if (!slot)
		return -ENOMEM;
	*slot = (uint32_t)r;
	edge->n_places++;
	return 0;
}

/* ------------------------------------------------------------------ an edge's observations */

/* Of an arc, in which askings behind the model's acquisitions stand for discharges' rows. */
static struct sites places_of_arc(const struct cut *c, const struct arc *arc)
{
	const struct lockdag_model *m = c->m;
	const struct lockdag_acquire *a;
	struct sites s = {0};

	if (arc->acquire >= m->acquires.n) {
		const struct asking *x = &c->graph->more[arc->acquire - m->acquires.n];

		s.discharge = true;
		s.held = places_stack(m, m->discharges.items[x->discharge].stack);
		s.asked = places_stack(m, x->as.stack);
		return s;
	}
	a = &m->acquires.items[arc->acquire];
	s.wait = a->flags & LOCKDAG_ACQUIRE_WAIT;
	s.discharge = arc->held == LOCKDAG_NONE;
	if (!s.discharge)
		s.held = places_stack(m, m->held.items[a->held + arc->held].stack);
	s.asked = places_stack(m, a->stack);
	return s;
}

static struct sites places_of_exemplar(const struct cut *c, const struct lockdag_exemplar *e)
{
	const struct lockdag_model *m = c->m;
	struct sites s = {0};

	if (e->discharge < m->discharges.n) {
		const struct lockdag_discharge *d = &m->discharges.items[e->discharge];

		s.discharge = true;
		s.held = places_stack(m, d->stack);
		if (e->asked < d->n_held)
			s.asked = places_stack(m, m->held.items[d->held + e->asked].stack);
	} else if (e->acquire < m->acquires.n) {
		const struct lockdag_acquire *a = &m->acquires.items[e->acquire];

		s.wait = a->flags & LOCKDAG_ACQUIRE_WAIT;
		s.discharge = e->held >= a->n_held;
		if (!s.discharge)
			s.held = places_stack(m, m->held.items[a->held + e->held].stack);
		s.asked = places_stack(m, a->stack);
	}
	return s;
}

/* Through a handler or a fork: where the lock is taken that the other context must not find taken. */
static struct sites places_of_holder(
	const struct cut *c, const struct cut_edge *edge, const struct lockdag_exemplar *e)
{
	const struct lockdag_model *m = c->m;
	const struct lockdag_acquire *a = &m->acquires.items[e->holder];
	uint32_t stack = e->held < a->n_held ? m->held.items[a->held + e->held].stack : a->stack;
	struct sites s = {.held = places_stack(m, stack), .asked = places_stack(m, stack)};

	if (edge->through == LOCKDAG_THROUGH_FORK && edge->by < m->forks.n)
		s.asked = places_stack(m, m->forks.items[edge->by].stack);
	return s;
}

const struct link *cut_graph_link(const struct lockdag_graph *graph, uint32_t from, uint32_t to)
{
	const struct graph *g = &graph->by_class;
	uint32_t low, high;

	if (from >= g->n_nodes)
		return NULL;
	low = g->first_link[from];
	high = g->first_link[from + 1];
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (g->links.items[middle].to < to)
			low = middle + 1;
		else
			high = middle;
	}
	return low < g->first_link[from + 1] && g->links.items[low].to == to ? &g->links.items[low]
									     : NULL;
}

static int places_observed(struct cut *c, struct cut_edge *edge, const struct sites *s, bool named)
{
	bool has = s->asked && s->asked->n_frames;

	edge->wait = edge->wait || s->wait;
	edge->discharge = edge->discharge || s->discharge;
	return has == named ? places_add(c, edge, s) : 0;
}

int cut_places(struct cut *c, struct cut_edge *edge)
{
	const struct lockdag_finding *f = &c->findings->items[edge->finding];
	const struct lockdag_link *own = &f->links[edge->link];
	const struct link *l = NULL;
	int r = 0;

	if (edge->from_class != edge->to_class && !edge->through)
		l = cut_graph_link(c->graph, edge->from_class, edge->to_class);
	edge->first_place = (uint32_t)c->edge_places.n;
	/* Those that have names first: they tell what is one place. */
	for (int named = 1; !r && named >= 0; named--) {
		for (size_t i = 0; !r && !l && i < own->n_exemplars; i++) {
			const struct sites s = edge->through
				? places_of_holder(c, edge, &own->exemplars[i])
				: places_of_exemplar(c, &own->exemplars[i]);

			r = places_observed(c, edge, &s, named);
		}
		for (uint32_t i = 0; !r && l && i < l->n; i++) {
			const struct sites s = places_of_arc(
				c, &c->graph->by_class.arcs.items[l->first + i]);

			r = places_observed(c, edge, &s, named);
		}
	}
	for (uint32_t i = 0; !r && i < edge->n_places; i++) {
		struct cut_place *p =
			&c->places.items[c->edge_places.items[edge->first_place + i]];

		p->library = places_is_library(c->m, p->named.asked);
		if (!p->cost)
			p->cost = places_cost(p, edge);
		edge->cost += p->cost;
	}
	return r;
}
