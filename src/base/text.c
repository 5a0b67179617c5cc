/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool text_reserve(struct lockdag_text *t, size_t more)
{
	size_t cap = t->cap ? t->cap : 128;
	char *s;

	if (t->failed)
		return false;
	while (cap - t->n <= more)
		cap *= 2;
	if (cap != t->cap) {
		s = realloc(t->s, cap);
		if (!s) {
			t->failed = true;
			return false;
		}
		t->s = s;
		t->cap = cap;
	}
	return true;
}

void lockdag_text_add_n(struct lockdag_text *t, const char *s, size_t n)
{
	if (!text_reserve(t, n))
		return;
	memcpy(t->s + t->n, s, n);
	t->n += n;
	t->s[t->n] = 0;
}

void lockdag_text_add(struct lockdag_text *t, const char *s)
{
	lockdag_text_add_n(t, s, strlen(s));
}

LOCKDAG_PRINTF(2, 0) static void text_vaddf(struct lockdag_text *t, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		t->failed = true;
	if (n < 0 || !text_reserve(t, (size_t)n))
		return;
	vsnprintf(t->s + t->n, (size_t)n + 1, fmt, ap);
	t->n += (size_t)n;
}

void lockdag_text_addf(struct lockdag_text *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_vaddf(t, fmt, ap);
	va_end(ap);
}

char *lockdag_text_take(struct lockdag_text *t)
{
	char *s = NULL;

	if (text_reserve(t, 0)) {
		t->s[t->n] = 0;
		s = t->s;
		t->s = NULL;
	}
	lockdag_text_clear(t);
	return s;
}

void lockdag_text_clear(struct lockdag_text *t)
{
	free(t->s);
	*t = (struct lockdag_text){ 0 };
}

char *lockdag_textf(const char *fmt, ...)
{
	struct lockdag_text t = { 0 };
	va_list ap;

	va_start(ap, fmt);
	text_vaddf(&t, fmt, ap);
	va_end(ap);
	return lockdag_text_take(&t);
}
