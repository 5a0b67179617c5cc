/* SPDX-License-Identifier: MIT
 *
 * Steps over DWARF entries that may lead nowhere: each checked once, here.
 */
#include "internal.h"

#include <string.h>

#define DIE_MAX_TYPE_STEPS 32
#define DIE_MAX_SCOPES 24

bool sym_die_child(Dwarf_Die *parent, Dwarf_Die *ret_child)
{
	return dwarf_child(parent, ret_child) == 0;
}

bool sym_die_next(Dwarf_Die *die)
{
	Dwarf_Die next;

	/* A broken DW_AT_sibling must not make a walk endless. */
	if (dwarf_siblingof(die, &next) != 0 || (char *)next.addr <= (char *)die->addr)
		return false;
	*die = next;
	return true;
}

bool sym_die_ref(Dwarf_Die *die, unsigned attribute, Dwarf_Die *ret)
{
	Dwarf_Attribute mem, *attr = dwarf_attr_integrate(die, attribute, &mem);

	return attr && dwarf_formref_die(attr, ret);
}

bool sym_die_type(Dwarf_Die *die, Dwarf_Die *ret_type)
{
	return sym_die_ref(die, DW_AT_type, ret_type);
}

bool sym_die_flag(Dwarf_Die *die, unsigned attribute)
{
	Dwarf_Attribute mem, *attr = dwarf_attr_integrate(die, attribute, &mem);
	bool flag;

	return attr && !dwarf_formflag(attr, &flag) && flag;
}

bool sym_die_number(Dwarf_Die *die, unsigned attribute, uint64_t *ret)
{
	Dwarf_Attribute mem, *attr = dwarf_attr_integrate(die, attribute, &mem);
	Dwarf_Word word;

	if (!attr || dwarf_formudata(attr, &word))
		return false;
	*ret = word;
	return true;
}

const char *sym_die_linkage_name(Dwarf_Die *die)
{
	Dwarf_Attribute mem, *attr = dwarf_attr_integrate(die, DW_AT_linkage_name, &mem);

	if (!attr)
		attr = dwarf_attr_integrate(die, DW_AT_MIPS_linkage_name, &mem);
	return attr ? dwarf_formstring(attr) : NULL;
}

/* dwarf_decl_file would do, but for an assertion that a unit without a line table trips. */
const char *sym_die_file(Dwarf_Die *die)
{
	Dwarf_Attribute mem, *attr = dwarf_attr_integrate(die, DW_AT_decl_file, &mem);
	Dwarf_Files *files;
	Dwarf_Die unit;
	Dwarf_Word n;
	size_t n_files;

	if (!attr || dwarf_formudata(attr, &n) ||
		!dwarf_cu_die(attr->cu, &unit, NULL, NULL, NULL, NULL, NULL, NULL) ||
		dwarf_getsrcfiles(&unit, &files, &n_files) || n >= n_files)
		return NULL;
	return dwarf_filesrc(files, n, NULL, NULL);
}

const char *sym_die_where(struct lockdag_symbols *s, Dwarf_Die *die)
{
	const char *file = sym_die_file(die);
	uint64_t line;

	if (!file || !sym_die_number(die, DW_AT_decl_line, &line))
		return NULL;
	return sym_stringf(s, "%s:%llu", sym_base_name(file), (unsigned long long)line);
}

bool sym_die_is_cxx(Dwarf_Die *die)
{
	Dwarf_Die unit;
	int language;

	if (!dwarf_diecu(die, &unit, NULL, NULL))
		return false;
	language = dwarf_srclang(&unit);
	switch (language) {
	case DW_LANG_C_plus_plus:
	case DW_LANG_C_plus_plus_03:
	case DW_LANG_C_plus_plus_11:
	case DW_LANG_C_plus_plus_14:
	case 0x2b: /* DW_LANG_C_plus_plus_17 */
	case 0x2c: /* DW_LANG_C_plus_plus_20 */
		return true;
	default:
		return false;
	}
}

bool sym_die_peel(Dwarf_Die *type, Dwarf_Die *ret_type)
{
	Dwarf_Die die = *type;

	for (int i = 0; i < DIE_MAX_TYPE_STEPS; i++) {
		switch (dwarf_tag(&die)) {
		case DW_TAG_typedef:
		case DW_TAG_const_type:
		case DW_TAG_volatile_type:
		case DW_TAG_restrict_type:
		case DW_TAG_atomic_type:
			if (!sym_die_type(&die, &die))
				return false; /* const void */
			continue;
		case DW_TAG_structure_type:
		case DW_TAG_class_type:
		case DW_TAG_union_type:
			/* -fdebug-types-section leaves a stub with the type's signature */
			if (dwarf_hasattr(&die, DW_AT_signature) &&
				!sym_die_ref(&die, DW_AT_signature, &die))
				return false;
			*ret_type = die;
			return true;
		case DW_TAG_invalid:
			return false;
		default:
			*ret_type = die;
			return true;
		}
	}
	return false;
}

uint64_t sym_array_dimension(Dwarf_Die *range)
{
	uint64_t n;

	if (sym_die_number(range, DW_AT_count, &n))
		return n;
	if (sym_die_number(range, DW_AT_upper_bound, &n) && n < UINT32_MAX)
		return n + 1;
	return 0;
}

/* dwarf_aggregate_size does not follow type signatures. */
bool sym_type_size(Dwarf_Die *type, uint64_t *ret)
{
	uint64_t n, count = 1;
	Dwarf_Die die, range;

	if (!sym_die_peel(type, &die))
		return false;
	if (sym_die_number(&die, DW_AT_byte_size, &n)) {
		*ret = n;
		return true;
	}
	if (sym_die_is_pointer(&die) || dwarf_tag(&die) == DW_TAG_ptr_to_member_type) {
		*ret = 8;
		return true;
	}
	if (dwarf_tag(&die) != DW_TAG_array_type || !sym_die_child(&die, &range))
		return false;
	do {
		if (dwarf_tag(&range) == DW_TAG_subrange_type)
			count *= sym_array_dimension(&range);
	} while (sym_die_next(&range));
	if (!sym_die_type(&die, &die) || !sym_type_size(&die, &n))
		return false;
	*ret = n * count;
	return true;
}

bool sym_die_is_class(Dwarf_Die *die)
{
	switch (dwarf_tag(die)) {
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_union_type:
		return true;
	default:
		return false;
	}
}

bool sym_die_is_pointer(Dwarf_Die *die)
{
	switch (dwarf_tag(die)) {
	case DW_TAG_pointer_type:
	case DW_TAG_reference_type:
	case DW_TAG_rvalue_reference_type:
		return true;
	default:
		return false;
	}
}

/* The entry of die's unit on the way down to it, below parent: the last child that starts at or
 * before it. libdw has no way up, and dwarf_getscopes_die walks the whole unit. */
static bool die_step_down(Dwarf_Die *parent, const void *target, Dwarf_Die *ret)
{
	Dwarf_Die child;
	bool found = false;

	if (!sym_die_child(parent, &child))
		return false;
	do {
		if ((const char *)child.addr > (const char *)target)
			break;
		*ret = child;
		found = true;
	} while (sym_die_next(&child));
	return found;
}

static bool die_names_scope(Dwarf_Die *die)
{
	return dwarf_tag(die) == DW_TAG_namespace || sym_die_is_class(die);
}

const char *sym_die_qualified(struct lockdag_symbols *s, Dwarf_Die *die)
{
	const char *name = dwarf_diename(die);
	struct lockdag_text t = {0};
	struct sym_type_name *known;
	Dwarf_Die at;

	if (!name)
		return NULL;
	if (!sym_die_is_cxx(die))
		return sym_string(s, name);
	for (size_t i = 0; i < s->type_names.n; i++) {
		if (s->type_names.items[i].die == die->addr)
			return s->type_names.items[i].name;
	}
	if (dwarf_diecu(die, &at, NULL, NULL)) {
		for (int i = 0; i < DIE_MAX_SCOPES && at.addr != die->addr; i++) {
			const char *scope;

			if (!die_step_down(&at, die->addr, &at) || at.addr == die->addr)
				break;
			scope = die_names_scope(&at) && !sym_die_flag(&at, DW_AT_export_symbols)
					? dwarf_diename(&at)
					: NULL;
			if (scope)
				lockdag_text_addf(&t, "%s::", scope);
		}
	}
	lockdag_text_add(&t, name);
	name = sym_string_take(s, &t);
	known = lockdag_vec_push(&s->type_names);
	if (known)
		*known = (struct sym_type_name){die->addr, name};
	return name;
}
