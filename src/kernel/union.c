/* SPDX-License-Identifier: MIT
 *
 * Reports become nodes, edges and cycles of one graph.
 */
#include "kernel/union.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

/* ------------------------------------------------------------------ tables */

static int union_table_grow(struct union_table *t,
	uint64_t (*hash_of)(const struct lockdag_union *u, uint32_t row),
	const struct lockdag_union *u)
{
	size_t n = t->n_slots ? 2 * t->n_slots : 256;
	uint32_t *slots = calloc(n, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	for (size_t i = 0; i < t->n_slots; i++) {
		size_t at;

		if (!t->slots[i])
			continue;
		at = hash_of(u, t->slots[i] - 1) & (n - 1);
		while (slots[at])
			at = (at + 1) & (n - 1);
		slots[at] = t->slots[i];
	}
	free(t->slots);
	t->slots = slots;
	t->n_slots = n;
	return 0;
}

uint32_t *union_slot(struct union_table *t, uint64_t hash,
	bool (*equal)(const struct lockdag_union *u, uint32_t row, const void *key),
	uint64_t (*hash_of)(const struct lockdag_union *u, uint32_t row),
	const struct lockdag_union *u, const void *key)
{
	size_t at;

	if (2 * (t->n + 1) > t->n_slots && union_table_grow(t, hash_of, u))
		return NULL;
	for (at = hash & (t->n_slots - 1); t->slots[at]; at = (at + 1) & (t->n_slots - 1))
		if (equal(u, t->slots[at] - 1, key))
			return &t->slots[at];
	return &t->slots[at];
}

const char *union_text(struct lockdag_union *u, const char *s, size_t n)
{
	return record_text(&u->memory, s, n);
}

/* ------------------------------------------------------------------ nodes */

static uint64_t union_node_hash(const struct lockdag_union *u, uint32_t row)
{
	return lockdag_hash_mix(lockdag_hash_string(LOCKDAG_HASH_SEED, u->nodes.items[row].key));
}

static bool union_node_equal(const struct lockdag_union *u, uint32_t row, const void *key)
{
	return !strcmp(u->nodes.items[row].key, key);
}

static uint64_t union_name_hash(const struct lockdag_union *u, uint32_t row)
{
	return lockdag_hash_mix(lockdag_hash_string(LOCKDAG_HASH_SEED, u->names.items[row]));
}

static bool union_name_equal(const struct lockdag_union *u, uint32_t row, const void *name)
{
	return !strcmp(u->names.items[row], name);
}

/* Counted for people alone: without memory there are fewer. */
static void union_name_seen(struct lockdag_union *u, const char *name)
{
	uint64_t hash = lockdag_hash_mix(lockdag_hash_string(LOCKDAG_HASH_SEED, name));
	uint32_t *slot =
		union_slot(&u->name_table, hash, union_name_equal, union_name_hash, u, name);
	const char **row = slot && !*slot ? lockdag_vec_push(&u->names) : NULL;

	if (!row)
		return;
	*row = union_text(u, name, strlen(name));
	if (!*row) {
		u->names.n--;
		return;
	}
	*slot = (uint32_t)u->names.n;
	u->name_table.n++;
}

int union_node(struct lockdag_union *u, const char *key, const char *printed)
{
	uint64_t hash = lockdag_hash_mix(lockdag_hash_string(LOCKDAG_HASH_SEED, key));
	uint32_t *slot =
		union_slot(&u->node_table, hash, union_node_equal, union_node_hash, u, key);
	struct union_node *node;

	if (!slot)
		return -ENOMEM;
	if (printed)
		union_name_seen(u, printed);
	if (*slot) {
		node = &u->nodes.items[*slot - 1];
		if (printed && strcmp(node->name, printed))
			node->name = node->key;
		return (int)*slot - 1;
	}
	node = lockdag_vec_push(&u->nodes);
	if (!node)
		return -ENOMEM;
	node->key = union_text(u, key, strlen(key));
	node->name = printed ? union_text(u, printed, strlen(printed)) : node->key;
	if (!node->key || !node->name) {
		u->nodes.n--;
		return -ENOMEM;
	}
	node->map = kmap_of(node->key);
	node->reads = !strncmp(node->key, "rcu_read_lock", 13);
	node->first_out = node->first_in = LOCKDAG_NONE;
	*slot = (uint32_t)u->nodes.n;
	u->node_table.n++;
	return (int)u->nodes.n - 1;
}

/* ------------------------------------------------------------------ edges */

struct union_edge_key {
	uint32_t from, to;
	enum union_irq irq;
};

static uint64_t union_edge_key_hash(uint32_t from, uint32_t to, enum union_irq irq)
{
	return lockdag_hash_mix((uint64_t)from << 32 | to) + irq;
}

static uint64_t union_edge_hash(const struct lockdag_union *u, uint32_t row)
{
	const struct union_edge *e = &u->edges.items[row];

	return union_edge_key_hash(e->from, e->to, e->irq);
}

static bool union_edge_equal(const struct lockdag_union *u, uint32_t row, const void *key)
{
	const struct union_edge *e = &u->edges.items[row];
	const struct union_edge_key *k = key;

	return e->from == k->from && e->to == k->to && e->irq == k->irq;
}

int union_edge(struct lockdag_union *u, uint32_t from, uint32_t to, enum union_irq irq)
{
	const struct union_edge_key key = {from, to, irq};
	uint32_t *slot = union_slot(&u->edge_table, union_edge_key_hash(from, to, irq),
		union_edge_equal, union_edge_hash, u, &key);
	struct union_edge *e;

	if (!slot)
		return -ENOMEM;
	if (*slot)
		return (int)*slot - 1;
	e = lockdag_vec_push(&u->edges);
	if (!e)
		return -ENOMEM;
	*e = (struct union_edge){.from = from,
		.to = to,
		.irq = irq,
		.first_seen = LOCKDAG_NONE,
		.next_out = u->nodes.items[from].first_out,
		.next_in = u->nodes.items[to].first_in};
	u->nodes.items[from].first_out = u->nodes.items[to].first_in = (uint32_t)u->edges.n - 1;
	*slot = (uint32_t)u->edges.n;
	u->edge_table.n++;
	return (int)u->edges.n - 1;
}

int union_find_edge(const struct lockdag_union *u, uint32_t from, uint32_t to, enum union_irq irq)
{
	for (uint32_t e = u->nodes.items[from].first_out; e != LOCKDAG_NONE;
		e = u->edges.items[e].next_out)
		if (u->edges.items[e].to == to && u->edges.items[e].irq == irq)
			return (int)e;
	return -1;
}

int union_seen_add(
	struct lockdag_union *u, uint32_t edge, uint32_t report, const struct union_where *where)
{
	struct union_edge *e = &u->edges.items[edge];
	struct union_seen *seen;
	bool again = false;

	for (uint32_t i = e->first_seen; i != LOCKDAG_NONE; i = u->seen.items[i].next) {
		if (u->seen.items[i].report != report)
			break; /* reports come one after the other, the newest first */
		again = true;
		if (u->seen.items[i].place == where->place)
			return 0;
	}
	seen = lockdag_vec_push(&u->seen);
	if (!seen)
		return -ENOMEM;
	*seen = (struct union_seen){report, where->place, where->core, e->first_seen};
	e->first_seen = (uint32_t)u->seen.n - 1;
	e->n_reports += !again;
	return 0;
}

/* ------------------------------------------------------------------ cycles */

static bool union_rotation_less(
	const struct lockdag_union *u, const uint32_t *nodes, size_t n, size_t a, size_t b)
{
	for (size_t i = 0; i < n; i++) {
		int order = strcmp(u->nodes.items[nodes[(a + i) % n]].key,
			u->nodes.items[nodes[(b + i) % n]].key);

		if (order)
			return order < 0;
	}
	return false;
}

/* By the canonical rotation of its keys: whatever edge closed it, it is one cycle. An interrupt's
 * edge is part of it. */
static uint64_t union_cycle_id(
	const struct lockdag_union *u, const uint32_t *nodes, size_t n, enum union_irq irq)
{
	uint64_t id = LOCKDAG_HASH_SEED;
	size_t first = 0;

	for (size_t i = 1; i < n; i++)
		if (union_rotation_less(u, nodes, n, i, first))
			first = i;
	for (size_t i = 0; i < n; i++) {
		if (irq && (first + i) % n == 0)
			id = lockdag_hash_string(
				id, irq == UNION_HARDIRQ ? "<hardirq>" : "<softirq>");
		id = lockdag_hash_string(id, u->nodes.items[nodes[(first + i) % n]].key);
	}
	return id;
}

static uint64_t union_cycle_hash(const struct lockdag_union *u, uint32_t row)
{
	return lockdag_hash_mix(u->cycles.items[row].id);
}

static bool union_cycle_equal(const struct lockdag_union *u, uint32_t row, const void *key)
{
	return u->cycles.items[row].id == *(const uint64_t *)key;
}

static int union_cycle_rows(struct lockdag_union *u, struct union_cycle *c, const uint32_t *nodes,
	size_t n, enum union_irq irq)
{
	c->first = (uint32_t)u->cycle_nodes.n;
	c->n = (uint32_t)n;
	for (size_t i = 0; i < n; i++) {
		uint32_t *node = lockdag_vec_push(&u->cycle_nodes);
		uint32_t *edge = lockdag_vec_push(&u->cycle_edges);
		int r;

		if (!node || !edge)
			return -ENOMEM;
		r = union_edge(u, nodes[i], nodes[(i + 1) % n], i == n - 1 ? irq : UNION_TASK);
		if (r < 0)
			return r;
		*node = nodes[i];
		*edge = (uint32_t)r;
	}
	return 0;
}

int union_cycle(
	struct lockdag_union *u, const uint32_t *nodes, size_t n, enum union_irq irq, bool cross)
{
	uint64_t id = union_cycle_id(u, nodes, n, irq);
	uint32_t *slot = union_slot(
		&u->cycle_table, lockdag_hash_mix(id), union_cycle_equal, union_cycle_hash, u, &id);
	struct union_cycle *c;
	int r;

	if (!slot)
		return -ENOMEM;
	if (*slot)
		return (int)*slot - 1;
	c = lockdag_vec_push(&u->cycles);
	if (!c)
		return -ENOMEM;
	*c = (struct union_cycle){.id = id, .irq = irq, .cross = cross, .family = LOCKDAG_NONE};
	r = union_cycle_rows(u, c, nodes, n, irq);
	if (r < 0) {
		u->cycles.n--;
		return r;
	}
	*slot = (uint32_t)u->cycles.n;
	u->cycle_table.n++;
	return (int)u->cycles.n - 1;
}

/* ------------------------------------------------------------------ reports */

int lockdag_union_new(struct lockdag_union **ret_union)
{
	struct lockdag_union *u = calloc(1, sizeof(*u));

	if (!u)
		return -ENOMEM;
	*ret_union = u;
	return 0;
}

void lockdag_union_free(struct lockdag_union *u)
{
	if (!u)
		return;
	for (size_t i = 0; i < u->families.n; i++) {
		lockdag_vec_clear(&u->families.items[i].reports);
		lockdag_vec_clear(&u->families.items[i].cycles);
		lockdag_vec_clear(&u->families.items[i].edges);
	}
	for (size_t i = 0; i < u->cuts.n; i++) {
		free(u->cuts.items[i].advice);
		free(u->cuts.items[i].meets);
	}
	for (size_t i = 0; i < u->near.n; i++)
		free(u->near.items[i]);
	lockdag_vec_clear(&u->reports);
	lockdag_vec_clear(&u->graphs);
	lockdag_vec_clear(&u->nodes);
	lockdag_vec_clear(&u->edges);
	lockdag_vec_clear(&u->seen);
	lockdag_vec_clear(&u->places);
	lockdag_vec_clear(&u->cycles);
	lockdag_vec_clear(&u->cycle_nodes);
	lockdag_vec_clear(&u->cycle_edges);
	lockdag_vec_clear(&u->cycle_reports);
	lockdag_vec_clear(&u->edge_places);
	lockdag_vec_clear(&u->families);
	lockdag_vec_clear(&u->cuts);
	lockdag_vec_clear(&u->near);
	free(u->node_table.slots);
	free(u->edge_table.slots);
	free(u->place_table.slots);
	free(u->cycle_table.slots);
	free(u->name_table.slots);
	lockdag_vec_clear(&u->names);
	record_memory_done(&u->memory);
	free(u);
}

static uint64_t union_hash_class(uint64_t id, const struct lockdag_kclass *class)
{
	struct lockdag_text key = {0};

	if (class->name)
		names_key(class, &key);
	if (key.n && !key.failed)
		id = lockdag_hash_string(id, key.s);
	lockdag_text_clear(&key);
	return id;
}

/* Numbers of lines, tasks and workers differ from one boot to the next. */
static uint64_t union_hash_words(uint64_t id, const char *s)
{
	for (; s && *s; s++)
		if (*s < '0' || *s > '9')
			id = lockdag_hash_bytes(id, s, 1);
	return id;
}

/* No lock and no function is known: who it was, what it says, what was held. */
static uint64_t union_bare_id(uint64_t id, const struct lockdag_splat *s)
{
	id = union_hash_words(id, s->comm);
	if (s->kind == LOCKDAG_SPLAT_RCU && s->n_facts)
		id = union_hash_words(id, s->facts[0]);
	for (size_t i = 0; i < s->n_holders; i++)
		for (size_t k = 0; k < s->holders[i].n; k++)
			id = union_hash_class(id, &s->holders[i].held[k].class);
	return id;
}

/* Of a report that is no cycle: what it is about, and where. */
static uint64_t union_report_id(const struct lockdag_splat *s)
{
	uint64_t id = lockdag_hash_string(LOCKDAG_HASH_SEED, lockdag_splat_kind_word(s->kind));
	const struct lockdag_kclass *class =
		s->acquiring.class.name ? &s->acquiring.class : &s->holding.class;
	size_t n = 0;

	id = union_hash_class(id, class);
	for (size_t i = 0; i < s->stack.n && n < 3; i++) {
		const char *function = s->stack.frames[i].function;

		if (!function || s->stack.frames[i].unreliable || names_is_api(function))
			continue;
		id = lockdag_hash_bytes(id, function, names_function(function));
		n++;
	}
	return n || class->name ? id : union_bare_id(id, s);
}

int lockdag_union_add(struct lockdag_union *u, const struct lockdag_splat *splat)
{
	struct union_report *report = lockdag_vec_push(&u->reports);

	if (!report)
		return -ENOMEM;
	*report = (struct union_report){.splat = splat,
		.id = union_report_id(splat),
		.cycle = LOCKDAG_NONE,
		.closing = LOCKDAG_NONE};
	return 0;
}

int lockdag_union_add_graph(struct lockdag_union *u, const struct lockdag_kgraph *graph)
{
	const struct lockdag_kgraph **slot = lockdag_vec_push(&u->graphs);

	if (!slot)
		return -ENOMEM;
	*slot = graph;
	return 0;
}

uint64_t lockdag_union_report_id(const struct lockdag_union *u, size_t report)
{
	return u->reports.items[report].id;
}

void lockdag_union_set_known(struct lockdag_union *u, size_t report)
{
	u->reports.items[report].known = true;
}

bool lockdag_union_is_known(const struct lockdag_union *u, size_t report)
{
	return u->reports.items[report].known;
}

size_t lockdag_union_n_new(const struct lockdag_union *u)
{
	size_t n = 0;

	for (size_t i = 0; i < u->reports.n; i++)
		n += !u->reports.items[i].known;
	return n;
}

/* ------------------------------------------------------------------ solving */

static void union_add_taker(struct union_node *node, const char *function)
{
	if (!function || names_is_api(function))
		return;
	for (size_t i = 0; i < node->n_takers; i++)
		if (!strcmp(node->takers[i], function))
			return;
	if (node->n_takers < LOCKDAG_ARRAY_SIZE(node->takers))
		node->takers[node->n_takers++] = function;
}

/* The innermost function that does more than to take a lock, or NULL. */
static const char *union_own(const struct lockdag_kstack *stack)
{
	for (size_t k = 0; k < stack->n; k++) {
		const struct lockdag_kframe *f = &stack->frames[k];

		if (!f->unreliable && f->function && !names_is_api(f->function))
			return f->function;
	}
	return NULL;
}

/* Who takes the classes: the functions that asked for them. */
static void union_takers(struct lockdag_union *u, const struct union_walk *w)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct union_step *step = &w->steps[i];
		size_t before = (i + w->n - 1) % w->n;

		if (step->at)
			union_add_taker(&u->nodes.items[w->nodes[i]], step->at->function);
		if (step->held_at)
			union_add_taker(&u->nodes.items[w->nodes[before]], step->held_at->function);
		if (step->stack && !(i == 0 && w->irq))
			union_add_taker(&u->nodes.items[w->nodes[i]], union_own(step->stack));
	}
}

/* The task's own list of held locks, or NULL. */
static const struct lockdag_kholder *union_holder(const struct lockdag_splat *s)
{
	for (size_t i = 0; i < s->n_holders; i++)
		if (s->holders[i].comm && s->comm && !strcmp(s->holders[i].comm, s->comm) &&
			s->holders[i].pid == s->pid)
			return &s->holders[i];
	return s->n_holders == 1 ? &s->holders[0] : NULL;
}

/* What else the task held of the cycle when it made the new edge: whoever does the inner lock
 * earlier has to do it before those, too. */
static int union_held(struct lockdag_union *u, const struct union_walk *w, uint32_t report,
	const struct union_where *where)
{
	const struct lockdag_kholder *h = union_holder(u->reports.items[report].splat);
	int r = 0;

	for (size_t i = 0; r >= 0 && h && i < h->n; i++) {
		for (size_t k = 1; r >= 0 && k + 1 < w->n; k++) {
			if (!h->held[i].class.name ||
				strcmp(h->held[i].class.name, w->steps[k].class->name))
				continue;
			r = union_edge(u, w->nodes[k], w->nodes[0], UNION_TASK);
			if (r >= 0)
				r = union_seen_add(u, (uint32_t)r, report, where);
		}
	}
	return r < 0 ? r : 0;
}

static int union_step_edge(
	struct lockdag_union *u, const struct union_walk *w, size_t i, uint32_t report)
{
	size_t before = (i + w->n - 1) % w->n;
	enum union_irq irq = i == 0 ? w->irq : UNION_TASK;
	bool closing = i == 0 && !w->irq;
	struct union_where where;
	int edge, r;

	if ((i == 0 && !w->closed) || w->steps[i].gap)
		return 0;
	edge = union_edge(u, w->nodes[before], w->nodes[i], irq);
	if (edge < 0)
		return edge;
	r = union_site(
		u, &u->nodes.items[w->nodes[before]], w->nodes[i], &w->steps[i], closing, &where);
	if (r < 0)
		return r;
	r = union_seen_add(u, (uint32_t)edge, report, &where);
	if (r == 0 && closing) {
		u->reports.items[report].closing = (uint32_t)edge;
		r = union_held(u, w, report, &where);
	}
	return r;
}

static int union_report_edges(struct lockdag_union *u, struct union_walk *w, uint32_t report)
{
	int r = union_walk_nodes(u, w);

	for (size_t i = 0; r == 0 && i < w->n; i++)
		r = union_step_edge(u, w, i, report);
	if (r == 0 && w->closed) {
		r = union_cycle(u, w->nodes, w->n, w->irq, false);
		if (r >= 0) {
			u->reports.items[report].cycle = (uint32_t)r;
			u->reports.items[report].id = u->cycles.items[r].id;
			u->cycles.items[r].n_reports++;
		}
	}
	return r < 0 ? r : 0;
}

/* Reports of each cycle, one after the other. */
static int union_cycle_report_rows(struct lockdag_union *u)
{
	uint32_t first = 0;

	for (size_t i = 0; i < u->reports.n; i++) {
		uint32_t *slot = lockdag_vec_push(&u->cycle_reports);

		if (!slot)
			return -ENOMEM;
	}
	for (size_t i = 0; i < u->cycles.n; i++) {
		u->cycles.items[i].first_report = first;
		first += u->cycles.items[i].n_reports;
		u->cycles.items[i].n_reports = 0;
	}
	for (uint32_t i = 0; i < u->reports.n; i++) {
		struct union_cycle *c;

		if (u->reports.items[i].cycle == LOCKDAG_NONE)
			continue;
		c = &u->cycles.items[u->reports.items[i].cycle];
		u->cycle_reports.items[c->first_report + c->n_reports++] = i;
	}
	return 0;
}

int lockdag_union_solve(struct lockdag_union *u)
{
	struct union_walk *w = malloc(sizeof(*w));
	int r = w ? 0 : -ENOMEM;

	for (int pass = 0; r == 0 && pass < 2; pass++)
		for (uint32_t i = 0; r == 0 && i < u->reports.n; i++) {
			union_walk(u->reports.items[i].splat, w);
			if (pass == 0)
				r = union_walk_nodes(u, w);
			if (r == 0 && pass == 0)
				union_takers(u, w);
			if (r == 0 && pass == 1)
				r = union_report_edges(u, w, i);
		}
	free(w);
	for (size_t i = 0; r == 0 && i < u->graphs.n; i++)
		r = union_graph(u, u->graphs.items[i]);
	if (r == 0)
		r = union_cycle_report_rows(u);
	if (r == 0)
		r = union_cross(u);
	if (r == 0)
		r = union_families(u);
	return r == 0 ? union_cut(u) : r;
}
