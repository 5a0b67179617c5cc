/* SPDX-License-Identifier: MIT
 *
 * Rust's names before version 0: C++ names with escapes, and with a hash at their end.
 */
#include "rust.h"

#include <string.h>

#define LEGACY_MAX_PART 100000

/* "17h" and 16 digits in hex, in front of the E. */
const char *sym_rust_legacy_hash(const char *name)
{
	size_t n = strlen(name);
	const char *dot = strchr(name, '.');
	const char *end, *hash;

	/* ".." is "::" in a name; what optimisers add stands behind the E */
	for (end = name + n; dot && end > name && end[-1] != 'E'; end--)
		;
	if (strncmp(name, "_ZN", 3) || end - name < 24 || end[-1] != 'E')
		return NULL;
	hash = end - 20;
	if (strncmp(hash, "17h", 3))
		return NULL;
	for (size_t i = 3; i < 19; i++)
		if (sym_rust_base62_digit(hash[i]) >= 16)
			return NULL;
	return hash;
}

/* "$LT$": the length of the escape at s, 0: it is none. */
static size_t rust_legacy_escape(struct rust *r, const char *s, size_t n)
{
	static const struct {
		const char *word, *text;
	} escapes[] = {{"SP", "@"}, {"BP", "*"}, {"RF", "&"}, {"LT", "<"}, {"GT", ">"}, {"LP", "("},
		{"RP", ")"}, {"C", ","}};
	const char *end = n ? memchr(s + 1, '$', n - 1) : NULL;
	size_t length = end ? (size_t)(end - s) - 1 : 0;
	uint32_t letter = 0;

	for (size_t i = 0; length && i < LOCKDAG_ARRAY_SIZE(escapes); i++)
		if (strlen(escapes[i].word) == length && !strncmp(escapes[i].word, s + 1, length)) {
			sym_rust_print(r, escapes[i].text);
			return length + 2;
		}
	if (length < 2 || length > 7 || s[1] != 'u')
		return 0;
	for (size_t i = 1; i < length; i++) {
		unsigned digit = sym_rust_base62_digit(s[i + 1]);

		if (digit >= 16)
			return 0;
		letter = letter << 4 | digit;
	}
	if (letter < 0x20 || letter == 0x7f)
		return 0;
	sym_rust_print_letter(r, letter);
	return length + 2;
}

static void rust_legacy_part(struct rust *r, const char *s, size_t n)
{
	size_t step;

	if (n > 1 && s[0] == '_' && s[1] == '$') { /* a name begins with a letter */
		s++;
		n--;
	}
	for (; n && !r->failed; s += step, n -= step) {
		step = *s == '$' ? rust_legacy_escape(r, s, n) : 0;
		if (!step && n > 1 && s[0] == '.' && s[1] == '.') {
			sym_rust_print(r, "::");
			step = 2;
		} else if (!step) {
			sym_rust_print_n(r, s, 1);
			step = 1;
		}
	}
}

bool sym_rust_legacy(const char *name, const char *hash, struct lockdag_text *out)
{
	struct rust r = {.out = out};
	const char *s = name + 3;

	while (s < hash && !r.failed) {
		size_t n = 0;

		if (*s < '1' || *s > '9')
			return false;
		while (s < hash && *s >= '0' && *s <= '9' && n < LEGACY_MAX_PART)
			n = n * 10 + (size_t)(*s++ - '0');
		if (n > (size_t)(hash - s))
			return false;
		if (out->n)
			sym_rust_print(&r, "::");
		rust_legacy_part(&r, s, n);
		s += n;
	}
	return !r.failed && !out->failed && out->n;
}
