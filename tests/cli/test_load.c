/* SPDX-License-Identifier: MIT
 *
 * Loading sessions written by hand: what becomes which row, and what is left out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/atomic.h"
#include "cli/live.h"
#include "cli/load.h"
#include "cli/name.h"

struct fixture {
	struct cli_source source;
	struct lockdag_writer w;
	struct lockdag_model *model;
	struct lockdag_symbols *symbols;
	struct cli_stacks stacks;
	struct cli_loaded loaded;
	uint64_t chunks[8]; /* by thread */
	struct lockdag_session_thread *threads[8];
	struct lockdag_block *blocks[8];
};

/* ------------------------------------------------------------------ writing */

static uint32_t put_process(struct fixture *f, int pid)
{
	uint32_t row;
	struct lockdag_session_process *p = lockdag_write_process(&f->w, &row);

	p->pid = pid;
	p->parent = p->forker = LOCKDAG_NONE;
	strcpy(p->exe, "/usr/bin/tool");
	lockdag_store_release(&p->state, 1);
	return row;
}

static uint32_t put_thread(struct fixture *f, uint32_t process, uint32_t parent, uint64_t start)
{
	uint32_t row;
	struct lockdag_session_thread *t = lockdag_write_thread(&f->w, &row);

	t->process = process;
	t->tid = 100 + (int)row;
	t->parent = parent;
	t->joiner = LOCKDAG_NONE;
	t->start_routine = start;
	t->create_site = start ? start + 1 : 0;
	t->flags = parent == LOCKDAG_NONE ? LOCKDAG_THREAD_MAIN : 0;
	t->block = lockdag_write_block(&f->w);
	f->blocks[row] = (struct lockdag_block *)(f->w.base + t->block);
	f->blocks[row]->thread = row;
	f->blocks[row]->tid = t->tid;
	f->blocks[row]->process = process;
	f->blocks[row]->stack = f->blocks[row]->top = f->blocks[row]->held_inline;
	f->blocks[row]->held_offset = t->block + offsetof(struct lockdag_block, held_inline);
	f->threads[row] = t;
	lockdag_store_release(&t->state, 1);
	return row;
}

static uint32_t put_class(struct fixture *f, uint8_t how, uint64_t frame)
{
	uint32_t row;
	struct lockdag_session_class *c = lockdag_write_class(&f->w, &row);

	c->type = LOCKDAG_LOCK_MUTEX;
	c->how = how;
	c->n_frames = 1;
	c->frames[0] = frame;
	lockdag_store_release(&c->state, 1);
	return row;
}

static uint32_t put_key(struct fixture *f, uint32_t class_id, uint64_t address, uint64_t place)
{
	uint32_t row;
	struct lockdag_session_key *k = lockdag_write_key(&f->w, &row);

	k->class_id = class_id;
	k->address = address;
	k->place = place;
	k->value = 1;
	lockdag_store_release(&k->state, 1);
	return row;
}

static uint32_t put_module(struct fixture *f, const char *path)
{
	uint32_t row;
	struct lockdag_session_module *m = lockdag_write_module(&f->w, &row);

	m->base = m->start = 0x400000;
	m->end = 0x500000;
	strcpy(m->path, path);
	lockdag_store_release(&m->state, 1);
	return row;
}

/* thread asks for key at frames, with held (or NULL) held. Returns the item's offset. */
static uint64_t put_acquire(struct fixture *f, uint32_t thread, uint32_t key,
	const struct lockdag_item_held *held, const uint64_t *frames, uint16_t n_frames)
{
	size_t held_size = held ? sizeof(*held) : 0;
	uint32_t size = (uint32_t)(sizeof(struct lockdag_item_acquire) + held_size +
				   n_frames * sizeof(*frames) + 15) &
			~15u;
	struct lockdag_item_acquire *item =
		lockdag_write_item(&f->w, f->threads[thread], &f->chunks[thread], size);
	uint64_t offset = (uint64_t)((char *)item - f->w.base);

	assert_non_null(item);
	*item = (struct lockdag_item_acquire){.kind = LOCKDAG_ITEM_ACQUIRE,
		.size = size,
		.n_held = held != NULL,
		.n_frames = n_frames,
		.tag = offset,
		.presence = {thread, 0, 0, key}};
	if (held)
		memcpy(item + 1, held, held_size);
	memcpy((char *)(item + 1) + held_size, frames, n_frames * sizeof(*frames));
	lockdag_write_publish(&f->w, f->chunks[thread], size);
	lockdag_write_news(&f->w);
	return offset;
}

/* ------------------------------------------------------------------ set-up */

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_int_equal(lockdag_session_create("tool", 0, &f->source.session), 0);
	f->w.base = mmap(NULL, LOCKDAG_SESSION_SIZE, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_NORESERVE, lockdag_session_fd(f->source.session), 0);
	assert_true(f->w.base != MAP_FAILED);
	f->w.limit = LOCKDAG_SESSION_SIZE;
	f->w.header = (struct lockdag_session_header *)f->w.base;
	f->source.label = "tool";
	assert_int_equal(lockdag_model_new(&f->model), 0);
	assert_int_equal(lockdag_symbols_new(NULL, &f->symbols), 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	cli_loaded_done(&f->loaded);
	cli_stacks_done(&f->stacks);
	lockdag_symbols_free(f->symbols);
	lockdag_model_free(f->model);
	munmap(f->w.base, LOCKDAG_SESSION_SIZE);
	cli_source_done(&f->source);
	free(f);
	return 0;
}

static void load(struct fixture *f)
{
	assert_int_equal(cli_load(&f->loaded, &f->source, f->model, &f->stacks, f->symbols), 0);
	assert_int_equal(cli_name(&f->loaded), 0);
}

/* A process with a module, a main thread and a thread that it made, and two static locks. */
static void put_scene(struct fixture *f)
{
	put_process(f, 1);
	put_module(f, "/no/such/tool");
	put_thread(f, 0, LOCKDAG_NONE, 0);
	put_thread(f, 0, 0, LOCKDAG_FRAME(0, 0x50));
	put_key(f, put_class(f, LOCKDAG_CLASS_STATIC, LOCKDAG_FRAME(0, 0x10)), 0x404000,
		LOCKDAG_FRAME(0, 0x4000));
	put_key(f, put_class(f, LOCKDAG_CLASS_INIT, LOCKDAG_FRAME(0, 0x20)), 0x777000, 0);
}

/* ------------------------------------------------------------------ tests */

static void load_empty(void **state)
{
	struct fixture *f = *state;

	assert_false(cli_load_has_edges(f->source.session));
	load(f);
	assert_int_equal(f->model->runs.n, 1);
	assert_int_equal(f->model->acquires.n, 0);
}

static void load_edge(void **state)
{
	struct fixture *f = *state;
	const uint64_t outer[] = {LOCKDAG_FRAME(0, 0x100), LOCKDAG_FRAME(0, 0x900)};
	const uint64_t inner[] = {LOCKDAG_FRAME(0, 0x200), LOCKDAG_FRAME(0, 0x900)};
	struct lockdag_item_held held = {.key = 0, .frame = outer[0], .common = 1};
	const struct lockdag_acquire *a;

	put_scene(f);
	held.item = put_acquire(f, 1, 0, NULL, outer, 2);
	assert_false(cli_load_has_edges(f->source.session));
	put_acquire(f, 1, 1, &held, inner, 2);
	assert_true(cli_load_has_edges(f->source.session));
	load(f);
	assert_int_equal(f->model->acquires.n, 2);
	a = &f->model->acquires.items[1];
	assert_int_equal(a->thread, 1);
	assert_int_equal(a->n_held, 1);
	/* the same call as the recorded acquisition of the held lock: the same stack */
	assert_int_equal(f->model->held.items[a->held].stack, f->model->acquires.items[0].stack);
	assert_int_equal(f->loaded.skipped, 0);
}

/* No record of where the held lock was taken but the call itself. */
static void load_held_stack(void **state)
{
	struct fixture *f = *state;
	const uint64_t inner[] = {
		LOCKDAG_FRAME(0, 0x200), LOCKDAG_FRAME(0, 0x300), LOCKDAG_FRAME(0, 0x900)};
	struct lockdag_item_held held = {.key = 0, .frame = LOCKDAG_FRAME(0, 0x100), .common = 2};
	const struct lockdag_stack *stack;

	put_scene(f);
	put_acquire(f, 1, 1, &held, inner, 3);
	load(f);
	stack = &f->model->stacks.items[f->model->held.items[0].stack];
	assert_int_equal(stack->n_raw, 2);
	assert_int_equal(stack->raw[0], LOCKDAG_FRAME(0, 0x100));
	assert_int_equal(stack->raw[1], LOCKDAG_FRAME(0, 0x900));
}

static void load_names_without_symbols(void **state)
{
	struct fixture *f = *state;
	const uint64_t frame = LOCKDAG_FRAME(0, 0x200);
	struct lockdag_item_held held = {.key = 0, .frame = frame, .common = 1};

	put_scene(f);
	put_acquire(f, 1, 1, &held, &frame, 1);
	load(f);
	assert_string_equal(f->model->locks.items[1].name, "mutex at tool+0x4000");
	assert_string_equal(f->model->locks.items[1].key, "tool+0x4000");
	assert_non_null(f->model->births.items[0].key);
	assert_string_equal(f->model->threads.items[0].role, "main");
	assert_string_equal(f->model->threads.items[1].role, "main/tool+0x50@tool+0x51");
	assert_string_equal(f->model->threads.items[1].name, "tool+0x50");
}

static void load_unnested_stay_unnamed(void **state)
{
	struct fixture *f = *state;
	const uint64_t frame = LOCKDAG_FRAME(0, 0x200);

	put_scene(f);
	put_acquire(f, 1, 0, NULL, &frame, 1);
	load(f);
	assert_int_equal(f->model->acquires.n, 1);
	assert_null(f->model->locks.items[0].name);
}

/* Rows that refer to nothing are left out and counted. */
static void load_bad_references(void **state)
{
	struct fixture *f = *state;
	const struct lockdag_stack *stack;
	const uint64_t frame = LOCKDAG_FRAME(0xfff0, 0x200);
	struct lockdag_item_held held = {
		.key = 4711, .frame = frame, .item = 0x1234567890, .common = 0xffff};

	put_scene(f);
	put_key(f, 999, 0x1, 0); /* key 2: of no class */
	put_acquire(f, 1, 2, NULL, &frame, 1);
	put_acquire(f, 1, 4711, NULL, &frame, 1);
	put_acquire(f, 1, 0, &held, &frame, 1);
	held.key = 1;
	held.mode = 77;
	put_acquire(f, 1, 0, &held, &frame, 1);
	load(f);
	assert_int_equal(f->loaded.skipped, 4);
	assert_int_equal(f->model->acquires.n, 2);
	assert_int_equal(f->model->held.n, 0);
	stack = &f->model->stacks.items[f->model->acquires.items[0].stack];
	assert_int_equal(LOCKDAG_FRAME_MODULE(stack->raw[0]), LOCKDAG_FRAME_NO_MODULE);
}

static void load_equal_stacks_once(void **state)
{
	struct fixture *f = *state;
	size_t before;

	put_scene(f);
	for (uint64_t i = 0; i < 1000; i++) {
		const uint64_t frames[] = {LOCKDAG_FRAME(0, 0x200 + i % 300), 0x77};

		put_acquire(f, 1, 0, NULL, frames, 2);
	}
	load(f);
	before = f->model->stacks.n;
	assert_int_equal(f->model->acquires.n, 1000);
	assert_int_equal(before, 300 + 1); /* and the birth's */
}

/* ------------------------------------------------------------------ contexts */

static struct lockdag_item_acquire *item_at(struct fixture *f, uint64_t offset)
{
	return (struct lockdag_item_acquire *)(f->w.base + offset);
}

/* A lock is taken where signals 10 and 12 can come, and by the handler of 10: the holder waits for that
 * handler, and nobody for one that takes nothing. */
static void load_signals(void **state)
{
	const uint64_t frames[] = {LOCKDAG_FRAME(0, 0x200)};
	const struct lockdag_acquire *waits, *in;
	struct fixture *f = *state;

	put_scene(f);
	item_at(f, put_acquire(f, 0, 0, NULL, frames, 1))->signals = 1u << 9 | 1u << 11;
	item_at(f, put_acquire(f, 1, 0, NULL, frames, 1))->handler = 10;
	load(f);
	assert_int_equal(f->model->acquires.n, 3);
	in = &f->model->acquires.items[1];
	assert_int_equal(in->flags, LOCKDAG_ACQUIRE_HANDLER);
	assert_string_equal(
		f->model->births.items[f->model->locks.items[in->handler].birth].key, "SIGUSR1 handler");
	waits = &f->model->acquires.items[2];
	assert_int_equal(waits->thread, 0);
	assert_int_equal(waits->lock, in->handler);
	assert_int_equal(waits->flags, LOCKDAG_ACQUIRE_WAIT);
	assert_int_equal(waits->n_held, 1);
	assert_int_equal(f->model->held.items[waits->held].lock, in->lock);
}

static void load_signals_out_of_range(void **state)
{
	const uint64_t frames[] = {LOCKDAG_FRAME(0, 0x200)};
	struct fixture *f = *state;

	put_scene(f);
	item_at(f, put_acquire(f, 0, 0, NULL, frames, 1))->signals = UINT64_MAX;
	item_at(f, put_acquire(f, 1, 0, NULL, frames, 1))->handler = 65;
	load(f);
	assert_int_equal(f->model->acquires.n, 2);
	assert_int_equal(f->model->acquires.items[1].flags, 0);
}

/* The fork of a process that asks for what it inherited, and no other's. */
static void load_forks(void **state)
{
	const uint64_t frames[] = {LOCKDAG_FRAME(0, 0x200)};
	struct lockdag_session_process *children[2];
	struct fixture *f = *state;
	uint64_t forked;

	put_scene(f);
	forked = put_acquire(f, 0, LOCKDAG_KEY_NONE, NULL, frames, 1);
	item_at(f, forked)->kind = LOCKDAG_ITEM_FORK;
	item_at(f, forked)->rule = 7;
	for (int i = 0; i < 2; i++) {
		uint32_t row = put_process(f, 2 + i);

		children[i] = (struct lockdag_session_process *)(f->w.base +
				      lockdag_session_layout.processes) + row;
		put_thread(f, row, 0, 0);
	}
	children[0]->fork = forked;
	children[1]->fork = forked + 16; /* nothing is there */
	item_at(f, put_acquire(f, 2, 0, NULL, frames, 1))->context = LOCKDAG_CONTEXT_ORPHAN;
	load(f);
	assert_int_equal(f->model->forks.n, 1);
	assert_int_equal(f->model->forks.items[0].process, 1);
	assert_int_equal(f->model->forks.items[0].thread, 0);
	assert_int_equal(f->model->forks.items[0].number, 7);
}

/* ------------------------------------------------------------------ live */

static void hold(struct fixture *f, uint32_t thread, uint32_t key, uint64_t address)
{
	struct lockdag_block *b = f->blocks[thread];

	*b->top++ = (struct lockdag_held_slot){
		.lock = address, .ip = 0x400200, .meta = LOCKDAG_META(key, LOCKDAG_EXCLUSIVE, 0)};
}

static void ask(struct fixture *f, uint32_t thread, uint32_t key, uint64_t address, unsigned kind)
{
	struct lockdag_block *b = f->blocks[thread];

	*b->top = (struct lockdag_held_slot){
		.lock = address, .ip = 0x400300, .meta = LOCKDAG_META(key, LOCKDAG_EXCLUSIVE, 0)};
	b->waiting = address | kind;
}

static void live_circle_of_ended_process(void **state)
{
	struct fixture *f = *state;

	put_scene(f);
	hold(f, 0, 0, 0x404000);
	hold(f, 1, 1, 0x777000);
	ask(f, 0, 1, 0x777000, LOCKDAG_WAIT_LOCK);
	assert_int_equal(cli_live_last_look(&f->source), 0);
	ask(f, 1, 0, 0x404000, LOCKDAG_WAIT_LOCK);
	assert_int_equal(cli_live_last_look(&f->source), 2);
	load(f);
	assert_int_equal(f->model->blocked.n, 2);
	assert_int_equal(f->model->acquires.n, 2);
	assert_int_equal(f->model->acquires.items[0].n_held, 1);
}

static void live_timed_wait_is_no_circle(void **state)
{
	struct fixture *f = *state;

	put_scene(f);
	hold(f, 0, 0, 0x404000);
	hold(f, 1, 1, 0x777000);
	ask(f, 0, 1, 0x777000, LOCKDAG_WAIT_LOCK);
	ask(f, 1, 0, 0x404000, LOCKDAG_WAIT_TIMED);
	assert_int_equal(cli_live_last_look(&f->source), 0);
}

static void live_other_process_is_no_circle(void **state)
{
	struct fixture *f = *state;

	put_scene(f);
	put_process(f, 2);
	put_thread(f, 1, LOCKDAG_NONE, 0);
	hold(f, 0, 0, 0x404000);
	hold(f, 2, 1, 0x777000);
	ask(f, 0, 1, 0x777000, LOCKDAG_WAIT_LOCK);
	ask(f, 2, 0, 0x404000, LOCKDAG_WAIT_LOCK);
	assert_int_equal(cli_live_last_look(&f->source), 0);
}

static void live_self(void **state)
{
	struct fixture *f = *state;

	put_scene(f);
	hold(f, 0, 0, 0x404000);
	ask(f, 0, 0, 0x404000, LOCKDAG_WAIT_LOCK);
	assert_int_equal(cli_live_last_look(&f->source), 1);
}

/* Who waits for a deadlocked thread is no part of the circle. */
static void live_bystander(void **state)
{
	struct fixture *f = *state;

	put_scene(f);
	put_thread(f, 0, 0, LOCKDAG_FRAME(0, 0x60));
	hold(f, 0, 0, 0x404000);
	ask(f, 0, 0, 0x404000, LOCKDAG_WAIT_LOCK);
	hold(f, 1, 1, 0x777000);
	ask(f, 1, 0, 0x404000, LOCKDAG_WAIT_LOCK);
	assert_int_equal(cli_live_last_look(&f->source), 1);
	assert_int_equal(f->source.blocked.items[0].thread, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(load_empty),
		TEST(load_edge),
		TEST(load_held_stack),
		TEST(load_names_without_symbols),
		TEST(load_unnested_stay_unnamed),
		TEST(load_bad_references),
		TEST(load_equal_stacks_once),
		TEST(load_signals),
		TEST(load_signals_out_of_range),
		TEST(load_forks),
		TEST(live_circle_of_ended_process),
		TEST(live_timed_wait_is_no_circle),
		TEST(live_other_process_is_no_circle),
		TEST(live_self),
		TEST(live_bystander),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
