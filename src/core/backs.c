/* SPDX-License-Identifier: MIT
 *
 * Which links of the findings stand against the learned order. The links of the class graph enter a
 * topological order, those seen most often first (of those seen equally often: by their keys); what
 * would close a cycle stays outside. So of a cycle's links the odd one is a back link, and that is
 * where people look first. A link that is in no cycle agrees with every such order: the findings do without.
 */
#include "core/find.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BACKS_MAX_WORK 20000000 /* nodes looked at: well under a second */

struct backs_link {
	uint32_t n, link;
	const char *from, *to; /* keys of the classes */
};

static int backs_compare(const void *a, const void *b)
{
	const struct backs_link *x = a, *y = b;
	int r;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	r = strcmp(x->from, y->from);
	r = r ? r : strcmp(x->to, y->to);
	return r ? r : (x->link > y->link) - (x->link < y->link);
}

int backs_order(const struct find *f, struct topology *t, bool all, bool *ret_whole)
{
	const struct graph *g = &f->by_class;
	struct backs_link *links = malloc((g->links.n + 1) * sizeof(*links));
	size_t n = 0;
	int r = links ? 0 : -ENOMEM;

	*ret_whole = true;
	for (uint32_t i = 0; !r && i < g->links.n; i++)
		if (all || g->links.items[i].alive)
			links[n++] = (struct backs_link){g->links.items[i].n, i,
				f->classes.items.items[g->links.items[i].from].key,
				f->classes.items.items[g->links.items[i].to].key};
	if (!r && n)
		qsort(links, n, sizeof(*links), backs_compare);
	for (size_t i = 0; r >= 0 && *ret_whole && i < n; i++) {
		const struct link *l = &g->links.items[links[i].link];

		r = topology_add(t, l->from, l->to);
		*ret_whole = t->work <= BACKS_MAX_WORK;
	}
	free(links);
	return r < 0 ? r : 0;
}

/* Is the class in a cycle of any kind? Only those have a place in the order. */
static bool backs_is_alive(const struct graph *g, uint32_t class)
{
	for (uint32_t i = g->first_link[class]; i < g->first_link[class + 1]; i++)
		if (g->links.items[i].alive)
			return true;
	return false;
}

static void backs_mark(
	const struct graph *g, const struct topology *t, struct lockdag_finding *finding)
{
	for (size_t i = 0; i < finding->n_locks; i++) {
		struct lockdag_link *l = &finding->links[i];
		uint32_t from = finding->locks[l->from].class_id;
		uint32_t to = finding->locks[l->to].class_id;

		l->back = t->position[from] > t->position[to] && backs_is_alive(g, from) &&
			backs_is_alive(g, to);
	}
}

int backs_find(struct find *f)
{
	struct topology t;
	bool whole;
	int r;

	if (!f->findings.n)
		return 0;
	r = topology_init(&t, f->by_class.n_nodes);
	if (!r)
		r = backs_order(f, &t, false, &whole);
	for (size_t i = 0; !r && whole && i < f->findings.n; i++)
		backs_mark(&f->by_class, &t, &f->findings.items[i]);
	topology_done(&t);
	return r;
}
