/* SPDX-License-Identifier: MIT */
#include "core/classes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/labels.h"

/* A key for a birth that has none: as stable as its name and place are. */
static int classes_make_key(struct classes *c, uint32_t birth, const char **ret_key)
{
	const struct lockdag_birth *b = &c->m->births.items[birth];
	const char *type = lockdag_lock_type_word(b->type);
	char *key;
	bool ok;

	if (b->name || b->where)
		key = lockdag_textf(
			"%s:%s@%s", type, b->name ? b->name : "", b->where ? b->where : "");
	else
		key = lockdag_textf("%s #%u", type, birth);
	ok = key && lockdag_arena_string(c->strings, key, ret_key);
	free(key);
	return ok ? 0 : -ENOMEM;
}

static int classes_make_name(struct classes *c, uint32_t birth, const char **ret_name)
{
	const struct lockdag_birth *b = &c->m->births.items[birth];
	char name[64];

	if (b->name) {
		*ret_name = b->name;
		return 0;
	}
	snprintf(name, sizeof(name), "%s #%u", lockdag_lock_type_word(b->type), birth);
	return lockdag_arena_string(c->strings, name, ret_name) ? 0 : -ENOMEM;
}

/* A new class whose first lock is lock; key NULL: make one. */
static int classes_add(struct classes *c, uint32_t lock, const char *key, uint32_t *ret_class)
{
	const struct lockdag_lock *l = &c->m->locks.items[lock];
	struct lock_class *class = lockdag_vec_push(&c->items);

	if (!class)
		return -ENOMEM;
	class->lock = lock;
	class->key = key;
	class->type = lock_birth(c->m, lock)->type;
	class->name = l->class_name;
	*ret_class = (uint32_t)(c->items.n - 1);
	return key ? 0 : classes_make_key(c, l->birth, &class->key);
}

/* The class that (type, key) names, made when lock is the first of it. */
static int classes_by_key(
	struct classes *c, struct labels *keys, uint32_t lock, const char *key, uint32_t *ret_class)
{
	char *typed = lockdag_textf("%u:%s", (unsigned)lock_birth(c->m, lock)->type, key);
	uint32_t class;
	int r = 0;

	if (!typed)
		return -ENOMEM;
	class = labels_find(keys, typed);
	if (class == LOCKDAG_NONE) {
		r = classes_add(c, lock, key, &class);
		if (!r)
			r = labels_add(keys, c->strings, typed, class);
	}
	free(typed);
	if (!r)
		*ret_class = class;
	return r;
}

/* A lock at a level is of its class's class of that level. Whichever of its locks has the key, and the
 * name later on, has it for both. */
static int classes_at_level(struct classes *c, struct labels *keys, uint32_t lock)
{
	const struct lockdag_lock *l = &c->m->locks.items[lock];
	char *key = lockdag_textf("%s/%u", c->items.items[c->of_lock[l->of]].key, l->level);
	const char *kept;
	int r = key && lockdag_arena_string(c->strings, key, &kept) ? 0 : -ENOMEM;

	if (!r)
		r = classes_by_key(c, keys, lock, kept, &c->of_lock[lock]);
	free(key);
	return r;
}

static int classes_of_lock(
	struct classes *c, struct labels *keys, uint32_t *of_birth, uint32_t lock)
{
	const struct lockdag_lock *l = &c->m->locks.items[lock];
	const char *key = c->m->births.items[l->birth].key;
	int r = 0;

	if (l->level)
		return classes_at_level(c, keys, lock);
	if (l->key)
		return classes_by_key(c, keys, lock, l->key, &c->of_lock[lock]);
	if (of_birth[l->birth] == LOCKDAG_NONE) {
		if (key)
			r = classes_by_key(c, keys, lock, key, &of_birth[l->birth]);
		else
			r = classes_add(c, lock, NULL, &of_birth[l->birth]);
	}
	c->of_lock[lock] = of_birth[l->birth];
	return r;
}

/* The lock it is a level of stands above it, so that its class has its name already. */
static int classes_name_level(
	struct classes *c, const struct lockdag_lock *l, const char **ret_name)
{
	char *name = lockdag_textf("%s/%u", c->items.items[c->of_lock[l->of]].name, l->level);
	bool ok = name && lockdag_arena_string(c->strings, name, ret_name);

	free(name);
	return ok ? 0 : -ENOMEM;
}

/* A class is called by the first of its locks that has a class name, else by its first birth. */
static int classes_name(struct classes *c)
{
	for (uint32_t i = 0; i < c->m->locks.n; i++) {
		struct lock_class *class = &c->items.items[c->of_lock[i]];

		if (!class->name)
			class->name = c->m->locks.items[i].class_name;
	}
	for (size_t i = 0; i < c->items.n; i++) {
		struct lock_class *class = &c->items.items[i];
		const struct lockdag_lock *l = &c->m->locks.items[class->lock];
		int r = 0;

		if (!class->name && l->level)
			r = classes_name_level(c, l, &class->name);
		else if (!class->name)
			r = classes_make_name(c, l->birth, &class->name);
		if (r)
			return r;
	}
	return 0;
}

int classes_init(struct classes *c, const struct lockdag_model *m)
{
	uint32_t *of_birth = malloc((m->births.n + 1) * sizeof(*of_birth));
	struct labels keys = {0};
	int r = 0;

	*c = (struct classes){.m = m};
	c->of_lock = malloc((m->locks.n + 1) * sizeof(*c->of_lock));
	c->strings = lockdag_arena_new();
	if (!of_birth || !c->of_lock || !c->strings)
		r = -ENOMEM;
	if (of_birth)
		memset(of_birth, 0xff, (m->births.n + 1) * sizeof(*of_birth));
	for (uint32_t i = 0; !r && i < m->locks.n; i++)
		r = classes_of_lock(c, &keys, of_birth, i);
	if (!r)
		r = classes_name(c);
	labels_done(&keys);
	free(of_birth);
	return r;
}

void classes_done(struct classes *c)
{
	lockdag_vec_clear(&c->items);
	free(c->of_lock);
	lockdag_arena_free(c->strings);
}

bool instance_get(const struct lockdag_model *m, uint32_t lock, uint64_t serial, uint32_t thread,
	struct instance *ret)
{
	bool many = m->locks.items[lock].flags & LOCKDAG_LOCK_MANY;

	if (many && !serial)
		return false;
	ret->lock = lock_itself(m, lock);
	ret->serial = many ? serial : 0;
	ret->process = lock_is_shared(m, lock) ? LOCKDAG_NONE : m->threads.items[thread].process;
	return true;
}

int instance_compare(const void *a, const void *b)
{
	const struct instance *x = a, *y = b;

	if (x->lock != y->lock)
		return x->lock < y->lock ? -1 : 1;
	if (x->serial != y->serial)
		return x->serial < y->serial ? -1 : 1;
	return x->process < y->process ? -1 : x->process > y->process;
}

bool instance_equal(const struct instance *a, const struct instance *b)
{
	return !instance_compare(a, b);
}
