/* SPDX-License-Identifier: MIT
 *
 * The guest's side of a session: allocation-free, lock-free, no libc.
 *
 * Hash sets are insert-only. Each has four levels of growing size; a key lives in the first free
 * place of its window of eight entries, in the first level whose window had one. So small programs
 * touch few pages, large ones still find their keys in at most four windows, and nobody ever has
 * to move an entry that somebody else may be reading.
 */
#include "session/session.h"

#include "base/atomic.h"

void lockdag_write_lost(struct lockdag_writer *w, enum lockdag_loss loss)
{
	lockdag_add_relaxed(&w->header->lost[loss], 1);
}

void lockdag_write_news(struct lockdag_writer *w)
{
	lockdag_add_relaxed(&w->header->generation, 1);
}

static void *writer_row(struct lockdag_writer *w, uint64_t table, uint32_t *count, uint32_t max,
	size_t size, enum lockdag_loss loss, uint32_t *ret_row)
{
	uint32_t row = lockdag_load_relaxed(count);

	if (row < max)
		row = lockdag_add_relaxed(count, 1);
	if (row >= max || table + (uint64_t)(row + 1) * size > w->limit) {
		lockdag_write_lost(w, loss);
		return NULL;
	}
	*ret_row = row;
	return w->base + table + (uint64_t)row * size;
}

#define WRITER_ROW(name, plural, MAX, LOSS)                                                        \
	struct lockdag_session_##name *lockdag_write_##name(                                       \
		struct lockdag_writer *w, uint32_t *ret_row)                                       \
	{                                                                                          \
		return writer_row(w, lockdag_session_layout.plural, &w->header->n_##plural, MAX,   \
			sizeof(struct lockdag_session_##name), LOSS, ret_row);                     \
	}

WRITER_ROW(process, processes, LOCKDAG_MAX_PROCESSES, LOCKDAG_LOST_PROCESS)
WRITER_ROW(thread, threads, LOCKDAG_MAX_THREADS, LOCKDAG_LOST_THREAD)
WRITER_ROW(module, modules, LOCKDAG_MAX_MODULES, LOCKDAG_LOST_MODULE)
WRITER_ROW(class, classes, LOCKDAG_MAX_CLASSES, LOCKDAG_LOST_CLASS)
WRITER_ROW(key, keys, LOCKDAG_MAX_KEYS, LOCKDAG_LOST_KEY)

uint64_t lockdag_write_heap(struct lockdag_writer *w, uint64_t size, uint64_t align)
{
	uint64_t slack = align > 16 ? align - 16 : 0, offset;

	size = (size + 15) & ~UINT64_C(15);
	/* A full heap must not move its cursor for ever: it would wrap one day. */
	if (lockdag_load_relaxed(&w->header->heap_next) + size + slack > w->limit) {
		lockdag_write_lost(w, LOCKDAG_LOST_HEAP);
		return 0;
	}
	offset = lockdag_add_relaxed(&w->header->heap_next, size + slack);
	if (offset + size + slack > w->limit) {
		lockdag_write_lost(w, LOCKDAG_LOST_HEAP);
		return 0;
	}
	return (offset + align - 1) & ~(align - 1);
}

struct lockdag_hash_entry *lockdag_write_set(
	struct lockdag_writer *w, uint64_t set, uint64_t key, bool *ret_new)
{
	uint64_t hash = lockdag_hash_mix(key);
	struct lockdag_hash_entry *level = (struct lockdag_hash_entry *)(w->base + set);

	*ret_new = false;
	for (unsigned bits = 12; bits <= 24; level += UINT64_C(1) << bits, bits += 4) {
		uint64_t at = hash & ((UINT64_C(1) << bits) - LOCKDAG_HASH_WINDOW);

		if ((uint64_t)((char *)(level + at + LOCKDAG_HASH_WINDOW) - w->base) > w->limit)
			break;
		for (unsigned i = 0; i < LOCKDAG_HASH_WINDOW; i++) {
			struct lockdag_hash_entry *e = level + at + i;
			uint64_t there = lockdag_load_acquire(&e->key); /* pairs with: the CAS below */

			if (!there && lockdag_cas_acq_rel(&e->key, &there, key)) {
				*ret_new = true;
				return e;
			}
			if (there == key)
				return e;
		}
		hash = hash >> 7 | hash << 57;
	}
	lockdag_write_lost(w, LOCKDAG_LOST_SET);
	return NULL;
}

static uint64_t writer_new_chunk(
	struct lockdag_writer *w, struct lockdag_session_thread *thread, uint32_t size)
{
	uint64_t previous = thread->chunk, offset;
	struct lockdag_session_chunk *chunk;
	uint32_t want = 4096;

	if (previous) {
		chunk = (struct lockdag_session_chunk *)(w->base + previous);
		want = chunk->size < (1u << 18) ? chunk->size * 4 : chunk->size;
	}
	if (want < size + sizeof(*chunk))
		want = size + (uint32_t)sizeof(*chunk);
	offset = lockdag_write_heap(w, want, 16);
	if (!offset)
		return 0;
	chunk = (struct lockdag_session_chunk *)(w->base + offset);
	chunk->previous = previous;
	chunk->size = want;
	chunk->used = sizeof(*chunk);
	lockdag_store_release(&thread->chunk, offset); /* pairs with: lockdag_session_walk */
	return offset;
}

void *lockdag_write_item(struct lockdag_writer *w, struct lockdag_session_thread *thread,
	uint64_t *chunk, uint32_t size)
{
	struct lockdag_session_chunk *c = (struct lockdag_session_chunk *)(w->base + *chunk);

	if (!*chunk || c->size - c->used < size) {
		uint64_t fresh = writer_new_chunk(w, thread, size);

		if (!fresh)
			return NULL;
		*chunk = fresh;
		c = (struct lockdag_session_chunk *)(w->base + fresh);
	}
	return (char *)c + c->used;
}

void lockdag_write_publish(struct lockdag_writer *w, uint64_t chunk, uint32_t size)
{
	struct lockdag_session_chunk *c = (struct lockdag_session_chunk *)(w->base + chunk);

	lockdag_store_release(&c->used, c->used + size); /* pairs with: lockdag_session_walk */
}

/* The stack of free blocks is a Treiber stack; the tag in its head makes a stale head fail. */
#define WRITER_PAGE 4096

uint64_t lockdag_write_block(struct lockdag_writer *w)
{
	uint64_t head = lockdag_load_acquire(&w->header->free_block); /* pairs with: _free_block */

	while ((uint32_t)head) {
		uint64_t offset = (uint64_t)(uint32_t)head * WRITER_PAGE;
		struct lockdag_block *b = (struct lockdag_block *)(w->base + offset);
		uint64_t next;

		if (offset + LOCKDAG_BLOCK_SIZE > w->limit)
			break;
		next = (lockdag_load_relaxed(&b->next_free) & UINT32_MAX) | ((head >> 32) + 1) << 32;
		if (lockdag_cas_acq_rel(&w->header->free_block, &head, next)) {
			for (size_t i = 0; i < LOCKDAG_BLOCK_SIZE / 8; i++)
				((volatile uint64_t *)b)[i] = 0;
			return offset;
		}
	}
	return lockdag_write_heap(w, LOCKDAG_BLOCK_SIZE, WRITER_PAGE);
}

void lockdag_write_free_block(struct lockdag_writer *w, uint64_t block)
{
	struct lockdag_block *b = (struct lockdag_block *)(w->base + block);
	uint64_t head = lockdag_load_relaxed(&w->header->free_block), next;

	do {
		lockdag_store_relaxed(&b->next_free, head & UINT32_MAX);
		next = block / WRITER_PAGE | ((head >> 32) + 1) << 32;
	} while (!lockdag_cas_acq_rel(&w->header->free_block, &head, next));
}
