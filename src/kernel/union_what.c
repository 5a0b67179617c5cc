/* SPDX-License-Identifier: MIT
 *
 * What would be left without an edge, with it the other way round, or with a class made two.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/union.h"

#define WHAT_TOLD 20 /* cycles that are told by name */

struct what {
	const struct lockdag_union *u;
	enum lockdag_union_change change;
	uint32_t node; /* split */
	uint32_t from, to;
	bool *cleared; /* of each cycle */
	size_t n_cleared, n_left, n_reports_cleared, n_reports_left;
	char *closes; /* the other order closes this: "a -> b -> a"; NULL */
};

/* ------------------------------------------------------------------ names as people give them */

static size_t what_trim(const char **s, size_t n)
{
	while (n && **s == ' ') {
		(*s)++;
		n--;
	}
	while (n && (*s)[n - 1] == ' ')
		n--;
	return n;
}

static bool what_is(const char *name, const char *s, size_t n)
{
	return strlen(name) == n && !memcmp(name, s, n);
}

/* A node by its printed name, its key, or a name it once had; LOCKDAG_NONE: none. */
static uint32_t what_node(const struct lockdag_union *u, const char *s, size_t n)
{
	char *copy = strndup(s, n), *key;
	struct lockdag_kclass class = {.base = copy};
	struct lockdag_text t = {0};
	uint32_t found = LOCKDAG_NONE;
	char *hash = copy ? strrchr(copy, '#') : NULL;

	for (uint32_t i = 0; i < u->nodes.n && found == LOCKDAG_NONE; i++)
		if (what_is(u->nodes.items[i].name, s, n) || what_is(u->nodes.items[i].key, s, n))
			found = i;
	if (hash && found == LOCKDAG_NONE)
		*hash = 0;
	if (copy && found == LOCKDAG_NONE)
		names_key(&class, &t);
	key = lockdag_text_take(&t);
	for (uint32_t i = 0; key && *key && i < u->nodes.n && found == LOCKDAG_NONE; i++)
		if (!strcmp(u->nodes.items[i].key, key))
			found = i;
	free(key);
	free(copy);
	return found;
}

static int what_ends(struct what *w, const char *s)
{
	const char *arrow = strstr(s, "->"), *to;
	size_t n;

	/* "p->lock -> q->lock": the arrow is the one with a blank before it. */
	while (arrow && arrow > s && arrow[-1] != ' ')
		arrow = strstr(arrow + 2, "->");
	if (!arrow)
		return -ENOENT;
	to = arrow + 2;
	n = what_trim(&s, (size_t)(arrow - s));
	w->from = what_node(w->u, s, n);
	n = what_trim(&to, strlen(to));
	w->to = what_node(w->u, to, n);
	if (w->from == LOCKDAG_NONE || w->to == LOCKDAG_NONE)
		return -ENOENT;
	for (uint32_t e = w->u->nodes.items[w->from].first_out; e != LOCKDAG_NONE;
		e = w->u->edges.items[e].next_out)
		if (w->u->edges.items[e].to == w->to)
			return 0;
	return -ENOENT;
}

/* ------------------------------------------------------------------ what goes */

static bool what_clears(const struct what *w, const struct union_cycle *c)
{
	for (uint32_t i = 0; i < c->n; i++) {
		const struct union_edge *e =
			&w->u->edges.items[w->u->cycle_edges.items[c->first + i]];

		if (w->change == LOCKDAG_UNION_SPLIT ? e->to == w->node
						     : e->from == w->from && e->to == w->to)
			return true;
	}
	return false;
}

/* The other order meets what is left of the old one. */
static int what_reorder(struct what *w)
{
	int edge = union_find_edge(w->u, w->from, w->to, UNION_TASK);
	struct lockdag_text t = {0};
	uint32_t way[10];
	size_t n = edge < 0 ? 0
			    : union_way(w->u, w->from, w->to, (uint32_t)edge, way,
				      LOCKDAG_ARRAY_SIZE(way));

	if (!n)
		return 0;
	for (size_t i = 0; i < n; i++)
		lockdag_text_addf(&t, "%s -> ", union_name(w->u, way[i]));
	lockdag_text_add(&t, union_name(w->u, way[0]));
	w->closes = lockdag_text_take(&t);
	return w->closes ? 0 : -ENOMEM;
}

static int what_find(struct what *w, const char *s)
{
	size_t n = strlen(s);
	int r = 0;

	if (w->change == LOCKDAG_UNION_SPLIT) {
		n = what_trim(&s, n);
		w->node = what_node(w->u, s, n);
		r = w->node == LOCKDAG_NONE ? -ENOENT : 0;
	} else {
		r = what_ends(w, s);
	}
	if (r)
		return r;
	w->cleared = calloc(w->u->cycles.n + 1, sizeof(*w->cleared));
	if (!w->cleared)
		return -ENOMEM;
	for (size_t i = 0; i < w->u->cycles.n; i++) {
		const struct union_cycle *c = &w->u->cycles.items[i];

		w->cleared[i] = what_clears(w, c);
		*(w->cleared[i] ? &w->n_cleared : &w->n_left) += 1;
		*(w->cleared[i] ? &w->n_reports_cleared : &w->n_reports_left) += c->n_reports;
	}
	return w->change == LOCKDAG_UNION_REORDER ? what_reorder(w) : 0;
}

/* ------------------------------------------------------------------ saying it */

static void what_cycle(struct lockdag_text *t, const struct lockdag_union *u, uint32_t cycle)
{
	const struct union_cycle *c = &u->cycles.items[cycle];

	lockdag_text_addf(t, "  %016llx  ", (unsigned long long)c->id);
	for (uint32_t i = 0; i <= c->n; i++)
		lockdag_text_addf(t, "%s%s", i ? " -> " : "",
			union_name(u, u->cycle_nodes.items[c->first + i % c->n]));
	lockdag_text_add(t, "\n");
}

static const char *const what_words[] = {
	[LOCKDAG_UNION_WITHOUT] = "without",
	[LOCKDAG_UNION_REORDER] = "reorder",
	[LOCKDAG_UNION_SPLIT] = "split",
};

static void what_text(const struct what *w, const char *what, struct lockdag_text *t)
{
	size_t told = 0;

	lockdag_text_addf(t, "%s %s: %zu of %zu cycles are gone (%zu of %zu reports), %zu left\n",
		what_words[w->change], what, w->n_cleared, w->n_cleared + w->n_left,
		w->n_reports_cleared, w->n_reports_cleared + w->n_reports_left, w->n_left);
	if (w->change == LOCKDAG_UNION_SPLIT && w->n_cleared)
		lockdag_text_addf(t,
			"  if what is held and what is asked for at %s is never one lock\n",
			union_name(w->u, w->node));
	for (uint32_t i = 0; i < w->u->cycles.n && told < WHAT_TOLD; i++)
		if (!w->cleared[i]) {
			what_cycle(t, w->u, i);
			told++;
		}
	if (w->n_left > told)
		lockdag_text_addf(t, "  and %zu more\n", w->n_left - told);
	if (w->closes)
		lockdag_text_addf(t, "  but the other order closes %s\n", w->closes);
	else if (w->change == LOCKDAG_UNION_REORDER)
		lockdag_text_add(t, "  the other order closes no other cycle of what was read\n");
}

static int what_ids(json_t *o, const char *key, const struct what *w, bool cleared)
{
	json_t *a = json_array();
	int r = json_object_set_new(o, key, a);

	for (size_t i = 0; r == 0 && i < w->u->cycles.n; i++) {
		char id[17];

		snprintf(id, sizeof(id), "%016llx", (unsigned long long)w->u->cycles.items[i].id);
		if (w->cleared[i] == cleared)
			r = json_array_append_new(a, json_string(id));
	}
	return r;
}

static int what_json(const struct what *w, const char *what, json_t *document)
{
	json_t *o = json_object();
	int r = json_object_set_new(document, "what_if", o);

	if (r == 0)
		r = json_object_set_new(o, "change", json_string(what_words[w->change]));
	if (r == 0)
		r = json_object_set_new(o, "what", json_string(what));
	if (r == 0)
		r = what_ids(o, "cleared", w, true);
	if (r == 0)
		r = what_ids(o, "remain", w, false);
	if (r == 0)
		r = json_object_set_new(
			o, "closes", w->closes ? json_string(w->closes) : json_null());
	return r ? -ENOMEM : 0;
}

int lockdag_union_what_if(const struct lockdag_union *u, enum lockdag_union_change change,
	const char *what, struct lockdag_text *text, json_t *document)
{
	struct what w = {.u = u, .change = change, .node = LOCKDAG_NONE};
	int r = what_find(&w, what);

	if (r == 0)
		what_text(&w, what, text);
	if (r == 0 && document)
		r = what_json(&w, what, document);
	free(w.cleared);
	free(w.closes);
	return r;
}
