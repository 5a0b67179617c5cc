/* SPDX-License-Identifier: MIT
 *
 * Reports of which somebody cut the first lines off: whether what is left is one, and of which kind.
 */
#include "kernel/parse.h"

#include <string.h>

static bool same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

/* Links that count down and have a stack or a mask; a sentence has neither. */
static bool headless_has_chain(const struct lockdag_splat *splat)
{
	for (size_t i = 0; i < splat->n_chain; i++)
		if (splat->chain[i].stack.n == 0 && !splat->chain[i].lock.class.usage)
			return false;
	return splat->n_chain >= 2;
}

static bool steps_interrupt(const struct lockdag_splat *splat)
{
	for (size_t i = 0; i < splat->n_steps; i++)
		if (same(splat->steps[i].what, "<Interrupt>"))
			return true;
	return false;
}

/* The table of an inversion is that of a wrong order: what the trees of dependencies are between
 * tells them apart. */
static bool headless_inverts(const struct lockdag_splat *splat)
{
	return splat->n_deps && text_starts(splat->deps[0].title, "the shortest dependencies");
}

/* By its scenario's table: it has locks, and an interrupt or not. */
static bool headless_by_steps(struct lockdag_splat *splat)
{
	const char *first = NULL, *last = NULL;
	size_t locks = 0;

	for (size_t i = 0; i < splat->n_steps; i++) {
		if (!splat->steps[i].class || splat->steps[i].class[0] == 0)
			continue;
		first = first ? first : splat->steps[i].class;
		last = splat->steps[i].class;
		locks++;
	}
	if (locks < 2)
		return false;
	if (steps_interrupt(splat))
		splat->kind = locks == 2 && same(first, last) ? LOCKDAG_SPLAT_INCONSISTENT
			      : headless_inverts(splat)       ? LOCKDAG_SPLAT_INVERSION
							      : LOCKDAG_SPLAT_SAFE_UNSAFE;
	else
		splat->kind = locks == 2 && same(first, last) ? LOCKDAG_SPLAT_RECURSIVE
							      : LOCKDAG_SPLAT_CIRCULAR;
	return true;
}

static bool headless_is_one(struct lockdag_splat *splat)
{
	bool asked = splat->acquiring.class.name != NULL, shown = splat->stack.n || splat->n_holders;

	switch (splat->kind) {
	case LOCKDAG_SPLAT_CIRCULAR:
		/* a chain says what it is; without it and without a header it may be anything */
		if (headless_has_chain(splat))
			return true;
		if (asked && splat->n_steps == 0 && shown &&
			same(splat->acquiring.class.name, splat->holding.class.name)) {
			splat->kind = LOCKDAG_SPLAT_RECURSIVE;
			return true;
		}
		return headless_by_steps(splat);
	case LOCKDAG_SPLAT_SAFE_UNSAFE:
		return asked && splat->holding.class.name;
	case LOCKDAG_SPLAT_INVERSION:
		return asked && (splat->safe.name || splat->unsafe.name);
	case LOCKDAG_SPLAT_INCONSISTENT:
		return asked && splat->usage_now;
	case LOCKDAG_SPLAT_RCU:
	case LOCKDAG_SPLAT_USER_RETURN:
		return splat->n_holders > 0;
	case LOCKDAG_SPLAT_WAIT_CONTEXT:
		/* of the lock that is not held the name stands alone; a context says what it is */
		if (splat->n_facts && !text_starts(splat->facts[0], "context-{"))
			splat->kind = LOCKDAG_SPLAT_NESTED_NOT_TAKEN;
		return asked && shown;
	default:
		return asked && shown;
	}
}

static const char *headless_title(enum lockdag_splat_kind kind)
{
	switch (kind) {
	case LOCKDAG_SPLAT_RECURSIVE:
		return "possible recursive locking detected";
	case LOCKDAG_SPLAT_SAFE_UNSAFE:
		return "unsafe lock order detected";
	case LOCKDAG_SPLAT_INVERSION:
		return "possible irq lock inversion dependency detected";
	case LOCKDAG_SPLAT_INCONSISTENT:
		return "inconsistent lock state";
	case LOCKDAG_SPLAT_BAD_UNLOCK:
		return "bad unlock balance detected";
	case LOCKDAG_SPLAT_HELD_FREED:
		return "held lock freed";
	case LOCKDAG_SPLAT_USER_RETURN:
		return "lock held when returning to user space";
	case LOCKDAG_SPLAT_WAIT_CONTEXT:
		return "Invalid wait context";
	case LOCKDAG_SPLAT_NESTED_NOT_TAKEN:
		return "Nested lock was not taken";
	case LOCKDAG_SPLAT_RCU:
		return "suspicious RCU usage";
	default:
		return "possible circular locking dependency detected";
	}
}

bool headless_finish(struct lockdag_splat *splat)
{
	if (!headless_is_one(splat))
		return false;
	splat->title = headless_title(splat->kind);
	return true;
}
