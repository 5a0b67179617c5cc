/* SPDX-License-Identifier: MIT
 *
 * Rust's names, version 0: constants.
 */
#include "rust.h"

#include <string.h>

/* Hex digits up to "_", in *ret; n: how many, without leading zeros. */
static const char *rust_hex(struct rust *r, size_t *ret_n, uint64_t *ret)
{
	const char *s = r->s + r->at;
	size_t n = 0;

	*ret = 0;
	while (!r->failed && !sym_rust_eat(r, '_')) {
		unsigned digit = sym_rust_base62_digit(sym_rust_next(r));

		if (digit >= 16)
			sym_rust_fail(r);
		*ret = *ret << 4 | (digit & 15);
		n++;
	}
	while (n && *s == '0') {
		s++;
		n--;
	}
	*ret_n = n;
	return s;
}

static void rust_const_integer(struct rust *r, bool is_signed)
{
	uint64_t value;
	const char *s;
	size_t n;

	if (is_signed && sym_rust_eat(r, 'n'))
		sym_rust_print(r, "-");
	s = rust_hex(r, &n, &value);
	if (n <= 16) {
		sym_rust_print_number(r, value);
	} else {
		sym_rust_print(r, "0x");
		sym_rust_print_n(r, s, n);
	}
}

static void rust_const_character(struct rust *r)
{
	uint64_t value;
	size_t n;

	rust_hex(r, &n, &value);
	if (n > 6)
		sym_rust_fail(r);
	sym_rust_print(r, "'");
	sym_rust_print_quoted(r, value, '\'');
	sym_rust_print(r, "'");
}

static void rust_const_bool(struct rust *r)
{
	uint64_t value;
	size_t n;

	rust_hex(r, &n, &value);
	if (n > 1 || value > 1)
		sym_rust_fail(r);
	sym_rust_print(r, value ? "true" : "false");
}

/* UTF-8 in hex, two digits a byte. */
static void rust_const_string(struct rust *r)
{
	size_t start = r->at, n;
	uint64_t unused;

	rust_hex(r, &n, &unused);
	if (r->failed || (r->at - 1 - start) % 2) {
		sym_rust_fail(r);
		return;
	}
	sym_rust_print(r, "\"");
	for (size_t i = start; i + 2 < r->at; i += 2) {
		char byte = (char)(sym_rust_base62_digit(r->s[i]) << 4 |
				   sym_rust_base62_digit(r->s[i + 1]));

		if ((unsigned char)byte < 0x80)
			sym_rust_print_quoted(r, (unsigned char)byte, '"');
		else
			sym_rust_print_n(r, &byte, 1);
	}
	sym_rust_print(r, "\"");
}

static void rust_const_reference(struct rust *r, bool is_mut)
{
	if (!is_mut && sym_rust_eat(r, 'e')) {
		rust_const_string(r);
		return;
	}
	sym_rust_print(r, is_mut ? "&mut " : "&");
	sym_rust_const(r, true);
}

static void rust_const_variant(struct rust *r)
{
	size_t n = 0;

	sym_rust_path(r, true);
	switch (sym_rust_next(r)) {
	case 'U':
		break;
	case 'T':
		sym_rust_tuple(r, sym_rust_const, true);
		break;
	case 'S':
		sym_rust_print(r, " { ");
		for (; sym_rust_more(r); n++) {
			if (n)
				sym_rust_print(r, ", ");
			sym_rust_optional(r, 's');
			sym_rust_print_identifier(r, sym_rust_undisambiguated(r));
			sym_rust_print(r, ": ");
			sym_rust_const(r, true);
		}
		sym_rust_print(r, " }");
		break;
	default:
		sym_rust_fail(r);
	}
}

/* What would be no constant without braces around it. */
static void rust_const_compound(struct rust *r, char kind)
{
	switch (kind) {
	case 'e':
		sym_rust_print(r, "*");
		rust_const_string(r);
		break;
	case 'R':
	case 'Q':
		rust_const_reference(r, kind == 'Q');
		break;
	case 'A':
		sym_rust_print(r, "[");
		for (size_t i = 0; sym_rust_more(r); i++) {
			if (i)
				sym_rust_print(r, ", ");
			sym_rust_const(r, true);
		}
		sym_rust_print(r, "]");
		break;
	case 'T':
		sym_rust_tuple(r, sym_rust_const, true);
		break;
	case 'V':
		rust_const_variant(r);
		break;
	default:
		sym_rust_fail(r);
	}
}

/* True: one that needs no braces. */
static bool rust_const_simple(struct rust *r, char kind, bool inside)
{
	if (strchr("hmtyoj", kind))
		rust_const_integer(r, false);
	else if (strchr("aslxni", kind))
		rust_const_integer(r, true);
	else if (kind == 'b')
		rust_const_bool(r);
	else if (kind == 'c')
		rust_const_character(r);
	else if (kind == 'p')
		sym_rust_print(r, "_");
	else if (kind == 'B')
		sym_rust_back(r, sym_rust_const, inside);
	else
		return false;
	return true;
}

static void rust_const_kind(struct rust *r, char kind, bool inside)
{
	if (rust_const_simple(r, kind, inside))
		return;
	sym_rust_print(r, inside ? "" : "{");
	rust_const_compound(r, kind);
	sym_rust_print(r, inside ? "" : "}");
}

void sym_rust_const(struct rust *r, bool inside)
{
	char kind = sym_rust_next(r);

	if (!kind)
		sym_rust_fail(r);
	else if (sym_rust_enter(r))
		rust_const_kind(r, kind, inside);
	sym_rust_leave(r);
}
