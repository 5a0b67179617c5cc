/* SPDX-License-Identifier: MIT
 *
 * Rust's names, version 0: letters, numbers and identifiers, these in Punycode too (RFC 3492).
 */
#include "rust.h"

#include <stdio.h>
#include <string.h>

#define RUST_MAX_DEPTH 128
#define RUST_MAX_TEXT 8192
#define RUST_MAX_STEPS 100000
#define RUST_MAX_LETTERS 256 /* of an identifier in Punycode */

void sym_rust_fail(struct rust *r)
{
	r->failed = true;
	r->at = r->n;
}

char sym_rust_peek(const struct rust *r)
{
	return r->at < r->n ? r->s[r->at] : 0;
}

char sym_rust_next(struct rust *r)
{
	return r->at < r->n ? r->s[r->at++] : 0;
}

bool sym_rust_eat(struct rust *r, char c)
{
	if (!c || sym_rust_peek(r) != c)
		return false;
	r->at++;
	return true;
}

void sym_rust_print_n(struct rust *r, const char *s, size_t n)
{
	if (r->silent || r->failed)
		return;
	if (r->out->n + n > RUST_MAX_TEXT)
		sym_rust_fail(r);
	else
		lockdag_text_add_n(r->out, s, n);
}

void sym_rust_print(struct rust *r, const char *s)
{
	sym_rust_print_n(r, s, strlen(s));
}

void sym_rust_print_number(struct rust *r, uint64_t number)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%llu", (unsigned long long)number);

	sym_rust_print_n(r, text, (size_t)n);
}

/* True while there is more of a list that ends in E. */
bool sym_rust_more(struct rust *r)
{
	if (!r->failed && r->at >= r->n)
		sym_rust_fail(r);
	return !r->failed && !sym_rust_eat(r, 'E');
}

bool sym_rust_enter(struct rust *r)
{
	if (r->depth >= RUST_MAX_DEPTH || ++r->steps > RUST_MAX_STEPS)
		sym_rust_fail(r);
	r->depth++;
	return !r->failed;
}

void sym_rust_leave(struct rust *r)
{
	r->depth--;
}

unsigned sym_rust_base62_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'z')
		return (unsigned)(c - 'a') + 10;
	if (c >= 'A' && c <= 'Z')
		return (unsigned)(c - 'A') + 36;
	return 62;
}

/* "_" is 0, "0_" is 1. */
uint64_t sym_rust_base62(struct rust *r)
{
	uint64_t value = 0;

	if (sym_rust_eat(r, '_'))
		return 0;
	while (!sym_rust_eat(r, '_')) {
		unsigned digit = sym_rust_base62_digit(sym_rust_next(r));

		if (digit == 62 || value > (UINT64_MAX - 62) / 62) {
			sym_rust_fail(r);
			return 0;
		}
		value = value * 62 + digit;
	}
	return value + 1;
}

/* 0 where there is none; else one more than what stands there. */
uint64_t sym_rust_optional(struct rust *r, char tag)
{
	uint64_t value;

	if (!sym_rust_eat(r, tag))
		return 0;
	value = sym_rust_base62(r);
	return value == UINT64_MAX ? value : value + 1;
}

struct rust_identifier sym_rust_undisambiguated(struct rust *r)
{
	struct rust_identifier id = {.punycode = sym_rust_eat(r, 'u')};
	size_t n = 0;

	if (sym_rust_peek(r) < '0' || sym_rust_peek(r) > '9')
		sym_rust_fail(r);
	if (!sym_rust_eat(r, '0'))
		while (sym_rust_peek(r) >= '0' && sym_rust_peek(r) <= '9' && n <= r->n)
			n = n * 10 + (size_t)(sym_rust_next(r) - '0');
	sym_rust_eat(r, '_');
	if (r->failed || n > r->n - r->at) {
		sym_rust_fail(r);
		return id;
	}
	id.s = r->s + r->at;
	id.n = n;
	r->at += n;
	return id;
}

void sym_rust_print_letter(struct rust *r, uint32_t letter)
{
	char utf8[4];
	size_t n = letter < 0x80 ? 1 : letter < 0x800 ? 2 : letter < 0x10000 ? 3 : 4;

	if (letter > 0x10ffff || (letter >= 0xd800 && letter < 0xe000)) {
		sym_rust_fail(r);
		return;
	}
	for (size_t i = n; i-- > 1; letter >>= 6)
		utf8[i] = (char)(0x80 | (letter & 0x3f));
	utf8[0] = (char)(n == 1 ? letter : (0xf00u >> n & 0xff) | letter);
	sym_rust_print_n(r, utf8, n);
}

/* RFC 3492 section 6.1 */
static uint32_t punycode_adapt(uint32_t delta, uint32_t letters, bool first)
{
	uint32_t k = 0;

	delta = first ? delta / 700 : delta / 2;
	delta += delta / letters;
	for (; delta > (36 - 1) * 26 / 2; k += 36)
		delta /= 36 - 1;
	return k + (36 - 1 + 1) * delta / (delta + 38);
}

/* RFC 3492 section 6.2, with "_" for the delimiter: the number at *s; false: broken. */
static bool punycode_number(const char **s, const char *end, uint32_t bias, uint32_t *ret)
{
	uint64_t value = 0, weight = 1;

	for (uint32_t k = 36; *s < end; k += 36) {
		uint32_t t = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
		unsigned digit = sym_rust_base62_digit(*(*s)++);

		digit = digit < 10 ? digit + 26 : digit - 10; /* a..z, 0..9 */
		if (digit >= 36)
			return false;
		value += digit * weight;
		if (value > UINT32_MAX)
			return false;
		if (digit < t) {
			*ret = (uint32_t)value;
			return true;
		}
		weight *= 36 - t;
		if (weight > UINT32_MAX)
			return false;
	}
	return false;
}

static void rust_print_punycode(struct rust *r, struct rust_identifier id)
{
	uint32_t letters[RUST_MAX_LETTERS], n = 0, letter = 128, place = 0, bias = 72, step;
	const char *s = id.s, *end = id.s + id.n;

	for (size_t i = id.n; i-- > 0 && n == 0;) {
		if (id.s[i] != '_')
			continue;
		if (i > RUST_MAX_LETTERS)
			break;
		for (; n < i; n++)
			letters[n] = (unsigned char)id.s[n];
		s = id.s + i + 1;
		break;
	}
	while (s < end) {
		bool first = letter == 128 && place == 0;

		if (n == RUST_MAX_LETTERS || !punycode_number(&s, end, bias, &step) ||
			step > UINT32_MAX - place) {
			sym_rust_fail(r);
			return;
		}
		place += step;
		n++;
		bias = punycode_adapt(step, n, first);
		letter += place / n;
		place %= n;
		memmove(letters + place + 1, letters + place, (n - 1 - place) * sizeof(*letters));
		letters[place++] = letter;
	}
	for (uint32_t i = 0; i < n; i++)
		sym_rust_print_letter(r, letters[i]);
}

void sym_rust_print_identifier(struct rust *r, struct rust_identifier id)
{
	if (r->failed)
		return;
	if (id.punycode)
		rust_print_punycode(r, id);
	else
		sym_rust_print_n(r, id.s, id.n);
}

/* A letter of a literal: escaped where it would not be one. */
void sym_rust_print_quoted(struct rust *r, uint64_t letter, char quote)
{
	char text[16];

	if (letter == (unsigned char)quote || letter == '\\') {
		snprintf(text, sizeof(text), "\\%c", (char)letter);
		sym_rust_print(r, text);
	} else if (letter < 0x20 || letter == 0x7f) {
		snprintf(text, sizeof(text), "\\u{%x}", (unsigned)letter);
		sym_rust_print(r, text);
	} else if (letter > 0x10ffff) {
		sym_rust_fail(r);
	} else {
		sym_rust_print_letter(r, (uint32_t)letter);
	}
}
