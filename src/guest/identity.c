/* SPDX-License-Identifier: MIT
 *
 * Which lock is this? Births: the class of a lock by where it was initialised or first taken, and
 * its key: one of its own for the first few locks of a class, then one key for all the others, so
 * that neither the caches nor the session grow with the number of locks.
 *
 * Classes made here are provisional: the same code reached by other callers makes another one. The
 * judge merges and splits them once it knows names (DESIGN 5.1).
 */
#include "guest/guest.h"

#include <limits.h>

#include "base/hash.h"
#include "guest/descriptor.h"
#include "guest/identity.h"
#include "guest/misuse.h"
#include "guest/module.h"
#include "guest/unwind.h"

enum {
	IDENTITY_OWN_HEAP = 8,	  /* locks of a class with keys of their own */
	IDENTITY_OWN_STATIC = 1024, /* the same for static storage, where each has a name */
};

/* ------------------------------------------------------------------ where the identity is kept */

#define IDENTITY_TOMB (1u << 31) /* in a shadow entry's b: it was destroyed, the rest is its key's row */

/* The word in the lock, NULL for a lock whose spare bytes may not be used. */
static uint64_t *identity_word(const void *lock, enum lockdag_lock_type type)
{
	const pthread_mutex_t *m = lock;
	const pthread_rwlock_t *rw = lock;

	if (!guest_process.embed)
		return NULL;
	if (type == LOCKDAG_LOCK_MUTEX || type == LOCKDAG_LOCK_C11_MUTEX)
		return m->__data.__kind & (0x10 | 0x80) ? NULL /* robust list, other processes */
							: (uint64_t *)lock + GUEST_MUTEX_WORD;
	if (type == LOCKDAG_LOCK_RWLOCK)
		return rw->__data.__shared ? NULL : (uint64_t *)lock + GUEST_RWLOCK_WORD;
	return NULL;
}

static uint64_t *identity_serial(uint64_t *word, enum lockdag_lock_type type)
{
	return type == LOCKDAG_LOCK_RWLOCK ? word + 3 : word + 1;
}

static struct lockdag_hash_entry *identity_shadow(const void *lock)
{
	struct lockdag_hash_entry *e;
	bool is_new;

	do
		e = lockdag_write_set(&guest_process.shadow, 0, (uint64_t)lock, &is_new);
	while (!e && guest_grow_shadow());
	return e;
}

/* Shadow entries hold key + 1 in a (0: no identity now), the serial in b. */
bool guest_lookup(const void *lock, enum lockdag_lock_type type, uint32_t *ret_key)
{
	uint64_t *word = identity_word(lock, type), w;
	struct lockdag_hash_entry *e;
	uint32_t a;

	if (word) {
		w = lockdag_load_acquire(word); /* pairs with: identity_keep */
		*ret_key = (uint32_t)w;
		return w >> 32 == guest_check(lock);
	}
	e = identity_shadow(lock);
	a = e ? lockdag_load_acquire(&e->a) : 0; /* pairs with: identity_keep */
	*ret_key = a - 1;
	return a != 0;
}

/* Words of a lock of a kind that is not known: only where they cannot lie on another page than it. */
static bool identity_may_read(const void *lock)
{
	return guest_process.embed && !((uint64_t)lock & 7) && ((uint64_t)lock & 4095) <= 4064;
}

bool guest_lookup_any(const void *lock, uint32_t *ret_key)
{
	static const uint8_t words[] = { GUEST_MUTEX_WORD, GUEST_RWLOCK_WORD };
	uint64_t w;

	for (size_t i = 0; identity_may_read(lock) && i < LOCKDAG_ARRAY_SIZE(words); i++) {
		w = lockdag_load_acquire((const uint64_t *)lock + words[i]); /* pairs with: identity_keep */
		*ret_key = (uint32_t)w;
		if (w >> 32 == guest_check(lock))
			return true;
	}
	return guest_lookup(lock, LOCKDAG_LOCK_OWN, ret_key);
}

/* Gives the lock its identity. Another thread may have been first: then *key becomes its. */
static bool identity_keep(
	void *lock, enum lockdag_lock_type type, bool init, uint64_t serial, uint32_t *key)
{
	uint64_t *word = identity_word(lock, type);
	uint64_t fresh = (uint64_t)guest_check(lock) << 32 | *key, there;
	struct lockdag_hash_entry *e;
	uint32_t a;

	if (word) {
		there = lockdag_load_relaxed(word);
		do {
			if (!init && there >> 32 == guest_check(lock)) {
				*key = (uint32_t)there;
				return true;
			}
			*identity_serial(word, type) = serial;
		} while (!lockdag_cas_acq_rel(word, &there, fresh));
		return true;
	}
	e = identity_shadow(lock);
	if (!e) {
		lockdag_write_lost(&guest_process.writer, LOCKDAG_LOST_SHADOW);
		return false;
	}
	a = lockdag_load_relaxed(&e->a);
	do {
		if (!init && a) {
			*key = a - 1;
			return true;
		}
		e->b = (uint32_t)serial;
	} while (!lockdag_cas_acq_rel(&e->a, &a, *key + 1));
	return true;
}

uint64_t guest_serial(const void *lock, uint32_t key)
{
	enum lockdag_lock_type type;
	struct lockdag_hash_entry *e;
	uint64_t *word;

	if (!(key & LOCKDAG_KEY_MANY))
		return 0;
	type = guest_class_row(guest_key_row(key)->class_id)->type;
	word = identity_word(lock, type);
	if (word)
		return *identity_serial(word, type);
	e = identity_shadow(lock);
	return e ? e->b : 0;
}

void guest_forget(const void *lock)
{
	struct lockdag_hash_entry *e = identity_shadow(lock);

	if (e)
		lockdag_store_relaxed(&e->a, 0);
}

bool guest_destroyed_key(const void *lock, uint32_t *ret_key)
{
	const struct lockdag_hash_entry *e = identity_shadow(lock);
	uint32_t b = e && !lockdag_load_relaxed(&e->a) ? lockdag_load_relaxed(&e->b) : 0;

	*ret_key = b & ~IDENTITY_TOMB;
	return b & IDENTITY_TOMB;
}

void guest_destroy(void *lock, enum lockdag_lock_type type, uint64_t ip)
{
	uint64_t *word = identity_word(lock, type);
	struct lockdag_hash_entry *e;
	uint32_t key;

	if (!guest_lookup(lock, type, &key))
		return;
	if (!(key & LOCKDAG_KEY_MANY)) {
		guest_key_row(key)->destroyed = ip;
		lockdag_or_relaxed(&guest_key_row(key)->flags, LOCKDAG_KEY_DESTROYED);
	}
	if (word) {
		lockdag_store_relaxed(word, (uint64_t)GUEST_TOMB(lock) << 32 | key);
		return;
	}
	e = identity_shadow(lock);
	if (!e)
		return;
	/* Only of what nobody can make without a call of init. */
	e->b = type == LOCKDAG_LOCK_SPINLOCK || type == LOCKDAG_LOCK_SEMAPHORE
		? LOCKDAG_KEY_ROW(key) | IDENTITY_TOMB
		: 0;
	lockdag_store_relaxed(&e->a, 0);
}

/* ------------------------------------------------------------------ what the lock says of itself */

static uint32_t identity_attributes(const void *lock, enum lockdag_lock_type type)
{
	const pthread_mutex_t *m = lock;
	const pthread_rwlock_t *rw = lock;
	const unsigned *words = lock;
	uint32_t a = 0;
	int kind;

	switch (type) {
	case LOCKDAG_LOCK_MUTEX:
	case LOCKDAG_LOCK_C11_MUTEX:
		kind = m->__data.__kind;
		a |= (kind & 3) == PTHREAD_MUTEX_RECURSIVE_NP ? LOCKDAG_LOCK_RECURSIVE : 0u;
		a |= (kind & 3) == PTHREAD_MUTEX_ERRORCHECK_NP ? LOCKDAG_LOCK_ERRORCHECK : 0u;
		a |= kind & 0x10 ? LOCKDAG_LOCK_ROBUST : 0u;
		a |= kind & 0x20 ? LOCKDAG_LOCK_INHERIT : 0u;
		a |= kind & 0x80 ? LOCKDAG_LOCK_SHARED : 0u;
		return a;
	case LOCKDAG_LOCK_RWLOCK:
		a |= rw->__data.__shared ? LOCKDAG_LOCK_SHARED : 0u;
		a |= rw->__data.__flags == PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP
			? LOCKDAG_LOCK_WRITERS_FIRST
			: 0u;
		return a;
	/* Where glibc keeps whether it is shared: behind a semaphore's value, in the low bit of a
	 * condition's references, behind a barrier's count. */
	case LOCKDAG_LOCK_SEMAPHORE:
		return (uint64_t)lock >> 47 || words[2] ? LOCKDAG_LOCK_SHARED : 0; /* System V's are at no address */
	case LOCKDAG_LOCK_CONDITION:
		return ((const pthread_cond_t *)lock)->__data.__wrefs & 1 ? LOCKDAG_LOCK_SHARED : 0;
	case LOCKDAG_LOCK_BARRIER:
		return words[3] ? LOCKDAG_LOCK_SHARED : 0;
	case LOCKDAG_LOCK_EVENT: /* what goes through a pipe, whoever reads it, is at no address */
		return (uint64_t)lock >> 62 == 1 ? LOCKDAG_LOCK_SHARED : 0;
	case LOCKDAG_LOCK_GLIB_REC_MUTEX:
	case LOCKDAG_LOCK_LOADER:
	case LOCKDAG_LOCK_EXIT:
	case LOCKDAG_LOCK_STREAM:
		return LOCKDAG_LOCK_RECURSIVE;
	default:
		return 0;
	}
}

/* A program may free or unmap what it holds. Nobody can tell by the address, so that a lock is looked
 * at only where it must still be, or when somebody was seen to release what he did not hold. */
static bool identity_may_look(const struct lockdag_block *t, const struct lockdag_held_slot *held)
{
	return lockdag_load_relaxed(&guest_process.strangers) ||
		(held->lock > held->sp && held->lock < t->stack_high) || guest_in_module(held->lock);
}

bool guest_was_released(const struct lockdag_block *t, const struct lockdag_held_slot *slot)
{
	uint32_t key = LOCKDAG_META_KEY(slot->meta);
	const struct lockdag_session_key *row = guest_key_row(key);
	const struct lockdag_session_class *class = guest_class_row(row->class_id);
	const pthread_mutex_t *m = (const pthread_mutex_t *)slot->lock;
	int owner;

	switch (class->type) {
	case LOCKDAG_LOCK_MUTEX:
	case LOCKDAG_LOCK_C11_MUTEX:
		if (!identity_may_look(t, slot))
			return false;
		owner = lockdag_load_relaxed(&m->__data.__owner);
		/* What came from an owner that had died names nobody until it is said to be consistent. */
		if (owner == INT_MAX && slot->meta & GUEST_INHERITED)
			return false;
		return owner != t->tid && (!owner || owner != (int)t->forker_tid);
	case LOCKDAG_LOCK_FILE:
		return !guest_file_is_held(key, slot->extra);
	case LOCKDAG_LOCK_SEMAPHORE:
		return row->flags & LOCKDAG_KEY_FOREIGN;
	case LOCKDAG_LOCK_RWLOCK:
	case LOCKDAG_LOCK_SPINLOCK:
	case LOCKDAG_LOCK_GLIB_MUTEX:
		return identity_may_look(t, slot) &&
			guest_look(t, (const void *)slot->lock, class->type) == GUEST_LOOKS_FREE;
	default:
		return false;
	}
}

/* ------------------------------------------------------------------ classes */

/* Saves what the judge needs to find the lock in the variables of the code that made it. */
static uint64_t identity_snapshot(
	struct lockdag_block *t, const void *lock, const struct guest_birth *b)
{
	struct lockdag_writer *w = &guest_process.writer;
	struct lockdag_session_snapshot *s;
	uint64_t offset, sp = b->caller.sp;

	if (!b->n_frames || lockdag_add_relaxed(&w->header->n_snapshots, 1) >= LOCKDAG_MAX_SNAPSHOTS) {
		lockdag_write_lost(w, LOCKDAG_LOST_SNAPSHOT);
		return 0;
	}
	offset = lockdag_write_heap(w, sizeof(*s), 16);
	if (!offset)
		return 0;
	s = (struct lockdag_session_snapshot *)(w->base + offset);
	s->lock = (uint64_t)lock;
	s->rbx = b->caller.saved[GUEST_RBX];
	s->rbp = b->caller.saved[GUEST_RBP];
	s->r12 = b->caller.saved[GUEST_R12];
	s->r13 = b->caller.saved[GUEST_R13];
	s->r14 = b->caller.saved[GUEST_R14];
	s->r15 = b->caller.saved[GUEST_R15];
	s->rsp = sp;
	for (; s->n_words < LOCKDAG_ARRAY_SIZE(s->words); s->n_words++) {
		if (sp < t->stack_low || sp + 8 > t->stack_high)
			break;
		s->words[s->n_words] = *(const uint64_t *)sp;
		sp += 8;
	}
	return offset;
}

static uint32_t identity_new_class(
	struct lockdag_block *t, const void *lock, const struct guest_birth *b)
{
	struct lockdag_writer *w = &guest_process.writer;
	uint32_t row, many;
	struct lockdag_session_class *class = lockdag_write_class(w, &row);
	struct lockdag_session_key *key = class ? lockdag_write_key(w, &many) : NULL;

	if (!key)
		return LOCKDAG_NONE;
	key->class_id = row;
	key->process = guest_process.row;
	key->flags = LOCKDAG_KEY_IS_MANY;
	key->value = b->value;
	lockdag_store_release(&key->state, 1); /* pairs with: lockdag_session_key */
	class->type = (uint8_t)b->type;
	class->how = (uint8_t)b->how;
	class->attributes = b->attributes;
	class->process = guest_process.row;
	class->many_key = many;
	class->n_frames = (uint16_t)b->n_frames;
	for (size_t i = 0; i < b->n_frames; i++)
		class->frames[i] = guest_frame(b->frames[i].ip);
	class->name = b->name;
	class->path = b->path;
	class->open_site = b->open_site;
	class->flock = b->flock;
	if (!b->place && !b->name)
		class->snapshot = identity_snapshot(t, lock, b);
	lockdag_store_release(&class->state, 1); /* pairs with: lockdag_session_class */
	lockdag_write_news(w);
	return row;
}

uint32_t guest_birth_class(
	struct lockdag_block *t, const void *lock, const struct guest_birth *b)
{
	uint64_t hash = lockdag_hash_mix((uint64_t)b->type << 8 | (uint64_t)b->how << 4 |
		(uint64_t)b->attributes << 16 | (uint64_t)(b->place != 0) << 32);
	struct lockdag_hash_entry *e;
	uint32_t row;
	bool is_new;

	if (b->hash)
		hash = b->hash;
	else if (b->name) /* wherever it was made */
		hash = lockdag_hash_mix(hash ^ b->name);
	for (size_t i = 0; !b->hash && !b->name && i < b->n_frames; i++)
		hash = lockdag_hash_mix(hash ^ b->frames[i].ip);
	e = lockdag_write_set(
		&guest_process.writer, lockdag_session_layout.class_set, hash | 1, &is_new);
	if (!e)
		return LOCKDAG_NONE;
	/* Somebody else may be making it this moment: a few turns, then a class of our own, which the
	 * judge merges with that one. */
	for (int i = 0; !is_new && i < 1000; i++) {
		row = lockdag_load_acquire(&e->a); /* pairs with: the release below */
		if (row)
			return row - 1;
	}
	row = identity_new_class(t, lock, b);
	if (row != LOCKDAG_NONE)
		lockdag_store_release(&e->a, row + 1); /* pairs with: the load above */
	return row;
}

/* ------------------------------------------------------------------ keys */

static bool identity_key(struct lockdag_block *t, const void *lock, const struct guest_birth *b,
	uint32_t *ret_key, uint64_t *ret_serial)
{
	struct lockdag_writer *w = &guest_process.writer;
	uint32_t class = guest_birth_class(t, lock, b), row;
	uint32_t own = b->place && !b->name ? IDENTITY_OWN_STATIC : IDENTITY_OWN_HEAP;
	struct lockdag_session_key *key = NULL;

	if (class == LOCKDAG_NONE)
		return false;
	if (lockdag_load_relaxed(&guest_class_row(class)->own_keys) < own &&
		lockdag_add_relaxed(&guest_class_row(class)->own_keys, 1) < own)
		key = lockdag_write_key(w, &row);
	*ret_serial = 0;
	if (key) {
		key->class_id = class;
		key->process = guest_process.row;
		key->address = (uint64_t)lock;
		key->place = b->place;
		key->value = b->value;
		lockdag_store_release(&key->state, 1); /* pairs with: lockdag_session_key */
		*ret_key = row;
	} else {
		*ret_key = guest_class_row(class)->many_key | LOCKDAG_KEY_MANY;
		*ret_serial = lockdag_add_relaxed(&w->header->next_serial, 1);
	}
	if (b->attributes & LOCKDAG_LOCK_RECURSIVE)
		*ret_key |= LOCKDAG_KEY_RECURSIVE;
	return true;
}

/* ------------------------------------------------------------------ names given by the program */

/* Where the set of names has an object; addresses of objects are below 2^63. */
static struct lockdag_hash_entry *identity_name_entry(const void *object)
{
	bool is_new;

	return lockdag_write_set(
		&guest_process.shadow, 0, (uint64_t)object | UINT64_C(1) << 63, &is_new);
}

static uint64_t identity_name(const void *object)
{
	const struct lockdag_hash_entry *e =
		guest_process.has_names ? identity_name_entry(object) : NULL;

	return e ? (uint64_t)lockdag_load_acquire(&e->a) * 16 : 0; /* pairs with: guest_name */
}

/* One copy of each text in the session: its offset, or 0. */
uint64_t guest_text(const char *text)
{
	struct lockdag_writer *w = &guest_process.writer;
	uint64_t hash = lockdag_hash_string(LOCKDAG_HASH_SEED, text) | 1, offset;
	struct lockdag_hash_entry *e =
		lockdag_write_set(w, lockdag_session_layout.class_set, hash, &(bool){ false });
	size_t n = 1;

	if (!e)
		return 0;
	if (lockdag_load_acquire(&e->b)) /* pairs with: the release below */
		return (uint64_t)lockdag_load_relaxed(&e->b) * 16;
	while (text[n - 1])
		n++;
	offset = lockdag_write_heap(w, n, 16);
	for (size_t i = 0; offset && i < n; i++)
		w->base[offset + i] = text[i];
	lockdag_store_release(&e->b, (uint32_t)(offset / 16)); /* pairs with: the load above */
	return offset;
}

bool guest_has_name(const void *object)
{
	return identity_name(object) != 0;
}

void guest_name(const void *object, const char *name)
{
	struct lockdag_hash_entry *e = identity_name_entry(object);
	uint64_t text = e ? guest_text(name) : 0;
	uint64_t *word = (uint64_t *)(uintptr_t)object;

	if (!text || lockdag_load_relaxed(&e->a) == text / 16)
		return;
	lockdag_store_release(&e->a, (uint32_t)(text / 16)); /* pairs with: identity_name */
	guest_process.has_names = true;
	/* What it was before, it is no more: in whichever place its kind of lock keeps that. */
	e = identity_shadow(object);
	if (e)
		lockdag_store_relaxed(&e->a, 0);
	if (!identity_may_read(object))
		return;
	if (word[GUEST_MUTEX_WORD] >> 32 == guest_check(object))
		lockdag_store_relaxed(&word[GUEST_MUTEX_WORD], 0);
	if (word[GUEST_RWLOCK_WORD] >> 32 == guest_check(object))
		lockdag_store_relaxed(&word[GUEST_RWLOCK_WORD], 0);
}

void guest_birth_unwind(
	struct lockdag_block *t, struct guest_birth *b, size_t n, struct guest_site site)
{
	bool cut;

	b->n_frames = guest_unwind(t->stack_low, t->stack_high, b->frames, n, &b->caller, &cut);
	if (b->n_frames)
		return;
	b->frames[0] = (struct guest_stack_frame){ site.ip, site.sp };
	b->n_frames = 1;
	b->caller.sp = 0;
}

/* It is used without an identity: its memory may tell that it has none to have. */
static void identity_first_use(struct lockdag_block *t, const void *lock,
	const struct guest_remains *remains, uint32_t key, struct guest_site site)
{
	struct guest_misuse m = guest_misuse_of(remains->rule, lock,
		remains->key == LOCKDAG_KEY_NONE ? key : remains->key, site);

	if (remains->rule == LOCKDAG_MISUSE_USE_AFTER_DESTROY && !(m.key & LOCKDAG_KEY_MANY))
		m.other.slot.ip = guest_key_row(m.key)->destroyed;
	guest_misuse_write(t, &m);
}

LOCKDAG_COLD bool guest_identify(struct lockdag_block *t, void *lock, enum lockdag_lock_type type,
	bool init, uint32_t value, struct guest_site site, uint32_t *ret_key)
{
	struct guest_birth b = {
		.type = type,
		.how = init ? LOCKDAG_CLASS_INIT : LOCKDAG_CLASS_FIRST,
		.value = value,
	};
	struct guest_remains remains = { .rule = LOCKDAG_N_MISUSES };
	uint64_t serial, shared = 0;
	bool known;

	if (!init && guest_lookup(lock, type, ret_key))
		return true;
	if (!init)
		remains = guest_misuse_remains(t, lock, type);
	if (!guest_busy_begin(t, site.sp))
		return false;
	if (!init && type == LOCKDAG_LOCK_SEMAPHORE && guest_sem_value(lock) != LOCKDAG_NONE)
		b.value = guest_sem_value(lock);
	b.attributes = identity_attributes(lock, type);
	if (guest_in_module((uint64_t)lock)) {
		b.place = guest_frame((uint64_t)lock);
		b.how = init ? LOCKDAG_CLASS_INIT : LOCKDAG_CLASS_STATIC;
	}
	b.name = identity_name(lock);
	if (b.name)
		b.how = LOCKDAG_CLASS_NAMED;
	guest_birth_unwind(t, &b, init ? GUEST_INIT_FRAMES : GUEST_FIRST_FRAMES, site);
	if (b.attributes & LOCKDAG_LOCK_SHARED)
		shared = guest_shared_hash(lock, type);
	known = (shared && !init && guest_shared_find(shared, ret_key, &serial)) ||
		identity_key(t, lock, &b, ret_key, &serial);
	if (known && shared)
		guest_shared_keep(shared, init, ret_key, &serial);
	known = known && identity_keep(lock, type, init, serial, ret_key);
	guest_busy_end(t);
	if (known && remains.rule != LOCKDAG_N_MISUSES)
		identity_first_use(t, lock, &remains, *ret_key, site);
	return known;
}
