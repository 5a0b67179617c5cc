/* SPDX-License-Identifier: MIT
 *
 * Where each table starts: one after the other, page aligned, in a sparse file.
 */
#include "session/session.h"

#define PAGE(n) (((n) + 4095u) & ~UINT64_C(4095))
#define SET_BYTES ((uint64_t)LOCKDAG_HASH_ENTRIES * sizeof(struct lockdag_hash_entry))

#define PROCESSES PAGE(sizeof(struct lockdag_session_header))
#define THREADS PAGE(PROCESSES + sizeof(struct lockdag_session_process[LOCKDAG_MAX_PROCESSES]))
#define MODULES PAGE(THREADS + sizeof(struct lockdag_session_thread[LOCKDAG_MAX_THREADS]))
#define CLASSES PAGE(MODULES + sizeof(struct lockdag_session_module[LOCKDAG_MAX_MODULES]))
#define KEYS PAGE(CLASSES + sizeof(struct lockdag_session_class[LOCKDAG_MAX_CLASSES]))
#define CLASS_SET PAGE(KEYS + sizeof(struct lockdag_session_key[LOCKDAG_MAX_KEYS]))
#define TAG_SET PAGE(CLASS_SET + SET_BYTES)
#define HEAP PAGE(TAG_SET + SET_BYTES)

const struct lockdag_session_layout lockdag_session_layout = {
	.processes = PROCESSES,
	.threads = THREADS,
	.modules = MODULES,
	.classes = CLASSES,
	.keys = KEYS,
	.class_set = CLASS_SET,
	.tag_set = TAG_SET,
	.heap = HEAP,
};

_Static_assert(sizeof(struct lockdag_presence) == 16, "a reference counts in units of 16");
_Static_assert(sizeof(struct lockdag_block) + 64 * sizeof(struct lockdag_held_slot) <=
		LOCKDAG_BLOCK_SIZE, "a block holds 64 locks before it needs more");
_Static_assert(offsetof(struct lockdag_item_acquire, presence) == 16, "see lockdag_item_ring");
_Static_assert(offsetof(struct lockdag_block, cache) == 256, "cache slots do not straddle lines");
_Static_assert(HEAP < LOCKDAG_SESSION_SIZE / 2, "the heap has most of the session");
