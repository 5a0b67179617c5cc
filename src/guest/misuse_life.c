/* SPDX-License-Identifier: MIT */
#include "guest/misuse.h"

#include <limits.h>

#include "guest/module.h"

enum {
	LIFE_KIND_ALL = 0x3ff,	/* bits of a glibc mutex's kind */
	LIFE_KIND_DESTROYED = -1, /* what pthread_mutex_destroy leaves there */
	LIFE_RW_MAX_FLAGS = 2,
};

static size_t life_size(enum lockdag_lock_type type)
{
	switch (type) {
	case LOCKDAG_LOCK_MUTEX:
	case LOCKDAG_LOCK_C11_MUTEX:
		return sizeof(pthread_mutex_t);
	case LOCKDAG_LOCK_RWLOCK:
		return sizeof(pthread_rwlock_t);
	case LOCKDAG_LOCK_CONDITION:
		return sizeof(pthread_cond_t);
	case LOCKDAG_LOCK_SPINLOCK:
		return sizeof(pthread_spinlock_t);
	default:
		return 0;
	}
}

/* Who holds it, as the held stacks and the lock itself have it; thread LOCKDAG_NONE: nobody for sure. */
static struct guest_holder life_holder(
	struct lockdag_block *t, const void *lock, enum lockdag_lock_type type)
{
	const struct lockdag_held_slot *held = guest_find_held(t, lock);
	struct guest_holder nobody = { .thread = LOCKDAG_NONE };
	enum guest_looks looks = guest_look(t, lock, type);

	if (looks == GUEST_LOOKS_FREE)
		return nobody;
	if (held)
		return (struct guest_holder){ t->thread, *held };
	return guest_find_holder(t, lock);
}

/* ------------------------------------------------------------------ init */

/* Memory that was cleared in between holds no lock any more. */
static bool life_is_clear(const void *lock, size_t n)
{
	const unsigned char *bytes = lock;

	for (size_t i = 0; i < n; i++)
		if (bytes[i])
			return false;
	return true;
}

/* Was it made by an init call of this process, and is it where nobody can have given its memory back
 * in between? Of heap and stack that is known only while somebody holds it. */
LOCKDAG_COLD static void life_init_again(struct lockdag_block *t, void *lock,
	enum lockdag_lock_type type, uint32_t key, struct guest_site site)
{
	const struct lockdag_session_key *row = guest_key_row(key);
	const struct lockdag_session_class *class = guest_class_row(row->class_id);
	struct guest_misuse m = guest_misuse_of(LOCKDAG_MISUSE_DOUBLE_INIT, lock, key, site);

	if (class->type != type || row->process != guest_process.row)
		return;
	m.other = life_holder(t, lock, type);
	if (m.other.thread == LOCKDAG_NONE &&
		(class->how != LOCKDAG_CLASS_INIT || !guest_in_module((uint64_t)lock) ||
			life_is_clear(lock, life_size(type))))
		return;
	m.other.slot.ip = 0; /* the first init is the other place */
	guest_misuse_write(t, &m);
}

void guest_misuse_init(void *lock, enum lockdag_lock_type type, struct guest_site site)
{
	struct lockdag_block *t = guest_current();
	uint32_t key;

	if (t && life_size(type) && guest_lookup(lock, type, &key))
		life_init_again(t, lock, type, key, site);
}

/* ------------------------------------------------------------------ destroy */

void guest_misuse_destroy(struct lockdag_block *t, void *lock, enum lockdag_lock_type type,
	struct guest_site site)
{
	struct guest_misuse m = guest_misuse_of(LOCKDAG_MISUSE_DESTROY_HELD, lock, 0, site);

	if (!guest_lookup(lock, type, &m.key))
		return;
	if (type == LOCKDAG_LOCK_CONDITION) /* pthread's own alone: hooks_cond.c */
		return;
	if (type == LOCKDAG_LOCK_SEMAPHORE) {
		guest_misuse_waiters(t, lock, type, m.key, site);
		return;
	}
	if (!life_size(type) && !guest_find_held(t, lock))
		return;
	if (life_size(type) && guest_look(t, lock, type) == GUEST_LOOKS_FREE)
		return;
	m.other = life_holder(t, lock, type);
	if (m.other.thread != LOCKDAG_NONE)
		guest_misuse_write(t, &m);
}

/* ------------------------------------------------------------------ first use */

static bool life_key_is_there(uint32_t key)
{
	return LOCKDAG_KEY_ROW(key) < lockdag_load_relaxed(&guest_process.writer.header->n_keys) &&
		lockdag_load_relaxed(&guest_key_row(key)->state);
}

static const uint64_t *life_word(const void *lock, enum lockdag_lock_type type)
{
	if (!guest_process.embed)
		return NULL;
	if (type == LOCKDAG_LOCK_MUTEX || type == LOCKDAG_LOCK_C11_MUTEX)
		return (const uint64_t *)lock + GUEST_MUTEX_WORD;
	return type == LOCKDAG_LOCK_RWLOCK ? (const uint64_t *)lock + GUEST_RWLOCK_WORD : NULL;
}

static bool life_is_garbage(const void *lock, enum lockdag_lock_type type)
{
	const pthread_mutex_t *m = lock;
	const pthread_rwlock_t *rw = lock;

	if (type == LOCKDAG_LOCK_MUTEX || type == LOCKDAG_LOCK_C11_MUTEX)
		return m->__data.__kind & ~LIFE_KIND_ALL;
	if (type == LOCKDAG_LOCK_RWLOCK)
		return rw->__data.__flags > LIFE_RW_MAX_FLAGS || (unsigned)rw->__data.__shared > 1;
	return false;
}

/* The word is that of another lock: the bytes were copied from there. An object that was moved has
 * its lock with it, and nobody uses the old one: a copy is one for sure when it was taken as held,
 * or when the other one is there to stay. */
static bool life_is_copy(const struct lockdag_block *t, const void *lock,
	enum lockdag_lock_type type, uint64_t word, uint32_t key)
{
	const struct lockdag_session_key *row;
	const void *from;

	if (!word || !life_key_is_there(key) || key & LOCKDAG_KEY_MANY)
		return false;
	row = guest_key_row(key);
	from = (const void *)row->address;
	if (!from || from == lock || word >> 32 != guest_check(from) ||
		guest_class_row(row->class_id)->type != type ||
		lockdag_load_relaxed(&row->flags) & LOCKDAG_KEY_DESTROYED)
		return false;
	return guest_in_module((uint64_t)from) || guest_find_held((struct lockdag_block *)t, from) ||
		guest_look(t, lock, type) != GUEST_LOOKS_FREE;
}

struct guest_remains guest_misuse_remains(
	const struct lockdag_block *t, const void *lock, enum lockdag_lock_type type)
{
	struct guest_remains r = { LOCKDAG_KEY_NONE, LOCKDAG_N_MISUSES };
	const uint64_t *word = life_word(lock, type);
	uint64_t w = word ? lockdag_load_relaxed(word) : 0;
	uint32_t key = (uint32_t)w;

	if (w && w >> 32 == GUEST_TOMB(lock) && life_key_is_there(key)) {
		r = (struct guest_remains){ key, LOCKDAG_MISUSE_USE_AFTER_DESTROY };
	} else if (life_is_copy(t, lock, type, w, key)) {
		r = (struct guest_remains){ key, LOCKDAG_MISUSE_LOCK_COPIED };
	} else if (life_is_garbage(lock, type)) {
		r.rule = ((const pthread_mutex_t *)lock)->__data.__kind == LIFE_KIND_DESTROYED &&
				type != LOCKDAG_LOCK_RWLOCK
			? LOCKDAG_MISUSE_USE_AFTER_DESTROY
			: LOCKDAG_MISUSE_UNINITIALISED;
	} else if (!word && guest_destroyed_key(lock, &key)) {
		r = (struct guest_remains){ key, LOCKDAG_MISUSE_USE_AFTER_DESTROY };
	}
	return r;
}

/* ------------------------------------------------------------------ memory that goes */

static void life_freed(struct lockdag_block *t, uint32_t thread,
	const struct lockdag_held_slot *held, struct guest_site site)
{
	struct guest_misuse m = guest_misuse_of(LOCKDAG_MISUSE_FREE_HELD,
		(const void *)held->lock, LOCKDAG_META_KEY(held->meta), site);
	uint32_t type = guest_class_row(guest_key_row(m.key)->class_id)->type;

	/* What another thread has released is not held, whatever the slot says. The memory itself may be
	 * out of reach by now. */
	if (type == LOCKDAG_LOCK_SEMAPHORE || type == LOCKDAG_LOCK_OWN || type == LOCKDAG_LOCK_WORK || type == LOCKDAG_LOCK_ONCE ||
		type == LOCKDAG_LOCK_ONCE_FLAG || type == LOCKDAG_LOCK_GUARD ||
		lockdag_load_relaxed(&guest_key_row(m.key)->flags) & LOCKDAG_KEY_FOREIGN)
		return;
	m.other = (struct guest_holder){ thread, *held };
	guest_misuse_write(t, &m);
}

LOCKDAG_COLD void guest_misuse_free(struct lockdag_block *t, uint64_t low, uint64_t high,
	bool everybody, struct guest_site site)
{
	for (const struct lockdag_held_slot *held = t->held; held < t->top; held++)
		if (held->lock >= low && held->lock < high)
			life_freed(t, t->thread, held, site);
	if (everybody)
		guest_find_held_within(t, low, high, site, life_freed);
}
