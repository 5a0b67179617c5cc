/* SPDX-License-Identifier: MIT
 *
 * Reading rows, chains of chunks and live blocks: what is there, and what only says it is.
 */
#include "fixture.h"

/* ------------------------------------------------------------------ rows */

#define PUT_ROW(f, plural, row)                                                                    \
	memcpy((f)->base + LAYOUT.plural + (f)->header->n_##plural++ * sizeof(row), &(row),        \
		sizeof(row))

static void processes_and_modules_are_copied(void **state)
{
	struct fixture f = fixture_new();
	struct lockdag_session_process p = {.state = 1, .pid = 12, .how = LOCKDAG_PROCESS_FORK};
	struct lockdag_session_module m = {.state = 1, .base = 1, .end = 9, .n_build_id = 200};

	(void)state;
	memset(p.exe, 'e', sizeof(p.exe));
	memset(p.exec_path, 'x', sizeof(p.exec_path));
	memset(m.path, 'm', sizeof(m.path));
	PUT_ROW(&f, processes, p);
	PUT_ROW(&f, modules, m);
	assert_int_equal(lockdag_session_n_processes(f.s), 1);
	assert_int_equal(lockdag_session_n_modules(f.s), 1);
	memset(&p, 0, sizeof(p));
	memset(&m, 0, sizeof(m));
	assert_true(lockdag_session_process(f.s, 0, &p));
	assert_true(lockdag_session_module(f.s, 0, &m));
	assert_int_equal(p.pid, 12);
	assert_int_equal(p.how, LOCKDAG_PROCESS_FORK);
	assert_int_equal(strlen(p.exe), sizeof(p.exe) - 1);
	assert_int_equal(strlen(p.exec_path), sizeof(p.exec_path) - 1);
	assert_int_equal(m.end, 9);
	assert_int_equal(m.n_build_id, 20);
	assert_int_equal(strlen(m.path), sizeof(m.path) - 1);
	assert_false(lockdag_session_process(f.s, 1, &p));
	assert_false(lockdag_session_module(f.s, LOCKDAG_NONE, &m));
	fixture_done(&f);
}

static void classes_keys_and_threads_are_copied(void **state)
{
	struct fixture f = fixture_new();
	struct lockdag_session_class c = {.state = 1, .n_frames = 9, .snapshot = 5, .type = 2};
	struct lockdag_session_key k = {.state = 1, .class_id = 3, .address = 0x1000, .value = 4};
	struct lockdag_session_thread t = {.state = 1, .tid = 44, .chunk = 6, .block = 7};

	(void)state;
	memset(t.name, 't', sizeof(t.name));
	PUT_ROW(&f, classes, c);
	PUT_ROW(&f, keys, k);
	PUT_ROW(&f, threads, t);
	memset(&c, 0, sizeof(c));
	memset(&k, 0, sizeof(k));
	memset(&t, 0, sizeof(t));
	assert_true(lockdag_session_class(f.s, 0, &c));
	assert_int_equal(c.n_frames, LOCKDAG_CLASS_FRAMES);
	assert_int_equal(c.type, 2);
	assert_true(lockdag_session_key(f.s, 0, &k));
	assert_int_equal(k.class_id, 3);
	assert_int_equal(k.address, 0x1000);
	assert_int_equal(k.value, 4);
	assert_true(lockdag_session_thread(f.s, 0, &t));
	assert_int_equal(t.tid, 44);
	assert_int_equal(t.chunk, 6);
	assert_int_equal(t.block, 7);
	assert_int_equal(strlen(t.name), sizeof(t.name) - 1);
	assert_false(lockdag_session_class(f.s, 1, &c));
	assert_false(lockdag_session_key(f.s, 1, &k));
	assert_false(lockdag_session_thread(f.s, 1, &t));
	fixture_done(&f);
}

static void rows_not_committed_are_not_there(void **state)
{
	struct fixture f = fixture_new();
	struct lockdag_session_key k = {.address = 1};

	(void)state;
	PUT_ROW(&f, keys, k);
	k.state = 2; /* no state that a guest writes */
	PUT_ROW(&f, keys, k);
	k.address = 99;
	assert_int_equal(lockdag_session_n_keys(f.s), 2);
	assert_false(lockdag_session_key(f.s, 0, &k));
	assert_false(lockdag_session_key(f.s, 1, &k));
	assert_int_equal(k.address, 99); /* untouched */
	fixture_done(&f);
}

static void counts_are_bounded(void **state)
{
	struct fixture f = fixture_new();
	struct lockdag_session_header *h = f.header;
	struct lockdag_session_key k;

	(void)state;
	h->n_processes = h->n_threads = h->n_modules = h->n_classes = h->n_keys = UINT32_MAX;
	assert_int_equal(lockdag_session_n_processes(f.s), LOCKDAG_MAX_PROCESSES);
	assert_int_equal(lockdag_session_n_threads(f.s), LOCKDAG_MAX_THREADS);
	assert_int_equal(lockdag_session_n_modules(f.s), LOCKDAG_MAX_MODULES);
	assert_int_equal(lockdag_session_n_classes(f.s), LOCKDAG_MAX_CLASSES);
	assert_int_equal(lockdag_session_n_keys(f.s), LOCKDAG_MAX_KEYS);
	assert_false(lockdag_session_key(f.s, LOCKDAG_MAX_KEYS, &k));
	assert_int_equal(lockdag_session_lost(f.s, LOCKDAG_N_LOSSES), 0);
	assert_non_null(lockdag_loss_meaning(LOCKDAG_N_LOSSES));
	fixture_done(&f);
}

static void snapshots_are_checked(void **state)
{
	struct fixture f = fixture_new();
	uint64_t at = put_heap(&f, sizeof(struct lockdag_session_snapshot));
	struct lockdag_session_snapshot *there = (void *)(f.base + at), got;

	(void)state;
	there->lock = 0x77;
	there->n_words = 1000;
	there->words[95] = 95;
	assert_true(lockdag_session_snapshot(f.s, at, &got));
	assert_int_equal(got.lock, 0x77);
	assert_int_equal(got.n_words, 96);
	assert_int_equal(got.words[95], 95);
	assert_false(lockdag_session_snapshot(f.s, 0, &got));
	assert_false(lockdag_session_snapshot(f.s, LAYOUT.heap - 16, &got));
	assert_false(lockdag_session_snapshot(f.s, at + 16, &got)); /* not all there */
	assert_false(lockdag_session_snapshot(f.s, at + 1, &got));
	assert_false(lockdag_session_snapshot(f.s, UINT64_MAX - 7, &got));
	assert_false(lockdag_session_snapshot(f.s, LOCKDAG_SESSION_SIZE, &got));
	fixture_done(&f);
}

static void guards_are_checked(void **state)
{
	struct fixture f = fixture_new();
	uint64_t at = put_heap(&f, sizeof(struct lockdag_session_guards) +
						    2 * sizeof(struct lockdag_session_guard));
	struct lockdag_session_guards *there = (void *)(f.base + at);
	struct lockdag_session_guard got[LOCKDAG_MAX_GUARDS];

	(void)state;
	there->n = 2;
	there->guards[1].key = 7;
	assert_int_equal(lockdag_session_guards(f.s, at, got), 2);
	assert_int_equal(got[1].key, 7);
	there->n = 3; /* one more than there is */
	assert_int_equal(lockdag_session_guards(f.s, at, got), 0);
	there->n = LOCKDAG_MAX_GUARDS + 1;
	assert_int_equal(lockdag_session_guards(f.s, at, got), 0);
	assert_int_equal(lockdag_session_guards(f.s, 0, got), 0);
	assert_int_equal(lockdag_session_guards(f.s, at + 4, got), 0);
	fixture_done(&f);
}

/* ------------------------------------------------------------------ walks */

static void threads_in_order_oldest_item_first(void **state)
{
	struct fixture f = fixture_new();
	uint64_t a = put_chunk(&f, 0, 1024), b = put_chunk(&f, 0, 1024), c;
	struct seen seen = {0};

	(void)state;
	put_acquire(&f, a, 10, 1, 1);
	put_acquire(&f, b, 20, 0, 0);
	put_acquire(&f, a, 11, 2, 48);
	c = put_chunk(&f, a, 32768);
	put_acquire(&f, c, 12, LOCKDAG_MAX_ITEM_HELD, LOCKDAG_MAX_FRAMES);
	put_acquire(&f, c, 13, 0, 1);
	put_thread(&f, c);
	put_thread(&f, 0);
	thread_row(&f, put_thread(&f, a))->state = 0;
	put_thread(&f, b);
	assert_int_equal(seen_walk(f.s, &seen), 0);
	assert_int_equal(seen.n_acquires, 5);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(seen.tags[i], 10 + i);
	assert_int_equal(seen.tags[4], 20);
	seen.stop_after = 3;
	assert_int_equal(seen_walk(f.s, &seen), 17);
	assert_int_equal(seen.n_acquires, 3);
	fixture_done(&f);
}

static void missing_callbacks_are_fine(void **state)
{
	static const struct lockdag_session_visitor nothing;
	struct fixture f = fixture_new();
	uint64_t a = put_chunk(&f, 0, 1024);

	(void)state;
	put_acquire(&f, a, 10, 1, 1);
	put_thread(&f, a);
	assert_int_equal(lockdag_session_walk(f.s, &nothing, NULL), 0);
	fixture_done(&f);
}

static void chunks_in_a_circle_end(void **state)
{
	struct fixture f = fixture_new();
	uint64_t a = put_chunk(&f, 0, 1024), b = put_chunk(&f, a, 1024);

	(void)state;
	put_acquire(&f, a, 1, 0, 0);
	put_acquire(&f, b, 2, 0, 0);
	put_thread(&f, b);
	assert_int_equal(seen_count(f.s), 2);
	chunk_at(&f, a)->previous = b;
	assert_int_equal(seen_count(f.s), 2);
	chunk_at(&f, b)->previous = b;
	assert_int_equal(seen_count(f.s), 1);
	chunk_at(&f, b)->previous = b - 16; /* overlaps, and is in the middle of a */
	assert_int_equal(seen_count(f.s), 1);
	chunk_at(&f, b)->previous = 8;
	assert_int_equal(seen_count(f.s), 1);
	chunk_at(&f, b)->previous = UINT64_MAX - 15;
	assert_int_equal(seen_count(f.s), 1);
	fixture_done(&f);
}

/* However many rows claim one chunk, no more is read than the heap holds. */
static void shared_chunks_are_read_a_bounded_number_of_times(void **state)
{
	struct fixture f = fixture_new();
	uint64_t a = put_chunk(&f, 0, 4096);

	(void)state;
	put_heap(&f, 4 * 4096);
	for (unsigned i = 0; i < 40; i++)
		put_acquire(&f, a, i, 0, 0);
	for (unsigned i = 0; i < 1000; i++)
		put_thread(&f, a);
	assert_int_equal(seen_count(f.s), 5 * 40);
	fixture_done(&f);
}

#define ITEM (uint32_t)sizeof(struct lockdag_item_acquire)

static void chunks_of_bad_sizes_are_left_out(void **state)
{
	static const uint32_t sizes[] = {0, 8, 15, UINT32_MAX};
	struct fixture f = fixture_new();
	uint64_t a = put_chunk(&f, 0, 1024);

	(void)state;
	put_acquire(&f, a, 1, 0, 0);
	put_acquire(&f, a, 2, 0, 0);
	put_thread(&f, a);
	chunk_at(&f, a)->used = UINT32_MAX; /* bounded by the size; then zeroes follow */
	assert_int_equal(seen_count(f.s), 2);
	chunk_at(&f, a)->used = 16 + 2 * ITEM - 1; /* the second item is not all published */
	assert_int_equal(seen_count(f.s), 1);
	chunk_at(&f, a)->used = 3;
	assert_int_equal(seen_count(f.s), 0);
	chunk_at(&f, a)->used = 16 + ITEM;
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(sizes); i++) {
		chunk_at(&f, a)->size = sizes[i];
		assert_int_equal(seen_count(f.s), 0);
	}
	chunk_at(&f, a)->size = 1024;
	assert_int_equal(seen_count(f.s), 1);
	f.header->heap_next = a + 1023;
	assert_int_equal(seen_count(f.s), 0);
	thread_row(&f, 0)->chunk = a + 8;
	assert_int_equal(seen_count(f.s), 0);
	fixture_done(&f);
}

static void bad_item(struct fixture *f, uint64_t at, struct lockdag_item_acquire bad)
{
	struct lockdag_item_acquire *item = (void *)(f->base + at), good = *item;
	struct lockdag_session_acquire *got = calloc(1, sizeof(*got));

	*item = bad;
	assert_int_equal(seen_count(f->s), 1);
	assert_false(lockdag_session_acquire_at(f->s, at, got));
	*item = good;
	assert_int_equal(seen_count(f->s), 3);
	assert_true(lockdag_session_acquire_at(f->s, at, got));
	free(got);
}

static void bad_items_end_their_chunk(void **state)
{
	static const uint32_t sizes[] = {0, 16, ITEM - 1, ITEM, ITEM + 40, ITEM + 49, UINT32_MAX,
		0xfffffff0u};
	struct fixture f = fixture_new();
	uint64_t a = put_chunk(&f, 0, 1024), at;
	struct lockdag_item_acquire good, bad;

	(void)state;
	put_acquire(&f, a, 1, 0, 0);
	at = put_acquire(&f, a, 2, 1, 2);
	put_acquire(&f, a, 3, 0, 0);
	put_thread(&f, a);
	good = *(struct lockdag_item_acquire *)(void *)(f.base + at);
	assert_int_equal(good.size, ITEM + sizeof(struct lockdag_item_held) + 16);
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(sizes); i++) {
		bad = good;
		bad.size = sizes[i];
		bad_item(&f, at, bad);
	}
	bad = good;
	bad.kind = 77;
	bad_item(&f, at, bad);
	bad.kind = 0;
	bad_item(&f, at, bad);
	bad = good;
	bad.n_held = LOCKDAG_MAX_ITEM_HELD + 1;
	bad_item(&f, at, bad);
	bad.n_held = 2; /* more than its size holds */
	bad_item(&f, at, bad);
	bad = good;
	bad.n_frames = LOCKDAG_MAX_FRAMES + 1;
	bad_item(&f, at, bad);
	fixture_done(&f);
}

static void acquire_by_offset(void **state)
{
	struct fixture f = fixture_new();
	uint64_t a = put_chunk(&f, 0, 4096), at = put_acquire(&f, a, 5, 3, 4);
	struct lockdag_session_acquire *got = calloc(1, sizeof(*got));

	(void)state;
	assert_true(lockdag_session_acquire_at(f.s, at, got));
	assert_true(got->offset == at);
	assert_int_equal(got->item.tag, 5);
	assert_int_equal(got->held[2].serial, 7);
	assert_int_equal(got->frames[3], 8);
	assert_false(lockdag_session_acquire_at(f.s, 0, got));
	assert_false(lockdag_session_acquire_at(f.s, at + 8, got));
	assert_false(lockdag_session_acquire_at(f.s, at + 16, got));
	assert_false(lockdag_session_acquire_at(f.s, f.header->heap_next, got));
	assert_false(lockdag_session_acquire_at(f.s, f.header->heap_next - 16, got));
	assert_false(lockdag_session_acquire_at(f.s, UINT64_MAX & ~UINT64_C(15), got));
	free(got);
	fixture_done(&f);
}

static void ring_slots_in_use_are_sightings(void **state)
{
	struct fixture f = fixture_new();
	uint64_t a = put_chunk(&f, 0, 4096), at = put_acquire(&f, a, 5, 0, 0);
	struct lockdag_session_chunk *c = chunk_at(&f, a);
	struct lockdag_item_ring *ring = (void *)(f.base + a + c->used);
	struct seen seen = {0};

	(void)state;
	ring->kind = LOCKDAG_ITEM_RING;
	ring->size = sizeof(*ring);
	ring->acquire = at;
	ring->slots[0] = (struct lockdag_presence){.thread = 0, .key = 1};
	ring->slots[3] = (struct lockdag_presence){.thread = 9, .key = 1};
	ring->slots[15] = (struct lockdag_presence){.thread = 8, .last_phase = 2, .key = 1};
	c->used += (uint32_t)sizeof(*ring);
	put_acquire(&f, a, 6, 0, 0);
	put_thread(&f, a);
	assert_int_equal(seen_walk(f.s, &seen), 0);
	assert_int_equal(seen.n_acquires, 2);
	assert_int_equal(seen.n_sightings, 3);
	assert_true(seen.sighting_of == at);
	assert_int_equal(seen.threads[1], 9);
	assert_int_equal(seen.threads[2], 8);
	ring->acquire = at + 4; /* of nothing: the ring is passed over */
	assert_int_equal(seen_walk(f.s, &seen), 0);
	assert_int_equal(seen.n_acquires, 2);
	assert_int_equal(seen.n_sightings, 0);
	ring->acquire = at;
	ring->size = sizeof(*ring) - 16;
	assert_int_equal(seen_walk(f.s, &seen), 0);
	assert_int_equal(seen.n_acquires, 1);
	assert_int_equal(seen.n_sightings, 0);
	fixture_done(&f);
}

/* ------------------------------------------------------------------ live blocks */

static struct lockdag_block *put_block(struct fixture *f, uint32_t thread)
{
	uint64_t at = put_heap(f, LOCKDAG_BLOCK_SIZE);
	struct lockdag_block *b = (void *)(f->base + at);

	b->thread = thread;
	b->tid = 1234;
	b->held_offset = at + offsetof(struct lockdag_block, held_inline);
	thread_row(f, thread)->block = at;
	return b;
}

/* The pointers are the guest's: only their distance is read. */
static void hold(struct lockdag_block *b, uint64_t n_slots)
{
	b->stack = (void *)(uintptr_t)0x7000;
	b->top = (void *)(uintptr_t)(0x7000 + n_slots * sizeof(*b->top));
}

static void live_state_is_copied(void **state)
{
	struct fixture f = fixture_new();
	struct lockdag_session_live *live = calloc(2, sizeof(*live));
	struct lockdag_block *b;

	(void)state;
	put_thread(&f, 0);
	put_thread(&f, 0);
	assert_false(lockdag_session_live(f.s, 1, live));
	b = put_block(&f, 1);
	assert_true(lockdag_session_live(f.s, 1, live));
	assert_int_equal(live->tid, 1234);
	assert_int_equal(live->depth, 0);
	assert_int_equal(live->waiting, 0);
	hold(b, 2);
	b->waiting = 0x1000 | LOCKDAG_WAIT_TIMED;
	for (unsigned i = 0; i < 3; i++)
		b->held_inline[i].lock = 0x100 * (i + 1);
	memset(live, 0xff, sizeof(*live));
	assert_true(lockdag_session_live(f.s, 1, live));
	assert_int_equal(live->depth, 2);
	assert_int_equal(live->held[1].lock, 0x200);
	assert_int_equal(live->held[2].lock, 0);
	assert_int_equal(live->waiting, 0x1000);
	assert_int_equal(live->wait_kind, LOCKDAG_WAIT_TIMED);
	assert_int_equal(live->asked.lock, 0x300);
	assert_true(lockdag_session_live(f.s, 1, &live[1]));
	assert_memory_equal(&live[0], &live[1], sizeof(*live));
	assert_int_equal(live->event, 0);
	b->waiting = 0x2000 | LOCKDAG_WAIT_EVENT;
	b->event = 77;
	assert_true(lockdag_session_live(f.s, 1, live));
	assert_int_equal(live->waiting, 0x2000);
	assert_int_equal(live->wait_kind, LOCKDAG_WAIT_EVENT);
	assert_int_equal(live->event, 77);
	assert_false(lockdag_session_live(f.s, 0, live));
	assert_false(lockdag_session_live(f.s, 2, live));
	free(live);
	fixture_done(&f);
}

static void deep_live_state_is_bounded(void **state)
{
	struct fixture f = fixture_new();
	struct lockdag_session_live *live = calloc(1, sizeof(*live));
	struct lockdag_held_slot *held;
	struct lockdag_block *b;

	(void)state;
	put_thread(&f, 0);
	b = put_block(&f, 0);
	b->held_offset = put_heap(&f, 1001 * sizeof(*held));
	hold(b, 1000);
	b->waiting = 0x40;
	held = (void *)(f.base + b->held_offset);
	for (unsigned i = 0; i <= 1000; i++)
		held[i].lock = i;
	assert_true(lockdag_session_live(f.s, 0, live));
	assert_int_equal(live->depth, LOCKDAG_MAX_ITEM_HELD);
	assert_int_equal(live->held[LOCKDAG_MAX_ITEM_HELD - 1].lock, 999);
	assert_int_equal(live->asked.lock, 1000);
	hold(b, LOCKDAG_MAX_HELD + 1);
	assert_false(lockdag_session_live(f.s, 0, live));
	hold(b, UINT64_MAX); /* the top below the first slot */
	assert_false(lockdag_session_live(f.s, 0, live));
	hold(b, 1002); /* beyond the heap's end */
	assert_false(lockdag_session_live(f.s, 0, live));
	free(live);
	fixture_done(&f);
}

static void bad_live_references_are_refused(void **state)
{
	static const uint64_t bad[] = {8, UINT64_MAX - 7, LOCKDAG_SESSION_SIZE, 4096};
	struct fixture f = fixture_new();
	struct lockdag_session_live *live = calloc(1, sizeof(*live));
	struct lockdag_block *b;
	uint64_t good, block;

	(void)state;
	put_thread(&f, 0);
	b = put_block(&f, 0);
	hold(b, 1);
	good = b->held_offset;
	block = thread_row(&f, 0)->block;
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(bad); i++) {
		b->held_offset = bad[i];
		assert_false(lockdag_session_live(f.s, 0, live));
		b->held_offset = good;
		thread_row(&f, 0)->block = bad[i];
		assert_false(lockdag_session_live(f.s, 0, live));
		thread_row(&f, 0)->block = block;
	}
	b->thread = 5; /* the block is somebody else's by now */
	assert_false(lockdag_session_live(f.s, 0, live));
	b->thread = 0;
	assert_true(lockdag_session_live(f.s, 0, live));
	free(live);
	fixture_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(processes_and_modules_are_copied),
		cmocka_unit_test(classes_keys_and_threads_are_copied),
		cmocka_unit_test(rows_not_committed_are_not_there),
		cmocka_unit_test(counts_are_bounded),
		cmocka_unit_test(snapshots_are_checked),
		cmocka_unit_test(guards_are_checked),
		cmocka_unit_test(threads_in_order_oldest_item_first),
		cmocka_unit_test(missing_callbacks_are_fine),
		cmocka_unit_test(chunks_in_a_circle_end),
		cmocka_unit_test(shared_chunks_are_read_a_bounded_number_of_times),
		cmocka_unit_test(chunks_of_bad_sizes_are_left_out),
		cmocka_unit_test(bad_items_end_their_chunk),
		cmocka_unit_test(acquire_by_offset),
		cmocka_unit_test(ring_slots_in_use_are_sightings),
		cmocka_unit_test(live_state_is_copied),
		cmocka_unit_test(deep_live_state_is_bounded),
		cmocka_unit_test(bad_live_references_are_refused),
	};

	return cmocka_run_group_tests_name("session: read", tests, NULL, NULL);
}
