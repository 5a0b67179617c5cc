/* SPDX-License-Identifier: MIT
 *
 * Lines with a lock: the one asked for and the one held, the chain, the list of held ones.
 */
#include "kernel/parse.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ the lock that a line announced
 */

/* The same class at the same address: another line of one place, of which the last is the function
 * that is really there and those before are inlined in it. */
static bool same_lock(const struct lockdag_klock *a, const struct lockdag_klock *b)
{
	return a->class.name && b->class.name && !strcmp(a->class.name, b->class.name) &&
	       (a->instance != NULL) == (b->instance != NULL) &&
	       (!a->instance || !strcmp(a->instance, b->instance));
}

static void lock_assign(struct parser *p, const struct lockdag_klock *lock)
{
	struct lockdag_splat *s = p->splat;

	switch (p->expect) {
	case EXPECT_ACQUIRING:
		s->acquiring = *lock;
		break;
	case EXPECT_HOLDING:
		s->holding = *lock;
		break;
	case EXPECT_SAFE:
		s->safe = lock->class;
		break;
	case EXPECT_UNSAFE:
		s->unsafe = lock->class;
		break;
	default:
		break;
	}
	p->known = true;
}

/* "(A){-...} -> (B){+.+.}" */
static bool is_dependency(const char *s)
{
	return strstr(s, "} -> (") || text_ends(s, "} ->") || strstr(s, ") -> (");
}

static bool never_more(const char *s)
{
	(void)s;
	return false;
}

static bool class_wants_more(const char *s)
{
	const char *end = strstr(s, "){");

	return !end || !strchr(end, '}');
}

size_t parse_lock_line(struct parser *p)
{
	const char *s = p->lines[p->i].s;
	struct lockdag_klock lock;
	bool class_only = p->expect == EXPECT_SAFE || p->expect == EXPECT_UNSAFE;
	size_t n;

	if (p->expect == EXPECT_NOTHING || p->expect == EXPECT_PLACE)
		return 0;
	if (p->expect == EXPECT_NAME) {
		if (parse_starts(s))
			return 0;
		parse_add_fact(p, s);
		p->expect = EXPECT_NOTHING;
		return 1;
	}
	if (!lock_looks(s))
		return 0;
	if (p->expect == EXPECT_DEPENDENCY || is_dependency(s)) {
		p->expect = EXPECT_NOTHING;
		return parse_join(p, s, never_more);
	}
	n = parse_join(p, s, class_only ? class_wants_more : lock_wants_more);
	if (p->joined.failed || !lock_parse(p->memory, p->joined.s, &lock))
		return 0;
	lock_assign(p, &lock);
	while (p->i + n < p->n && lock_looks(p->lines[p->i + n].s)) {
		struct parser ahead = *p;
		struct lockdag_klock again;
		size_t more;

		ahead.i = p->i + n;
		more = parse_join(&ahead, ahead.lines[ahead.i].s, lock_wants_more);
		p->joined = ahead.joined;
		if (p->joined.failed || !lock_parse(p->memory, p->joined.s, &again) ||
			!same_lock(&lock, &again))
			break;
		lock_assign(p, &again);
		n += more;
	}
	p->expect = EXPECT_NOTHING;
	return n;
}

/* ------------------------------------------------------------------ the chain */

/* "-> #1 (class){+.+.}-{4:4}" up to its colon */
static bool link_wants_more(const char *s)
{
	const char *end = strstr(s, "){");

	for (const char *next = end; next; next = strstr(next + 1, "){"))
		end = next;
	if (!end)
		return !text_ends(s, "):");
	return !strchr(end, '}');
}

static bool link_is_stray(const struct lockdag_splat *s, unsigned index)
{
	return s->n_chain > 0 && index >= s->chain[s->n_chain - 1].index;
}

size_t parse_link(struct parser *p)
{
	const char *s = p->lines[p->i].s;
	struct lockdag_klink *link;
	struct lockdag_klock lock = {0};
	unsigned index;
	char *end;
	size_t n;

	if (!text_starts(s, "-> #") || !isdigit((unsigned char)s[4]))
		return 0;
	n = parse_join(p, s, link_wants_more);
	if (p->joined.failed)
		return 0;
	index = (unsigned)strtoul(p->joined.s + 4, &end, 10);
	while (*end == ' ')
		end++;
	/* a chain counts down: what counts up again is another report's */
	if (link_is_stray(p->splat, index) || !class_parse(p->memory, end, &lock.class)) {
		p->sink = SINK_NONE;
		return n;
	}
	link = RECORD_PUSH(p->memory, p->splat->chain, p->splat->n_chain);
	if (link) {
		link->index = index;
		link->lock = lock;
	}
	p->sink = SINK_LINK;
	p->expect = EXPECT_NOTHING;
	p->known = true;
	return n;
}

/* ------------------------------------------------------------------ held locks */

/* "2 locks held by comm/pid:", "no locks held by comm/pid.", "1 lock held by x/1, last CPU#0:" */
static bool holder_read(struct parser *p, const char *s)
{
	const char *by = strstr(s, "lock held by ");
	struct lockdag_kholder *holder;
	size_t n;
	int printed = -1;

	if (!by)
		by = strstr(s, "locks held by ");
	if (!by || by - s > 12)
		return false;
	if (text_starts(s, "no "))
		printed = 0;
	else if (isdigit((unsigned char)s[0]))
		printed = (int)strtol(s, NULL, 10);
	else
		return false;
	holder = RECORD_PUSH(p->memory, p->splat->holders, p->splat->n_holders);
	if (!holder)
		return true;
	holder->printed = printed;
	holder->pid = -1;
	by = strstr(by, "by ") + 3;
	n = strcspn(by, ",");
	if (!text_starts(by + n, ", last CPU"))
		n = strlen(by);
	while (n > 0 && strchr(":. ", by[n - 1]))
		n--;
	task_parse(p->memory, by, n, &holder->comm, &holder->pid);
	p->known = true;
	p->sink = SINK_NONE;
	p->expect = EXPECT_NOTHING;
	return true;
}

static bool held_here(const struct parser *p)
{
	const char *s = p->lines[p->i].s;
	size_t n = 1;

	if (s[0] != '#' || !isdigit((unsigned char)s[1]))
		return false;
	while (isdigit((unsigned char)s[n]))
		n++;
	return s[n] == ':';
}

static void held_add(struct parser *p, size_t index, const struct lockdag_klock *lock)
{
	struct lockdag_splat *s = p->splat;
	struct lockdag_kholder *holder;
	struct lockdag_klock *slot;

	if (s->n_holders == 0) {
		holder = RECORD_PUSH(p->memory, s->holders, s->n_holders);
		if (!holder)
			return;
		holder->printed = -1;
		holder->pid = -1;
	}
	holder = &s->holders[s->n_holders - 1];
	if (holder->n && index == holder->n - 1 && same_lock(&holder->held[index], lock)) {
		holder->held[index].at = lock->at;
		return;
	}
	slot = RECORD_PUSH(p->memory, holder->held, holder->n);
	if (slot)
		*slot = *lock;
}

/* Commit messages leave the "#0:" out. */
static size_t held_bare(struct parser *p)
{
	struct lockdag_kholder *holder =
		p->splat->n_holders ? &p->splat->holders[p->splat->n_holders - 1] : NULL;
	const char *s = p->lines[p->i].s;
	struct lockdag_klock lock;
	size_t n;

	if (!holder || holder->printed <= 0 || holder->n >= (size_t)holder->printed ||
		p->expect != EXPECT_NOTHING || p->sink != SINK_NONE || !lock_looks(s) ||
		!strstr(s, "){"))
		return 0;
	n = parse_join(p, s, lock_wants_more);
	if (p->joined.failed || !lock_parse(p->memory, p->joined.s, &lock) ||
		!(lock.at.function || lock.at.address))
		return 0;
	held_add(p, holder->n, &lock);
	return n;
}

size_t parse_held(struct parser *p)
{
	const char *s = p->lines[p->i].s, *rest;
	struct lockdag_klock lock = {0};
	size_t n, index;
	char *end;

	if (!held_here(p)) {
		if (holder_read(p, s))
			return 1;
		n = held_bare(p);
		if (n)
			return n;
		if (!strstr(s, "held by") || p->i + 1 >= p->n)
			return 0;
		/* the task is on the next line */
		p->joined.n = 0;
		lockdag_text_add(&p->joined, s);
		lockdag_text_add(&p->joined, " ");
		lockdag_text_add(&p->joined, p->lines[p->i + 1].s);
		return !p->joined.failed && text_ends(s, "held by") && holder_read(p, p->joined.s)
			       ? 2
			       : 0;
	}
	index = strtoul(s + 1, &end, 10);
	rest = end + 1;
	while (*rest == ' ')
		rest++;
	n = parse_join(p, rest, lock_wants_more);
	if (p->joined.failed)
		return 0;
	if (lock_parse(p->memory, p->joined.s, &lock))
		held_add(p, index, &lock);
	p->sink = SINK_NONE;
	p->known = true;
	return n;
}
