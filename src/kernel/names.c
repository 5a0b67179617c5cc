/* SPDX-License-Identifier: MIT
 *
 * What a lock class is called, whatever kernel its report is from, and what is known of names: maps
 * that are no locks, functions that only take a lock, core code.
 */
#include <stdlib.h>
#include <string.h>

#include "kernel/union.h"

/* ------------------------------------------------------------------ patterns */

static bool names_starts(const char *s, size_t n, const char *with, size_t n_with)
{
	return n >= n_with && !memcmp(s, with, n_with);
}

static bool names_ends(const char *s, size_t n, const char *with, size_t n_with)
{
	return n >= n_with && !memcmp(s + n - n_with, with, n_with);
}

/* The last star that was met takes one byte more each time that what follows it does not fit. */
bool names_match(const char *pattern, const char *s, size_t n)
{
	const char *star = NULL;
	size_t i = 0, after = 0;

	while (i < n) {
		if (*pattern == '*') {
			star = ++pattern;
			after = i;
		} else if (*pattern == s[i]) {
			pattern++;
			i++;
		} else if (star) {
			pattern = star;
			i = ++after;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

size_t names_function(const char *function)
{
	return strcspn(function, ".");
}

bool names_is_api(const char *function)
{
	static const char *const patterns[] = {
#define API(pattern) pattern,
#include "kernel/api.def"
#undef API
	};
	size_t n = names_function(function);

	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(patterns); i++)
		if (names_match(patterns[i], function, n))
			return true;
	return false;
}

bool names_path_owner(const char *file, const char **ret_owner)
{
	static const struct {
		const char *pattern, *owner;
	} paths[] = {
#define PATH(pattern, owner) {pattern, owner},
#define OWNER(pattern, owner)
#include "kernel/owners.def"
#undef PATH
#undef OWNER
	};
	size_t n = strlen(file);

	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(paths); i++)
		if (names_match(paths[i].pattern, file, n)) {
			*ret_owner = paths[i].owner;
			return true;
		}
	return false;
}

const char *names_owner(const char *function)
{
	static const struct {
		const char *pattern, *owner;
	} owners[] = {
#define PATH(pattern, owner)
#define OWNER(pattern, owner) {pattern, owner},
#include "kernel/owners.def"
#undef PATH
#undef OWNER
	};
	size_t n = names_function(function);

	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(owners); i++)
		if (names_match(owners[i].pattern, function, n))
			return owners[i].owner;
	return NULL;
}

/* ------------------------------------------------------------------ maps */

const struct kmap_advice *kmap_advice(enum kmap map)
{
	static const struct kmap_advice all[N_KMAPS] = {
#define MAP_KIND(upper, what, asked_kind, asked, held_kind, held)                                  \
	[KMAP_##upper] = {what, LOCKDAG_CUT_##asked_kind, LOCKDAG_CUT_##held_kind, asked, held},
#include "kernel/map_kinds.def"
#undef MAP_KIND
	};

	return map > KMAP_NONE && map < N_KMAPS ? &all[map] : NULL;
}

enum kmap kmap_of(const char *key)
{
	static const struct {
		const char *pattern;
		enum kmap map;
	} maps[] = {
#define MAP(pattern, upper) {pattern, KMAP_##upper},
#include "kernel/maps.def"
#undef MAP
	};
	size_t n = strlen(key);

	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(maps); i++)
		if (names_match(maps[i].pattern, key, n))
			return maps[i].map;
	return KMAP_NONE;
}

/* ------------------------------------------------------------------ what a class is called today
 */

static const char *names_renamed(const char *s, size_t n)
{
	static const struct {
		const char *before, *now;
	} renames[] = {
#define RENAME(before, now, since) {before, now},
#include "kernel/renames.def"
#undef RENAME
	};

	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(renames); i++)
		if (*renames[i].before == *s && strlen(renames[i].before) == n &&
			!memcmp(renames[i].before, s, n))
			return renames[i].now;
	return NULL;
}

/* Is all of it inside one pair of parentheses? */
static bool names_is_wrapped(const char *s, size_t n)
{
	size_t depth = 0;

	if (n < 3 || s[0] != '(' || s[n - 1] != ')')
		return false;
	for (size_t i = 0; i < n; i++) {
		depth += s[i] == '(';
		depth -= s[i] == ')';
		if (!depth)
			return i == n - 1;
	}
	return false;
}

/* "&(&zone->lock)->rlock", as 2.6.33 to 5.4 called a spinlock by its inner lock, is "&zone->lock".
 */
static void names_inner(const char **s, size_t *n)
{
	static const char *const inner[] = {")->rlock", ")->wait_lock"};

	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(inner); i++) {
		size_t n_inner = strlen(inner[i]);

		if (!names_starts(*s, *n, "&(&", 3) || !names_ends(*s, *n, inner[i], n_inner))
			continue;
		*s += 2;
		*n -= 2 + n_inner;
		return;
	}
}

static void names_add_unquoted(struct lockdag_text *t, const char *s, size_t n)
{
	bool quoted = n > 1 && s[0] == '"' && s[n - 1] == '"';

	lockdag_text_add_n(t, s + quoted, n - 2 * (size_t)quoted);
}

void names_key(const struct lockdag_kclass *class, struct lockdag_text *text)
{
	static const char wq[] = "(wq_completion)";
	const char *s = class->base ? class->base : class->name ? class->name : "?", *now;
	size_t n = strlen(s);

	names_inner(&s, &n);
	now = names_renamed(s, n);
	if (now) {
		lockdag_text_add(text, now);
	} else if (names_starts(s, n, "(complete)", 10)) {
		lockdag_text_add(text, "(completion)");
		lockdag_text_add_n(text, s + 10, n - 10);
	} else if (names_starts(s, n, wq, sizeof(wq) - 1)) {
		lockdag_text_add(text, wq);
		names_add_unquoted(text, s + sizeof(wq) - 1, n - sizeof(wq) + 1);
	} else if (*s == '"' && n > 1 && s[n - 1] == '"') { /* a work queue, up to 4.13 */
		lockdag_text_add(text, wq);
		names_add_unquoted(text, s, n);
	} else if (names_is_wrapped(s, n) &&
		   memmem(s, n, "work", 4)) { /* a work item, up to 4.13 */
		lockdag_text_add(text, "(work_completion)");
		lockdag_text_add_n(text, s, n);
	} else {
		lockdag_text_add_n(text, s, n);
	}
}
