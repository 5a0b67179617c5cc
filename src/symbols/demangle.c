/* SPDX-License-Identifier: MIT
 *
 * C++ names. The demangler is libstdc++'s, loaded when first needed: every machine with a C++
 * program to look at has it, and nothing is linked for those without. Rust's are rust.c's.
 */
#include "internal.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

static void demangle_load(struct lockdag_symbols *s)
{
	void *library;

	if (s->demangler_tried)
		return;
	s->demangler_tried = true;
	library = dlopen("libstdc++.so.6", RTLD_NOW | RTLD_LOCAL);
	if (library) /* never closed: it may not be unloaded once its code ran */
		*(void **)&s->demangler = dlsym(library, "__cxa_demangle");
}

bool sym_is_mangled(const char *name)
{
	return name && (!strncmp(name, "_Z", 2) || sym_is_rust(name));
}

/* "users[abi:cxx11]": the tag tells linkers apart what has one name. */
static void demangle_drop_tags(char *text)
{
	static const char tag[] = "[abi:";
	char *at = text, *end;

	while ((at = strstr(at, tag)) && (end = strchr(at, ']')))
		memmove(at, end + 1, strlen(end + 1) + 1);
}

const char *sym_demangled(struct lockdag_symbols *s, const char *linkage_name)
{
	const char *string;
	struct lockdag_text rust = {0};
	int status = -1;
	char *text;

	if (linkage_name && sym_demangle_rust(linkage_name, &rust))
		return sym_string_take(s, &rust);
	if (!linkage_name || strncmp(linkage_name, "_Z", 2))
		return sym_string(s, linkage_name);
	demangle_load(s);
	if (!s->demangler)
		return sym_string(s, linkage_name);
	text = s->demangler(linkage_name, NULL, NULL, &status);
	if (status == 0 && text)
		demangle_drop_tags(text);
	string = sym_string(s, status == 0 && text ? text : linkage_name);
	free(text);
	return string;
}

/* The length of the bracket that ends at s[end] (its closing character), 0: not balanced. */
static size_t demangle_bracket_back(const char *s, size_t end)
{
	int depth = 0;

	for (size_t i = end + 1; i-- > 0;) {
		if (strchr(")>]}", s[i]) && !(s[i] == '>' && i && s[i - 1] == '-'))
			depth++;
		else if (strchr("(<[{", s[i]) && --depth == 0)
			return end - i + 1;
	}
	return 0;
}

/* Where the name starts: behind a template function's return type ("void f<int>"). */
static size_t demangle_name_start(const char *s, size_t n)
{
	size_t i = n;

	while (i > 0) {
		char c = s[i - 1];
		size_t bracket;

		if (c == ' ') {
			/* "operator new", "operator bool" */
			if (i >= 9 && !strncmp(s + i - 9, "operator ", 9)) {
				i -= 9;
				continue;
			}
			return i;
		}
		if (strchr(")>]}", c)) {
			bracket = demangle_bracket_back(s, i - 1);
			if (!bracket)
				return 0; /* operator>, operator->: no return type to drop */
			i -= bracket;
			continue;
		}
		i--;
	}
	return 0;
}

const char *sym_function_name(struct lockdag_symbols *s, const char *linkage_name)
{
	const char *name = sym_demangled(s, linkage_name);
	size_t n, bracket, start;

	if (!name || !linkage_name || !strcmp(name, linkage_name) || sym_is_rust(linkage_name))
		return name;
	n = strlen(name);
	/* " const", " [clone .cold]", " &" behind the parameters */
	for (size_t i = n; i-- > 0;) {
		if (name[i] == ')') {
			bracket = demangle_bracket_back(name, i);
			if (!bracket || bracket > i)
				return name;
			n = i + 1 - bracket;
			break;
		}
		if (name[i] == ':')
			break; /* no parameters: a variable */
	}
	if (n >= 2 && !strncmp(name + n - 2, "::", 2))
		return name;
	start = demangle_name_start(name, n);
	return start < n ? sym_string_n(s, name + start, n - start) : name;
}
