/* SPDX-License-Identifier: MIT
 *
 * A created session, mapped a second time to be written to by plain stores, as a guest does it.
 */
#ifndef SESSION_FIXTURE_H
#define SESSION_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "base/atomic.h"
#include "session/session.h"

struct fixture {
	struct lockdag_session *s;
	char *base;
	struct lockdag_session_header *header;
};

#define LAYOUT lockdag_session_layout

static inline struct fixture fixture_new(void)
{
	struct fixture f = {0};

	assert_int_equal(lockdag_session_create("prog --flag", 0, &f.s), 0);
	f.base = mmap(NULL, LOCKDAG_SESSION_SIZE, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_NORESERVE, lockdag_session_fd(f.s), 0);
	assert_true(f.base != MAP_FAILED);
	f.header = (void *)f.base;
	return f;
}

static inline void fixture_done(struct fixture *f)
{
	munmap(f->base, LOCKDAG_SESSION_SIZE);
	lockdag_session_close(f->s);
}

static inline uint64_t put_heap(struct fixture *f, uint64_t size)
{
	return lockdag_add_relaxed(&f->header->heap_next, (size + 15) & ~UINT64_C(15));
}

static inline struct lockdag_session_thread *thread_row(struct fixture *f, uint32_t i)
{
	return (struct lockdag_session_thread *)(f->base + LAYOUT.threads) + i;
}

static inline uint32_t put_thread(struct fixture *f, uint64_t chunk)
{
	uint32_t i = f->header->n_threads++;
	struct lockdag_session_thread *t = thread_row(f, i);

	t->chunk = chunk;
	t->parent = t->joiner = LOCKDAG_NONE;
	lockdag_store_release(&t->state, 1);
	return i;
}

static inline struct lockdag_session_chunk *chunk_at(struct fixture *f, uint64_t offset)
{
	return (void *)(f->base + offset);
}

static inline uint64_t put_chunk(struct fixture *f, uint64_t previous, uint32_t size)
{
	uint64_t offset = put_heap(f, size);
	struct lockdag_session_chunk *c = chunk_at(f, offset);

	c->previous = previous;
	c->size = size;
	c->used = sizeof(*c);
	return offset;
}

static inline uint32_t acquire_size(unsigned n_held, unsigned n_frames)
{
	size_t size = sizeof(struct lockdag_item_acquire) +
		      n_held * sizeof(struct lockdag_item_held) + n_frames * sizeof(uint64_t);

	return (uint32_t)((size + 15) & ~(size_t)15);
}

/* An acquisition at the end of a chunk: held rows and frames are numbered from tag on. */
static inline uint64_t put_acquire(
	struct fixture *f, uint64_t chunk, uint64_t tag, unsigned n_held, unsigned n_frames)
{
	struct lockdag_session_chunk *c = chunk_at(f, chunk);
	uint64_t offset = chunk + c->used;
	struct lockdag_item_acquire *item = (void *)(f->base + offset);
	struct lockdag_item_held *held = (void *)(item + 1);
	uint64_t *frames = (void *)(held + n_held);

	item->kind = LOCKDAG_ITEM_ACQUIRE;
	item->n_held = (uint16_t)n_held;
	item->n_frames = (uint16_t)n_frames;
	item->size = acquire_size(n_held, n_frames);
	item->tag = tag;
	for (unsigned i = 0; i < n_held; i++)
		held[i].serial = tag + i;
	for (unsigned i = 0; i < n_frames; i++)
		frames[i] = tag + i;
	lockdag_store_release(&c->used, c->used + item->size);
	return offset;
}

/* What a walk saw. */
struct seen {
	size_t n_acquires, n_sightings;
	uint64_t tags[64];
	uint64_t offsets[64];
	uint32_t threads[64];
	uint64_t sighting_of;
	size_t stop_after; /* acquisitions; 0: never */
};

static inline int seen_acquire(void *arg, const struct lockdag_session_acquire *a)
{
	struct seen *seen = arg;

	if (seen->n_acquires < 64) {
		seen->tags[seen->n_acquires] = a->item.tag;
		seen->offsets[seen->n_acquires] = a->offset;
	}
	for (unsigned i = 0; i < a->item.n_held; i++)
		assert_int_equal(a->held[i].serial, a->item.tag + i);
	for (unsigned i = 0; i < a->item.n_frames; i++)
		assert_int_equal(a->frames[i], a->item.tag + i);
	seen->n_acquires++;
	return seen->n_acquires == seen->stop_after ? 17 : 0;
}

static inline int seen_by(void *arg, uint64_t acquire_offset, const struct lockdag_presence *p)
{
	struct seen *seen = arg;

	if (seen->n_sightings < 64)
		seen->threads[seen->n_sightings] = p->thread;
	seen->n_sightings++;
	seen->sighting_of = acquire_offset;
	return 0;
}

static inline int seen_walk(const struct lockdag_session *s, struct seen *seen)
{
	static const struct lockdag_session_visitor visitor = {.acquire = seen_acquire, .seen_by = seen_by};
	size_t stop_after = seen->stop_after;

	*seen = (struct seen){.stop_after = stop_after};
	return lockdag_session_walk(s, &visitor, seen);
}

static inline size_t seen_count(const struct lockdag_session *s)
{
	struct seen seen = {0};

	assert_int_equal(seen_walk(s, &seen), 0);
	return seen.n_acquires;
}

#endif
