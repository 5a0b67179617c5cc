/* SPDX-License-Identifier: MIT
 *
 * Rust's names. Two forms are about: v0, "_RNvCs4fqI2P2rA04_3foo3bar" (Rust RFC 2603, and the
 * reference's chapter on symbol mangling), and the older "_ZN3foo3bar17h0123456789abcdefE", which
 * is a C++ name with a hash at its end and escapes like $LT$. Printed without hashes and
 * disambiguators, as people write them: "foo::bar", "<foo::Guard as core::ops::Drop>::drop",
 * "foo::run::{closure#0}".
 *
 * A name may refer back to its own parts, so its text can be exponentially longer: what is deeper
 * than RUST_MAX_DEPTH or longer than RUST_MAX_TEXT (rust_words.c) is not decoded.
 */
#include "rust.h"

#include <string.h>

static void rust_type(struct rust *r);

/* "B" was read: parse again what stands at an earlier place. */
void sym_rust_back(struct rust *r, void (*parse)(struct rust *r, bool flag), bool flag)
{
	size_t start = r->at - 1, back;
	uint64_t to = sym_rust_base62(r);

	back = r->at;
	if (r->failed || to >= start) {
		sym_rust_fail(r);
		return;
	}
	if (r->silent) /* it was read there */
		return;
	r->at = (size_t)to;
	parse(r, flag);
	if (!r->failed)
		r->at = back;
}

static void rust_type_again(struct rust *r, bool unused)
{
	(void)unused;
	rust_type(r);
}

/* index 1 is the one bound innermost; 0: erased. */
static void rust_print_lifetime(struct rust *r, uint64_t index)
{
	uint64_t depth = r->lifetimes - index;
	char letter[3] = {'\'', 0, 0};

	if (index > r->lifetimes) {
		sym_rust_fail(r);
		return;
	}
	if (!index) {
		sym_rust_print(r, "'_");
	} else if (depth < 26) {
		letter[1] = (char)('a' + depth);
		sym_rust_print(r, letter);
	} else {
		sym_rust_print(r, "'_");
		sym_rust_print_number(r, depth);
	}
}

/* "for<'a, 'b> "; the caller takes the lifetimes back. */
static void rust_binder(struct rust *r)
{
	uint64_t n = sym_rust_optional(r, 'G');

	if (!n)
		return;
	if (n > 1000) {
		sym_rust_fail(r);
		return;
	}
	sym_rust_print(r, "for<");
	for (uint64_t i = 0; i < n; i++) {
		r->lifetimes++;
		if (i)
			sym_rust_print(r, ", ");
		rust_print_lifetime(r, 1);
	}
	sym_rust_print(r, "> ");
}

/* --------------------------------------------------------------- paths */

static void rust_generic_argument(struct rust *r)
{
	if (sym_rust_eat(r, 'L'))
		rust_print_lifetime(r, sym_rust_base62(r));
	else if (sym_rust_eat(r, 'K'))
		sym_rust_const(r, false);
	else
		rust_type(r);
}

static void rust_generic_arguments(struct rust *r)
{
	for (size_t i = 0; sym_rust_more(r); i++) {
		if (i)
			sym_rust_print(r, ", ");
		rust_generic_argument(r);
	}
}

/* Where an impl stands says nothing to a reader. */
static void rust_impl_path(struct rust *r)
{
	r->silent++;
	sym_rust_optional(r, 's');
	sym_rust_path(r, false);
	r->silent--;
}

/* Namespaces in upper case are the compiler's own: "{closure#0}". */
static void rust_nested(struct rust *r, bool value)
{
	char space = sym_rust_next(r);
	struct rust_identifier id;
	uint64_t number;
	bool special = space >= 'A' && space <= 'Z';

	if (!special && !(space >= 'a' && space <= 'z'))
		sym_rust_fail(r);
	sym_rust_path(r, value);
	number = sym_rust_optional(r, 's');
	id = sym_rust_undisambiguated(r);
	if (special) {
		sym_rust_print(r, "::{");
		if (space == 'C')
			sym_rust_print(r, "closure");
		else if (space == 'S')
			sym_rust_print(r, "shim");
		else
			sym_rust_print_n(r, &space, 1);
		if (id.n)
			sym_rust_print(r, ":");
		sym_rust_print_identifier(r, id);
		sym_rust_print(r, "#");
		sym_rust_print_number(r, number);
		sym_rust_print(r, "}");
	} else if (id.n) {
		sym_rust_print(r, "::");
		sym_rust_print_identifier(r, id);
	}
}

static void rust_path_kind(struct rust *r, char kind, bool value)
{
	switch (kind) {
	case 'C':
		sym_rust_optional(r, 's');
		sym_rust_print_identifier(r, sym_rust_undisambiguated(r));
		break;
	case 'N':
		rust_nested(r, value);
		break;
	case 'M':
	case 'X':
		rust_impl_path(r);
		/* fall through */
	case 'Y':
		sym_rust_print(r, "<");
		rust_type(r);
		if (kind != 'M') {
			sym_rust_print(r, " as ");
			sym_rust_path(r, false);
		}
		sym_rust_print(r, ">");
		break;
	case 'I':
		sym_rust_path(r, value);
		sym_rust_print(r, value ? "::<" : "<");
		rust_generic_arguments(r);
		sym_rust_print(r, ">");
		break;
	case 'B':
		sym_rust_back(r, sym_rust_path, value);
		break;
	default:
		sym_rust_fail(r);
	}
}

/* value: in an expression's place, where "::<" begins the arguments. */
void sym_rust_path(struct rust *r, bool value)
{
	if (sym_rust_enter(r))
		rust_path_kind(r, sym_rust_next(r), value);
	sym_rust_leave(r);
}

/* --------------------------------------------------------------- types */

static const char *rust_basic_type(char c)
{
	static const char *const names['z' + 1] = {['a'] = "i8",
		['b'] = "bool",
		['c'] = "char",
		['d'] = "f64",
		['e'] = "str",
		['f'] = "f32",
		['h'] = "u8",
		['i'] = "isize",
		['j'] = "usize",
		['l'] = "i32",
		['m'] = "u32",
		['n'] = "i128",
		['o'] = "u128",
		['p'] = "_",
		['s'] = "i16",
		['t'] = "u16",
		['u'] = "()",
		['v'] = "...",
		['x'] = "i64",
		['y'] = "u64",
		['z'] = "!"};

	return c >= 'a' && c <= 'z' ? names[(int)c] : NULL;
}

/* A name may hold no "-", so "_" stands for it. */
static void rust_abi(struct rust *r)
{
	struct rust_identifier abi;

	sym_rust_print(r, "extern \"");
	if (sym_rust_eat(r, 'C')) {
		sym_rust_print(r, "C");
	} else {
		abi = sym_rust_undisambiguated(r);
		if (abi.punycode)
			sym_rust_fail(r);
		for (size_t i = 0; i < abi.n && !r->failed; i++)
			sym_rust_print_n(r, abi.s[i] == '_' ? "-" : abi.s + i, 1);
	}
	sym_rust_print(r, "\" ");
}

static void rust_function_type(struct rust *r)
{
	uint64_t before = r->lifetimes;

	rust_binder(r);
	if (sym_rust_eat(r, 'U'))
		sym_rust_print(r, "unsafe ");
	if (sym_rust_eat(r, 'K'))
		rust_abi(r);
	sym_rust_print(r, "fn(");
	for (size_t i = 0; sym_rust_more(r); i++) {
		if (i)
			sym_rust_print(r, ", ");
		rust_type(r);
	}
	sym_rust_print(r, ")");
	if (!sym_rust_eat(r, 'u')) {
		sym_rust_print(r, " -> ");
		rust_type(r);
	}
	r->lifetimes = before;
}

static bool rust_path_open(struct rust *r);

static void rust_path_open_again(struct rust *r, bool unused)
{
	(void)unused;
	if (sym_rust_enter(r))
		r->open = rust_path_open(r);
	sym_rust_leave(r);
}

/* The path of a trait whose arguments stay open for "Item = T". True: they are. */
static bool rust_path_open(struct rust *r)
{
	bool open = false;

	if (sym_rust_eat(r, 'B')) {
		r->open = false;
		sym_rust_back(r, rust_path_open_again, false);
		open = r->open;
	} else if (sym_rust_eat(r, 'I')) {
		sym_rust_path(r, false);
		sym_rust_print(r, "<");
		rust_generic_arguments(r);
		open = true;
	} else {
		sym_rust_path(r, false);
	}
	return open;
}

static void rust_dyn_trait(struct rust *r)
{
	bool open = rust_path_open(r);

	while (sym_rust_eat(r, 'p')) {
		sym_rust_print(r, open ? ", " : "<");
		open = true;
		sym_rust_print_identifier(r, sym_rust_undisambiguated(r));
		sym_rust_print(r, " = ");
		rust_type(r);
	}
	if (open)
		sym_rust_print(r, ">");
}

static void rust_dyn(struct rust *r)
{
	uint64_t before = r->lifetimes, lifetime;

	sym_rust_print(r, "dyn ");
	rust_binder(r);
	for (size_t i = 0; sym_rust_more(r); i++) {
		if (i)
			sym_rust_print(r, " + ");
		rust_dyn_trait(r);
	}
	r->lifetimes = before;
	if (!sym_rust_eat(r, 'L')) {
		sym_rust_fail(r);
		return;
	}
	lifetime = sym_rust_base62(r);
	if (lifetime) {
		sym_rust_print(r, " + ");
		rust_print_lifetime(r, lifetime);
	}
}

static void rust_reference(struct rust *r, bool is_mut)
{
	uint64_t lifetime;

	sym_rust_print(r, "&");
	if (sym_rust_eat(r, 'L')) {
		lifetime = sym_rust_base62(r);
		if (lifetime) {
			rust_print_lifetime(r, lifetime);
			sym_rust_print(r, " ");
		}
	}
	if (is_mut)
		sym_rust_print(r, "mut ");
	rust_type(r);
}

void sym_rust_tuple(struct rust *r, void (*item)(struct rust *r, bool flag), bool flag)
{
	size_t n = 0;

	sym_rust_print(r, "(");
	for (; sym_rust_more(r); n++) {
		if (n)
			sym_rust_print(r, ", ");
		item(r, flag);
	}
	sym_rust_print(r, n == 1 ? ",)" : ")");
}

static void rust_type_kind(struct rust *r, char kind)
{
	switch (kind) {
	case 'A':
	case 'S':
		sym_rust_print(r, "[");
		rust_type(r);
		if (kind == 'A') {
			sym_rust_print(r, "; ");
			sym_rust_const(r, true);
		}
		sym_rust_print(r, "]");
		break;
	case 'T':
		sym_rust_tuple(r, rust_type_again, false);
		break;
	case 'R':
	case 'Q':
		rust_reference(r, kind == 'Q');
		break;
	case 'P':
	case 'O':
		sym_rust_print(r, kind == 'P' ? "*const " : "*mut ");
		rust_type(r);
		break;
	case 'F':
		rust_function_type(r);
		break;
	case 'D':
		rust_dyn(r);
		break;
	case 'B':
		sym_rust_back(r, rust_type_again, false);
		break;
	default: /* a path */
		r->at--;
		sym_rust_path(r, false);
	}
}

static void rust_type(struct rust *r)
{
	char kind = sym_rust_peek(r);
	const char *basic = rust_basic_type(kind);

	if (!sym_rust_enter(r)) {
		sym_rust_leave(r);
		return;
	}
	if (!kind)
		sym_rust_fail(r);
	else
		r->at++;
	if (basic)
		sym_rust_print(r, basic);
	else if (!r->failed)
		rust_type_kind(r, kind);
	sym_rust_leave(r);
}

/* --------------------------------------------------------------- both forms */

static bool rust_is_v0(const char *name)
{
	return !strncmp(name, "_R", 2) && strchr("CNMXYIB", name[2]) && name[2];
}

static bool rust_v0(const char *name, struct lockdag_text *out)
{
	/* ".llvm.123", ".cold" and what else linkers and optimisers add */
	struct rust r = {.s = name + 2, .n = strcspn(name + 2, ".$"), .out = out};

	for (size_t i = 0; i < r.n; i++)
		if (r.s[i] != '_' && sym_rust_base62_digit(r.s[i]) == 62)
			return false;
	sym_rust_path(&r, true);
	if (!r.failed && r.at < r.n) { /* the crate for which it was made */
		r.silent++;
		sym_rust_path(&r, false);
	}
	return !r.failed && r.at == r.n && !out->failed && out->n;
}

bool sym_is_rust(const char *name)
{
	return rust_is_v0(name) || sym_rust_legacy_hash(name);
}

bool sym_demangle_rust(const char *name, struct lockdag_text *out)
{
	const char *hash = sym_rust_legacy_hash(name);
	bool done =
		hash ? sym_rust_legacy(name, hash, out) : rust_is_v0(name) && rust_v0(name, out);

	if (!done)
		lockdag_text_clear(out);
	return done;
}
