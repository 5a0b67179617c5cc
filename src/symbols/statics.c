/* SPDX-License-Identifier: MIT
 *
 * Static variables by address. One walk over the entries of a module makes a sorted table; the
 * first walk leaves function bodies out (half the time), the second is made only when an address
 * is still nameless. Data addresses lead to no unit (.debug_aranges covers code), so all are
 * walked. Sizes, types and names are looked at only for the entry that is asked for.
 */
#include "internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATICS_MAX_DEPTH 200

struct statics_walk {
	struct sym_module *m;
	uint32_t unit;
	bool bodies;
};

/* DW_OP_addr in its plain form is read here: libdw would keep a decoded copy of each. */
static bool statics_address(Dwarf_Attribute *attr, uint64_t *ret)
{
	Dwarf_Attribute operand;
	Dwarf_Block block;
	Dwarf_Op *ops;
	Dwarf_Addr address;
	size_t n;

	if (dwarf_formblock(attr, &block) || !block.length)
		return false;
	switch (block.data[0]) {
	case DW_OP_addr:
	case DW_OP_addrx:
	case DW_OP_GNU_addr_index:
		break;
	default:
		return false;
	}
	if (dwarf_getlocation(attr, &ops, &n) || !n)
		return false;
	if (ops[0].atom == DW_OP_addr)
		*ret = ops[0].number;
	else if (!dwarf_getlocation_attr(attr, &ops[0], &operand) &&
		 !dwarf_formaddr(&operand, &address))
		*ret = address;
	else
		return false;
	if (n == 2 && ops[1].atom == DW_OP_plus_uconst)
		*ret += ops[1].number;
	return n == 1 || (n == 2 && ops[1].atom == DW_OP_plus_uconst);
}

static bool statics_fast_address(Dwarf_Attribute *attr, uint64_t *ret)
{
	Dwarf_Block block;

	if (dwarf_formblock(attr, &block) || block.length != 9 || block.data[0] != DW_OP_addr)
		return statics_address(attr, ret);
	memcpy(ret, block.data + 1, 8);
	return true;
}

static void statics_add(struct statics_walk *w, Dwarf_Die *die, uint32_t scope)
{
	Dwarf_Attribute mem, *attr = dwarf_attr(die, DW_AT_location, &mem);
	struct sym_static *entry;
	uint64_t address;

	if (!attr || !statics_fast_address(attr, &address) || address <= 1)
		return;
	entry = lockdag_vec_push(&w->m->statics.table);
	if (!entry)
		return;
	entry->low = address;
	entry->die = *die;
	entry->name = dwarf_diename(die);
	entry->scope = scope;
	entry->unit = w->unit;
}

static uint32_t statics_scope(struct statics_walk *w, Dwarf_Die *die, uint32_t parent)
{
	struct sym_scope *scope = lockdag_vec_push(&w->m->statics.scopes);

	if (!scope)
		return parent;
	scope->die = *die;
	scope->parent = parent;
	return (uint32_t)(w->m->statics.scopes.n - 1);
}

static void statics_walk(struct statics_walk *w, Dwarf_Die *parent, uint32_t scope, int depth)
{
	Dwarf_Die die;

	if (depth > STATICS_MAX_DEPTH || !sym_die_child(parent, &die))
		return;
	do {
		switch (dwarf_tag(&die)) {
		case DW_TAG_variable:
			statics_add(w, &die, scope);
			break;
		case DW_TAG_namespace:
		case DW_TAG_module:
			statics_walk(w, &die, statics_scope(w, &die, scope), depth + 1);
			break;
		case DW_TAG_subprogram:
			if (w->bodies && dwarf_haschildren(&die) > 0)
				statics_walk(w, &die, statics_scope(w, &die, scope), depth + 1);
			break;
		case DW_TAG_lexical_block:
		case DW_TAG_try_block:
		case DW_TAG_catch_block:
			statics_walk(w, &die, scope, depth + 1);
			break;
		case DW_TAG_structure_type:
		case DW_TAG_class_type:
			if (w->bodies && scope != LOCKDAG_NONE)
				statics_walk(w, &die, statics_scope(w, &die, scope), depth + 1);
			break;
		default:
			break;
		}
	} while (sym_die_next(&die));
}

static int statics_compare(const void *a, const void *b)
{
	const struct sym_static *x = a, *y = b;

	if (x->low != y->low)
		return x->low < y->low ? -1 : 1;
	return x->unit < y->unit ? -1 : x->unit > y->unit;
}

static void statics_read(struct sym_module *m, bool bodies)
{
	struct sym_statics *t = &m->statics;

	if (bodies ? t->bodies_read : t->read)
		return;
	t->read = true;
	t->bodies_read = bodies;
	t->table.n = t->scopes.n = t->by_name.n = 0;
	sym_read_units(m);
	for (size_t i = 0; i < m->units.n; i++) {
		struct statics_walk w = {m, (uint32_t)i, bodies};

		statics_walk(&w, &m->units.items[i].die, LOCKDAG_NONE, 0);
	}
	if (t->table.n)
		qsort(t->table.items, t->table.n, sizeof(*t->table.items), statics_compare);
}

/* The size of a variable; a type that is only declared here leaves it to the symbol. */
static uint64_t statics_size(struct sym_module *m, struct sym_static *entry)
{
	const struct sym_elf_symbol *symbol;
	Dwarf_Die type;
	uint64_t size;

	if (sym_die_type(&entry->die, &type) && sym_type_size(&type, &size) && size)
		return size;
	symbol = sym_elf_object(m, entry->low);
	return symbol && symbol->value == entry->low && symbol->size ? symbol->size : 1;
}

static struct sym_static *statics_find(struct sym_module *m, uint64_t offset)
{
	struct sym_statics *t = &m->statics;
	size_t low = 0, high = t->table.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->table.items[middle].low <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	/* One variable may be told by several units; any that knows its size will do. */
	for (; low-- > 0;) {
		struct sym_static *entry = &t->table.items[low];

		if (offset - entry->low < statics_size(m, entry))
			return entry;
		if (!low || t->table.items[low - 1].low != entry->low)
			break;
	}
	return NULL;
}

/* clang leaves the static of an inlined function in a function without a name; its symbol has it:
 * "function.variable", "function.variable.3". */
static const char *statics_clang_function(
	struct lockdag_symbols *s, struct sym_module *m, struct sym_static *entry)
{
	const struct sym_elf_symbol *symbol = sym_elf_object(m, entry->low);
	size_t n = strlen(entry->name);
	const char *dot;

	if (!symbol || symbol->value != entry->low)
		return NULL;
	dot = strchr(symbol->name, '.');
	if (!dot || dot == symbol->name || strncmp(dot + 1, entry->name, n) ||
		(dot[n + 1] && dot[n + 1] != '.'))
		return NULL;
	return sym_string_n(s, symbol->name, (size_t)(dot - symbol->name));
}

/* C: "function::variable"; C++ gets here only without a symbol: "ns::function()::variable". */
static const char *statics_scoped_name(
	struct lockdag_symbols *s, struct sym_module *m, struct sym_static *entry)
{
	bool cxx = sym_die_is_cxx(&entry->die);
	const char *name = sym_string(s, entry->name);
	uint32_t scope = entry->scope;

	if (dwarf_hasattr(&entry->die, DW_AT_specification) && cxx)
		return name; /* its scope is the declaration's, which has no way up */
	for (int i = 0; name && scope != LOCKDAG_NONE && i < 32; i++) {
		struct sym_scope *at = &m->statics.scopes.items[scope];
		bool function = dwarf_tag(&at->die) == DW_TAG_subprogram;
		const char *outer;

		outer = function && sym_die_linkage_name(&at->die)
				? sym_function_name(s, sym_die_linkage_name(&at->die))
				: dwarf_diename(&at->die);
		if (function && !outer)
			outer = statics_clang_function(s, m, entry);
		if (outer)
			name = sym_stringf(s, "%s%s::%s", outer, function && cxx ? "()" : "", name);
		if (function)
			break; /* its name has the rest */
		scope = at->parent;
	}
	return name;
}

/* "(anonymous namespace)::" says nothing to a reader; where two variables are alike without it,
 * statics_distinct takes care. */
static const char *statics_without_anonymous(struct lockdag_symbols *s, const char *name)
{
	static const char anonymous[] = "(anonymous namespace)::";
	struct lockdag_text t = {0};
	const char *at;

	if (!name || !strstr(name, anonymous))
		return name;
	while ((at = strstr(name, anonymous))) {
		lockdag_text_add_n(&t, name, (size_t)(at - name));
		name = at + strlen(anonymous);
	}
	lockdag_text_add(&t, name);
	return sym_string_take(s, &t);
}

/* The demangled symbol is the better text: DWARF loses scopes in some builds (clang -O2, type
 * units), and says nothing about a lambda's function. */
static const char *statics_name(
	struct lockdag_symbols *s, struct sym_module *m, struct sym_static *entry)
{
	const char *linkage = sym_die_linkage_name(&entry->die);
	const struct sym_elf_symbol *symbol;

	if (!sym_is_mangled(linkage)) {
		symbol = sym_elf_object(m, entry->low);
		linkage = symbol && symbol->value == entry->low ? symbol->name : NULL;
	}
	if (sym_is_mangled(linkage))
		return statics_without_anonymous(s, sym_demangled(s, linkage));
	return entry->name ? statics_scoped_name(s, m, entry) : NULL;
}

static int statics_compare_names(const void *a, const void *b, void *of)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	const struct sym_static *table = of;
	int order = strcmp(table[x].name, table[y].name);

	return order ? order : x < y ? -1 : x > y;
}

static void statics_sort_names(struct sym_statics *t)
{
	if (t->by_name.n)
		return;
	for (size_t i = 0; i < t->table.n; i++) {
		uint32_t *place = t->table.items[i].name ? lockdag_vec_push(&t->by_name) : NULL;

		if (place)
			*place = (uint32_t)i;
	}
	if (t->by_name.n)
		qsort_r(t->by_name.items, t->by_name.n, sizeof(*t->by_name.items),
			statics_compare_names, t->table.items);
}

static size_t statics_first_named(struct sym_statics *t, const char *name)
{
	size_t low = 0, high = t->by_name.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(t->table.items[t->by_name.items[middle]].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct statics_twin {
	const char *file; /* another variable has this very name, in another file: ours; or NULL */
	const char
		*unit; /* another one is of the same line of a header: our source file; or NULL */
	unsigned ordinal; /* the how manieth of this name in its function, from 1 */
};

static bool statics_before(struct sym_static *a, struct sym_static *b)
{
	uint64_t x = 0, y = 0;

	sym_die_number(&a->die, DW_AT_decl_line, &x);
	sym_die_number(&b->die, DW_AT_decl_line, &y);
	return x != y ? x < y : a->low < b->low;
}

/* What tells our file from another: its base name; all of its path where that is the same. */
static const char *statics_beside(
	struct lockdag_symbols *s, const char *known, const char *ours, const char *other)
{
	bool alike = !strcmp(sym_base_name(ours), sym_base_name(other));

	if (known && (!alike || strchr(known, '/')))
		return known;
	return sym_string(s, alike ? ours : sym_base_name(ours));
}

/* The unit that declares it: -flto puts what is declared in many into one of its own. */
static bool statics_unit(const struct sym_static *entry, Dwarf_Die *ret)
{
	Dwarf_Die die = entry->die;

	sym_die_ref(&die, DW_AT_abstract_origin, &die);
	return dwarf_diecu(&die, ret, NULL, NULL) != NULL;
}

/* With the unit's directory, as far as that is known. */
static const char *statics_joined(struct lockdag_symbols *s, Dwarf_Die *unit, const char *file)
{
	Dwarf_Attribute mem;
	const char *dir;

	if (!file || *file == '/')
		return file;
	dir = dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &mem));
	return dir ? sym_stringf(s, "%s/%s", dir, file) : file;
}

static void statics_files(struct lockdag_symbols *s, struct sym_static *entry,
	const char **ret_file, const char **ret_unit)
{
	Dwarf_Die unit;

	*ret_file = *ret_unit = NULL;
	if (!statics_unit(entry, &unit))
		return;
	*ret_file = statics_joined(s, &unit, sym_die_file(&entry->die));
	*ret_unit = statics_joined(s, &unit, dwarf_diename(&unit));
}

static bool statics_one_line(struct sym_static *a, struct sym_static *b)
{
	uint64_t x = 0, y = 0;

	return sym_die_number(&a->die, DW_AT_decl_line, &x) &&
	       sym_die_number(&b->die, DW_AT_decl_line, &y) && x == y;
}

/* `static pthread_mutex_t lock` in two files, in two blocks of one function, or in a header that
 * two files include: two locks, which must not become one class. */
static struct statics_twin statics_distinct(
	struct lockdag_symbols *s, struct sym_module *m, struct sym_static *entry, const char *name)
{
	struct sym_statics *t = &m->statics;
	struct statics_twin twin = {NULL, NULL, 1};
	const char *file, *unit, *its, *its_unit;

	if (!entry->name || sym_die_flag(&entry->die, DW_AT_external))
		return twin;
	statics_files(s, entry, &file, &unit);
	statics_sort_names(t);
	for (size_t i = statics_first_named(t, entry->name); i < t->by_name.n; i++) {
		struct sym_static *other = &t->table.items[t->by_name.items[i]];

		if (strcmp(other->name, entry->name))
			break;
		if (other->low == entry->low || statics_name(s, m, other) != name)
			continue;
		statics_files(s, other, &its, &its_unit);
		if (file && its && strcmp(file, its))
			twin.file = statics_beside(s, twin.file, file, its);
		else if (unit && its_unit && statics_one_line(other, entry) &&
			 strcmp(unit, its_unit))
			twin.unit = statics_beside(s, twin.unit, unit, its_unit);
		else if (statics_before(other, entry))
			twin.ordinal++;
	}
	return twin;
}

static int statics_describe(struct lockdag_symbols *s, struct sym_module *m,
	struct sym_static *entry, uint64_t offset, struct lockdag_symbols_name *ret_name)
{
	const char *name = statics_name(s, m, entry);
	struct sym_path path = {0};
	struct statics_twin twin;
	char ordinal[16] = "";
	Dwarf_Die type;

	if (!name)
		return -ENOENT;
	twin = statics_distinct(s, m, entry, name);
	if (twin.unit)
		name = sym_stringf(s, "%s::%s", twin.unit, name);
	if (!name)
		return -ENOMEM;
	if (twin.ordinal > 1)
		snprintf(ordinal, sizeof(ordinal), "#%u", twin.ordinal);
	if (sym_die_type(&entry->die, &type))
		sym_type_path(s, &type, offset - entry->low, &path);
	ret_name->name = sym_stringf(s, "%s%s%s", name, ordinal, path.full.s ? path.full.s : "");
	ret_name->class_name =
		sym_stringf(s, "%s%s%s", name, ordinal, path.classes.s ? path.classes.s : "");
	ret_name->key = sym_stringf(s, "%s!%s%s%s", m->name, twin.file ? twin.file : "",
		twin.file ? ":" : "", ret_name->class_name ? ret_name->class_name : name);
	ret_name->where = sym_die_where(s, &entry->die);
	sym_path_clear(&path);
	return ret_name->name && ret_name->class_name && ret_name->key ? 0 : -ENOMEM;
}

/* "m.0" is a C function's static: the number depends on the order of the file, so it goes, unless
 * another symbol has the same stem. */
static const char *statics_stem(
	struct lockdag_symbols *s, struct sym_module *m, const struct sym_elf_symbol *symbol)
{
	const char *dot = strchr(symbol->name, '.');
	size_t n = dot ? (size_t)(dot - symbol->name) : 0;

	if (!n || !symbol->local || dot[1] < '0' || dot[1] > '9')
		return sym_string(s, symbol->name);
	for (size_t i = 0; i < m->objects.n; i++) {
		const struct sym_elf_symbol *other = &m->objects.items[i];

		if (other->value != symbol->value && !strncmp(other->name, symbol->name, n) &&
			(!other->name[n] || other->name[n] == '.'))
			return sym_string(s, symbol->name);
	}
	return sym_string_n(s, symbol->name, n);
}

/* Two files' statics of one name are two symbols: which one, in the order of their addresses. */
static unsigned statics_symbol_ordinal(struct sym_module *m, const struct sym_elf_symbol *symbol)
{
	unsigned n = 1;

	for (size_t i = 0; symbol->local && i < m->objects.n; i++) {
		const struct sym_elf_symbol *other = &m->objects.items[i];

		n += other->value < symbol->value && other->local &&
		     !strcmp(other->name, symbol->name);
	}
	return n;
}

#define STATICS_GUARD "guard variable for "

/* The guard of a function's static goes by the function, whose callers are what waits for it:
 * "registry()::r" -> "registry_guard". */
static void statics_guard(
	struct lockdag_symbols *s, const char *variable, struct lockdag_symbols_name *ret_name)
{
	size_t n = 0, level = 0, end;

	for (size_t i = 0; variable[i]; i++) {
		if (strchr("(<[{", variable[i]))
			level++;
		else if (strchr(")>]}", variable[i]) && level)
			level--;
		else if (!level && !strncmp(variable + i, "::", 2))
			n = i;
	}
	if (n > 6 && !strncmp(variable + n - 6, " const", 6))
		n -= 6;
	if (!n || variable[n - 1] != ')') {
		ret_name->name = ret_name->class_name = sym_stringf(s, "%s_guard", variable);
		return;
	}
	for (end = n, level = 0; end > 0; end--) {
		level += variable[end - 1] == ')';
		if (variable[end - 1] == '(' && !--level)
			break;
	}
	ret_name->name = ret_name->class_name =
		sym_stringf(s, "%.*s_guard", (int)(end ? end - 1 : n), variable);
	ret_name->where = sym_stringf(s, "guard of %s", variable);
}

static int statics_by_symbol(struct lockdag_symbols *s, struct sym_module *m, uint64_t offset,
	struct lockdag_symbols_name *ret_name)
{
	const struct sym_elf_symbol *symbol = sym_elf_object(m, offset);
	const char *name;
	unsigned ordinal;

	if (!symbol)
		return -ENOENT;
	/* A library's variable that was copied into the program: the library knows its type. */
	for (size_t i = 0; sym_elf_copied(m, symbol->value) && i < s->modules.n; i++) {
		struct sym_module *other = sym_module(s, (int)i);
		const struct sym_elf_symbol *original;

		if (other == m || !(original = sym_elf_object_named(other, symbol->name)))
			continue;
		return lockdag_symbols_variable(
			s, (int)i, original->value + (offset - symbol->value), ret_name);
	}
	name = sym_is_mangled(symbol->name)
		       ? statics_without_anonymous(s, sym_demangled(s, symbol->name))
		       : statics_stem(s, m, symbol);
	ordinal = statics_symbol_ordinal(m, symbol);
	if (ordinal > 1)
		name = sym_stringf(s, "%s#%u", name ? name : symbol->name, ordinal);
	if (offset != symbol->value)
		name = sym_stringf(s, "%s+%llu", name ? name : symbol->name,
			(unsigned long long)(offset - symbol->value));
	ret_name->name = ret_name->class_name = name;
	ret_name->key = name ? sym_stringf(s, "%s!%s", m->name, name) : NULL;
	if (name && !strncmp(name, STATICS_GUARD, strlen(STATICS_GUARD)))
		statics_guard(s, name + strlen(STATICS_GUARD), ret_name);
	return ret_name->key ? 0 : -ENOMEM;
}

int lockdag_symbols_variable(struct lockdag_symbols *s, int module, uint64_t offset,
	struct lockdag_symbols_name *ret_name)
{
	struct sym_module *m = sym_module(s, module);
	struct lockdag_symbols_name name = {0};
	struct sym_static *entry;
	int r;

	if (!m || !m->elf)
		return -ENOENT;
	for (int bodies = 0; bodies < 2; bodies++) {
		statics_read(m, bodies);
		entry = statics_find(m, offset);
		if (entry && !statics_describe(s, m, entry, offset, &name)) {
			*ret_name = name;
			return 0;
		}
	}
	r = statics_by_symbol(s, m, offset, &name);
	if (!r)
		*ret_name = name;
	return r;
}

static const char *statics_skip(const char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

/* Is there "name(0)" or "name{0}" in the line? */
static bool statics_line_has_zero(const char *line, const char *name)
{
	const char *end = strchr(line, '\n'), *p = line;
	size_t n = strlen(name);

	while (n && (p = strstr(p, name)) && (!end || p < end)) {
		const char *at = statics_skip(p + n);

		p += n;
		if (*at != '(' && *at != '{')
			continue;
		at = statics_skip(at + 1);
		if (*at != '0')
			continue;
		at = statics_skip(at + 1);
		if (*at == ')' || *at == '}')
			return true;
	}
	return false;
}

/* Of the file that the variable is declared in, with the directory that the compiler was called in. */
static const char *statics_path(struct lockdag_symbols *s, Dwarf_Die *die)
{
	const char *path = sym_die_file(die), *dir = NULL;
	Dwarf_Attribute attribute;
	Dwarf_Die unit;

	if (path && *path != '/' && dwarf_diecu(die, &unit, NULL, NULL))
		dir = dwarf_formstring(dwarf_attr(&unit, DW_AT_comp_dir, &attribute));
	return dir ? sym_stringf(s, "%s/%s", dir, path) : path;
}

bool lockdag_symbols_starts_zero(struct lockdag_symbols *s, int module, uint64_t offset)
{
	struct sym_module *m = sym_module(s, module);
	const struct sym_source_file *file = NULL;
	struct sym_static *entry = NULL;
	struct sym_frame place = {0};
	uint64_t line;

	for (int bodies = 0; m && m->elf && bodies < 2 && !entry; bodies++) {
		statics_read(m, bodies);
		entry = statics_find(m, offset);
	}
	place.path = place.file = entry ? statics_path(s, &entry->die) : NULL;
	if (place.path && sym_die_number(&entry->die, DW_AT_decl_line, &line) && line < UINT32_MAX) {
		place.line = (unsigned)line;
		file = sym_source(s, &place);
	}
	if (!file || line > file->lines.n || !dwarf_diename(&entry->die))
		return false;
	return statics_line_has_zero(
		file->text + sym_source_offset(file, place.line), dwarf_diename(&entry->die));
}
