/* SPDX-License-Identifier: MIT
 *
 * What a thread runs, where it was started by a library's routine: std::thread's (C++ and Rust), GThread's. The
 * routine's own name tells nothing (execute_native_thread_routine, g_thread_proxy).
 */
#include "internal.h"

#include <string.h>

/* A file's name without what follows ".so". */
static bool entry_is_of(const char *name, const char *const *libraries, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!strncmp(name, libraries[i], strlen(libraries[i])))
			return true;
	}
	return false;
}

bool sym_is_system_library(const char *name)
{
	static const char *const libraries[] = {"libstdc++.so", "libc++.so", "libc++abi.so",
		"libc.so", "libpthread.so", "libgcc_s.so", "libglib-2.0.so", "ld-linux"};

	return entry_is_of(name, libraries, LOCKDAG_ARRAY_SIZE(libraries));
}

bool lockdag_symbols_starts_threads(const char *path)
{
	static const char *const libraries[] = {"libstdc++.so", "libglib-2.0.so"};

	return entry_is_of(sym_base_name(path), libraries, LOCKDAG_ARRAY_SIZE(libraries));
}

/* The lambda's place in the name of a function that is one, or that is made for one; NULL: none.
 * g++: "main::{lambda()#1}", clang: "main::$_0". */
static const char *entry_lambda(const char *name)
{
	const char *lambda = strstr(name, "::{lambda(");

	return lambda ? lambda : strstr(name, "::$_");
}

/* "Pool::start(int)::{lambda()#1}::operator()" -> "Pool::start (lambda)" */
static const char *entry_of_lambda(struct lockdag_symbols *s, const char *name, const char *lambda)
{
	const char *start = lambda;
	size_t n;
	int depth = 0;

	/* back over "Pool<int>::start(std::string)", to what holds it as a template argument */
	while (start > name) {
		char c = start[-1];

		depth += c == ')' || c == '>';
		depth -= c == '(' || c == '<';
		if (depth < 0 || (!depth && (c == ' ' || c == ',')))
			break;
		start--;
	}
	n = (size_t)(lambda - start);
	if (n && start[n - 1] == ')') {
		const char *open = memchr(start, '(', n);

		n = open && open > start ? (size_t)(open - start) : n;
	}
	return n ? sym_stringf(s, "%.*s (lambda)", (int)n, start) : NULL;
}

/* What a person calls it; routine: what the library's headers made to call it, or NULL. That has
 * the name of a lambda that was inlined there, or whose last call took its place. */
static const char *entry_name(struct lockdag_symbols *s, const char *name, const char *routine)
{
	const char *lambda = entry_lambda(name), *call;

	if (lambda)
		return entry_of_lambda(s, name, lambda);
	lambda = routine ? entry_lambda(routine) : NULL;
	if (lambda)
		return entry_of_lambda(s, routine, lambda);
	if (!strcmp(name, "operator()"))
		return NULL;
	call = strstr(name, "::operator()");
	return call && !call[12] ? sym_string_n(s, name, (size_t)(call - name)) : name;
}

static bool entry_is_own(const struct sym_frame *frame)
{
	const char *name = frame->name;

	if (!name)
		return false;
	if (frame->path)
		return !sym_is_system_path(frame->path);
	return strncmp(name, "std::", 5) && strncmp(name, "__gnu_cxx::", 11);
}

/* A function of Rust's own libraries: "std::..", "<core::..", "<alloc::..". */
static bool entry_is_rust_library(const char *name)
{
	static const char *const crates[] = {"std::", "core::", "alloc::", "__rust"};

	name += strspn(name, "<&");
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(crates); i++)
		if (!strncmp(name, crates[i], strlen(crates[i])))
			return true;
	return false;
}

bool lockdag_symbols_starts_rust(struct lockdag_symbols *s, int module, uint64_t offset)
{
	struct sym_module *m = sym_module(s, module);
	const struct sym_elf_symbol *symbol = m && m->elf ? sym_elf_function(m, offset) : NULL;

	return symbol && sym_is_rust(symbol->name) &&
	       entry_is_rust_library(sym_demangled(s, symbol->name));
}

/* "order::main::{closure#0}", "<order::main::{closure#0} as core::ops::FnOnce<()>>::call_once" ->
 * "order::main (closure)" */
static const char *entry_of_closure(struct lockdag_symbols *s, const char *name)
{
	const char *closure = strstr(name, "::{closure"), *start = name;

	if (!closure)
		closure = strstr(name, "::{{closure}}");
	if (!closure)
		return name;
	while (*start == '<' || *start == '&')
		start++;
	return sym_stringf(s, "%.*s (closure)", (int)(closure - start), start);
}

/* The same for a thread of std::thread in Rust, whose routine is in the program itself. */
static const char *entry_of_rust(
	struct lockdag_symbols *s, const struct lockdag_symbols_address *stack, size_t n, int start)
{
	struct sym_frame frames[LOCKDAG_MAX_INLINE];
	bool started = false;

	for (size_t i = n; i-- > 0;) {
		struct sym_module *m = sym_module(s, stack[i].module);
		uint64_t offset = stack[i].offset;
		size_t k;

		if (!m || sym_is_system_library(m->name))
			continue;
		started |= stack[i].module == start && lockdag_symbols_starts_rust(s, start, offset);
		k = started ? sym_frames(s, m, offset ? offset - 1 : 0, frames, LOCKDAG_MAX_INLINE)
			    : 0;
		for (size_t j = k; j-- > 0;)
			if (frames[j].name && !entry_is_rust_library(frames[j].name))
				return entry_of_closure(s, frames[j].name);
	}
	return NULL;
}

const char *lockdag_symbols_entry(
	struct lockdag_symbols *s, const struct lockdag_symbols_address *stack, size_t n, int start)
{
	struct sym_frame frames[LOCKDAG_MAX_INLINE];
	const char *routine = NULL;
	size_t i = n, k;

	while (i > 0 && stack[i - 1].module != start)
		i--;
	if (i > 0 && lockdag_symbols_starts_rust(s, start, stack[i - 1].offset))
		return entry_of_rust(s, stack, n, start);
	while (i > 0 && stack[i - 1].module == start)
		i--;
	for (; i > 0; i--) {
		struct sym_module *m = sym_module(s, stack[i - 1].module);
		uint64_t offset = stack[i - 1].offset;

		if (!m || sym_is_system_library(m->name))
			continue;
		k = sym_frames(s, m, offset ? offset - 1 : 0, frames, LOCKDAG_MAX_INLINE);
		for (size_t j = k; j-- > 0;) {
			if (entry_is_own(&frames[j]))
				return entry_name(s, frames[j].name, routine);
			if (!routine && frames[j].name && strstr(frames[j].name, "std::tuple<"))
				routine = frames[j].name;
		}
	}
	return NULL;
}
