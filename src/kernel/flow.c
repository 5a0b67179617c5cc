/* SPDX-License-Identifier: MIT */
#include "kernel/flow.h"

#include <ctype.h>
#include <string.h>

#define FLOW_RULE ((size_t)20)    /* so many "=" or "-" are a line */
#define FLOW_NEAR ((size_t)200)   /* so near behind a header its report goes on */
#define FLOW_ADDRESS ((size_t)8)  /* digits of the shortest address */

/* Words of one line, s + at being the first letter of one. */
struct flow {
	const char *s;
	size_t n, at;
	size_t before; /* where the word before begins; its blank is at at - 1 */
};

static bool flow_has(const struct flow *f, size_t at, const char *text)
{
	size_t n = strlen(text);

	return at <= f->n && f->n - at >= n && !memcmp(f->s + at, text, n);
}

static size_t word_end(const struct flow *f, size_t at)
{
	while (at < f->n && f->s[at] != ' ')
		at++;
	return at;
}

static size_t word_next(const struct flow *f, size_t at)
{
	at = word_end(f, at);
	while (at < f->n && f->s[at] == ' ')
		at++;
	return at;
}

static bool word_is(const struct flow *f, size_t at, const char *word)
{
	return word_end(f, at) - at == strlen(word) && flow_has(f, at, word);
}

static bool word_ends(const struct flow *f, size_t at, const char *with)
{
	size_t end = word_end(f, at), n = strlen(with);

	return end - at >= n && flow_has(f, end - n, with);
}

/* "=====", "-----" */
static bool word_is_rule(const struct flow *f, size_t at)
{
	size_t n = 0;

	while (at + n < f->n && (f->s[at + n] == '=' || f->s[at + n] == '-') &&
		f->s[at + n] == f->s[at])
		n++;
	return n >= FLOW_RULE && at + n == word_end(f, at);
}

static size_t flow_digits(const struct flow *f, size_t at)
{
	size_t n = 0;

	while (at + n < f->n && isdigit((unsigned char)f->s[at + n]))
		n++;
	return n;
}

/* "6.1.0-rc1+ #3 Not tainted" behind a header. */
static bool opens_version(const struct flow *f)
{
	size_t k = flow_digits(f, f->at), near = f->n - f->at < FLOW_NEAR ? f->n - f->at : FLOW_NEAR;
	size_t last = word_end(f, f->before);

	return k > 0 && k < 3 && flow_has(f, f->at + k, ".") && flow_digits(f, f->at + k + 1) > 0 &&
	       memmem(f->s + f->at, near, "ainted", 6) && !word_is(f, f->before, "tainted") &&
	       (last - f->before > 3 || f->s[f->before] == ']');
}

/* "ffff888012345678 (&x->lock){", "#1: ffff888012345678 (", "#1: (&x->lock){" */
static bool opens_lock(const struct flow *f)
{
	size_t at = f->at, k = 0;

	if (flow_has(f, at, "#")) {
		k = flow_digits(f, at + 1);
		return k > 0 && flow_has(f, at + 1 + k, ": ");
	}
	while (at + k < f->n && isxdigit((unsigned char)f->s[at + k]))
		k++;
	return k >= FLOW_ADDRESS && flow_has(f, at + k, " (") && !word_ends(f, f->before, ":") &&
	       !word_is(f, f->before, "?");
}

/* "1 lock held by", "-> #1 (" */
static bool opens_numbered(const struct flow *f)
{
	size_t k = flow_digits(f, f->at);

	if (flow_has(f, f->at, "-> #"))
		return flow_digits(f, f->at + 4) > 0;
	if (flow_has(f, f->at, "-> https://github.com/"))
		return true;
	return k > 0 && (flow_has(f, f->at + k, " lock held by ") ||
				flow_has(f, f->at + k, " locks held by "));
}

/* "f+0x1/0x2" */
static bool word_is_frame(const struct flow *f, size_t at)
{
	size_t end = word_end(f, at);
	const char *plus = memmem(f->s + at, end - at, "+0x", 3);

	return plus && (isalpha((unsigned char)f->s[at]) || f->s[at] == '_') &&
	       memmem(plus, (size_t)(f->s + end - plus), "/0x", 3);
}

/* "fs/x.c:12", "(fs/x.c:12" */
static bool word_is_place(const struct flow *f, size_t at)
{
	size_t end = word_end(f, at);

	for (size_t i = at; i + 3 < end; i++)
		if ((flow_has(f, i, ".c:") || flow_has(f, i, ".h:") || flow_has(f, i, ".S:")) &&
			(isdigit((unsigned char)f->s[i + 3]) || f->s[i + 3] == '?'))
			return true;
	return false;
}

static bool word_is_symbol(const struct flow *f, size_t at)
{
	size_t end = word_end(f, at), i = at;

	while (i < end && (isalnum((unsigned char)f->s[i]) || f->s[i] == '_' || f->s[i] == '.'))
		i++;
	return i == end && end > at;
}

static bool opens_frame(const struct flow *f)
{
	size_t at = f->at, next;

	if (word_ends(f, f->before, "at:") || word_is(f, f->before, "?") ||
		word_ends(f, f->before, ">]"))
		return false;
	if (flow_has(f, at, "[<")) {
		return true;
	} else if (word_is(f, at, "?")) {
		return word_is_frame(f, word_next(f, at));
	}
	if (word_is_frame(f, at))
		return true;
	next = word_next(f, at);
	return word_is_symbol(f, at) && word_is_place(f, next) &&
	       (f->s[next] == '(' || word_is(f, word_next(f, next), "[inline]"));
}

static bool opens_known(const struct flow *f)
{
	static const char *const texts[] = {"WARNING: ", "but task is already holding",
		"but the lock", "but now ", "but this new dependency", "and this task is already",
		"and lock: ", "which lock already", "which would create", "... which became",
		"the existing dependency", "the dependencies between", "other info that might",
		"Chain exists of:", "Possible unsafe locking", "Possible interrupt unsafe", "CPU0 ",
		"---- ", "lock(", "rlock(", "<Interrupt>", "local_irq_disable", "*** DEADLOCK",
		"May be due to", "no locks held by", "stack backtrace", "CPU: ", "Hardware name:",
		"Workqueue: ", "Call Trace", "Call trace", "{IN-", "{HARDIRQ-", "{SOFTIRQ-",
		"irq event stamp", "hardirqs last", "softirqs last", "inconsistent {", "<TASK>",
		"</TASK>", "RIP: ", "RSP: ", "Code: ", "rcu_scheduler_active", "\"echo 0 > /proc"};

	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(texts); i++)
		if (flow_has(f, f->at, texts[i]))
			return true;
	return false;
}

/* What was before f->at ends a line. */
static bool closes(const struct flow *f)
{
	static const char *const words[] = {"lock:", "this:", "scenario:", "<TASK>", "</TASK>",
		"Trace:", "trace:", "holding:", "acquire:", "of:", "message."};

	if (word_is_rule(f, f->before) || word_ends(f, f->before, "}:"))
		return true;
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(words); i++)
		if (word_is(f, f->before, words[i]))
			return !flow_has(f, f->at, "at ");
	return word_is(f, f->before, "is:") && f->before > 1 && f->s[f->before - 2] == ')';
}

static bool divides(const struct flow *f)
{
	return word_is_rule(f, f->at) || closes(f) || opens_known(f) || opens_version(f) ||
	       opens_lock(f) || opens_numbered(f) || opens_frame(f);
}

size_t flow_next(const char *s, size_t n)
{
	struct flow f = {.s = s, .n = n};

	while (f.at < n && s[f.at] == ' ')
		f.at++;
	for (;;) {
		f.before = f.at;
		f.at = word_next(&f, f.at);
		if (f.at >= n)
			return n;
		if (divides(&f))
			return f.at;
	}
}

bool flow_is(const struct anchors *anchors, const char *s, size_t n)
{
	static const char *const goes_on[] = {" is trying to ", "ainted", " is already holding"};
	const struct anchor *anchor;

	for (size_t from = 0, at; (anchor = anchors_find(anchors, s + from, n - from, &at));
		from += at + anchor->n) {
		size_t behind = from + at + anchor->n, near = n - behind;

		if (near > FLOW_NEAR)
			near = FLOW_NEAR;
		for (size_t i = 0; anchor->group == ANCHOR_REPORT && i < LOCKDAG_ARRAY_SIZE(goes_on); i++)
			if (memmem(s + behind, near, goes_on[i], strlen(goes_on[i])))
				return true;
	}
	return false;
}
