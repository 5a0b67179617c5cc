/* SPDX-License-Identifier: MIT
 *
 * What stands at an address: functions, inlined ones first, each with its source line.
 */
#include "internal.h"

#include <string.h>

/* As the compiler was given it, where the line table has it below the unit's directory. */
static const char *frames_short_path(const struct sym_unit *unit, const char *path)
{
	size_t n = unit->dir ? strlen(unit->dir) : 0;

	if (n && !strncmp(path, unit->dir, n) && path[n] == '/') {
		path += n;
		while (*path == '/')
			path++;
	}
	while (!strncmp(path, "./", 2))
		path += 2;
	return path;
}

/* libdw leaves a path as the line table has it: "dir/x.c" when the compiler was given that. Joined
 * with the unit's directory, as DWARF 5 section 6.2.4 says: where we run does not matter, and the
 * x.c of two directories are two files. */
static void frames_set_path(struct lockdag_symbols *s, struct sym_frame *frame, const char *path)
{
	const char *dir = frame->unit->dir;

	if (path && *path != '/' && dir && *dir)
		path = sym_stringf(s, "%s/%s", dir, path);
	frame->path = path;
	frame->file = path ? frames_short_path(frame->unit, path) : NULL;
}

/* The line of the innermost frame: the line table's row. */
static void frames_line(struct lockdag_symbols *s, struct sym_frame *frame, uint64_t offset)
{
	Dwarf_Line *row = dwarf_getsrc_die(&frame->unit->skeleton, offset);
	int n;

	if (!row)
		return;
	frames_set_path(s, frame, dwarf_linesrc(row, NULL, NULL));
	if (!dwarf_lineno(row, &n) && n > 0)
		frame->line = (unsigned)n;
	if (!dwarf_linecol(row, &n) && n > 0)
		frame->column = (unsigned)n;
}

/* The line of the frame that an inlined function was inlined into: where it was called. */
static void frames_call_line(struct lockdag_symbols *s, struct sym_frame *frame, Dwarf_Die *inlined)
{
	Dwarf_Files *files;
	uint64_t n;

	if (sym_die_number(inlined, DW_AT_call_line, &n))
		frame->line = (unsigned)n;
	if (sym_die_number(inlined, DW_AT_call_column, &n))
		frame->column = (unsigned)n;
	if (sym_die_number(inlined, DW_AT_call_file, &n) &&
		!dwarf_getsrcfiles(&frame->unit->die, &files, NULL))
		frames_set_path(s, frame, dwarf_filesrc(files, n, NULL, NULL));
}

/* Is the symbol of this function? Its name ends in that of the entry, which has no scopes; where
 * the code is in several pieces (".cold") there is no low address to go by. */
static bool frames_is_symbol_of(
	struct lockdag_symbols *s, const struct sym_elf_symbol *symbol, Dwarf_Die *die)
{
	const char *full, *name = dwarf_diename(die);
	size_t n = name ? strlen(name) : 0, n_full;
	Dwarf_Addr low;

	if (!symbol || !sym_is_mangled(symbol->name))
		return false;
	if (!dwarf_lowpc(die, &low))
		return symbol->value == low;
	full = sym_function_name(s, symbol->name);
	n_full = full ? strlen(full) : 0;
	return n && n_full > n && full[n_full - n - 1] == ':' && !strcmp(full + n_full - n, name);
}

/* A lambda's function has no linkage name in gcc's DWARF, only "operator()"; its symbol has it. */
static const char *frames_function_name(struct lockdag_symbols *s, struct sym_module *m,
	uint64_t offset, Dwarf_Die *die, bool inlined)
{
	const char *linkage = sym_die_linkage_name(die);
	const struct sym_elf_symbol *symbol;

	if (!linkage && !inlined && sym_die_is_cxx(die)) {
		symbol = sym_elf_function(m, offset);
		if (frames_is_symbol_of(s, symbol, die))
			linkage = symbol->name;
	}
	return linkage ? sym_function_name(s, linkage) : sym_string(s, dwarf_diename(die));
}

size_t sym_frames(struct lockdag_symbols *s, struct sym_module *m, uint64_t offset,
	struct sym_frame *frames, size_t max)
{
	struct sym_place place = sym_find(m, offset);
	const struct sym_elf_symbol *symbol;
	uint32_t node = place.node;
	Dwarf_Die *called = NULL;
	size_t n = 0;

	while (node != LOCKDAG_NONE && n < max) {
		struct sym_frame *frame = &frames[n];
		const struct sym_node *at;

		*frame = (struct sym_frame){.unit = place.unit, .scope = node};
		while (place.unit->nodes.items[node].kind == SYM_BLOCK &&
			place.unit->nodes.items[node].parent != LOCKDAG_NONE)
			node = place.unit->nodes.items[node].parent;
		at = &place.unit->nodes.items[node];
		frame->function = node;
		frame->inlined = at->kind == SYM_INLINED;
		frame->name = frames_function_name(
			s, m, offset, &place.unit->nodes.items[node].die, frame->inlined);
		if (called)
			frames_call_line(s, frame, called);
		else
			frames_line(s, frame, offset);
		called = &place.unit->nodes.items[node].die;
		n++;
		if (at->kind != SYM_INLINED)
			break;
		node = at->parent;
	}
	if (!n) {
		frames[0] = (struct sym_frame){
			.unit = place.unit, .scope = LOCKDAG_NONE, .function = LOCKDAG_NONE};
		if (place.unit)
			frames_line(s, &frames[0], offset);
		n = 1;
	}
	/* Cut at max, or by a broken tree: the last one is the real function all the same. */
	frames[n - 1].inlined = false;
	if (!frames[n - 1].name && (symbol = sym_elf_function(m, offset)))
		frames[n - 1].name = sym_function_name(s, symbol->name);
	return n;
}

int lockdag_symbols_frames(struct lockdag_symbols *s, int module, uint64_t offset, bool call,
	struct lockdag_frame *frames, size_t max)
{
	struct sym_module *m = sym_module(s, module);
	struct sym_frame found[LOCKDAG_MAX_INLINE];
	size_t n;

	if (!max)
		return 0;
	if (!m) {
		frames[0] = (struct lockdag_frame){.offset = offset};
		return 1;
	}
	n = sym_frames(s, m, call && offset ? offset - 1 : offset, found,
		max < LOCKDAG_MAX_INLINE ? max : LOCKDAG_MAX_INLINE);
	for (size_t i = 0; i < n; i++) {
		frames[i] = (struct lockdag_frame){
			.function = found[i].name,
			.file = sym_string(s, found[i].file),
			.line = found[i].file ? found[i].line : 0,
			.module = m->name,
			.offset = offset,
			.inlined = found[i].inlined,
		};
	}
	return (int)n;
}
