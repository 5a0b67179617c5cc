/* SPDX-License-Identifier: MIT
 *
 * Lines of kernel stacks, of all ages and architectures:
 *
 *	[<ffffffff8109dbb7>] ? f+0x17/0x50 [mod]	f+0x17/0x50 [mod 0123abcd]
 *	[<c0010f30>] (f) from [<c000d5f4>] (g+0x10/0x14)	f+0x17/0x50 fs/file.c:123
 *	(f) from (g+0x10/0x14)	f [mod] from g+0x10/0x14
 *	f fs/file.c:123 [inline]	f (fs/file.c:123 (discriminator 2)) mod
 *	<ffffffff8029b639>{f+78}	[c000000000] [c000000000] f+0x1/0x2 (unreliable)
 *	[f+23/80] f+0x17/0x50, where klogd has looked up the address
 */
#include "kernel/grammar.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct frame_text {
	const char *function;
	size_t function_n;
	const char *module;
	size_t module_n;
	const char *file;
	size_t file_n;
};

static const char *blanks(const char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;
	return s;
}

static size_t hex_digits(const char *s)
{
	size_t n = 0;

	while (isxdigit((unsigned char)s[n]))
		n++;
	return n;
}

static bool symbol_char(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("_.$<>:@~,&*", c));
}

/* "[do_open+107/957] ": behind it; NULL: not that. */
static const char *frame_klogd(const char *s)
{
	const char *p = s + 1, *digits;

	if (*s != '[' || !(isalpha((unsigned char)*p) || *p == '_'))
		return NULL;
	while (symbol_char(*p))
		p++;
	if (*p != '+')
		return NULL;
	for (digits = ++p; isdigit((unsigned char)*p) || *p == '/'; p++)
		;
	return p > digits && *p == ']' && p[1] == ' ' ? blanks(p + 1) : NULL;
}

/* "[<ffffffff8109dbb7>] ", "[c000000012345678] ", "[<     inline     >] ": NULL: none of these. */
static const char *frame_address(const char *s, struct lockdag_kframe *f)
{
	const char *p;
	bool angle;
	size_t n;

	if (*s != '[')
		return NULL;
	angle = s[1] == '<';
	p = blanks(s + 1 + angle);
	if (angle && text_starts(p, "inline")) {
		f->inlined = true;
		p = blanks(p + 6);
		return text_starts(p, ">]") ? blanks(p + 2) : NULL;
	}
	n = hex_digits(p);
	if (n < 8 || n > 16)
		return NULL;
	if (p[n] != (angle ? '>' : ']') || (angle && p[n + 1] != ']'))
		return NULL;
	f->address = strtoull(p, NULL, 16);
	return blanks(p + n + 1 + angle);
}

static size_t symbol_length(const char *s)
{
	size_t n = 0;

	/* generic names of Rust have blanks nowhere, but brackets */
	while (symbol_char(s[n]))
		n++;
	return n;
}

/* "+0x17/0x50" at s; NULL: not there. */
static const char *frame_offset(const char *s, struct lockdag_kframe *f)
{
	size_t n;

	if (s[0] != '+' || s[1] != '0' || s[2] != 'x')
		return NULL;
	n = hex_digits(s + 3);
	if (n == 0 || n > 16)
		return NULL;
	f->offset = strtoull(s + 3, NULL, 16);
	s += 3 + n;
	if (s[0] == '/' && s[1] == '0' && s[2] == 'x' && hex_digits(s + 3)) {
		f->size = strtoull(s + 3, NULL, 16);
		s += 3 + hex_digits(s + 3);
	}
	return s;
}

/* "fs/file.c:123" at s: length up to the colon, 0: none. */
static size_t place_length(const char *s)
{
	size_t n = 0, dot = 0;

	while (isalnum((unsigned char)s[n]) || (s[n] && strchr("_./-+", s[n]))) {
		if (s[n] == '.')
			dot = n;
		n++;
	}
	return n > 2 && dot > 0 && dot + 6 > n && s[n] == ':' &&
			       (isdigit((unsigned char)s[n + 1]) || s[n + 1] == '?')
		       ? n
		       : 0;
}

/* "fs/file.c:123", then more: NULL when it is none. */
static const char *frame_place(const char *s, struct lockdag_kframe *f, struct frame_text *t)
{
	size_t n = place_length(s);
	char *end;

	if (!n)
		return NULL;
	t->file = s;
	t->file_n = n;
	f->line = (unsigned)strtoul(s + n + 1, &end, 10);
	return end == s + n + 1 ? end + 1 : end;
}

/* "include/linux/fs.h:86 fs/file.c:12 (discriminator 2)" behind "(": the last place is the function's
 * own, what is before is inlined in it. Up to behind ")"; NULL: it does not end. */
static const char *frame_places(const char *s, struct lockdag_kframe *f, struct frame_text *t)
{
	for (const char *next; (next = frame_place(s, f, t)); s = blanks(next))
		;
	s = strchr(s, ')');
	return s ? s + 1 : NULL;
}

/* "[mod]", "[mod 0123abcd]": NULL: none. */
static const char *frame_module(const char *s, struct frame_text *t)
{
	size_t n = 0;
	const char *end;

	if (*s != '[')
		return NULL;
	while (isalnum((unsigned char)s[1 + n]) || s[1 + n] == '_' || s[1 + n] == '-')
		n++;
	end = s + 1 + n;
	while (*end && *end != ']')
		end++;
	if (n == 0 || *end != ']')
		return NULL;
	t->module = s + 1;
	t->module_n = n;
	return end + 1;
}

/* What may follow the function: module, place, "[inline]", "(unreliable)", "(P)". */
static void frame_rest(const char *s, struct lockdag_kframe *f, struct frame_text *t)
{
	for (s = blanks(s); *s; s = blanks(s)) {
		const char *next = NULL;

		if (text_starts(s, "[inline]")) {
			f->inlined = true;
			next = s + 8;
		} else if (*s == '[') {
			next = frame_module(s, t);
		} else if (*s == '(') {
			f->unreliable |= text_starts(s, "(unreliable)");
			next = t->file ? strchr(s, ')') : frame_places(s + 1, f, t);
			while (next && *next == ')')
				next++;
		} else if (!t->file) {
			next = frame_place(s, f, t);
		}
		if (!next)
			break;
		s = next;
	}
}

/* "(f) from [<c000d5f4>] (g+0x10/0x14)": the caller g is the frame. */
static const char *frame_arm(const char *s, struct lockdag_kframe *f)
{
	const char *from;

	if (*s != '(')
		return s;
	from = strstr(s, ") from [<");
	if (from) {
		s = frame_address(from + 7, f);
		if (!s)
			return NULL;
	} else {
		from = strstr(s, ") from ");
		if (from)
			s = blanks(from + 7);
	}
	return *s == '(' ? s + 1 : s;
}

/* "(f) from (g+0x10/0x14)", without addresses. */
static bool frame_is_arm(const char *s)
{
	size_t n;

	if (*s != '(')
		return false;
	n = symbol_length(s + 1);
	return n > 0 && text_starts(s + 1 + n, ") from (") &&
	       symbol_length(s + 1 + n + strlen(") from (")) > 0;
}

/* "f from g+0x10/0x14" and "f [mod] from g+0x10/0x14", as arm has it since 5.17: to the caller g. */
static const char *frame_from(const char *s)
{
	size_t n = symbol_length(s);
	const char *from = s + n;

	if (n > 0 && text_starts(from, " [") && strchr(from, ']'))
		from = strchr(from, ']') + 1;
	return n > 0 && text_starts(from, " from ") ? from + strlen(" from ") : s;
}

/* "<ffffffff8029b639>{f+78}" of x86-64 up to 2.6.17, "{f+78}" behind an address. */
static bool frame_old(const char *s, struct lockdag_kframe *f, struct frame_text *t)
{
	size_t n;
	char *end;

	if (*s == '<' && hex_digits(s + 1) >= 8 && s[1 + hex_digits(s + 1)] == '>') {
		f->address = strtoull(s + 1, NULL, 16);
		s += 2 + hex_digits(s + 1);
	}
	if (*s != '{')
		return false;
	for (s++, n = 0; symbol_char(s[n]); n++)
		;
	if (n == 0 || s[n] != '+' || !isdigit((unsigned char)s[n + 1]))
		return false;
	t->function = s;
	t->function_n = n;
	f->offset = strtoull(s + n + 1, &end, 10);
	return *end == '}';
}

/* Function and what follows; known: an address or a "? " stood before, so a lone name will do. */
static bool frame_function(
	const char *s, bool known, struct lockdag_kframe *f, struct frame_text *t)
{
	size_t n = symbol_length(s);
	const char *rest;

	/* "f::<x>+0x..": the sign that ends the name is the last */
	rest = n ? frame_offset(s + n, f) : NULL;
	if (!rest && n == 0) {
		const char *plus = strstr(s, "+0x");

		if (!plus || *s != '<')
			return false;
		n = (size_t)(plus - s);
		rest = frame_offset(plus, f);
	}
	if (n == 0 || (!isalpha((unsigned char)s[0]) && !strchr("_.$<", s[0]))) {
		/* "0xffffffffffffffff" */
		if (!text_starts(s, "0x") || hex_digits(s + 2) < 1)
			return false;
		if (!f->address)
			f->address = strtoull(s + 2, NULL, 16);
		return known || (hex_digits(s + 2) >= 8 && s[2 + hex_digits(s + 2)] == 0);
	}
	t->function = s;
	t->function_n = n;
	if (rest) {
		frame_rest(rest, f, t);
		return true;
	}
	frame_rest(s + n, f, t);
	if (known)
		return s[n] == 0 || s[n] == ' ' || s[n] == ')';
	if (text_starts(s + n, " (??:"))
		return true;
	return t->file && s[n] == ' ' && (f->inlined || s[n + 1] == '(' || place_length(s + n + 1));
}

bool frame_parse(struct record_memory *memory, const char *s, struct lockdag_kframe *ret_frame)
{
	struct lockdag_kframe f = {0};
	struct frame_text t = {0};
	bool known = false;
	const char *p;

	s = blanks(s);
	if (text_starts(s, "... "))
		s = blanks(s + 3);
	if (*s == '(' && s[1] == '[')
		s++;
	while ((p = frame_address(s, &f)) || (p = frame_klogd(s))) {
		s = p;
		known = true;
	}
	if (text_starts(s, "? ")) {
		f.unreliable = true;
		s = blanks(s + 2);
	} else if (text_starts(s, "= ")) {
		s = blanks(s + 2);
	}
	if (frame_is_arm(s))
		known = true;
	if (known && *s == '(') {
		s = frame_arm(s, &f);
		if (!s)
			return false;
	}
	s = frame_from(s);
	if (!frame_old(s, &f, &t) && !frame_function(s, known, &f, &t) &&
		!(known && f.address && *s == 0))
		return false;
	if (ret_frame && memory) {
		f.function = t.function_n ? record_text(memory, t.function, t.function_n) : NULL;
		f.module = t.module_n ? record_text(memory, t.module, t.module_n) : NULL;
		f.file = t.file_n ? record_text(memory, t.file, t.file_n) : NULL;
	}
	if (ret_frame)
		*ret_frame = f;
	return true;
}

bool frame_wants_more(const char *s)
{
	struct lockdag_kframe f = {0};
	const char *p = frame_address(s, &f);

	if (p) {
		if (text_starts(p, "? "))
			p = blanks(p + 2);
		return *p == 0;
	}
	/* a lone name, whose place is on the next line */
	p = text_starts(s, "? ") ? s + 2 : s;
	return symbol_length(p) > 3 && p[symbol_length(p)] == 0 && !strchr("<>:.,*&", p[0]) &&
	       !text_ends(p, ":") && !text_ends(p, ".") && !text_ends(p, ",");
}

bool frame_is_rest(const char *s)
{
	struct lockdag_kframe f = {0};
	struct frame_text t = {0};
	const char *end;

	if (*s == '[') {
		end = frame_module(s, &t);
		return end && *blanks(end) == 0 && isalpha((unsigned char)s[1]);
	}
	end = frame_place(s, &f, &t);
	if (!end)
		return false;
	end = blanks(end);
	return *end == 0 || text_starts(end, "[inline]") || *end == '[';
}
