/* SPDX-License-Identifier: MIT
 *
 * What identity.c and identity_shared.c share: the birth of a class.
 */
#ifndef LOCKDAG_GUEST_IDENTITY_H
#define LOCKDAG_GUEST_IDENTITY_H

#include "guest/guest.h"
#include "guest/unwind.h"

/* Frames of the call stack that make a class, of an init call and of a first lock. */
enum { GUEST_INIT_FRAMES = 4, GUEST_FIRST_FRAMES = 6 };

struct guest_birth {
	enum lockdag_lock_type type;
	enum lockdag_class_how how;
	uint32_t attributes, value;
	uint64_t place; /* frame of a static lock, else 0 */
	uint64_t name; /* the program's name for it: offset of its text, or 0 */
	uint64_t path, open_site; /* of a file: as in its class */
	bool flock;
	uint64_t hash; /* what the class is known by, 0: by its name or frames */
	size_t n_frames;
	struct guest_stack_frame frames[GUEST_FIRST_FRAMES];
	struct guest_registers caller;
};

/* Fills in the frames, at the most n; site: when there are none. */
void guest_birth_unwind(
	struct lockdag_block *t, struct guest_birth *b, size_t n, struct guest_site site);
/* The class, made when there is none; LOCKDAG_NONE: no room. */
uint32_t guest_birth_class(
	struct lockdag_block *t, const void *lock, const struct guest_birth *b);
/* One copy of each text in the session: its offset, or 0. */
uint64_t guest_text(const char *text);

/* An entry of the session's set of classes, a and b as whoever has that hash wants them; for locks and
 * classes a is the class or key, as number + 1. NULL: no room. */
struct lockdag_hash_entry *guest_shared_entry(uint64_t hash);
/* What a lock in shared memory is known by in all processes, 0: it cannot be told. */
uint64_t guest_shared_hash(const void *lock, enum lockdag_lock_type type);
/* The key that it has there. */
bool guest_shared_find(uint64_t hash, uint32_t *ret_key, uint64_t *ret_serial);
/* Gives it that key there; init: whatever it had. Another process may have been first: then *key becomes its. */
void guest_shared_keep(uint64_t hash, bool init, uint32_t *key, uint64_t *serial);

#endif
