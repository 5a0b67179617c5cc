/* SPDX-License-Identifier: MIT
 *
 * Namer (a): which variable of a saved frame points at, or is, what holds the lock. Every variable
 * in scope is evaluated; one whose object covers the lock's address, with a lock just there, wins.
 * Objects on the saved stack (closures, smart pointers, vectors) are looked into for pointers.
 */
#include "internal.h"

#include <string.h>

#define OWNER_MAX_DEPTH 4
#define OWNER_MAX_MEMBERS 64

struct owner_search {
	const struct sym_context *c;
	struct sym_path *p; /* the best so far */
	const char *wanted; /* only an object with this member counts; NULL: any */
	bool any;
	Dwarf_Die *function;
};

/* Takes the path to the lock from an object of this type at address; true: it cannot get better. */
static bool owner_try_object(
	struct owner_search *o, Dwarf_Die *type, uint64_t address, const char *variable)
{
	uint64_t lock = o->c->snapshot->lock, size;
	struct sym_path path;
	bool good;

	if (!sym_type_size(type, &size) || lock < address || lock - address >= size ||
		!sym_type_path(o->c->s, type, lock - address, &path))
		return false;
	if (o->wanted && (!path.member || strcmp(path.member, o->wanted))) {
		sym_path_clear(&path);
		return false;
	}
	if (!path.member && variable && path.lock)
		path.local = sym_stringf(o->c->s, "%s%s", variable, path.classes.s);
	good = path.lock && (path.local || (path.member && !path.wrapper));
	if (good || (path.lock && path.member && !o->any)) {
		sym_path_clear(o->p);
		*o->p = path;
		o->any = true;
	} else {
		sym_path_clear(&path);
	}
	return good;
}

static bool owner_try_pointer(struct owner_search *o, Dwarf_Die *pointer, uint64_t value)
{
	Dwarf_Die target;

	return value && sym_die_type(pointer, &target) && owner_try_object(o, &target, value, NULL);
}

static bool owner_scan(struct owner_search *o, Dwarf_Die *class, uint64_t address, int depth);

/* A vector's elements lie between two of its members (libstdc++'s and libc++'s names). */
static bool owner_try_range(struct owner_search *o, Dwarf_Die *class, uint64_t address)
{
	Dwarf_Die member, type, target;
	uint64_t at, begin = 0, end = 0, size;
	bool found = false;

	if (!sym_die_child(class, &member))
		return false;
	do {
		const char *name =
			dwarf_tag(&member) == DW_TAG_member ? dwarf_diename(&member) : NULL;

		if (!name || !sym_member_offset(&member, &at))
			continue;
		if (!strcmp(name, "_M_start") || !strcmp(name, "__begin_"))
			found = sym_read_word(o->c, address + at, 8, &begin) &&
				sym_die_type(&member, &type);
		else if (!strcmp(name, "_M_finish") || !strcmp(name, "__end_"))
			sym_read_word(o->c, address + at, 8, &end);
	} while (sym_die_next(&member));
	if (!found || !sym_die_peel(&type, &type) || !sym_die_is_pointer(&type) ||
		!sym_die_type(&type, &target) || !sym_type_size(&target, &size) || !size ||
		o->c->snapshot->lock < begin || o->c->snapshot->lock >= end)
		return false;
	begin += (o->c->snapshot->lock - begin) / size * size;
	return owner_try_object(o, &target, begin, NULL);
}

static bool owner_scan_member(
	struct owner_search *o, Dwarf_Die *member, uint64_t address, int depth)
{
	uint64_t at, value;
	Dwarf_Die type;

	if ((dwarf_tag(member) != DW_TAG_member && dwarf_tag(member) != DW_TAG_inheritance) ||
		!sym_member_offset(member, &at) || !sym_die_type(member, &type) ||
		!sym_die_peel(&type, &type))
		return false;
	if (sym_die_is_pointer(&type))
		return sym_read_word(o->c, address + at, 8, &value) &&
		       owner_try_pointer(o, &type, value);
	return sym_die_is_class(&type) && owner_scan(o, &type, address + at, depth + 1);
}

/* The pointers in an object that lies in the saved words. */
static bool owner_scan(struct owner_search *o, Dwarf_Die *class, uint64_t address, int depth)
{
	Dwarf_Die member;
	uint64_t word;

	if (depth > OWNER_MAX_DEPTH || !sym_read_word(o->c, address, 1, &word) ||
		!sym_die_child(class, &member))
		return false;
	if (owner_try_range(o, class, address))
		return true;
	for (int i = 0; i < OWNER_MAX_MEMBERS; i++) {
		if (owner_scan_member(o, &member, address, depth))
			return true;
		if (!sym_die_next(&member))
			break;
	}
	return false;
}

/* A class kept in a register is its first pointer: unique_ptr, an iterator. */
static bool owner_try_register_class(
	struct owner_search *o, Dwarf_Die *class, uint64_t value, int depth)
{
	Dwarf_Die member, type;
	uint64_t at;

	if (depth > OWNER_MAX_DEPTH || !sym_die_child(class, &member))
		return false;
	do {
		int tag = dwarf_tag(&member);

		if ((tag != DW_TAG_member && tag != DW_TAG_inheritance) ||
			!sym_member_offset(&member, &at) || at || !sym_die_type(&member, &type) ||
			!sym_die_peel(&type, &type))
			continue;
		if (sym_die_is_pointer(&type)
				? owner_try_pointer(o, &type, value)
				: sym_die_is_class(&type) &&
					  owner_try_register_class(o, &type, value, depth + 1))
			return true;
	} while (sym_die_next(&member));
	return false;
}

static bool owner_try_variable(struct owner_search *o, Dwarf_Die *variable)
{
	struct sym_value at = sym_eval_variable(o->c, o->function, variable);
	Dwarf_Die declared, type, target;
	const char *name;

	if (at.kind == SYM_NOWHERE || !sym_die_type(variable, &declared) ||
		!sym_die_peel(&declared, &type))
		return false;
	if (sym_die_is_pointer(&type)) {
		if (at.kind == SYM_IN_MEMORY && !sym_read_word(o->c, at.value, 8, &at.value))
			return false;
		if (owner_try_pointer(o, &type, at.value))
			return true;
		return sym_die_type(&type, &target) && sym_die_peel(&target, &target) &&
		       sym_die_is_class(&target) && owner_scan(o, &target, at.value, 0);
	}
	if (at.kind == SYM_IS_VALUE)
		return sym_die_is_class(&type) && owner_try_register_class(o, &type, at.value, 0);
	name = dwarf_diename(variable);
	/* declared, not type: a typedef may be the only name */
	return owner_try_object(o, &declared, at.value, name) ||
	       (sym_die_is_class(&type) && owner_scan(o, &type, at.value, 0));
}

static bool owner_try_scope(struct owner_search *o, Dwarf_Die *scope)
{
	Dwarf_Die child;

	if (!sym_die_child(scope, &child))
		return false;
	do {
		int tag = dwarf_tag(&child);

		if ((tag == DW_TAG_variable || tag == DW_TAG_formal_parameter) &&
			owner_try_variable(o, &child))
			return true;
	} while (sym_die_next(&child));
	return false;
}

bool sym_owner_in_frame(const struct sym_context *c, const struct sym_frame *frame,
	const char *wanted, struct sym_path *p)
{
	struct owner_search o = {.c = c, .p = p, .wanted = wanted};
	uint32_t node = frame->scope, function = frame->scope;

	*p = (struct sym_path){0};
	if (!frame->unit || node == LOCKDAG_NONE || !c->known)
		return false;
	/* Locations of inlined functions count from the frame base of the real one. */
	while (frame->unit->nodes.items[function].kind != SYM_FUNCTION &&
		frame->unit->nodes.items[function].parent != LOCKDAG_NONE)
		function = frame->unit->nodes.items[function].parent;
	o.function = &frame->unit->nodes.items[function].die;
	for (;;) {
		if (owner_try_scope(&o, &frame->unit->nodes.items[node].die))
			return true;
		if (node == frame->function)
			break;
		node = frame->unit->nodes.items[node].parent;
		if (node == LOCKDAG_NONE)
			break;
	}
	return o.any;
}
