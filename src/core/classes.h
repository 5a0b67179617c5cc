/* SPDX-License-Identifier: MIT
 *
 * Classes: the locks of one key and type. A lock's key is its own, else its birth's; without
 * either its birth is a class of its own. So births are split by their locks' keys, and merged by
 * equal ones.
 */
#ifndef LOCKDAG_CORE_CLASSES_H
#define LOCKDAG_CORE_CLASSES_H

#include "core/arena.h"
#include "core/core.h"

struct lock_class {
	uint32_t lock;    /* its first row in model->locks */
	const char *key;  /* never NULL; made from name, type and place where none was given */
	const char *name; /* for people */
	enum lockdag_lock_type type;
};

struct classes {
	const struct lockdag_model *m;
	LOCKDAG_VEC(struct lock_class) items; /* numbered by their first lock */
	uint32_t *of_lock;                    /* class of each lock */
	struct lockdag_arena *strings;
};

int classes_init(struct classes *c, const struct lockdag_model *m);
void classes_done(struct classes *c);

/* Which lock it was, as far as can be told: a private lock of a forked process is not its
 * parent's, though it has the parent's row. */
struct instance {
	uint64_t serial;
	uint32_t lock;
	uint32_t process; /* of the thread, for a private lock; else LOCKDAG_NONE */
};

/* false: it cannot be told (one of many, without a serial). */
bool instance_get(const struct lockdag_model *m, uint32_t lock, uint64_t serial, uint32_t thread,
	struct instance *ret);
bool instance_equal(const struct instance *a, const struct instance *b);
int instance_compare(const void *a, const void *b); /* of struct instance, for qsort() */

/* The row that stands for the lock whatever the level it is taken at. */
static inline uint32_t lock_itself(const struct lockdag_model *m, uint32_t lock)
{
	return m->locks.items[lock].level ? m->locks.items[lock].of : lock;
}

static inline const struct lockdag_birth *lock_birth(const struct lockdag_model *m, uint32_t lock)
{
	return &m->births.items[m->locks.items[lock].birth];
}

static inline bool lock_is_shared(const struct lockdag_model *m, uint32_t lock)
{
	return lock_birth(m, lock)->attributes & LOCKDAG_LOCK_SHARED;
}

#endif
