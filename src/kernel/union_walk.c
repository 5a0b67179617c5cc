/* SPDX-License-Identifier: MIT
 *
 * A report's classes in the order in which they were taken, and the nodes that they are.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/union.h"

static struct union_step *walk_push(struct union_walk *w, const struct lockdag_kclass *class)
{
	if (w->n == UNION_MAX_CLASSES || !class->name)
		return NULL;
	w->steps[w->n] = (struct union_step){.class = class};
	return &w->steps[w->n++];
}

static const struct lockdag_kframe *walk_frame(const struct lockdag_kframe *frame)
{
	return frame->function ? frame : NULL;
}

static const struct lockdag_kstack *walk_stack(const struct lockdag_kstack *stack)
{
	return stack->n ? stack : NULL;
}

static bool walk_same(const struct lockdag_kclass *a, const struct lockdag_kclass *b)
{
	return a->name && b->name && !strcmp(a->name, b->name);
}

/* ------------------------------------------------------------------ chains */

static void walk_chain(const struct lockdag_splat *s, struct union_walk *w)
{
	for (size_t i = 0; i < s->n_chain; i++) {
		struct union_step *step = walk_push(w, &s->chain[i].lock.class);

		if (!step)
			break;
		step->stack = walk_stack(&s->chain[i].stack);
		step->gap = i > 0 && s->chain[i].index != s->chain[i - 1].index + 1;
	}
	w->closed = s->chain_whole && w->n == s->n_chain && w->n > 0;
	if (!w->closed || !w->n)
		return;
	w->steps[0].at = walk_frame(&s->acquiring.at);
	w->steps[0].held_at = walk_frame(&s->holding.at);
	if (!w->steps[0].stack)
		w->steps[0].stack = walk_stack(&s->stack);
}

/* Only the two locks of the header are there. */
static void walk_pair(const struct lockdag_splat *s, struct union_walk *w)
{
	struct union_step *step;

	if (!s->holding.class.name || !s->acquiring.class.name)
		return;
	w->n = 0;
	if (!walk_same(&s->holding.class, &s->acquiring.class))
		walk_push(w, &s->holding.class);
	step = walk_push(w, &s->acquiring.class);
	if (!step)
		return;
	step->at = walk_frame(&s->acquiring.at);
	step->held_at = walk_frame(&s->holding.at);
	step->stack = walk_stack(&s->stack);
	w->closed = w->n == 1;
}

/* ------------------------------------------------------------------ interrupts */

/* Pushes a list of dependencies, so that it starts with `first` or ends with `last`: kernels print
 * it in either direction. */
static void walk_deps(struct union_walk *w, const struct lockdag_kdeps *deps,
	const struct lockdag_kclass *first, const struct lockdag_kclass *last)
{
	bool back = deps->n && (walk_same(&deps->items[deps->n - 1].class, first) ||
				       walk_same(&deps->items[0].class, last));

	if (deps->n && (walk_same(&deps->items[0].class, first) ||
			       walk_same(&deps->items[deps->n - 1].class, last)))
		back = false;
	for (size_t i = 0; i < deps->n; i++) {
		const struct lockdag_kdep *dep = &deps->items[back ? deps->n - 1 - i : i];
		struct union_step *step = walk_push(w, &dep->class);

		if (step && i)
			step->stack = walk_stack(&dep->acquired);
	}
}

static const struct lockdag_kstack *walk_usage_on(const struct lockdag_kusage *usages, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (usages[i].state && usages[i].stack.n &&
			(strstr(usages[i].state, "-ON-") || strstr(usages[i].state, "-on-") ||
				strstr(usages[i].state, "unsafe")))
			return &usages[i].stack;
	return NULL;
}

/* Where a class is taken with interrupts on: that is what an interrupt may break into. */
static const struct lockdag_kstack *walk_on_site(
	const struct lockdag_splat *s, const struct lockdag_kclass *class)
{
	const struct lockdag_kstack *stack = walk_usage_on(s->usages, s->n_usages);

	if (!stack && s->usage_now &&
		(strstr(s->usage_now, "-ON-") || strstr(s->usage_now, "-on-")))
		stack = walk_stack(&s->stack);
	for (size_t i = 0; i < s->n_deps; i++)
		for (size_t k = 0; !stack && k < s->deps[i].n; k++)
			if (walk_same(&s->deps[i].items[k].class, class))
				stack = walk_usage_on(
					s->deps[i].items[k].usages, s->deps[i].items[k].n_usages);
	return stack;
}

/* Which kind of interrupt it is that takes the first class of the walk. */
static enum union_irq walk_irq(const struct lockdag_splat *s, const struct union_walk *w)
{
	const char *const texts[] = {s->usage_was, s->usage_now, s->title};

	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(texts); i++)
		if (texts[i] && strcasestr(texts[i], "irq-") && strcasestr(texts[i], "softirq"))
			return UNION_SOFTIRQ;
	if (s->kind != LOCKDAG_SPLAT_INVERSION)
		return UNION_HARDIRQ;
	for (size_t i = 0; i < s->n_deps; i++)
		for (size_t k = 0; k < s->deps[i].n; k++)
			for (size_t j = 0;
				walk_same(&s->deps[i].items[k].class, w->steps[0].class) &&
				j < s->deps[i].items[k].n_usages;
				j++) {
				const char *state = s->deps[i].items[k].usages[j].state;

				if (state && strcasestr(state, "in-softirq"))
					return UNION_SOFTIRQ;
			}
	return UNION_HARDIRQ;
}

static void walk_close_irq(const struct lockdag_splat *s, struct union_walk *w, bool closed)
{
	w->closed = closed;
	w->irq = closed ? walk_irq(s, w) : UNION_TASK;
}

/* safe -> ... -> holding -> acquiring -> ... -> unsafe, and an interrupt closes it. */
static void walk_safe_unsafe(const struct lockdag_splat *s, struct union_walk *w)
{
	size_t held;

	if (s->n_deps > 0)
		walk_deps(w, &s->deps[0], &s->safe, &s->holding.class);
	else if (s->safe.name && !walk_same(&s->safe, &s->holding.class))
		walk_push(w, &s->safe);
	if (!w->n || !walk_same(w->steps[w->n - 1].class, &s->holding.class))
		walk_push(w, &s->holding.class);
	held = w->n;
	if (s->n_deps > 1)
		walk_deps(w, &s->deps[1], &s->acquiring.class, &s->unsafe);
	else
		walk_push(w, &s->acquiring.class);
	if (!w->n)
		return;
	if (s->unsafe.name && !walk_same(w->steps[w->n - 1].class, &s->unsafe))
		walk_push(w, &s->unsafe);
	if (held < w->n) {
		w->steps[held].stack = walk_stack(&s->stack);
		w->steps[held].at = walk_frame(&s->acquiring.at);
		w->steps[held].held_at = walk_frame(&s->holding.at);
	}
	walk_close_irq(s, w, w->n > 1 && s->safe.name && s->unsafe.name);
	w->steps[0].stack = walk_on_site(s, w->steps[w->n - 1].class);
}

/* The lock that the report is about, and the other one: whichever is taken in interrupts is first.
 */
static void walk_inversion(const struct lockdag_splat *s, struct union_walk *w)
{
	const struct lockdag_kclass *own = &s->acquiring.class;
	const struct lockdag_kclass *other = s->unsafe.name ? &s->unsafe
					     : s->safe.name ? &s->safe
							    : &s->holding.class;
	bool forward = s->unsafe.name || !s->safe.name;
	const struct lockdag_kclass *first = forward ? own : other, *last = forward ? other : own;

	if (!own->name || !other->name)
		return;
	if (s->n_deps)
		walk_deps(w, &s->deps[0], first, last);
	if (!w->n || !walk_same(w->steps[0].class, first) ||
		!walk_same(w->steps[w->n - 1].class, last)) {
		w->n = 0;
		walk_push(w, first);
		walk_push(w, last);
	}
	walk_close_irq(s, w, w->n > 1);
	w->steps[0].stack = walk_on_site(s, last);
}

static void walk_inconsistent(const struct lockdag_splat *s, struct union_walk *w)
{
	struct union_step *step = walk_push(w, &s->acquiring.class);

	if (!step)
		return;
	step->stack = walk_on_site(s, &s->acquiring.class);
	walk_close_irq(s, w, true);
}

/* ------------------------------------------------------------------ DEPT */

/* The class in "mutex_lock(&x:0)": what is inside the outer parentheses, without ":0". */
static bool walk_dept_class(
	const char *text, struct lockdag_kclass *class, char *buffer, size_t size)
{
	const char *open = text ? strchr(text, '(') : NULL,
		   *close = text ? strrchr(text, ')') : NULL;
	size_t n;

	if (!open || !close || close <= open + 1)
		return false;
	n = (size_t)(close - open - 1);
	if (n >= size)
		return false;
	memcpy(buffer, open + 1, n);
	while (n > 1 && buffer[n - 1] >= '0' && buffer[n - 1] <= '9')
		n--;
	if (n > 1 && buffer[n - 1] == ':')
		n--;
	else
		n = (size_t)(close - open - 1);
	buffer[n] = 0;
	*class = (struct lockdag_kclass){
		.name = buffer, .base = buffer, .wait_outer = -1, .wait_inner = -1};
	return true;
}

/* The context that is to bring about what context i waits for; n_contexts: none. */
static size_t walk_dept_next(const struct lockdag_splat *s, struct union_walk *w, size_t i)
{
	char name[sizeof(w->names[0])];
	struct lockdag_kclass event;

	for (size_t k = 0; k < s->n_contexts; k++)
		if (walk_dept_class(s->contexts[k].event, &event, name, sizeof(name)) &&
			!strcmp(name, w->names[i]))
			return k;
	return s->n_contexts;
}

/* Contexts that are each to bring about what another waits for: the event comes before the wait. */
static void walk_dept(const struct lockdag_splat *s, struct union_walk *w)
{
	size_t at = 0, n = s->n_contexts;

	for (size_t i = 0; i < n; i++) {
		if (i == UNION_MAX_CLASSES || !walk_dept_class(s->contexts[i].wait, &w->classes[i],
						      w->names[i], sizeof(w->names[i])))
			return;
	}
	for (size_t i = 0; i < n; i++) {
		struct union_step *step = walk_push(w, &w->classes[at]);

		if (step)
			step->stack = walk_stack(&s->contexts[at].wait_stack);
		at = walk_dept_next(s, w, at);
		if (at == 0) {
			w->closed = w->n > 0;
			return;
		}
		if (at == n)
			break;
	}
	w->n = 0;
}

void union_walk(const struct lockdag_splat *splat, struct union_walk *walk)
{
	walk->n = 0;
	walk->closed = false;
	walk->irq = UNION_TASK;
	switch (splat->kind) {
	case LOCKDAG_SPLAT_CIRCULAR:
		walk_chain(splat, walk);
		if (!walk->n)
			walk_pair(splat, walk);
		break;
	case LOCKDAG_SPLAT_RECURSIVE:
		walk_pair(splat, walk);
		break;
	case LOCKDAG_SPLAT_SAFE_UNSAFE:
		walk_safe_unsafe(splat, walk);
		break;
	case LOCKDAG_SPLAT_INVERSION:
		walk_inversion(splat, walk);
		break;
	case LOCKDAG_SPLAT_INCONSISTENT:
		walk_inconsistent(splat, walk);
		break;
	case LOCKDAG_SPLAT_DEPT:
		walk_dept(splat, walk);
		break;
	default:
		break;
	}
}

/* ------------------------------------------------------------------ nodes */

struct walk_keys {
	char *keys[UNION_MAX_CLASSES];
};

static char *walk_key(const struct lockdag_kclass *class)
{
	struct lockdag_text t = {0};

	names_key(class, &t);
	if (class->subclass)
		lockdag_text_addf(&t, "/%u", class->subclass);
	return lockdag_text_take(&t);
}

static bool walk_rotation_less(const struct walk_keys *k, size_t n, size_t a, size_t b)
{
	for (size_t i = 0; i < n; i++) {
		int order = strcmp(k->keys[(a + i) % n], k->keys[(b + i) % n]);

		if (order)
			return order < 0;
	}
	return false;
}

/* Which of the classes with this key it is: 0 for the first that the canonical rotation meets. What
 * is printed alike is one class. */
static unsigned walk_ordinal(
	const struct union_walk *w, const struct walk_keys *k, size_t start, size_t at)
{
	unsigned ordinal = 0;

	for (size_t i = 0; i < w->n; i++) {
		size_t row = (start + i) % w->n;
		bool again = false;

		if (row == at || walk_same(w->steps[row].class, w->steps[at].class))
			return ordinal;
		if (strcmp(k->keys[row], k->keys[at]))
			continue;
		for (size_t j = 0; j < i; j++)
			again = again ||
				walk_same(w->steps[(start + j) % w->n].class, w->steps[row].class);
		ordinal += !again;
	}
	return ordinal;
}

static int walk_node(struct lockdag_union *u, struct union_walk *w, const struct walk_keys *k,
	size_t start, size_t at)
{
	unsigned ordinal = walk_ordinal(w, k, start, at);
	char *key =
		ordinal ? lockdag_textf("%s~%u", k->keys[at], ordinal + 1) : strdup(k->keys[at]);
	int r = key ? union_node(u, key, w->steps[at].class->name) : -ENOMEM;

	free(key);
	return r;
}

int union_walk_nodes(struct lockdag_union *u, struct union_walk *w)
{
	struct walk_keys k = {{NULL}};
	size_t start = 0;
	int r = 0;

	for (size_t i = 0; i < w->n; i++) {
		k.keys[i] = walk_key(w->steps[i].class);
		if (!k.keys[i])
			r = -ENOMEM;
	}
	for (size_t i = 1; r == 0 && i < w->n && w->closed; i++)
		if (walk_rotation_less(&k, w->n, i, start))
			start = i;
	for (size_t i = 0; r >= 0 && i < w->n; i++) {
		r = walk_node(u, w, &k, start, i);
		if (r >= 0)
			w->nodes[i] = (uint32_t)r;
	}
	for (size_t i = 0; i < w->n; i++)
		free(k.keys[i]);
	return r < 0 ? r : 0;
}
