/* SPDX-License-Identifier: MIT */
#include "kernel/lines.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A line is read up to here; longer ones hold no lock report. */
#define STAMP_MOST 48
#define SYSLOG_MOST 120

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A blank, or a byte of one that does not break, of UTF-8 or Latin-1. */
static bool is_blank(char c)
{
	return c == ' ' || c == '\xc2' || c == '\xa0';
}

/* ------------------------------------------------------------------ one mark */

/* "[  781.753030]", "[    T1]", "[ C0]", "[Mon Nov 13 08:58:21 2023]": bytes of it, 0: none. */
static size_t strip_bracket(const char *s, size_t n, struct line_mark *mark)
{
	size_t end = 1, first, dots = 0, colons = 0, digits = 0, others = 0;

	while (end < n && end < STAMP_MOST && s[end] != ']' && s[end] != '[')
		end++;
	if (end >= n || s[end] != ']')
		return 0;
	for (first = 1; first < end && is_blank(s[first]); first++)
		;
	if (first + 1 < end && (s[first] == 'T' || s[first] == 'C') && is_digit(s[first + 1]) &&
		end - first < sizeof(mark->tag)) {
		memcpy(mark->tag, s + first, end - first);
		mark->tag[end - first] = 0;
		return end + 1;
	}
	for (size_t i = first; i < end; i++) {
		/* some languages have a comma there */
		dots += s[i] == '.' || s[i] == ',';
		colons += s[i] == ':';
		digits += is_digit(s[i]);
		others += !is_digit(s[i]) && !is_blank(s[i]) && !strchr(".:,@-+TZs", s[i]);
	}
	/* "[ ]": somebody took the time out */
	if (first == end && end > 1) {
		mark->stamped = true;
		return end + 1;
	}
	/* "[Apr 8 22:31]" of dmesg -e */
	if (dots == 0 && colons == 1 && digits >= 4 && others == 3 && end <= 14 &&
		isupper((unsigned char)s[first])) {
		mark->stamped = true;
		return end + 1;
	}
	if (digits == 0 || (dots != 1 && colons < 2))
		return 0;
	/* a date has letters, but is no function, class or "RIP: 0010:[...]" */
	if (others > (colons >= 2 && isalpha((unsigned char)s[first]) ? 9u : 0u))
		return 0;
	mark->stamped = true;
	return end + 1;
}

/* "<4>", "<4,1234>" */
static size_t strip_level(const char *s, size_t n)
{
	size_t i = 1;

	while (i < n && i < 12 && (is_digit(s[i]) || s[i] == ','))
		i++;
	return i > 1 && i < n && s[i] == '>' ? i + 1 : 0;
}

/* "4,585,12345678,-;" of /dev/kmsg, "2016-03-26T20:52:22.5+00:00 ", "08:58:21.1234 ",
 * "1700000000.123456: ", "781.753030]" whose bracket was not copied */
static size_t strip_number(const char *s, size_t n)
{
	size_t i = 0, commas = 0, colons = 0, dashes = 0, dots = 0, before_dot = 0;

	for (; i < n && i < STAMP_MOST && s[i] != ' '; i++) {
		if (s[i] == ';' && commas >= 3)
			return i + 1;
		if (s[i] == ']' && dots == 1 && i == before_dot + 7)
			return i + 1;
		if (!is_digit(s[i]) && !strchr(".:,-+TZc=", s[i]) &&
			!(commas >= 3 && (islower((unsigned char)s[i]) || s[i] == 'C')))
			return 0;
		commas += s[i] == ',';
		colons += s[i] == ':';
		dashes += s[i] == '-';
		dots += s[i] == '.';
		before_dot += dots == 0;
	}
	if (i < n && s[i] != ' ')
		return 0;
	if (colons >= 2 && is_digit(s[i - 1 - (s[i - 1] == 'Z' || s[i - 1] == ':')]))
		return i;
	if (dashes == 2 && i == 10 && s[4] == '-' && s[7] == '-')
		return i;
	return dots == 1 && before_dot >= 9 && colons <= 1 && dashes == 0 ? i : 0;
}

/* "Nov 13 08:58:21 fedora kernel: ": up to behind it. */
static size_t strip_syslog(const char *s, size_t n)
{
	for (size_t i = 0; i + 7 <= n && i < SYSLOG_MOST; i++) {
		if (strchr("({}<\"", s[i]))
			return 0;
		if (s[i] == 'k' && !memcmp(s + i, "kernel", 6) &&
			(i == 0 || s[i - 1] == ' ' || s[i - 1] == '/' || s[i - 1] == ':')) {
			size_t k = i + 6;

			if (k < n && s[k] == '[')
				while (k < n && s[k] != ':' && k < i + 20)
					k++;
			if (k < n && s[k] == ':')
				return k + 1;
		}
	}
	return 0;
}

/* "kern  :warn  : " of dmesg -x */
static size_t strip_facility(const char *s, size_t n)
{
	size_t i = 4;

	if (n < 12 || (memcmp(s, "kern", 4) && memcmp(s, "user", 4)))
		return 0;
	while (i < n && s[i] == ' ')
		i++;
	if (i >= n || s[i] != ':')
		return 0;
	for (i++; i < n && isalpha((unsigned char)s[i]); i++)
		;
	while (i < n && s[i] == ' ')
		i++;
	return i < n && s[i] == ':' ? i + 1 : 0;
}

/* "PZ> " of those who quote with initials */
static size_t strip_initials(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && i < 4 && isupper((unsigned char)s[i]))
		i++;
	return i >= 2 && i < n && s[i] == '>' ? i : 0;
}

/* ------------------------------------------------------------------ all of them */

static size_t strip_sign(const char *s, size_t n, size_t at)
{
	char next = at + 1 < n ? s[at + 1] : 0;

	switch (s[at]) {
	case '>':
		return 1;
	case '|':
		return next != '|' ? 1 : 0;
	case '#':
		return next == ' ' ? 1 : 0;
	case '+':
		return at == 0 ? 1 : 0;
	case '-':
		return at == 0 && (next == '[' || next == '<' || next == ' ') ? 1 : 0;
	default:
		return 0;
	}
}

static size_t strip_one(const char *s, size_t n, size_t at, struct line_mark *mark)
{
	size_t k = strip_sign(s, n, at);

	if (k)
		return k;
	s += at;
	n -= at;
	if (s[0] == '[')
		return strip_bracket(s, n, mark);
	if (s[0] == '\033')
		return line_ansi(s, n);
	if (s[0] == '<')
		k = strip_level(s, n);
	else if (is_digit(s[0]))
		k = strip_number(s, n);
	else if (isalpha((unsigned char)s[0])) {
		k = strip_facility(s, n);
		if (!k)
			k = strip_initials(s, n);
	}
	if (k)
		mark->stamped = true;
	if (!k && isalnum((unsigned char)s[0])) {
		k = strip_syslog(s, n);
		mark->stamped |= k > 0;
	}
	return k;
}

/* Blanks, also those that do not break, of UTF-8 or Latin-1. */
static size_t blank_length(const char *s, size_t n)
{
	/* serial consoles leave control characters, too */
	if ((s[0] >= 0 && s[0] <= ' ' && s[0] != '\033') || s[0] == '\xa0')
		return 1;
	return n >= 2 && s[0] == '\xc2' && s[1] == '\xa0' ? 2 : 0;
}

size_t line_strip(const char *s, size_t n, struct line_mark *ret_mark)
{
	struct line_mark mark = {0};
	size_t at = 0;

	for (;;) {
		size_t k;

		for (mark.indent = 0; at < n && blank_length(s + at, n - at) > 0;
			at += blank_length(s + at, n - at))
			mark.indent += s[at] == '\t' ? 8 - mark.indent % 8 : 1;
		k = at < n ? strip_one(s, n, at, &mark) : 0;
		if (!k)
			break;
		at += k;
	}
	*ret_mark = mark;
	return at;
}

/* ------------------------------------------------------------------ keeping */

int lines_add(struct lines *l, const char *s, size_t n, uint64_t number)
{
	struct raw_line *raw = lockdag_vec_push(&l->raw);

	if (!raw)
		return -ENOMEM;
	if (l->bytes.n + n > l->bytes.cap) {
		size_t cap = l->bytes.cap ? l->bytes.cap : 16384;
		char *grown;

		while (cap < l->bytes.n + n)
			cap *= 2;
		grown = realloc(l->bytes.items, cap);
		if (!grown) {
			l->raw.n--;
			return -ENOMEM;
		}
		l->bytes.items = grown;
		l->bytes.cap = cap;
	}
	*raw = (struct raw_line){l->bytes.n, n, number};
	if (n)
		memcpy(l->bytes.items + l->bytes.n, s, n);
	l->bytes.n += n;
	return 0;
}

void lines_done(struct lines *l)
{
	lockdag_vec_clear(&l->bytes);
	lockdag_vec_clear(&l->raw);
	lockdag_vec_clear(&l->clean);
	free(l->storage);
	free(l->learned);
	l->storage = l->learned = NULL;
}
