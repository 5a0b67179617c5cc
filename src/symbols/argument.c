/* SPDX-License-Identifier: MIT
 *
 * Namer (b): the type of an expression of the source. Only what stands where a lock is asked for
 * is understood: names, members, indices, calls, * and &; the types are DWARF's. Anything else is
 * text of no known type.
 */
#include "internal.h"

#include <ctype.h>
#include <string.h>

#define ARGUMENT_MAX_DEPTH 8

struct argument_parse {
	struct lockdag_symbols *s;
	const struct sym_frame *frame;
	const char *at;
	int depth;
	/* What was read so far: an object of type at offset of an object of type base. */
	Dwarf_Die base, type;
	uint64_t offset;
	Dwarf_Die variable; /* the one that a plain name is; variable.addr NULL: none */
	Dwarf_Die root;     /* the pointer or reference to base, where it is a variable; or root.addr NULL */
	const uint64_t *inner; /* see sym_argument() */
	bool global, by_this;
	bool cast;       /* what was read is a pointer to base, by a cast: no type of its own */
	Dwarf_Die class; /* this one's, when by_this */
};

static bool argument_expression(struct argument_parse *a);

static void argument_object(struct argument_parse *a, Dwarf_Die *type)
{
	a->base = a->type = *type;
	a->offset = 0;
	a->root.addr = NULL;
}

/* A reference is what it refers to. */
static bool argument_strip_reference(struct argument_parse *a)
{
	Dwarf_Die type;

	if (!sym_die_peel(&a->type, &type))
		return false;
	if (dwarf_tag(&type) == DW_TAG_reference_type ||
		dwarf_tag(&type) == DW_TAG_rvalue_reference_type) {
		if (!sym_die_type(&type, &type))
			return false;
		argument_object(a, &type);
	}
	return true;
}

static bool argument_member(
	Dwarf_Die *class, const char *name, uint64_t *offset, Dwarf_Die *ret_type, int depth)
{
	Dwarf_Die member, type;
	uint64_t at;

	if (depth > ARGUMENT_MAX_DEPTH || !sym_die_is_class(class) ||
		!sym_die_child(class, &member))
		return false;
	do {
		int tag = dwarf_tag(&member);
		const char *its = dwarf_diename(&member);

		if ((tag != DW_TAG_member && tag != DW_TAG_inheritance) ||
			!sym_member_offset(&member, &at) || !sym_die_type(&member, &type))
			continue;
		if (tag == DW_TAG_member && its && !strcmp(its, name)) {
			*offset += at;
			*ret_type = type;
			return true;
		}
		if ((tag == DW_TAG_member && its) || !sym_die_peel(&type, &type))
			continue;
		*offset += at;
		if (argument_member(&type, name, offset, ret_type, depth + 1))
			return true;
		*offset -= at;
	} while (sym_die_next(&member));
	return false;
}

/* What a class's function of that name returns; its bases' too. */
static bool argument_method(Dwarf_Die *class, const char *name, Dwarf_Die *ret_type, int depth)
{
	Dwarf_Die child, type;

	if (depth > ARGUMENT_MAX_DEPTH || !sym_die_is_class(class) || !sym_die_child(class, &child))
		return false;
	do {
		int tag = dwarf_tag(&child);
		const char *its = dwarf_diename(&child);

		if (tag == DW_TAG_subprogram && its && !strcmp(its, name) &&
			sym_die_type(&child, ret_type))
			return true;
		if (tag == DW_TAG_inheritance && sym_die_type(&child, &type) &&
			sym_die_peel(&type, &type) &&
			argument_method(&type, name, ret_type, depth + 1))
			return true;
	} while (sym_die_next(&child));
	return false;
}

/* The n-th type a template was made with: T of shared_ptr<T>, when no method tells. */
static bool argument_template(Dwarf_Die *class, Dwarf_Die *ret_type)
{
	Dwarf_Die child;

	if (!sym_die_is_class(class) || !sym_die_child(class, &child))
		return false;
	do {
		if (dwarf_tag(&child) == DW_TAG_template_type_parameter)
			return sym_die_type(&child, ret_type);
	} while (sym_die_next(&child));
	return false;
}

/* One step through a pointer, or through a class that acts like one. */
static bool argument_deref(struct argument_parse *a, const char *method)
{
	Dwarf_Die type, result;

	if (a->cast) {
		a->cast = false;
		return true;
	}
	if (!sym_die_peel(&a->type, &type))
		return false;
	if (dwarf_tag(&type) == DW_TAG_array_type) {
		if (!sym_die_type(&type, &a->type))
			return false;
		return true; /* still inside base: the index does not matter */
	}
	if (sym_die_is_pointer(&type)) {
		if (!sym_die_type(&type, &result))
			return false;
		argument_object(a, &result);
		a->root = a->variable;
		return true;
	}
	if (argument_method(&type, method, &result, 0)) {
		if (!sym_die_peel(&result, &result) || !sym_die_is_pointer(&result) ||
			!sym_die_type(&result, &result))
			return false;
	} else if (!argument_template(&type, &result)) {
		return false;
	}
	argument_object(a, &result);
	return true;
}

static size_t argument_word(struct argument_parse *a, char *word, size_t size)
{
	size_t n = 0;

	while (isalnum((unsigned char)a->at[n]) || a->at[n] == '_')
		n++;
	if (!n || n >= size || isdigit((unsigned char)a->at[0]))
		return 0;
	memcpy(word, a->at, n);
	word[n] = 0;
	a->at += n;
	return n;
}

/* Past a bracket and what is in it. */
static bool argument_skip(struct argument_parse *a)
{
	int depth = 0;

	for (; *a->at; a->at++) {
		if (strchr("([{", *a->at))
			depth++;
		else if (strchr(")]}", *a->at) && --depth == 0) {
			a->at++;
			return true;
		}
	}
	return false;
}

/* A variable or parameter of that name in a function or block. */
static bool argument_local(Dwarf_Die *parent, const char *name, Dwarf_Die *ret)
{
	Dwarf_Die child;

	if (!sym_die_child(parent, &child))
		return false;
	do {
		int its = dwarf_tag(&child);
		const char *its_name;

		if (its != DW_TAG_variable && its != DW_TAG_formal_parameter)
			continue;
		its_name = dwarf_diename(&child);
		if (its_name && !strcmp(its_name, name)) {
			*ret = child;
			return true;
		}
	} while (sym_die_next(&child));
	return false;
}

static bool argument_in_function(struct argument_parse *a, const char *name, Dwarf_Die *ret)
{
	const struct sym_frame *frame = a->frame;
	uint32_t node = frame->scope;
	Dwarf_Die origin;

	while (node != LOCKDAG_NONE) {
		struct sym_node *at = &frame->unit->nodes.items[node];

		if (argument_local(&at->die, name, ret))
			return true;
		/* Where a function is inlined, clang leaves out what has no place there. */
		if (sym_die_ref(&at->die, DW_AT_abstract_origin, &origin) &&
			argument_local(&origin, name, ret))
			return true;
		if (node == frame->function)
			break;
		node = at->parent;
	}
	return false;
}

static bool argument_this(struct argument_parse *a, Dwarf_Die *ret_class)
{
	Dwarf_Die variable, type;

	return argument_in_function(a, "this", &variable) && sym_die_type(&variable, &type) &&
	       sym_die_peel(&type, &type) && sym_die_is_pointer(&type) &&
	       sym_die_type(&type, &type) && sym_die_peel(&type, ret_class);
}

/* A member of this, or of the this that a lambda captured: gcc has a variable for that one, clang
 * only the closure's member. */
static bool argument_member_of_this(
	struct argument_parse *a, const char *name, uint64_t *ret_at, Dwarf_Die *ret_type)
{
	Dwarf_Die captured;
	uint64_t ignored = 0;

	if (!argument_this(a, &a->class))
		return false;
	*ret_at = 0;
	if (argument_member(&a->class, name, ret_at, ret_type, 0))
		return true;
	if (dwarf_diename(&a->class) ||
		!argument_member(&a->class, "this", &ignored, &captured, 0) ||
		!sym_die_peel(&captured, &captured) || !sym_die_is_pointer(&captured) ||
		!sym_die_type(&captured, &captured) || !sym_die_peel(&captured, &a->class))
		return false;
	return argument_member(&a->class, name, ret_at, ret_type, 0);
}

static bool argument_variable(struct argument_parse *a, Dwarf_Die *variable)
{
	Dwarf_Die type;

	if (!sym_die_type(variable, &type))
		return false;
	a->variable = *variable;
	argument_object(a, &type);
	if (!argument_strip_reference(a))
		return false;
	if (a->type.addr != type.addr)
		a->root = *variable;
	return true;
}

static bool argument_name(struct argument_parse *a)
{
	Dwarf_Die found, class;
	char word[128];
	uint64_t at = 0;

	do {
		if (!argument_word(a, word, sizeof(word)))
			return false;
	} while (!strncmp(a->at, "::", 2) && (a->at += 2)); /* the last part of ns::x */
	if (*a->at == '(') {
		if (!argument_skip(a))
			return false;
		if (argument_this(a, &class) && argument_method(&class, word, &found, 0))
			argument_object(a, &found);
		else if (sym_unit_named(a->frame->unit, word, DW_TAG_subprogram, &found) &&
			 sym_die_type(&found, &found))
			argument_object(a, &found);
		else
			return false;
		return argument_strip_reference(a);
	}
	if (argument_in_function(a, word, &found))
		return argument_variable(a, &found);
	if (argument_member_of_this(a, word, &at, &found)) {
		argument_object(a, &a->class);
		a->offset = at;
		a->type = found;
		a->by_this = true;
		return argument_strip_reference(a);
	}
	a->global = sym_unit_named(a->frame->unit, word, DW_TAG_variable, &found);
	return a->global && argument_variable(a, &found);
}

static bool argument_select(struct argument_parse *a)
{
	Dwarf_Die type, found;
	char word[128];

	if (!argument_word(a, word, sizeof(word)) || !sym_die_peel(&a->type, &type))
		return false;
	if (*a->at == '(') {
		if (!argument_skip(a))
			return false;
		if (!argument_method(&type, word, &found, 0)) {
			if (strcmp(word, "get") || !argument_template(&type, &found))
				return false;
			argument_object(a, &found); /* shared_ptr's: as if through it */
			return true;
		}
		argument_object(a, &found);
		return argument_strip_reference(a);
	}
	if (!argument_member(&type, word, &a->offset, &found, 0))
		return false;
	a->type = found;
	return argument_strip_reference(a);
}

static bool argument_postfix(struct argument_parse *a)
{
	for (;;) {
		if (!strncmp(a->at, "->", 2)) {
			a->at += 2;
			if (!argument_deref(a, "operator->") || !argument_select(a))
				return false;
		} else if (*a->at == '.') {
			a->at++;
			if (!argument_select(a))
				return false;
		} else if (*a->at == '[') {
			if (!argument_skip(a) || !argument_deref(a, "operator[]"))
				return false;
		} else {
			return true;
		}
		a->variable.addr = NULL;
	}
}

/* What a template's parameter of that name is here: of the function, or of this's class. */
static bool argument_template_named(struct argument_parse *a, const char *name, Dwarf_Die *ret)
{
	Dwarf_Die of[2], child;
	size_t n = 1;

	of[0] = a->frame->unit->nodes.items[a->frame->function].die;
	n += argument_this(a, &of[1]);
	for (size_t i = 0; i < n; i++) {
		if (!sym_die_child(&of[i], &child))
			continue;
		do {
			const char *its = dwarf_diename(&child);

			if (dwarf_tag(&child) == DW_TAG_template_type_parameter && its &&
				!strcmp(its, name))
				return sym_die_type(&child, ret);
		} while (sym_die_next(&child));
	}
	return false;
}

static bool argument_type_named(struct argument_parse *a, const char *name, Dwarf_Die *ret)
{
	static const int tags[] = {
		DW_TAG_structure_type, DW_TAG_class_type, DW_TAG_union_type, DW_TAG_typedef};

	if (argument_template_named(a, name, ret))
		return true;
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(tags); i++) {
		if (sym_unit_named(a->frame->unit, name, tags[i], ret))
			return true;
	}
	return false;
}

/* "const struct node *" and what closes it: the type that is pointed at. */
static bool argument_cast_type(struct argument_parse *a, const char *close, Dwarf_Die *ret)
{
	static const char *const before[] = {"const ", "struct ", "class ", "union "};
	const char *start = a->at;
	char word[128];

	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(before); i++) {
		if (!strncmp(a->at, before[i], strlen(before[i])))
			a->at += strlen(before[i]);
	}
	do {
		if (!argument_word(a, word, sizeof(word)))
			break;
	} while (!strncmp(a->at, "::", 2) && (a->at += 2));
	if (a->at == start || strncmp(a->at, close, strlen(close)) ||
		!argument_type_named(a, word, ret)) {
		a->at = start;
		return false;
	}
	a->at += strlen(close);
	return true;
}

/* "(struct node*)link" behind its bracket; false, and nothing is read: no cast. */
static bool argument_cast(struct argument_parse *a)
{
	const char *start = a->at;
	Dwarf_Die type;
	char word[128];

	if (!argument_cast_type(a, "*)", &type))
		return false;
	/* What is cast does not matter, only where it ends. */
	if (*a->at == '(' ? !argument_skip(a) : !argument_word(a, word, sizeof(word))) {
		a->at = start;
		return false;
	}
	argument_object(a, &type);
	a->cast = true;
	return true;
}

/* "static_cast<Derived*>(this)" */
static bool argument_named_cast(struct argument_parse *a)
{
	static const char *const casts[] = {
		"static_cast<", "dynamic_cast<", "reinterpret_cast<", "const_cast<"};
	const char *start = a->at;
	Dwarf_Die type;

	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(casts); i++) {
		if (strncmp(a->at, casts[i], strlen(casts[i])))
			continue;
		a->at += strlen(casts[i]);
		if (!argument_cast_type(a, "*>", &type) || *a->at != '(' || !argument_skip(a))
			break;
		argument_object(a, &type);
		a->cast = true;
		return true;
	}
	a->at = start;
	return false;
}

static bool argument_expression(struct argument_parse *a)
{
	bool ok = false;

	if (++a->depth > ARGUMENT_MAX_DEPTH)
		return false;
	if (*a->at == '&') {
		a->at++;
		ok = argument_expression(a);
	} else if (*a->at == '*') {
		a->at++;
		ok = argument_expression(a) && argument_deref(a, "operator*");
		a->variable.addr = NULL;
	} else if (*a->at == '(') {
		a->at++;
		if (argument_cast(a)) {
			a->depth--;
			return argument_postfix(a);
		}
		ok = argument_expression(a) && *a->at == ')';
		if (ok) {
			a->at++;
			ok = argument_postfix(a);
		}
	} else {
		ok = (argument_named_cast(a) || argument_name(a)) && argument_postfix(a);
	}
	a->depth--;
	return ok;
}

/* Which of the function's own parameters the variable is, as the source counts them. */
static bool argument_parameter(struct argument_parse *a, Dwarf_Die *variable, unsigned *ret)
{
	Dwarf_Die *function = &a->frame->unit->nodes.items[a->frame->function].die;
	const char *name = variable->addr ? dwarf_diename(variable) : NULL;
	Dwarf_Die origin = *function, child;
	unsigned n = 0;

	if (!name || dwarf_tag(variable) != DW_TAG_formal_parameter)
		return false;
	sym_die_ref(function, DW_AT_abstract_origin, &origin);
	if (!sym_die_child(&origin, &child))
		return false;
	do {
		const char *its = dwarf_diename(&child);

		if (dwarf_tag(&child) != DW_TAG_formal_parameter ||
			sym_die_flag(&child, DW_AT_artificial))
			continue;
		if (its && !strcmp(its, name)) {
			*ret = n;
			return true;
		}
		n++;
	} while (sym_die_next(&child));
	return false;
}

/* The key's part for a pointer to a lock that is a member: the class it stands in. */
static const char *argument_pointer_member(struct argument_parse *a)
{
	const char *class, *member = NULL;
	struct sym_path path;
	Dwarf_Die type;

	if (!sym_die_peel(&a->base, &type) || !sym_die_is_class(&type) ||
		!(class = sym_die_qualified(a->s, &type)) ||
		!sym_type_path(a->s, &a->base, a->offset, &path))
		return NULL;
	member = sym_stringf(a->s, "%s%s", class, path.classes.s);
	sym_path_clear(&path);
	return member;
}

/* A guard's own reference to a lock, in its constructor: what the constructor was given. */
static bool argument_in_constructor(struct argument_parse *a)
{
	const char *function = dwarf_diename(&a->frame->unit->nodes.items[a->frame->function].die);
	const char *class = a->by_this ? dwarf_diename(&a->class) : NULL;
	size_t n = class ? strcspn(class, "<") : 0;

	return n && function && strlen(function) == n && !strncmp(function, class, n);
}

/* Where in an object of the type the lock is: "" or ".m", from a pointer's name "->m". */
static const char *argument_rest(struct argument_parse *a, Dwarf_Die *type, bool by_pointer)
{
	const char *rest = "";
	struct sym_path path;

	if (!a->inner || !sym_type_path(a->s, type, *a->inner, &path))
		return rest;
	if (path.full.n)
		rest = by_pointer && *path.full.s == '.' ? sym_stringf(a->s, "->%s", path.full.s + 1)
							 : sym_string(a->s, path.full.s);
	sym_path_clear(&path);
	return rest;
}

/* The lock in what the expression is, or what it is within: does the function only hand on a pointer
 * to a type that wraps a lock, or that has no name? Then its caller knows what it is. */
static bool argument_hands_on(struct argument_parse *a, struct sym_argument *ret)
{
	if (!ret->lock || (ret->member && !ret->wrapper) ||
		!argument_parameter(a, &a->root, &ret->parameter))
		return false;
	ret->within = true;
	ret->inner = a->offset + (a->inner ? *a->inner : 0);
	ret->kind = SYM_ARGUMENT_PARAMETER;
	return true;
}

/* A plain name: of a lock, or of what only wraps one. */
static void argument_judge_name(
	struct argument_parse *a, Dwarf_Die *target, bool pointer, struct sym_argument *ret)
{
	bool own = ret->lock || ret->wrapper;
	struct sym_path path;

	if (pointer && !own && sym_type_path(a->s, target, a->inner ? *a->inner : 0, &path)) {
		own = path.lock && path.wrapper;
		sym_path_clear(&path);
	}
	if (!own)
		return;
	if (argument_parameter(a, &a->variable, &ret->parameter)) {
		ret->kind = SYM_ARGUMENT_PARAMETER;
		ret->within = a->inner != NULL;
		ret->inner = a->inner ? *a->inner : 0;
	} else {
		ret->kind = a->global ? SYM_ARGUMENT_GLOBAL : SYM_ARGUMENT_LOCAL;
	}
	ret->member = NULL;
}

static void argument_judge(struct argument_parse *a, struct sym_argument *ret)
{
	Dwarf_Die type, target;
	struct sym_path path;
	bool pointer;

	if (a->cast || !sym_die_peel(&a->type, &type))
		return;
	pointer = sym_die_is_pointer(&type) && sym_die_type(&type, &target);
	if (!pointer)
		target = a->type;
	ret->lock = sym_type_is_lock(&target);
	ret->rest = argument_rest(a, &target, pointer);
	if (!pointer && sym_type_path(a->s, &a->base, a->offset + (a->inner ? *a->inner : 0), &path)) {
		if (path.lock) {
			ret->member = path.member;
			ret->wrapper = path.wrapper;
			ret->lock |= a->inner != NULL;
		}
		sym_path_clear(&path);
	} else if (pointer && ret->lock && !a->variable.addr) {
		ret->member = argument_pointer_member(a);
	}
	ret->kind = SYM_ARGUMENT_NO_LOCK;
	if (a->variable.addr) {
		argument_judge_name(a, &target, pointer, ret);
		return;
	}
	if (!pointer && argument_hands_on(a, ret))
		return;
	if (ret->member)
		ret->kind = ret->wrapper && a->by_this ? SYM_ARGUMENT_THIS : SYM_ARGUMENT_MEMBER;
	else if (ret->lock && argument_in_constructor(a))
		ret->kind = SYM_ARGUMENT_PARAMETER;
	else if (ret->lock)
		ret->kind = SYM_ARGUMENT_OTHER;
}

void sym_argument(struct lockdag_symbols *s, const struct sym_frame *frame, const char *text,
	const uint64_t *inner, struct sym_argument *ret)
{
	struct argument_parse a = {.s = s, .frame = frame, .at = text, .inner = inner};

	*ret = (struct sym_argument){.kind = SYM_ARGUMENT_OTHER, .rest = ""};
	if (!text || !strcmp(text, "this") || !strcmp(text, "*this")) {
		ret->kind = SYM_ARGUMENT_THIS;
		return;
	}
	if (!frame->unit || frame->function == LOCKDAG_NONE || !argument_expression(&a) || *a.at)
		return;
	argument_judge(&a, ret);
}
