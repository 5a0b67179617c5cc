/* SPDX-License-Identifier: MIT
 *
 * The variables, functions and types that a unit declares outside of functions, by name: walked
 * once, when the first name is asked, for a program may ask for each of its locks.
 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

#define UNIT_NAMES_MAX_DEPTH 100

static bool unit_names_has(int tag)
{
	switch (tag) {
	case DW_TAG_variable:
	case DW_TAG_subprogram:
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_union_type:
	case DW_TAG_typedef:
		return true;
	default:
		return false;
	}
}

static void unit_names_walk(struct sym_unit *unit, Dwarf_Die *parent, unsigned depth)
{
	Dwarf_Die child;

	if (depth > UNIT_NAMES_MAX_DEPTH || !sym_die_child(parent, &child))
		return;
	do {
		int tag = dwarf_tag(&child);
		const char *name;
		struct sym_unit_name *row;

		if (tag == DW_TAG_namespace)
			unit_names_walk(unit, &child, depth + 1);
		if (!unit_names_has(tag))
			continue;
		name = dwarf_diename(&child);
		row = name ? lockdag_vec_push(&unit->names) : NULL;
		if (row)
			*row = (struct sym_unit_name){name, child, tag};
	} while (sym_die_next(&child));
}

static int unit_names_compare(const void *a, const void *b)
{
	const struct sym_unit_name *x = a, *y = b;
	int r = strcmp(x->name, y->name);

	/* of one name: in the order of the file */
	return r ? r : (x->die.addr > y->die.addr) - (x->die.addr < y->die.addr);
}

bool sym_unit_named(struct sym_unit *unit, const char *name, int tag, Dwarf_Die *ret)
{
	size_t low = 0, high;

	if (!unit->named) {
		unit->named = true;
		unit_names_walk(unit, &unit->die, 0);
		if (unit->names.n)
			qsort(unit->names.items, unit->names.n, sizeof(*unit->names.items),
				unit_names_compare);
	}
	high = unit->names.n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(unit->names.items[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < unit->names.n && !strcmp(unit->names.items[low].name, name); low++)
		if (unit->names.items[low].tag == tag) {
			*ret = unit->names.items[low].die;
			return true;
		}
	return false;
}
