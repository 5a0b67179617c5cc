/* SPDX-License-Identifier: MIT
 *
 * From an address to the function, inlined functions and blocks it is in. libdw's own way
 * (dwarf_getscopes) walks the whole unit for each address: 10 to 23 ms each on big programs. Here a
 * unit is walked once, when its first address is asked: the ranges of its functions, inlined calls
 * and blocks are sorted and flattened to disjoint segments, and each address is a binary search.
 */
#include "internal.h"

#include <stdlib.h>

#define INDEX_MAX_DEPTH 200

bool sym_ranges_add(struct sym_ranges *r, uint64_t low, uint64_t high, uint32_t id, uint32_t depth)
{
	struct sym_range *range;

	if (low >= high)
		return true; /* dropped by the linker, or broken */
	range = lockdag_vec_push(r);
	if (!range)
		return false;
	*range = (struct sym_range){low, high, id, depth};
	return true;
}

static int ranges_compare(const void *a, const void *b)
{
	const struct sym_range *x = a, *y = b;

	if (x->low != y->low)
		return x->low < y->low ? -1 : 1;
	if (x->depth != y->depth)
		return x->depth < y->depth ? -1 : 1; /* outer first */
	if (x->high != y->high)
		return x->high > y->high ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static void ranges_emit(
	struct sym_ranges *to, const struct sym_range *r, uint64_t low, uint64_t high)
{
	struct sym_range *last = to->n ? &to->items[to->n - 1] : NULL;

	if (last && last->id == r->id && last->high == low)
		last->high = high;
	else
		sym_ranges_add(to, low, high, r->id, r->depth);
}

/* A sweep with the stack of open ranges; at each place the innermost open one owns it. Ranges that
 * overlap without nesting (identical code folded, broken files) are cut at the later's start. */
void sym_ranges_flatten(struct sym_ranges *r)
{
	LOCKDAG_VEC(struct sym_range) open = {0};
	struct sym_ranges out = {0};
	uint64_t at = 0;

	if (!r->n)
		return;
	qsort(r->items, r->n, sizeof(*r->items), ranges_compare);
	for (size_t i = 0; i <= r->n; i++) {
		uint64_t until = i < r->n ? r->items[i].low : UINT64_MAX;
		struct sym_range *top;

		while (open.n) {
			top = &open.items[open.n - 1];
			if (top->high > until)
				break;
			if (top->high > at) {
				ranges_emit(&out, top, at, top->high);
				at = top->high;
			}
			open.n--;
		}
		if (i == r->n)
			break;
		if (open.n && until > at)
			ranges_emit(&out, &open.items[open.n - 1], at, until);
		at = until;
		top = lockdag_vec_push(&open);
		if (top)
			*top = r->items[i];
	}
	lockdag_vec_clear(&open);
	free(r->items);
	*r = out;
}

const struct sym_range *sym_ranges_find(const struct sym_ranges *r, uint64_t address)
{
	size_t low = 0, high = r->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (r->items[middle].low <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low && sym_range_has(&r->items[low - 1], address) ? &r->items[low - 1] : NULL;
}

static bool index_add_ranges(struct sym_ranges *to, Dwarf_Die *die, uint32_t id, uint32_t depth)
{
	Dwarf_Addr base, low, high;
	ptrdiff_t at = 0;
	bool any = false;

	while ((at = dwarf_ranges(die, at, &base, &low, &high)) > 0) {
		/* Functions the linker dropped stand at 0, 1 or ~0. */
		if (low > 1 && low < high && high != UINT64_MAX) {
			sym_ranges_add(to, low, high, id, depth);
			any = true;
		}
	}
	return any;
}

void sym_read_units(struct sym_module *m)
{
	Dwarf_CU *cu = NULL;
	Dwarf_Die die, split;
	uint8_t type;

	if (m->units_read)
		return;
	m->units_read = true;
	sym_module_debug(m);
	if (!m->dwarf)
		return;
	while (dwarf_get_units(m->dwarf, cu, &cu, NULL, &type, &die, &split) == 0) {
		struct sym_unit *unit;
		Dwarf_Attribute attr;

		if (type == DW_UT_type || type == DW_UT_split_type)
			continue;
		unit = lockdag_vec_push(&m->units);
		if (!unit)
			break;
		unit->skeleton = die;
		unit->die = type == DW_UT_skeleton && split.addr ? split : die;
		unit->dir = dwarf_formstring(dwarf_attr_integrate(&die, DW_AT_comp_dir, &attr));
		index_add_ranges(&m->unit_ranges, &die, (uint32_t)(m->units.n - 1), 0);
	}
	sym_ranges_flatten(&m->unit_ranges);
}

static void index_walk(
	struct sym_unit *unit, Dwarf_Die *parent_die, uint32_t parent, uint32_t depth);

/* The classes inside a function without code: a lambda in an inline function has its body there. */
static void index_walk_classes(
	struct sym_unit *unit, Dwarf_Die *parent_die, uint32_t parent, uint32_t depth)
{
	Dwarf_Die die;

	if (depth > INDEX_MAX_DEPTH || !sym_die_child(parent_die, &die))
		return;
	do {
		switch (dwarf_tag(&die)) {
		case DW_TAG_structure_type:
		case DW_TAG_class_type:
			index_walk(unit, &die, parent, depth + 1);
			break;
		case DW_TAG_lexical_block:
			index_walk_classes(unit, &die, parent, depth + 1);
			break;
		default:
			break;
		}
	} while (sym_die_next(&die));
}

static void index_add_node(struct sym_unit *unit, Dwarf_Die *die, enum sym_node_kind kind,
	uint32_t parent, uint32_t depth)
{
	uint32_t id = (uint32_t)unit->nodes.n;
	struct sym_node *node;

	if (!index_add_ranges(&unit->segments, die, id, depth)) {
		/* A block without code of its own may hold some that has; a function without is a
		 * declaration or the abstract one, of which only classes may. */
		if (kind == SYM_BLOCK)
			index_walk(unit, die, parent, depth);
		else if (kind == SYM_FUNCTION)
			index_walk_classes(unit, die, parent, depth);
		return;
	}
	node = lockdag_vec_push(&unit->nodes);
	if (!node)
		return;
	node->die = *die;
	node->parent = parent;
	node->kind = kind;
	index_walk(unit, die, id, depth + 1);
}

static void index_walk(
	struct sym_unit *unit, Dwarf_Die *parent_die, uint32_t parent, uint32_t depth)
{
	Dwarf_Die die;

	if (depth > INDEX_MAX_DEPTH || !sym_die_child(parent_die, &die))
		return;
	do {
		switch (dwarf_tag(&die)) {
		case DW_TAG_subprogram:
			index_add_node(unit, &die, SYM_FUNCTION, parent, depth);
			break;
		case DW_TAG_inlined_subroutine:
			index_add_node(unit, &die, SYM_INLINED, parent, depth);
			break;
		case DW_TAG_lexical_block:
		case DW_TAG_try_block:
		case DW_TAG_catch_block:
			index_add_node(unit, &die, SYM_BLOCK, parent, depth);
			break;
		case DW_TAG_namespace:
		case DW_TAG_module:
			index_walk(unit, &die, parent, depth + 1);
			break;
		case DW_TAG_structure_type:
		case DW_TAG_class_type:
			/* Member functions have their bodies outside, but those of classes inside
			 * a function (lambdas) may not. */
			if (parent != LOCKDAG_NONE)
				index_walk(unit, &die, parent, depth + 1);
			break;
		default:
			break;
		}
	} while (sym_die_next(&die));
}

struct sym_place sym_find(struct sym_module *m, uint64_t offset)
{
	struct sym_place place = {NULL, LOCKDAG_NONE};
	const struct sym_range *range;

	sym_read_units(m);
	range = sym_ranges_find(&m->unit_ranges, offset);
	if (!range)
		return place;
	place.unit = &m->units.items[range->id];
	if (!place.unit->indexed) {
		place.unit->indexed = true;
		index_walk(place.unit, &place.unit->die, LOCKDAG_NONE, 0);
		sym_ranges_flatten(&place.unit->segments);
	}
	range = sym_ranges_find(&place.unit->segments, offset);
	if (range)
		place.node = range->id;
	return place;
}
