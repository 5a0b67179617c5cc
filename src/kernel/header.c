/* SPDX-License-Identifier: MIT */
#include "kernel/header.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

#define LEARNED_MOST 120 /* no logger writes more before a line */

static bool anchor_is(const struct anchor *anchor, const char *start)
{
	return !strncmp(anchor->text, start, strlen(start));
}

static bool header_starts(const char *s, size_t n, const char *word)
{
	size_t k = strlen(word);

	return n >= k && !memcmp(s, word, k);
}

/* Where in [s, s + n) a word that opens a header stands: the last one; n: nowhere. */
static size_t header_opening(const char *s, size_t n)
{
	static const char *const words[] = {
		"[ INFO: ", "[ BUG: ", "[ WARNING: ", "INFO: ", "WARNING: ", "BUG: "};

	for (size_t at = n; at-- > 0;)
		for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(words); i++)
			if (header_starts(s + at, n - at, words[i]))
				return at >= 2 && s[at - 1] == ' ' && s[at - 2] == '[' ? at - 2
										       : at;
	return n;
}

/* What may stand between the opening word and the anchor. */
static bool header_middle(const struct anchor *anchor, const char *s, size_t n)
{
	switch (anchor->kind) {
	case LOCKDAG_SPLAT_WAIT_CONTEXT:
		return n == 1 && (s[0] == 'I' || s[0] == 'i');
	case LOCKDAG_SPLAT_RCU:
		return n == 0 || (n == 1 && (s[0] == 's' || s[0] == 'S'));
	case LOCKDAG_SPLAT_SAFE_UNSAFE:
		for (size_t i = 0; i < n; i++)
			if (!isupper((unsigned char)s[i]) && s[i] != '-' && s[i] != '_')
				return false;
		return true;
	case LOCKDAG_SPLAT_EXIT_HELD:
		return n == 0 || (n >= 4 && s[n - 1] == ' ' && memchr(s, '/', n));
	case LOCKDAG_SPLAT_HUNG_TASK:
		return n >= 8 && header_starts(s, n, "task ") && memchr(s, ':', n);
	default:
		return n == 0;
	}
}

/* Does [s, s + n) go on as tail does, or stop on the way? Dots, bangs and brackets may follow. */
static bool header_goes_on(const char *s, size_t n, const char *tail, size_t *ret_n)
{
	size_t i = 0;

	while (i < n && tail[i] && s[i] == tail[i])
		i++;
	*ret_n = i;
	if (tail[i] && i < n)
		return false;
	for (; i < n; i++)
		if (!strchr("!.:] \t\r*", s[i]))
			return false;
	return true;
}

/* "> HARDIRQ-unsafe lock order detected", the sign perhaps as an entity. */
static bool header_unsafe(const char *s, size_t n, size_t *ret_n)
{
	size_t i = 0;
	bool r;

	if (header_starts(s, n, "> "))
		i = 2;
	else if (header_starts(s, n, "&gt; "))
		i = 5;
	else
		return n <= 1;
	while (i < n && (isalpha((unsigned char)s[i]) || s[i] == '_' || s[i] == '-') &&
		!header_starts(s + i, n - i, "unsafe"))
		i++;
	r = header_goes_on(s + i, n - i, "unsafe lock order detected", ret_n);
	*ret_n += i;
	return r;
}

static bool header_too_low(const char *s, size_t n, size_t *ret_n)
{
	size_t i = 0;
	bool r;

	while (i < n && (isupper((unsigned char)s[i]) || s[i] == '_'))
		i++;
	r = i > 0 && header_goes_on(s + i, n - i, " too low", ret_n);
	*ret_n += i;
	return r;
}

/* How many of rest's first bytes [s, s + n) ends in. */
static size_t header_begun(const char *s, size_t n, const char *rest)
{
	for (size_t k = strlen(rest) - 1; k > 0; k--)
		if (n > k && !memcmp(s + n - k, rest, k))
			return k;
	return 0;
}

/* "comm:pid" and the line ends, or goes on to " blocked for more than" and stops on the way. */
static bool header_hung_torn(const char *s, size_t n)
{
	size_t pid;

	while (n > 0 && isspace((unsigned char)s[n - 1]))
		n--;
	n -= header_begun(s, n, " blocked in I/O wait for more than");
	n -= header_begun(s, n, " blocked for more than");
	for (pid = n; pid > 0 && isdigit((unsigned char)s[pid - 1]); pid--)
		;
	return pid < n && pid > 1 && s[pid - 1] == ':' && n < 80 && !memchr(s, '"', n);
}

static bool header_tail(const struct anchor *anchor, const char *s, size_t n, size_t *ret_n)
{
	*ret_n = n;
	if (anchor->tail)
		return header_goes_on(s, n, anchor->tail, ret_n);
	switch (anchor->kind) {
	case LOCKDAG_SPLAT_SAFE_UNSAFE:
		return header_unsafe(s, n, ret_n);
	case LOCKDAG_SPLAT_TABLE_FULL:
		return header_too_low(s, n, ret_n);
	case LOCKDAG_SPLAT_HUNG_TASK:
		if (anchor_is(anchor, "INFO: "))
			return header_hung_torn(s, n);
		return n == 0 ||
		       (n > 1 && s[0] == ' ' && isdigit((unsigned char)s[1]) && !memchr(s, '"', n));
	default:
		return !memchr(s, '"', n);
	}
}

/* Some open without a word in front; and a mailer can have wrapped a line behind that word, or behind
 * "possible". Then the line has the rest, and nothing else. after: what follows the anchor. */
static bool header_bare(const struct anchor *anchor, const char *after, size_t n_after)
{
	size_t tail;

	switch (anchor->kind) {
	case LOCKDAG_SPLAT_ALL_LOCKS:
	case LOCKDAG_SPLAT_DEPT:
		return true;
	case LOCKDAG_SPLAT_CIRCULAR:
	case LOCKDAG_SPLAT_RECURSIVE:
	case LOCKDAG_SPLAT_INVERSION:
		return header_goes_on(after, n_after, anchor->tail, &tail) &&
		       tail == strlen(anchor->tail);
	default:
		return false;
	}
}

/* The anchor holds the word that opens the header. */
static bool header_whole(const struct anchor *anchor)
{
	return anchor->group == ANCHOR_REPORT &&
	       (anchor_is(anchor, "INFO: ") || anchor_is(anchor, "workqueue: "));
}

/* Cuts [s, s + n) where the line ends though the log says it otherwise. */
static size_t header_cut(const char *s, size_t n, bool *ret_escaped)
{
	static const char *const ends[] = {"#012", "\033", "\\u001b", "\\n", "<br", "</", "^M"};
	const char *escape = memmem(s, n, "\\n", 2);

	*ret_escaped = escape && escape + 2 < s + n && escape[2] != '"';
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < LOCKDAG_ARRAY_SIZE(ends); k++)
			if (header_starts(s + i, n - i, ends[k]) &&
				(*ret_escaped || ends[k][0] != '\\'))
				return i;
	return n;
}

static bool note_read(const char *s, size_t n, size_t at, struct header *header)
{
	size_t text = line_strip(s, at, &header->mark);

	if (text > at)
		text = at;
	header->text = text;
	header->end = n;
	/* source quotes them; "BUG: key ..." and the like open the line */
	return !memchr(s + text, '"', n - text) &&
	       (text == at || header_starts(s + text, at - text, "BUG: ")) && n - text < 400;
}

/* How much of the n bytes before a header is a prefix that no rule knows: stamps may follow it. */
static size_t header_unknown(const char *s, size_t n, struct line_mark *mark)
{
	for (size_t k = 1; k < n; k++) {
		struct line_mark more;

		if (k + line_strip(s + k, n - k, &more) != n)
			continue;
		if (more.tag[0])
			*mark = more;
		return k;
	}
	return n;
}

bool header_read(
	const char *s, size_t n, const struct anchor *anchor, size_t at, struct header *ret_header)
{
	struct header h = {.anchor = anchor, .base = s};
	size_t after = at + anchor->n, opening, tail, text, words;

	if (anchor->group == ANCHOR_NOTE) {
		bool r = note_read(s, n, at, &h);

		*ret_header = h;
		return r;
	}
	n = after + header_cut(s + after, n - after, &h.escaped);
	if (n > 68 && n > after && s[n - 1] == '=' && s[n - 2] != '=')
		n--;
	/* an escaped log's line starts behind the last "\n" */
	text = 0;
	if (h.escaped)
		for (size_t i = at; i-- > 1;)
			if (s[i - 1] == '\\' && s[i] == 'n') {
				text = i + 1;
				break;
			}
	text += line_strip(s + text, at - text, &h.mark);
	if (text > at)
		text = at;
	if (at == text && header_bare(anchor, s + after, n - after)) {
		opening = text;
	} else if (header_whole(anchor)) {
		opening = at;
	} else {
		opening = text + header_opening(s + text, at - text);
		if (opening >= at && !(anchor->kind == LOCKDAG_SPLAT_SAFE_UNSAFE))
			return false;
		words = opening;
		while (words < at && (s[words] == '[' || s[words] == ' '))
			words++;
		while (words < at && s[words] != ' ')
			words++;
		while (words < at && s[words] == ' ')
			words++;
		if (opening >= at || !header_middle(anchor, s + words, at - words))
			return false;
	}
	if (!header_tail(anchor, s + after, n - after, &tail))
		return false;
	h.text = opening;
	h.end = after + tail;
	if (opening - text > LEARNED_MOST)
		return false;
	h.learned = opening > text ? s + text : NULL;
	h.learned_n = header_unknown(s + text, opening - text, &h.mark);
	*ret_header = h;
	return true;
}

/* "fs/file.c:123" and no more. */
static bool header_place(const char *s, size_t n)
{
	size_t digits;

	while (n > 0 && s[n - 1] == ' ')
		n--;
	for (digits = n; digits > 0 && isdigit((unsigned char)s[digits - 1]); digits--)
		;
	if (digits == n || digits < 4 || s[digits - 1] != ':' || s[digits - 3] != '.' ||
		(s[digits - 2] != 'c' && s[digits - 2] != 'h'))
		return false;
	return !memchr(s, ' ', n) && !memchr(s, '"', n);
}

/* "comm/pid" and no more, or with " [HC0[0]:SC0[0]:HE1:SE1]". */
static bool header_task(const char *s, size_t n)
{
	const char *context = memmem(s, n, " [HC", 4);
	size_t digits = n = context ? (size_t)(context - s) : n;

	while (digits > 0 && isdigit((unsigned char)s[digits - 1]))
		digits--;
	return digits < n && digits > 1 && s[digits - 1] == '/';
}

bool header_headless(
	const char *s, size_t n, const struct anchor *anchor, size_t at, struct header *ret_header)
{
	struct header h = {.anchor = anchor, .base = s, .headless = true, .end = n};
	const char *before;

	h.text = line_strip(s, at, &h.mark);
	if (h.text > at)
		h.text = at;
	*ret_header = h;
	before = s + h.text;
	n = at - h.text;
	if (anchor->kind == LOCKDAG_SPLAT_RCU)
		return header_place(before, n);
	switch (anchor->text[0]) {
	case 'i': /* what an inconsistent state is */
		return n == 0;
	case 'u': /* no more than the scenario is left, */
		if (!header_goes_on(s + at + anchor->n, h.end - at - anchor->n, "", &h.end))
			return false;
		return (n == 9 && header_starts(before, n, "Possible ")) ||
		       (n == 19 && header_starts(before, n, "Possible interrupt "));
	case '-': /* or the chain, */
		return n == 0;
	case 'e': /* perhaps with the words before it */
		return n == 4 && header_starts(before, n, "the ");
	default:
		return header_task(before, n);
	}
}

char *header_title(const struct header *h)
{
	const char *s = h->base;
	struct lockdag_text t = {0};
	size_t text = h->text, end = h->end;

	if (h->headless)
		return strdup("");
	while (text < end && (s[text] == '[' || s[text] == ' '))
		text++;
	while (end > text && strchr(" \t\r]", s[end - 1]))
		end--;
	lockdag_text_add_n(&t, s + text, end - text);
	if (h->anchor->tail && t.n > 0) {
		const char *tail = h->anchor->tail;

		/* a wrapped line stops on the way through its words */
		for (size_t k = strlen(tail); k > 0; k--)
			if (t.n >= k && !strncmp(t.s + t.n - k, tail, k)) {
				tail += k;
				goto done;
			}
	done:
		if (*tail && (tail != h->anchor->tail || end >= text))
			lockdag_text_add(&t, tail);
	}
	if (t.n > 0 && memmem(t.s, t.n, "&gt;", 4)) {
		t.n = line_decode_entities(t.s, t.n);
		t.s[t.n] = 0;
	}
	return lockdag_text_take(&t);
}
