/* SPDX-License-Identifier: MIT */
#include "kernel/grammar.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

bool text_starts(const char *s, const char *word)
{
	return !strncmp(s, word, strlen(word));
}

bool text_ends(const char *s, const char *word)
{
	size_t n = strlen(s), k = strlen(word);

	return n >= k && !memcmp(s + n - k, word, k);
}

/* ------------------------------------------------------------------ classes */

static const char *digits_back(const char *start, const char *end)
{
	while (end > start && isdigit((unsigned char)end[-1]))
		end--;
	return end;
}

void class_name(
	struct record_memory *memory, const char *s, size_t n, struct lockdag_kclass *ret_class)
{
	const char *end, *digits;

	while (n > 0 && isspace((unsigned char)*s))
		s++, n--;
	while (n > 0 && isspace((unsigned char)s[n - 1]))
		n--;
	end = s + n;
	*ret_class = (struct lockdag_kclass){.wait_outer = -1, .wait_inner = -1};
	ret_class->name = record_text(memory, s, n);
	digits = digits_back(s, end);
	if (digits < end && digits > s + 1 && digits[-1] == '/' && end - digits <= 3) {
		ret_class->subclass = (unsigned)strtoul(digits, NULL, 10);
		end = digits - 1;
	}
	digits = digits_back(s, end);
	if (digits < end && digits > s + 1 && digits[-1] == '#' && end - digits <= 6) {
		ret_class->version = (unsigned)strtoul(digits, NULL, 10);
		end = digits - 1;
	}
	ret_class->base = record_text(memory, s, (size_t)(end - s));
}

/* The first kernels wrote a plus-minus sign for '?'. */
static size_t mask_char(const char *s)
{
	if (text_starts(s, "\xc2\xb1"))
		return 2;
	return *s && strchr(".+-?=", *s) ? 1 : 0;
}

/* "{+.+.}" at s: its length with the braces; 0: none. */
static size_t mask_length(const char *s)
{
	size_t n = 1;

	if (s[0] != '{')
		return 0;
	while (mask_char(s + n))
		n += mask_char(s + n);
	return n > 1 && n <= 12 && s[n] == '}' ? n + 1 : 0;
}

/* "-{4:4}" at s */
static const char *wait_parse(const char *s, struct lockdag_kclass *class)
{
	char *end;

	if (s[0] != '-' || s[1] != '{' || !isdigit((unsigned char)s[2]))
		return s;
	class->wait_outer = (int)strtol(s + 2, &end, 10);
	if (*end != ':' || !isdigit((unsigned char)end[1])) {
		class->wait_outer = -1;
		return s;
	}
	class->wait_inner = (int)strtol(end + 1, &end, 10);
	return *end == '}' ? end + 1 : s;
}

/* The last "){mask" in s; NULL: none. */
static const char *class_end(const char *s)
{
	const char *found = NULL;

	for (const char *p = strstr(s, "){"); p; p = strstr(p + 1, "){"))
		if (mask_length(p + 1))
			found = p;
	return found;
}

/* The parenthesis that closes the one at s; NULL: none. */
static const char *closing(const char *s)
{
	int depth = 0;

	for (; *s; s++) {
		depth += *s == '(';
		depth -= *s == ')';
		if (depth == 0)
			return s;
	}
	return NULL;
}

const char *class_parse(
	struct record_memory *memory, const char *s, struct lockdag_kclass *ret_class)
{
	const char *end = class_end(s);
	size_t mask;

	if (*s != '(')
		return NULL;
	if (!end) {
		/* without a mask: what the parenthesis holds, "(sk_lock-AF_BLUETOOTH), at: ..." */
		end = closing(s);
		if (!end || end == s + 1)
			return NULL;
		class_name(memory, s + 1, (size_t)(end - s - 1), ret_class);
		return end + 1;
	}
	class_name(memory, s + 1, (size_t)(end - s - 1), ret_class);
	mask = mask_length(end + 1);
	ret_class->usage = record_text(memory, end + 2, mask - 2);
	return wait_parse(end + 1 + mask, ret_class);
}

/* ------------------------------------------------------------------ tasks */

bool task_parse(
	struct record_memory *memory, const char *s, size_t n, const char **ret_comm, long *ret_pid)
{
	size_t slash = n;

	while (n > 0 && isspace((unsigned char)s[n - 1]))
		n--;
	while (n > 0 && isspace((unsigned char)*s))
		s++, n--;
	for (size_t i = n; i-- > 0;)
		if (s[i] == '/') {
			slash = i;
			break;
		}
	if (slash >= n || slash + 1 >= n || n - slash > 12 || slash > 80)
		return false;
	for (size_t i = slash + 1; i < n; i++)
		if (!isdigit((unsigned char)s[i]))
			return false;
	*ret_comm = record_text(memory, s, slash);
	*ret_pid = strtol(s + slash + 1, NULL, 10);
	return true;
}

/* ------------------------------------------------------------------ locks */

static size_t hex_run(const char *s)
{
	size_t n = 0;

	while (isxdigit((unsigned char)s[n]))
		n++;
	return n;
}

/* "ffff888104f8d0a8 ", "(____ptrval____) ", "(ptrval) ": length of the address; 0: none. */
static size_t instance_length(const char *s)
{
	static const char *const hidden[] = {"(____ptrval____)", "(ptrval)", "(null)"};
	size_t n = hex_run(s);

	if (n >= 4 && n <= 16 && (s[n] == ' ' || s[n] == 0))
		return n;
	/* "..148": people shorten them */
	for (n = 0; s[n] == '.'; n++)
		;
	if (n > 1 && hex_run(s + n) >= 2 && s[n + hex_run(s + n)] == ' ')
		return n + hex_run(s + n);
	if (s[0] == '0' && s[1] == 'x' && hex_run(s + 2) >= 4 && s[2 + hex_run(s + 2)] == ' ')
		return 2 + hex_run(s + 2);
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(hidden); i++)
		if (text_starts(s, hidden[i]))
			return strlen(hidden[i]);
	return 0;
}

static const char *skip_blanks(const char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;
	return s;
}

/* Where the class begins in a lock's line; NULL: this is none. */
static const char *lock_class_at(const char *s, size_t *ret_instance)
{
	size_t n;

	s = skip_blanks(s);
	n = instance_length(s);
	*ret_instance = n;
	s = skip_blanks(s + n);
	return *s == '(' ? s : NULL;
}

bool lock_looks(const char *s)
{
	size_t instance;

	return lock_class_at(s, &instance) != NULL;
}

/* "at:" behind the class; NULL: not there. */
static const char *lock_place(const char *s)
{
	const char *at = strstr(s, "at: ");

	if (!at && text_ends(s, "at:"))
		return s + strlen(s);
	return at ? skip_blanks(at + 4) : NULL;
}

bool lock_wants_more(const char *s)
{
	size_t instance;
	const char *class = lock_class_at(s, &instance), *end, *place;
	struct lockdag_kframe frame;

	if (!class)
		return *skip_blanks(s + instance) == 0;
	end = class_end(class);
	if (!end)
		end = closing(class);
	if (!end)
		return true;
	place = lock_place(end);
	if (!place)
		return true;
	return *place == 0 || frame_wants_more(place) || !frame_parse(NULL, place, &frame);
}

bool lock_parse(struct record_memory *memory, const char *s, struct lockdag_klock *ret_lock)
{
	struct lockdag_klock lock = {0};
	size_t instance;
	const char *class = lock_class_at(s, &instance), *rest, *place;

	if (!class)
		return false;
	rest = class_parse(memory, class, &lock.class);
	if (!rest)
		return false;
	if (instance)
		lock.instance = record_text(memory, skip_blanks(s), instance);
	place = lock_place(rest);
	if (place && *place && !frame_parse(memory, place, &lock.at))
		lock.at = (struct lockdag_kframe){0};
	*ret_lock = lock;
	return true;
}
