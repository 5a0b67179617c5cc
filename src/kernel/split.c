/* SPDX-License-Identifier: MIT */
#include "kernel/split.h"

#include "kernel/flow.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define SPLIT_SHORT ((size_t)128) /* no shorter line is one */
#define SPLIT_TAGS 3              /* that many ends of lines are in one */

/* ------------------------------------------------------------------ "\n" */

/* Is there a report's header, divided from what follows by "\\n" of two characters? */
static bool split_is_escaped(const struct anchors *anchors, const char *s, size_t n)
{
	const struct anchor *anchor;
	struct header header;

	if (!memmem(s, n, "\\n", 2))
		return false;
	for (size_t from = 0, at; (anchor = anchors_find(anchors, s + from, n - from, &at));
		from += at + anchor->n)
		if (anchor->group == ANCHOR_REPORT &&
			header_read(s, n, anchor, from + at, &header) && header.escaped)
			return true;
	return false;
}

static size_t escaped_next(const char *s, size_t n, size_t *ret_n)
{
	for (size_t i = 0; i + 1 < n; i++) {
		if (s[i] == '\\' && s[i + 1] == 'n') {
			*ret_n = i;
			return i + 2;
		}
	}
	*ret_n = n;
	return n;
}

/* ------------------------------------------------------------------ tags */

/* A tag at s that ends a line, "<br>", "<br />", "</div>": its length; 0: none. */
static size_t tag_ends_line(const char *s, size_t n)
{
	static const char *const tags[] = {"<br", "</div", "</p", "</tr", "</li"};

	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(tags); i++) {
		size_t k = strlen(tags[i]);

		if (n <= k || strncasecmp(s, tags[i], k) || isalnum((unsigned char)s[k]))
			continue;
		while (k < n && s[k] != '>' && s[k] != '<')
			k++;
		return k < n && s[k] == '>' ? k + 1 : 0;
	}
	return 0;
}

static size_t html_next(const char *s, size_t n, size_t *ret_n)
{
	for (const char *at = s; (at = memchr(at, '<', n - (size_t)(at - s))); at++) {
		size_t one = (size_t)(at - s), k = tag_ends_line(at, n - one);

		if (k) {
			*ret_n = one;
			return one + k;
		}
	}
	*ret_n = n;
	return n;
}

static bool split_is_html(const char *s, size_t n)
{
	size_t tags = 0;

	for (size_t at = 0, one; at < n && tags < SPLIT_TAGS; tags++) {
		at += html_next(s + at, n - at, &one);
		if (at == n && s[n - 1] != '>')
			break;
	}
	return tags >= SPLIT_TAGS;
}

/* ------------------------------------------------------------------ all */

enum split split_of(const struct anchors *anchors, const char *s, size_t n)
{
	size_t at;

	if (n < SPLIT_SHORT)
		return SPLIT_NOT;
	if (split_is_escaped(anchors, s, n))
		return SPLIT_ESCAPED;
	if (split_is_html(s, n) && anchors_find(anchors, s, n, &at))
		return SPLIT_HTML;
	return flow_is(anchors, s, n) ? SPLIT_FLOW : SPLIT_NOT;
}

void split_start(enum split split, const char **s, size_t *n)
{
	const char *end = split == SPLIT_ESCAPED ? memmem(*s, *n, "\\n", 2) : NULL;

	for (const char *p = end; p && p > *s; p--) {
		if (p[-1] == '"' && (p - 1 == *s || p[-2] != '\\')) {
			*n -= (size_t)(p - *s);
			*s = p;
			return;
		}
	}
}

size_t split_next(enum split split, const char *s, size_t n, size_t *ret_n)
{
	if (split == SPLIT_FLOW)
		return *ret_n = flow_next(s, n);
	return split == SPLIT_HTML ? html_next(s, n, ret_n) : escaped_next(s, n, ret_n);
}
