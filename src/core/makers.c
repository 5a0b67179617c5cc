/* SPDX-License-Identifier: MIT */
#include "core/makers.h"

#include <errno.h>
#include <stdlib.h>

#define MAKERS_MODULE(raw) ((raw) >> 48)

/* The call that led to the initialiser, and the place in that. */
struct makers_site {
	uint64_t call, place;
};

static int makers_by_call(const void *a, const void *b)
{
	const struct makers_site *x = a, *y = b;

	if (x->call != y->call)
		return x->call < y->call ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

/* false: not known, or the lock is a variable's. */
static bool makers_site_of(const struct lockdag_model *m, uint32_t lock, struct makers_site *ret)
{
	const struct lockdag_birth *b = &m->births.items[m->locks.items[lock].birth];

	if (m->locks.items[lock].key || b->how != LOCKDAG_BIRTH_INIT || b->stack == LOCKDAG_NONE ||
		m->stacks.items[b->stack].n_raw < 2)
		return false;
	ret->place = m->stacks.items[b->stack].raw[0];
	ret->call = m->stacks.items[b->stack].raw[1];
	return true;
}

static size_t makers_once(struct makers_site *s, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (!kept || makers_by_call(&s[kept - 1], &s[i]))
			s[kept++] = s[i];
	return kept;
}

/* Do these sites, sorted, of one call lie in so many modules? */
static bool makers_is_indirect(const struct makers_site *s, size_t n)
{
	size_t sites = 0, modules = 0;
	uint64_t last = 0;

	for (size_t i = 0; i < n; i++) {
		const uint64_t module = MAKERS_MODULE(s[i].place);

		if (module == MAKERS_MODULE(s[i].call))
			continue;
		sites++;
		/* Sorted by place, and so by module. */
		modules += !modules || module != last;
		last = module;
	}
	return sites >= MAKERS_SITES && modules >= MAKERS_MODULES;
}

static bool makers_is_in(const struct makers_site *s, size_t n, uint64_t call)
{
	size_t low = 0, high = n, end;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (s[middle].call < call)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < n && s[end].call == call;)
		end++;
	return makers_is_indirect(&s[low], end - low);
}

int makers_init(struct makers *k, const struct lockdag_model *m, const struct classes *c)
{
	struct makers_site *sites = malloc((m->locks.n + 1) * sizeof(*sites)), own;
	size_t n = 0;

	*k = (struct makers){.objects = calloc(c->items.n + 1, sizeof(*k->objects))};
	if (!sites || !k->objects) {
		free(sites);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < m->locks.n; i++)
		n += makers_site_of(m, i, &sites[n]);
	if (n)
		qsort(sites, n, sizeof(*sites), makers_by_call);
	n = makers_once(sites, n);
	for (uint32_t i = 0; n && i < c->items.n; i++)
		if (makers_site_of(m, c->items.items[i].lock, &own))
			k->objects[i] = makers_is_in(sites, n, own.call);
	free(sites);
	return 0;
}

void makers_done(struct makers *k)
{
	free(k->objects);
}
