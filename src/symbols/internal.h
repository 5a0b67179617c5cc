/* SPDX-License-Identifier: MIT
 *
 * What the files of this room share. One topic a file:
 *
 * symbols.c: the room's object, its strings.
 * module.c: files, their build-ids and debug files.
 * debuginfod.c: debug files from servers.
 * elf.c: ELF symbols.
 * die.c: checked steps over DWARF entries.
 * index.c: address -> function, inlined functions, block.
 * frames.c: address -> frames.
 * types.c: offset in a type -> member path.
 * statics.c: address -> static variable.
 * demangle.c: C++ names, and who has which.
 * rust.c, rust_words.c, rust_const.c, rust_legacy.c (rust.h): Rust's names.
 * eval.c: DWARF expressions on a snapshot.
 * unwind.c: a snapshot's frames and registers.
 * owner.c: namer (a), what holds the lock.
 * source.c: lines of source files.
 * call.c: the call in a line of source.
 * argument.c: namer (b), types for that text.
 * unit_names.c: what a unit declares, by name.
 * namer.c: both, and what is said.
 * entry.c: what a thread runs.
 *
 * All offsets are ELF virtual addresses of the module: what the door calls an offset.
 * Every step over DWARF may fail (cut, foreign or broken files): each is checked, and a failure
 * means "not known", never an error of the whole.
 */
#ifndef LOCKDAG_SYMBOLS_INTERNAL_H
#define LOCKDAG_SYMBOLS_INTERNAL_H

#include "base/base.h"
#include "base/text.h"
#include "base/vec.h"
#include "symbols/symbols.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <gelf.h>

/* ---- index.c: one compilation unit */

enum sym_node_kind { SYM_FUNCTION, SYM_INLINED, SYM_BLOCK };

struct sym_node {
	Dwarf_Die die;
	uint32_t parent; /* LOCKDAG_NONE: at the top of the unit */
	enum sym_node_kind kind;
};

struct sym_range {
	uint64_t low, high; /* high: the first address behind */
	uint32_t id;        /* unit or node */
	uint32_t depth;
};

LOCKDAG_INLINE bool sym_range_has(const struct sym_range *r, uint64_t address)
{
	return address >= r->low && address < r->high;
}

struct sym_ranges {
	struct sym_range *items;
	size_t n, cap;
};

struct sym_unit_name {
	const char *name; /* in the file's strings */
	Dwarf_Die die;
	int tag;
};

struct sym_unit {
	Dwarf_Die skeleton; /* has the line table and the ranges */
	Dwarf_Die die;      /* the same, or the .dwo's */
	const char *dir;    /* DW_AT_comp_dir or NULL */
	bool indexed;
	LOCKDAG_VEC(struct sym_node) nodes;
	struct sym_ranges segments; /* disjoint, sorted; id: innermost node */
	bool named;
	LOCKDAG_VEC(struct sym_unit_name) names; /* sorted */
};

/* ---- elf.c */

struct sym_elf_symbol {
	uint64_t value, size;
	const char *name; /* in the file's string table */
	bool local;
};

struct sym_elf_symbols {
	struct sym_elf_symbol *items;
	size_t n, cap;
};

/* ---- statics.c */

struct sym_static {
	uint64_t low;
	Dwarf_Die die;
	const char *name;
	uint32_t scope; /* in sym_statics.scopes */
	uint32_t unit;
};

struct sym_scope {
	Dwarf_Die die;
	uint32_t parent;
};

struct sym_statics {
	bool read, bodies_read;
	LOCKDAG_VEC(struct sym_static) table; /* sorted by low */
	LOCKDAG_VEC(struct sym_scope) scopes;
	LOCKDAG_VEC(uint32_t) by_name; /* into table, sorted by name */
};

/* ---- module.c */

struct sym_module {
	struct lockdag_symbols *of;
	char *path;
	char *build_id;           /* as the caller gave it, or NULL */
	const char *name;         /* base name */
	bool opened, debug_tried; /* then what is NULL below is not to be had */
	int fd, debug_fd;
	Elf *elf, *debug_elf;
	bool wanted; /* servers are to be asked, later */
	Dwarf *dwarf, *alt; /* alt: dwz's file, if a server had it */
	int alt_fd;
	Dwarf_CFI *eh_cfi, *debug_cfi;
	bool eh_cfi_read, debug_cfi_read;

	bool units_read;
	LOCKDAG_VEC(struct sym_unit) units;
	struct sym_ranges unit_ranges; /* disjoint as far as the file is sane; sorted; id: unit */

	bool symbols_read;
	struct sym_elf_symbols functions, objects; /* sorted by value */
	struct sym_statics statics;
};

struct sym_source_file {
	const char *path;
	char *text; /* NULL: not to be had */
	size_t size;
	LOCKDAG_VEC(uint32_t) lines; /* offset of each line's start */
};

struct sym_type_name {
	const void *die;
	const char *name;
};

/* ---- call.c: what was found at a place; all locks of one place ask for the same */

#define SYM_MAX_ARGUMENTS 8

struct sym_call {
	const char *name;   /* "pthread_mutex_init", "lock", "std::lock_guard<std::mutex>" */
	const char *object; /* "dev->m" of dev->m.lock(); NULL: none */
	const char *arguments[SYM_MAX_ARGUMENTS];
	size_t n_arguments;
	const char *result; /* "dev->fd" of dev->fd = call(...); NULL: it is given to nothing */
	bool returned;      /* return call(...) */
};

struct sym_known_call {
	const struct sym_source_file *file; /* NULL: the slot is free */
	unsigned line, column;
	const char *callee;
	bool found;
	struct sym_call call;
};

struct sym_string {
	struct sym_string *next;
	uint64_t hash;
	char s[];
};

/* ---- debuginfod.c */

struct sym_client; /* libdebuginfod's */

struct sym_servers {
	char *urls; /* NULL: nobody is asked */
	bool later, opened, failed;
	bool (*waiting)(void *context, const char *module, size_t done, size_t total);
	void *context;
	struct sym_client *client;
	const char *module; /* that is asked for */
	int64_t answer_ms, all_ms; /* limits */
	int64_t begin, spent;	   /* ms: this question's; all that ended */
	const char *gave_up;	   /* why, or NULL */
	const char *trouble;
};

struct lockdag_symbols {
	char *source_prefix;
	struct sym_servers servers;
	LOCKDAG_VEC(struct sym_module *) modules;
	struct sym_string **buckets;
	size_t n_buckets, n_strings;
	bool demangler_tried;
	char *(*demangler)(const char *, char *, size_t *, int *);
	LOCKDAG_VEC(struct sym_source_file *) sources;
	struct sym_known_call *calls; /* open addressing; NULL: none yet */
	size_t n_calls, calls_cap;    /* the latter a power of two */
	LOCKDAG_VEC(struct sym_type_name) type_names;
};

/* symbols.c: a string that lives as long as s; NULL when memory is out or text is NULL. */
const char *sym_string(struct lockdag_symbols *s, const char *text);
const char *sym_string_n(struct lockdag_symbols *s, const char *text, size_t n);
const char *sym_string_take(struct lockdag_symbols *s, struct lockdag_text *t); /* and clears t */
LOCKDAG_PRINTF(2, 3) const char *sym_stringf(struct lockdag_symbols *s, const char *fmt, ...);
const char *sym_base_name(const char *path);
struct sym_module *sym_module(struct lockdag_symbols *s, int module); /* opened; NULL: no such */

/* debuginfod.c: the path of a debug file of that build-id (hex), and a descriptor that keeps it;
 * or -1. module: whose, for people. */
int sym_servers_find(
	struct lockdag_symbols *s, const char *module, const char *build_id, char **ret_path);
void sym_servers_done(struct sym_servers *servers);

void sym_module_open(struct sym_module *m);
void sym_module_debug(struct sym_module *m); /* finds ->dwarf */
bool sym_module_fetch(struct sym_module *m); /* where it is wanted, from a server */
void sym_module_free(struct sym_module *m);
bool sym_module_holds(const struct sym_module *m, uint64_t offset); /* in a loaded segment */

const struct sym_elf_symbol *sym_elf_function(struct sym_module *m, uint64_t offset);
const struct sym_elf_symbol *sym_elf_object(struct sym_module *m, uint64_t offset);
const struct sym_elf_symbol *sym_elf_object_named(struct sym_module *m, const char *name);
bool sym_elf_copied(struct sym_module *m, uint64_t offset); /* by a copy relocation */

/* demangle.c: the name as people read it, "ns::Class::f(int)"; the name itself when it is none of
 * C++'s or Rust's. sym_function_name also drops return type and parameters: "ns::Class::f". */
bool sym_is_mangled(const char *name);
const char *sym_demangled(struct lockdag_symbols *s, const char *linkage_name);
const char *sym_function_name(struct lockdag_symbols *s, const char *linkage_name);

/* rust.c: "foo::bar", appended to out; false: no name of Rust's, or broken, and out is empty. */
bool sym_is_rust(const char *name);
bool sym_demangle_rust(const char *name, struct lockdag_text *out);

/* die.c. All return false or NULL for "not there or not readable". */
bool sym_die_child(Dwarf_Die *parent, Dwarf_Die *ret_child);
bool sym_die_next(Dwarf_Die *die); /* to its sibling, in place; never backwards */
bool sym_die_ref(Dwarf_Die *die, unsigned attribute, Dwarf_Die *ret);
bool sym_die_type(Dwarf_Die *die, Dwarf_Die *ret_type);
bool sym_die_flag(Dwarf_Die *die, unsigned attribute);
bool sym_die_number(Dwarf_Die *die, unsigned attribute, uint64_t *ret);
const char *sym_die_linkage_name(Dwarf_Die *die);
const char *sym_die_file(Dwarf_Die *die); /* where it is declared, as the line table joins it */
const char *sym_die_where(struct lockdag_symbols *s, Dwarf_Die *die); /* "bank.c:12" */
bool sym_die_is_cxx(Dwarf_Die *die);
/* Through typedefs, const and the like; a declaration gives way to its definition. */
bool sym_die_peel(Dwarf_Die *type, Dwarf_Die *ret_type);
uint64_t sym_array_dimension(Dwarf_Die *range); /* 0: flexible, or not known */
bool sym_type_size(Dwarf_Die *type, uint64_t *ret);
bool sym_die_is_class(Dwarf_Die *die);
bool sym_die_is_pointer(Dwarf_Die *die);
/* A type's name with its namespaces; NULL: it has none. */
const char *sym_die_qualified(struct lockdag_symbols *s, Dwarf_Die *die);

/* index.c */
struct sym_place {
	struct sym_unit *unit; /* NULL: in none */
	uint32_t node;         /* LOCKDAG_NONE: in no function */
};

void sym_read_units(struct sym_module *m);
struct sym_place sym_find(struct sym_module *m, uint64_t offset);
bool sym_ranges_add(struct sym_ranges *r, uint64_t low, uint64_t high, uint32_t id, uint32_t depth);
void sym_ranges_flatten(struct sym_ranges *r); /* nested to disjoint: the deepest wins */
const struct sym_range *sym_ranges_find(const struct sym_ranges *r, uint64_t address);

/* unit_names.c: the first of that name outside of functions; tag: of a variable, function or type. */
bool sym_unit_named(struct sym_unit *unit, const char *name, int tag, Dwarf_Die *ret);

/* frames.c: the functions an address is in, inlined ones first. */
struct sym_frame {
	struct sym_unit *unit; /* NULL: no DWARF */
	uint32_t scope;        /* the innermost node at the place; LOCKDAG_NONE */
	uint32_t function;     /* the node of the function; LOCKDAG_NONE */
	const char *name;
	const char *path; /* of the source, as the line table joins it; or NULL */
	const char *file; /* the same, shortened by the unit's directory */
	unsigned line, column;
	bool inlined;
};

size_t sym_frames(struct lockdag_symbols *s, struct sym_module *m, uint64_t offset,
	struct sym_frame *frames, size_t max);

/* types.c: where offset lies in a type. */
struct sym_path {
	struct lockdag_text full;    /* "[3].q.lock" */
	struct lockdag_text classes; /* "[].q.lock" */
	bool lock;                   /* it ends exactly at a lock */
	/* "Inner.member": the innermost named struct that is no mere wrapper of a lock, and the
	 * path from there. NULL: no named struct on the way. wrapper: there was nothing better. */
	const char *member;
	bool wrapper;
	const char *local; /* a lock that is a variable of a function: "m", "locks[]"; or NULL */
};

void sym_path_clear(struct sym_path *p);
/* False, and p is empty: nothing there. */
bool sym_type_path(struct lockdag_symbols *s, Dwarf_Die *type, uint64_t offset, struct sym_path *p);
bool sym_type_is_lock(Dwarf_Die *type);
/* Is it a class that has one lock, takes it and gives it back, and does nothing else? By its methods' names. */
bool sym_type_only_locks(Dwarf_Die *class);
bool sym_member_offset(Dwarf_Die *member, uint64_t *ret);
bool sym_lock_like_name(const char *name); /* a class that wraps a lock, by its name */

/* unwind.c: the frames of a snapshot. */
#define SYM_N_REGISTERS 17 /* DWARF numbers of x86-64; 16 is the return address */

struct sym_context {
	struct lockdag_symbols *s;
	const struct lockdag_symbols_snapshot *snapshot;
	struct sym_module *module; /* NULL: the frame is in no module */
	uint64_t base;
	uint64_t offset; /* of the return address */
	uint64_t registers[SYM_N_REGISTERS];
	uint32_t known; /* bit n: registers[n] is */
	bool cfa_known;
	uint64_t cfa;
};

void sym_unwind_first(struct lockdag_symbols *s, const struct lockdag_symbols_snapshot *snapshot,
	struct sym_context *c);
bool sym_unwind_next(const struct sym_context *c, size_t depth, struct sym_context *ret_caller);
bool sym_read_word(const struct sym_context *c, uint64_t address, size_t size, uint64_t *ret);

/* eval.c */
struct sym_value {
	enum { SYM_NOWHERE, SYM_IN_MEMORY, SYM_IS_VALUE } kind;
	uint64_t value; /* an address, or the value itself */
};

/* ops as libdw decodes them; attribute: where they come from, or NULL; frame_base: of the function
 * (may be of no known place). */
struct sym_value sym_eval(const struct sym_context *c, Dwarf_Attribute *attribute,
	const struct sym_value *frame_base, const Dwarf_Op *ops, size_t n);
/* Where a variable of a function is; function: its entry in the index. */
struct sym_value sym_eval_variable(
	const struct sym_context *c, Dwarf_Die *function, Dwarf_Die *variable);

/* owner.c, namer (a): true when p tells which member of which struct the lock is. */
bool sym_owner_in_frame(const struct sym_context *c, const struct sym_frame *frame,
	const char *wanted, struct sym_path *p);

/* source.c: a file of the source, with comments and the insides of literals made blank. NULL: not
 * to be had. */
const struct sym_source_file *sym_source(struct lockdag_symbols *s, const struct sym_frame *frame);
/* Where line (1 is the first) begins in the text; past the end: its size. */
size_t sym_source_offset(const struct sym_source_file *file, unsigned line);
/* Takes this for the text of a path that was not asked for before (fuzzing). */
bool sym_source_give(struct lockdag_symbols *s, const char *path, const char *text, size_t size);
bool sym_is_system_library(const char *name); /* base name; (entry.c) */
bool sym_is_system_path(const char *path);

/* call.c: the call that stands at a frame's place in the source. */
/* callee: the last part of the name of the function that was called, where it is known. */
bool sym_call_at(struct lockdag_symbols *s, const struct sym_frame *frame, const char *callee,
	struct sym_call *ret);
void sym_calls_forget(struct lockdag_symbols *s);
/* What a variable was last given before the frame's line, back to line first: the right side of
 * "name = ...", or the first argument of "Type name(...)". */
const char *sym_assigned(
	struct lockdag_symbols *s, const struct sym_frame *frame, const char *name, unsigned first);

/* argument.c, namer (b): what an expression of the source is. */
enum sym_argument_kind {
	SYM_ARGUMENT_OTHER,     /* text of no known type */
	SYM_ARGUMENT_NO_LOCK,   /* of a type that is no lock: an object that a macro locks in */
	SYM_ARGUMENT_PARAMETER, /* a plain parameter: ask the caller */
	SYM_ARGUMENT_THIS,      /* a member of a class that only wraps a lock: ask the caller */
	SYM_ARGUMENT_LOCAL,     /* a plain variable of the function */
	SYM_ARGUMENT_GLOBAL,    /* a plain variable of the file */
	SYM_ARGUMENT_MEMBER,    /* typed: path tells which member */
};

struct sym_argument {
	enum sym_argument_kind kind;
	unsigned parameter; /* its number among the function's explicit parameters */
	const char *member; /* as sym_path's */
	bool wrapper;
	bool lock; /* the expression's type is a lock, or a pointer to one */
	bool within;      /* of a parameter: it is, or points to, what holds the lock, */
	uint64_t inner;   /* that many bytes within it */
	const char *rest; /* the path from what the text says to the lock: "", ".m" */
};

/* text NULL: the call's own object, "this". inner: the text is, or points to, what holds the lock, that
 * many bytes within it (what an init function of a type that wraps a lock was given); NULL: is the lock. */
void sym_argument(struct lockdag_symbols *s, const struct sym_frame *frame, const char *text,
	const uint64_t *inner, struct sym_argument *ret);

#endif
