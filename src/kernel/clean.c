/* SPDX-License-Identifier: MIT
 *
 * From raw lines to clean ones. Each step writes into one buffer that never grows: what decoding
 * and stripping give is never longer than what they were given.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "kernel/lines.h"

struct cleaning {
	struct lines *lines;
	bool quoted_printable, entities;
	char *out;    /* where the next text goes */
	char tag[16]; /* who printed the line before */
	bool foreign; /* the line before was another's */
};

/* ------------------------------------------------------------------ the block as a whole */

static bool raw_ends_softly(const char *s, size_t n)
{
	while (n > 0 && s[n - 1] == '\r')
		n--;
	return n > 1 && s[n - 1] == '=' && s[n - 2] != '=';
}

static bool bytes_have(const struct lines *l, const char *word)
{
	return l->bytes.n > 0 && memmem(l->bytes.items, l->bytes.n, word, strlen(word));
}

static bool block_is_quoted_printable(const struct lines *l)
{
	size_t soft = 0;

	for (size_t i = 0; i < l->raw.n; i++)
		soft += raw_ends_softly(l->bytes.items + l->raw.items[i].at, l->raw.items[i].n);
	return soft > 1 || l->coded || (soft == 1 && l->raw.n < 40) || bytes_have(l, "=3D=3D=3D") ||
	       bytes_have(l, "=3D3D");
}

/* ------------------------------------------------------------------ bytes */

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t line_decode_quoted_printable(char *s, size_t n)
{
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		int high = i + 2 < n + 0u && s[i] == '=' ? hex_value(s[i + 1]) : -1;
		int low = high >= 0 && i + 2 < n ? hex_value(s[i + 2]) : -1;

		if (low >= 0) {
			s[to++] = (char)(high * 16 + low);
			i += 2;
		} else {
			s[to++] = s[i];
		}
	}
	return to;
}

static const struct {
	const char *name;
	char value;
} entities[] = {{"&gt;", '>'}, {"&lt;", '<'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&#39;", '\''},
	{"&#x27;", '\''}, {"&#34;", '"'}, {"&nbsp;", ' '}, {"&#62;", '>'}, {"&#60;", '<'},
	{"&#38;", '&'}, {"&#43;", '+'}, {"&#45;", '-'}};

size_t line_decode_entities(char *s, size_t n)
{
	size_t to = 0;

	for (size_t i = 0; i < n;) {
		size_t k = 1;
		char c = s[i];

		for (size_t e = 0; s[i] == '&' && e < LOCKDAG_ARRAY_SIZE(entities); e++) {
			size_t m = strlen(entities[e].name);

			if (n - i >= m && !memcmp(s + i, entities[e].name, m)) {
				c = entities[e].value;
				k = m;
				break;
			}
		}
		s[to++] = c;
		i += k;
	}
	return to;
}

/* A tag of HTML at s: its length, 0: none. */
static size_t html_tag(const char *s, size_t n)
{
	static const char *const names[] = {"a", "b", "i", "p", "br", "em", "tt", "div", "pre",
		"span", "font", "code", "blockquote", "strong", "td", "tr", "u", "li"};
	size_t i = 1, name, length;

	if (n < 3 || s[0] != '<')
		return 0;
	if (s[1] == '/')
		i++;
	for (name = i; i < n && isalpha((unsigned char)s[i]); i++)
		;
	length = i - name;
	for (size_t k = 0; k < LOCKDAG_ARRAY_SIZE(names); k++) {
		if (length != strlen(names[k]) || strncasecmp(s + name, names[k], length))
			continue;
		while (i < n && s[i] != '>' && s[i] != '<')
			i++;
		return i < n && s[i] == '>' ? i + 1 : 0;
	}
	return 0;
}

/* The rest of a tag that began on the line before: class="q">. Its length; 0: none. */
static size_t html_rest(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && islower((unsigned char)s[i]))
		i++;
	if (i == 0 || i + 2 >= n || s[i] != '=' || s[i + 1] != '"')
		return 0;
	for (i += 2; i < n && s[i] != '"'; i++)
		;
	return i + 1 < n && s[i + 1] == '>' ? i + 2 : 0;
}

size_t line_drop_html(char *s, size_t n)
{
	size_t to = 0;

	for (size_t i = html_rest(s, n); i < n;) {
		size_t k = html_tag(s + i, n - i);

		if (k)
			i += k;
		else
			s[to++] = s[i++];
	}
	return to;
}

size_t line_ansi(const char *s, size_t n)
{
	size_t i = 0;

	if (n >= 3 && s[0] == '\033' && s[1] == '[')
		i = 2;
	else if (n >= 4 && !memcmp(s, "^[[", 3))
		i = 3;
	else if (n >= 6 && !memcmp(s, "#033[", 5))
		i = 5;
	else
		return n >= 1 && s[0] == '\033' ? 1 : 0;
	while (i < n && (isdigit((unsigned char)s[i]) || s[i] == ';' || s[i] == '?'))
		i++;
	return i < n && isalpha((unsigned char)s[i]) ? i + 1 : i;
}

/* Length of a well-formed UTF-8 character at s; 0: it is none. */
static size_t utf8_length(const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t k = s[0] < 0x80   ? 1
		   : s[0] < 0xc2 ? 0
		   : s[0] < 0xe0 ? 2
		   : s[0] < 0xf0 ? 3
		   : s[0] < 0xf5 ? 4
				 : 0;

	if (k > n)
		return 0;
	for (size_t i = 1; i < k; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
		(s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return k;
}

/* Control characters out, non-breaking blanks to blanks, what is not UTF-8 to '?'. */
size_t line_plain(char *s, size_t n)
{
	size_t to = 0;

	for (size_t i = 0; i < n;) {
		bool mark = s[i] == '\033' || s[i] == '^' || s[i] == '#';
		size_t k = mark ? line_ansi(s + i, n - i) : 0;

		if (k) {
			i += k;
			continue;
		}
		if (s[i] >= ' ' && s[i] < 0x7f) {
			s[to++] = s[i++];
			continue;
		}
		k = utf8_length(s + i, n - i);
		if ((k == 2 && !memcmp(s + i, "\xc2\xa0", 2)) || (k == 0 && s[i] == '\xa0')) {
			k = k ? k : 1; /* a blank that does not break, of UTF-8 or of Latin-1 */
			s[to++] = ' ';
		} else if (k <= 1) {
			unsigned char c = (unsigned char)s[i];

			if (k == 0)
				s[to++] = '?';
			else if ((c >= ' ' && c != 0x7f) || c == '\t')
				s[to++] = s[i];
			k = 1;
		} else {
			memmove(s + to, s + i, k);
			to += k;
		}
		i += k;
	}
	return to;
}

/* What a string of JSON or C has instead of some characters. */
size_t line_decode_escapes(char *s, size_t n)
{
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned code = 0;
		size_t k;

		if (s[i] != '\\' || i + 1 >= n) {
			s[to++] = s[i];
			continue;
		}
		i++;
		for (k = 1; s[i] == 'u' && k <= 4 && i + k < n && hex_value(s[i + k]) >= 0; k++)
			code = code * 16 + (unsigned)hex_value(s[i + k]);
		if (k == 5) {
			s[to++] = code < 0x80 ? (char)code : '?';
			i += 4;
		} else {
			s[to++] = s[i] == 't' ? '\t' : s[i] == 'r' ? '\r' : s[i];
		}
	}
	return to;
}

size_t line_decode_percent(char *s, size_t n)
{
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		bool one = n - i >= 3 && s[i] == '%' && s[i + 1] == '2' &&
			   (s[i + 2] == '8' || s[i + 2] == '9');

		s[to++] = !one ? s[i] : s[i + 2] == '8' ? '(' : ')';
		i += one ? 2 : 0;
	}
	return to;
}

/* "https://github.com/owner/name/pull/3" is what a page made of "#3": the length of it at s, and of
 * the number at its end; 0: none. */
static size_t link_length(const char *s, size_t n, size_t *ret_digits)
{
	static const char start[] = "https://github.com/";
	size_t end = sizeof(start) - 1, digits = 0;

	if (n < end || memcmp(s, start, end))
		return 0;
	while (end < n && (isalnum((unsigned char)s[end]) || strchr("_.-/", s[end])) && s[end])
		end++;
	while (digits < end && isdigit((unsigned char)s[end - 1 - digits]))
		digits++;
	*ret_digits = digits;
	if (!digits || end < digits + 8)
		return 0;
	s += end - digits;
	return !memcmp(s - 6, "/pull/", 6) || !memcmp(s - 8, "/issues/", 8) ? end : 0;
}

static size_t line_unlink(char *s, size_t n)
{
	size_t to = 0, digits = 0;

	for (size_t i = 0; i < n;) {
		size_t k = s[i] == 'h' ? link_length(s + i, n - i, &digits) : 0;

		if (k) {
			s[to++] = '#';
			memmove(s + to, s + i + k - digits, digits);
			to += digits;
			i += k;
		} else {
			s[to++] = s[i++];
		}
	}
	return to;
}

/* ------------------------------------------------------------------ lines */

/* The block's own prefix at s; digits and blanks may be others. */
static bool learned_matches(const struct lines *l, const char *s, size_t n)
{
	size_t k = l->learned_n;

	while (k > n && l->learned[k - 1] == ' ')
		k--;
	if (n < k)
		return false;
	for (size_t i = 0; i < k; i++) {
		char a = l->learned[i], b = s[i];

		if (a != b && !((isdigit((unsigned char)a) || a == ' ') &&
				      (isdigit((unsigned char)b) || b == ' ')))
			return false;
	}
	return true;
}

/* Is a line of this mark printed by the same as the report's header? */
static bool same_stream(struct cleaning *c, const struct line_mark *mark)
{
	const struct lines *l = c->lines;

	if (mark->tag[0]) {
		c->foreign = l->tag[0] && strcmp(mark->tag, l->tag) != 0;
		memcpy(c->tag, mark->tag, sizeof(c->tag));
	} else if (mark->stamped) {
		c->foreign = false;
	}
	return !c->foreign;
}

static int clean_push(struct cleaning *c, char *s, size_t n, uint64_t number, bool first)
{
	struct lines *l = c->lines;
	struct line_mark mark;
	struct line *line;
	size_t at = line_strip(s, n, &mark);

	if (l->learned_n && first) {
		struct line_mark more;

		if (!learned_matches(l, s + at, n - at))
			return 0;
		at += l->learned_n < n - at ? l->learned_n : n - at;
		at += line_strip(s + at, n - at, &more);
		mark.indent = more.indent;
		mark.stamped = true;
		if (more.tag[0])
			memcpy(mark.tag, more.tag, sizeof(mark.tag));
	}
	if (!same_stream(c, &mark))
		return 0;
	while (n > at && (s[n - 1] == ' ' || s[n - 1] == '\t'))
		n--;
	line = lockdag_vec_push(&l->clean);
	if (!line)
		return -ENOMEM;
	memmove(c->out, s + at, n - at);
	c->out[n - at] = 0;
	*line = (struct line){c->out, n - at, mark.indent, number, mark.stamped};
	c->out += n - at + 1;
	return 0;
}

/* One line of the log, decoded already, in [s, s + n), which may be written. */
static int clean_line(struct cleaning *c, char *s, size_t n, uint64_t number)
{
	bool first = true;
	int r;

	if (c->entities) {
		n = line_drop_html(s, n);
		n = line_decode_entities(s, n);
		if (n > 4 && (memmem(s, n, "&gt;", 4) || memmem(s, n, "&amp;", 5)))
			n = line_decode_entities(s, n);
	}
	n = line_plain(s, n);
	if (n > 3 && memmem(s, n, "%28", 3))
		n = line_decode_percent(s, n);
	if (n > 24 && memmem(s, n, "https://github.com/", 19))
		n = line_unlink(s, n);
	for (;;) {
		char *octal = n >= 4 && memchr(s, '#', n) ? memmem(s, n, "#012", 4) : NULL;
		size_t k = octal ? (size_t)(octal - s) : n;

		r = clean_push(c, s, k, number, first);
		if (r < 0 || !octal)
			return r;
		s += k + 4;
		n -= k + 4;
		first = false;
	}
}

/* Raw lines i .. that soft breaks make one; *ret_next: the line behind. The text is copied to
 * scratch. */
static size_t raw_join(const struct lines *l, size_t i, bool soft, char *scratch, size_t *ret_next)
{
	size_t n = 0;

	for (;; i++) {
		const struct raw_line *raw = &l->raw.items[i];
		const char *s = l->bytes.items + raw->at;
		size_t k = raw->n;

		while (k > 0 && s[k - 1] == '\r')
			k--;
		if (!soft || !raw_ends_softly(s, k) || i + 1 >= l->raw.n) {
			if (k)
				memcpy(scratch + n, s, k);
			*ret_next = i + 1;
			return n + k;
		}
		memcpy(scratch + n, s, k - 1);
		n += k - 1;
	}
}

int lines_clean(struct lines *l)
{
	struct cleaning c = {.lines = l};
	/* every clean line needs a zero; "#012" becomes one */
	char *scratch = malloc(l->bytes.n + 1);
	int r = 0;

	free(l->storage);
	l->storage = malloc(l->bytes.n + l->raw.n + 1);
	l->clean.n = 0;
	if (!scratch || !l->storage)
		r = -ENOMEM;
	c.out = l->storage;
	c.quoted_printable = block_is_quoted_printable(l);
	c.entities = bytes_have(l, "&gt;") || bytes_have(l, "&amp;") || bytes_have(l, "&nbsp;") ||
		     bytes_have(l, "</span>");
	l->html = c.entities;
	for (size_t i = 0; r == 0 && i < l->raw.n;) {
		size_t next, n = raw_join(l, i, c.quoted_printable, scratch, &next);

		if (c.quoted_printable)
			n = line_decode_quoted_printable(scratch, n);
		r = clean_line(&c, scratch, n, l->raw.items[i].number);
		i = next;
	}
	free(scratch);
	return r;
}
