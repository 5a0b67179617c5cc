/* SPDX-License-Identifier: MIT */
#include "core/lex.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void lex_init(struct lex *x, const char *text, size_t n, struct lockdag_parse_error *error)
{
	*x = (struct lex){.p = text, .end = text + n, .error = error};
}

void lex_done(struct lex *x)
{
	lockdag_vec_clear(&x->fields);
	free(x->bytes);
	x->bytes = NULL;
}

int lex_error(struct lex *x, unsigned column, const char *fmt, ...)
{
	va_list ap;

	x->error->line = x->line;
	x->error->column = column;
	va_start(ap, fmt);
	vsnprintf(x->error->message, sizeof(x->error->message), fmt, ap);
	va_end(ap);
	return -EINVAL;
}

static bool lex_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static int lex_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Decodes the string that starts behind its opening quote at *p into *out, up to its closing one.
 */
static int lex_string(struct lex *x, const char *line, const char **p, const char *end, char **out)
{
	const char *s = *p;

	for (; s < end && *s != '"'; s++) {
		unsigned column = (unsigned)(s - line) + 1;
		int c = (unsigned char)*s;

		if (c == '\\') {
			if (end - s >= 2 && (s[1] == '"' || s[1] == '\\')) {
				c = *++s;
			} else if (end - s >= 4 && s[1] == 'x' && lex_hex(s[2]) >= 0 &&
				   lex_hex(s[3]) >= 0) {
				c = lex_hex(s[2]) * 16 + lex_hex(s[3]);
				s += 3;
			} else {
				return lex_error(x, column,
					"a backslash stands only before \", \\ or x and two "
					"lower-case hex digits");
			}
		}
		if (c == 0)
			return lex_error(x, column, "a string cannot hold a zero byte");
		*(*out)++ = (char)c;
	}
	if (s == end)
		return lex_error(x, (unsigned)(end - line) + 1, "the string does not end");
	*p = s + 1;
	return 0;
}

static int lex_field(struct lex *x, const char *line, const char **p, const char *end, char **out)
{
	struct lex_field *f = lockdag_vec_push(&x->fields);
	const char *s = *p;
	int r = 0;

	if (!f)
		return -ENOMEM;
	f->column = (unsigned)(s - line) + 1;
	f->value = *out;
	for (; s < end && !lex_blank(*s); s++) {
		if (*s == '=' && !f->key) {
			f->key = f->value;
			*(*out)++ = 0;
			f->value = *out;
			if (end - s >= 2 && s[1] == '"') {
				s += 2;
				f->quoted = true;
				r = lex_string(x, line, &s, end, out);
				break;
			}
			continue;
		}
		if ((unsigned char)*s <= 0x20 || *s == '"' || *s == 0x7f)
			return lex_error(
				x, (unsigned)(s - line) + 1, "a sign that belongs into a string");
		*(*out)++ = *s;
	}
	if (r < 0)
		return r;
	if (s < end && !lex_blank(*s))
		return lex_error(
			x, (unsigned)(s - line) + 1, "a blank is missing behind the string");
	*(*out)++ = 0;
	*p = s;
	return 0;
}

static int lex_line(struct lex *x, const char *line, const char *end)
{
	/* A field gives at most its own bytes and two zeros. */
	size_t need = 2 * (size_t)(end - line) + 2;
	char *out;

	if (need > x->bytes_cap) {
		char *bytes = realloc(x->bytes, need);

		if (!bytes)
			return -ENOMEM;
		x->bytes = bytes;
		x->bytes_cap = need;
	}
	x->fields.n = 0;
	out = x->bytes;
	for (const char *p = line; p < end;) {
		int r;

		if (lex_blank(*p)) {
			p++;
			continue;
		}
		if (*p == '#' && !x->fields.n)
			return 0;
		r = lex_field(x, line, &p, end, &out);
		if (r < 0)
			return r;
	}
	return x->fields.n > 0;
}

int lex_next(struct lex *x)
{
	while (x->p < x->end) {
		const char *line = x->p;
		const char *end = memchr(line, '\n', (size_t)(x->end - line));
		int r;

		x->line++;
		x->p = end ? end + 1 : x->end;
		r = lex_line(x, line, end ? end : x->end);
		if (r)
			return r;
	}
	return 0;
}
