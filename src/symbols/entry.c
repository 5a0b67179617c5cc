/* SPDX-License-Identifier: MIT
 *
 * What a thread runs, where it was started by a library's routine: std::thread's, GThread's. The
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

const char *lockdag_symbols_entry(
	struct lockdag_symbols *s, const struct lockdag_symbols_address *stack, size_t n, int start)
{
	struct sym_frame frames[LOCKDAG_MAX_INLINE];
	const char *routine = NULL;
	size_t i = n, k;

	while (i > 0 && stack[i - 1].module != start)
		i--;
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
