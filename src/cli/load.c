/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "cli/load.h"

#define LOAD_MAX_PROGRAMS 4 /* that one child became, one by exec after the other */

uint32_t cli_map_at(const struct cli_map *map, uint32_t row)
{
	return row < map->n ? map->rows[row] : LOCKDAG_NONE;
}

uint64_t cli_load_frame(const struct cli_loaded *l, uint64_t frame)
{
	uint32_t module = LOCKDAG_FRAME_MODULE(frame);

	if (module == LOCKDAG_FRAME_NO_MODULE)
		return frame;
	module = cli_map_at(&l->modules, module);
	if (module >= LOCKDAG_FRAME_NO_MODULE)
		module = LOCKDAG_FRAME_NO_MODULE;
	return LOCKDAG_FRAME(module, LOCKDAG_FRAME_OFFSET(frame));
}

int cli_load_stack(struct cli_loaded *l, const uint64_t *frames, size_t n, uint32_t *ret_stack)
{
	uint64_t raw[LOCKDAG_MAX_FRAMES];

	if (n > LOCKDAG_MAX_FRAMES)
		n = LOCKDAG_MAX_FRAMES;
	for (size_t i = 0; i < n; i++)
		raw[i] = cli_load_frame(l, frames[i]);
	return cli_stacks_intern(l->stacks, l->model, raw, n, ret_stack);
}

/* ------------------------------------------------------------------ acquisitions by offset */

static struct cli_item *items_slot(struct cli_item *items, size_t n_slots, uint64_t offset)
{
	size_t i = lockdag_hash_mix(offset) & (n_slots - 1);

	while (items[i].offset && items[i].offset != offset)
		i = (i + 1) & (n_slots - 1);
	return &items[i];
}

static int items_put(struct cli_loaded *l, uint64_t offset, uint32_t row, bool discharge)
{
	if (2 * l->n_items >= l->n_item_slots) {
		size_t n = l->n_item_slots ? 2 * l->n_item_slots : 256;
		struct cli_item *bigger = calloc(n, sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		for (size_t i = 0; i < l->n_item_slots; i++)
			if (l->items[i].offset)
				*items_slot(bigger, n, l->items[i].offset) = l->items[i];
		free(l->items);
		l->items = bigger;
		l->n_item_slots = n;
	}
	*items_slot(l->items, l->n_item_slots, offset) = (struct cli_item){offset, row, discharge};
	l->n_items++;
	return 0;
}

static const struct cli_item *items_find(const struct cli_loaded *l, uint64_t offset)
{
	const struct cli_item *item;

	if (!offset || !l->n_item_slots)
		return NULL;
	item = items_slot(l->items, l->n_item_slots, offset);
	return item->offset ? item : NULL;
}

/* ------------------------------------------------------------------ an acquisition */

static bool load_function(struct cli_loaded *l, uint64_t frame, struct lockdag_frame *ret)
{
	struct lockdag_frame frames[LOCKDAG_MAX_INLINE];
	int module = cli_source_module(l->source, l->symbols, LOCKDAG_FRAME_MODULE(frame));
	int n = module < 0 ? 0
			   : lockdag_symbols_frames(l->symbols, module, LOCKDAG_FRAME_OFFSET(frame),
				     true, frames, LOCKDAG_MAX_INLINE);

	if (n > 0)
		*ret = frames[n - 1];
	return n > 0 && ret->function;
}

/* Are two of the session's frames of one function, as far as symbols tell? */
static bool load_one_function(struct cli_loaded *l, uint64_t frame, uint64_t other)
{
	struct lockdag_frame a, b;

	if (frame == other || LOCKDAG_FRAME_MODULE(frame) != LOCKDAG_FRAME_MODULE(other))
		return frame == other;
	return !load_function(l, frame, &a) || !load_function(l, other, &b) ||
	       !strcmp(a.function, b.function);
}

/* May a stack with the call that took the lock be that of this time, too? The call can have other
 * callers now. The asking stack's frames from `common` on are theirs; where that call was made by a
 * wrapper, which has returned, the first of them has gone on to another line. */
static bool load_is_this_way(struct cli_loaded *l, const struct lockdag_session_acquire *own,
	const struct lockdag_session_acquire *a, const struct lockdag_item_held *held)
{
	size_t common = held->common, n = a->item.n_frames, at;

	if (a->item.kind == LOCKDAG_ITEM_DISCHARGE || /* its rows are what was asked for before */
		common >= n || n == LOCKDAG_MAX_FRAMES || own->item.n_frames == LOCKDAG_MAX_FRAMES)
		return true;
	if (own->item.n_frames < 1 + n - common)
		return false;
	at = own->item.n_frames - (n - common);
	if (memcmp(&own->frames[at + 1], &a->frames[common + 1], (n - common - 1) * sizeof(*a->frames)) != 0)
		return false;
	if (own->frames[at] == a->frames[common])
		return true;
	/* Is the function that took it under way yet? Then all of its callers are as they were. */
	return !(common && a->frames[common - 1] != held->frame &&
		       load_one_function(l, a->frames[common - 1], held->frame)) &&
	       load_one_function(l, own->frames[at], a->frames[common]);
}

/* Where a held lock was taken: its own acquisition's stack when that was the same call in the same
 * callers; else that call, and the callers that it shares with the asking stack. */
static int load_held_stack(struct cli_loaded *l, const struct lockdag_session_acquire *a,
	const struct lockdag_item_held *held, uint32_t *ret_stack)
{
	struct lockdag_session_acquire own;
	uint64_t frames[LOCKDAG_MAX_FRAMES + 1];
	size_t n = 0;

	if (held->item && lockdag_session_acquire_at(l->source->session, held->item, &own) &&
		own.item.n_frames && (!held->frame || own.frames[0] == held->frame) &&
		load_is_this_way(l, &own, a, held))
		return cli_load_stack(l, own.frames, own.item.n_frames, ret_stack);
	if (held->frame)
		frames[n++] = held->frame;
	for (size_t i = held->common; n && i < a->item.n_frames; i++)
		frames[n++] = a->frames[i];
	return cli_load_stack(l, frames, n, ret_stack);
}

void cli_load_mark(struct cli_loaded *l, uint32_t lock)
{
	bool *nested = cli_source_known(&l->nested, lock);

	if (nested)
		*nested = true;
	if (l->model->locks.items[lock].level) /* its name is that of the lock that it is */
		cli_load_mark(l, l->model->locks.items[lock].of);
}

/* The lock or event that an item's key and serial name; *ret_lock: LOCKDAG_NONE when there is none. */
static int load_object(
	struct cli_loaded *l, uint32_t key, uint64_t serial, uint32_t *ret_lock, uint64_t *ret_serial)
{
	*ret_serial = serial;
	if (LOCKDAG_KEY_ROW(key) == LOCKDAG_KEY_NONE && serial & LOCKDAG_END_PROCESS)
		return cli_load_child_end(l, l->process, serial, 0, ret_lock, ret_serial);
	if (LOCKDAG_KEY_ROW(key) == LOCKDAG_KEY_NONE)
		return cli_load_end(l, serial, ret_lock, ret_serial);
	return cli_load_lock(l, LOCKDAG_KEY_ROW(key), ret_lock);
}

/* Is it the wait for a child that was killed, or is still there? What the child asked for says nothing of
 * its end then. */
static int load_is_no_end(struct cli_loaded *l, uint32_t key, uint64_t serial, bool *ret)
{
	bool ended = true;
	int r = 0;

	if (LOCKDAG_KEY_ROW(key) == LOCKDAG_KEY_NONE && serial & LOCKDAG_END_PROCESS)
		r = cli_load_child_ended(l, l->process, serial, &ended);
	*ret = !ended;
	return r;
}

/* Does what the key and serial name not count: no end, no event? */
static int load_is_nothing(struct cli_loaded *l, uint32_t key, uint64_t serial, bool *ret)
{
	int r = load_is_no_end(l, key, serial, ret);

	return r < 0 || *ret ? r : cli_load_is_no_event(l, key, ret);
}

/* Fills rows[0 .. *ret_n): held locks whose keys are not there are left out. */
int cli_load_held(struct cli_loaded *l, const struct lockdag_session_acquire *a,
	struct lockdag_held *rows, uint32_t *ret_n)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < a->item.n_held && i < LOCKDAG_MAX_ITEM_HELD; i++) {
		const struct lockdag_item_held *from = &a->held[i];
		struct lockdag_held *to = &rows[n];
		bool no_end;
		int r = load_is_nothing(l, from->key, from->serial, &no_end);

		if (r == 0 && no_end)
			continue;
		if (r == 0)
			r = load_object(l, from->key, from->serial, &to->lock, &to->serial);
		if (r < 0)
			return r;
		if (to->lock == LOCKDAG_NONE || from->mode >= LOCKDAG_N_MODES) {
			l->skipped++;
			continue;
		}
		to->mode = from->mode;
		to->flags = from->flags;
		r = load_held_stack(l, a, from, &to->stack);
		if (r < 0)
			return r;
		cli_load_mark(l, to->lock);
		n++;
	}
	*ret_n = n;
	return 0;
}

/* Whose item it is: a child's id means a child of that process. */
static void load_process_of(struct cli_loaded *l, const struct lockdag_session_acquire *a)
{
	struct lockdag_session_thread thread;

	l->process = LOCKDAG_NONE;
	if (lockdag_session_thread(l->source->session, a->item.presence.thread, &thread))
		l->process = thread.process;
}

/* The wait for a child that became another program is one for each that it was. */
static int load_other_ends(struct cli_loaded *l, const struct lockdag_session_acquire *a,
	struct lockdag_acquire *row, const struct lockdag_held *held)
{
	int r = 0;

	if (LOCKDAG_KEY_ROW(a->item.presence.key) != LOCKDAG_KEY_NONE ||
		!(a->item.serial & LOCKDAG_END_PROCESS))
		return 0;
	for (unsigned i = 1; r >= 0 && i < LOAD_MAX_PROGRAMS; i++) {
		r = cli_load_child_end(
			l, l->process, a->item.serial, i, &row->lock, &row->serial);
		if (r < 0 || row->lock == LOCKDAG_NONE)
			break;
		r = lockdag_model_add_acquire(l->model, row, held);
	}
	return r < 0 ? r : 0;
}

/* Keeps what ended the wait until all discharges have rows. The acquire, or a negative errno. */
static int load_ended(struct cli_loaded *l, const struct lockdag_item_acquire *item, uint32_t acquire)
{
	struct cli_ended *ended;

	if (!(item->flags & LOCKDAG_ITEM_WAIT) || !item->rule || item->rule == LOCKDAG_NONE)
		return (int)acquire;
	ended = lockdag_vec_push(&l->ended);
	if (!ended)
		return -ENOMEM;
	*ended = (struct cli_ended){ .discharge = (uint64_t)item->rule * 16, .acquire = acquire };
	return (int)acquire;
}

static int load_endings(struct cli_loaded *l)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < l->ended.n; i++) {
		const struct cli_item *item = items_find(l, l->ended.items[i].discharge);

		if (item && item->discharge)
			r = lockdag_model_add_ended(l->model, l->ended.items[i].acquire, item->row);
	}
	return r < 0 ? r : 0;
}

static int load_acquire(void *arg, const struct lockdag_session_acquire *a)
{
	struct cli_loaded *l = arg;
	struct lockdag_held held[LOCKDAG_MAX_ITEM_HELD];
	struct lockdag_acquire row = {
		.thread = cli_map_at(&l->threads, a->item.presence.thread),
		.mode = a->item.mode,
		.flags = a->item.flags,
		.timeout_ms = a->item.timeout_ms,
		.first_phase = a->item.presence.first_phase,
		.last_phase = a->item.presence.last_phase,
		.monitor = LOCKDAG_NONE,
	};
	bool no_end;
	int r;

	load_process_of(l, a);
	r = load_is_nothing(l, a->item.presence.key, a->item.serial, &no_end);
	if (r < 0 || no_end)
		return r;
	r = load_object(l, a->item.presence.key, a->item.serial, &row.lock, &row.serial);
	if (r == 0 && a->item.flags & LOCKDAG_ITEM_WAIT)
		r = cli_load_lock(l, LOCKDAG_KEY_ROW(a->item.monitor), &row.monitor);
	if (r < 0)
		return r;
	if (row.thread == LOCKDAG_NONE || row.lock == LOCKDAG_NONE ||
		a->item.mode >= LOCKDAG_N_MODES) {
		l->skipped++;
		return 0;
	}
	r = cli_load_held(l, a, held, &row.n_held);
	if (r == 0)
		r = cli_load_context(l, &a->item, &row);
	if (r == 0)
		r = cli_load_stack(l, a->frames, a->item.n_frames, &row.stack);
	if (r < 0)
		return r;
	if (row.n_held)
		cli_load_mark(l, row.lock);
	if (row.monitor != LOCKDAG_NONE)
		cli_load_mark(l, row.monitor);
	r = lockdag_model_add_acquire(l->model, &row, held);
	if (r >= 0)
		r = cli_load_interrupted(l, &a->item, r);
	if (r >= 0)
		r = load_ended(l, &a->item, (uint32_t)r);
	if (r >= 0)
		r = items_put(l, a->offset, (uint32_t)r, false);
	return r < 0 ? r : load_other_ends(l, a, &row, held);
}

/* The stack of the wait whose end began the iteration of a discharge, when there is one. */
static int load_began(
	struct cli_loaded *l, const struct lockdag_session_acquire *d, uint32_t *ret_stack)
{
	struct lockdag_session_acquire wait;

	if (!d->item.rule ||
		!lockdag_session_acquire_at(
			l->source->session, (uint64_t)d->item.rule * 16, &wait))
		return 0;
	return cli_load_stack(l, wait.frames, wait.item.n_frames, ret_stack);
}

static int load_discharge(void *arg, const struct lockdag_session_acquire *d)
{
	struct cli_loaded *l = arg;
	struct lockdag_held rows[LOCKDAG_MAX_ITEM_HELD];
	struct lockdag_discharge row = {
		.thread = cli_map_at(&l->threads, d->item.presence.thread),
		.first_phase = d->item.iteration,
		.last_phase = d->item.presence.last_phase,
		.began = LOCKDAG_NONE,
	};
	bool nothing;
	int r;

	load_process_of(l, d);
	r = cli_load_is_no_event(l, d->item.presence.key, &nothing);
	if (r < 0 || nothing)
		return r;
	r = load_object(l, d->item.presence.key, d->item.serial, &row.lock, &row.serial);
	if (r < 0)
		return r;
	if (row.thread == LOCKDAG_NONE || row.lock == LOCKDAG_NONE) {
		l->skipped++;
		return 0;
	}
	r = cli_load_held(l, d, rows, &row.n_held);
	if (r == 0)
		r = cli_load_stack(l, d->frames, d->item.n_frames, &row.stack);
	if (r == 0)
		r = load_began(l, d, &row.began);
	if (r < 0)
		return r;
	cli_load_mark(l, row.lock);
	r = lockdag_model_add_discharge(l->model, &row, rows);
	return r < 0 ? r : items_put(l, d->offset, (uint32_t)r, true);
}

static int load_any_lock(struct cli_loaded *l, uint32_t key, uint32_t *ret_lock)
{
	int r = cli_load_lock(l, LOCKDAG_KEY_ROW(key), ret_lock);

	if (r == 0 && *ret_lock != LOCKDAG_NONE)
		cli_load_mark(l, *ret_lock);
	return r;
}

/* The second place of a misuse: its own row, else where the lock was made. */
static int load_other_place(struct cli_loaded *l, const struct lockdag_session_acquire *x,
	struct lockdag_misuse *row)
{
	int r;

	row->other_stack = LOCKDAG_NONE;
	row->other_with = LOCKDAG_NONE;
	if (x->item.n_held) {
		r = load_held_stack(l, x, &x->held[0], &row->other_stack);
		row->reading = x->held[0].mode != LOCKDAG_EXCLUSIVE;
		return r < 0 ? r : load_any_lock(l, x->held[0].key, &row->other_with);
	}
	if (row->rule == LOCKDAG_MISUSE_DOUBLE_INIT || row->rule == LOCKDAG_MISUSE_LOCK_COPIED)
		row->other_stack =
			l->model->births.items[l->model->locks.items[row->lock].birth].stack;
	return 0;
}

static int load_misuse(void *arg, const struct lockdag_session_acquire *x)
{
	struct cli_loaded *l = arg;
	struct lockdag_misuse row = {
		.thread = cli_map_at(&l->threads, x->item.presence.thread),
		.rule = x->item.rule,
		.other_thread = cli_map_at(&l->threads, x->item.other),
	};
	int r = load_any_lock(l, x->item.presence.key, &row.lock);

	if (r < 0)
		return r;
	if (row.thread == LOCKDAG_NONE || row.lock == LOCKDAG_NONE ||
		x->item.rule >= LOCKDAG_N_MISUSES) {
		l->skipped++;
		return 0;
	}
	r = load_any_lock(l, x->item.monitor, &row.with);
	if (r == 0)
		r = cli_load_stack(l, x->frames, x->item.n_frames, &row.stack);
	if (r == 0)
		r = load_other_place(l, x, &row);
	if (r == 0)
		r = lockdag_model_add_misuse(l->model, &row);
	return r < 0 ? r : 0;
}

static int load_sighting(void *arg, uint64_t offset, const struct lockdag_presence *p)
{
	struct cli_loaded *l = arg;
	struct cli_sighting *s = lockdag_vec_push(&l->sightings);

	if (!s)
		return -ENOMEM;
	*s = (struct cli_sighting){offset, *p};
	return 0;
}

/* The same acquisition once more, by another thread. */
static int load_repeat_acquire(struct cli_loaded *l, uint32_t original, uint64_t offset,
	uint32_t thread, const struct lockdag_presence *p)
{
	struct lockdag_session_acquire item;
	struct lockdag_acquire row = l->model->acquires.items[original];
	struct lockdag_held held[LOCKDAG_MAX_ITEM_HELD];
	int r;

	row.thread = thread;
	row.first_phase = p->first_phase;
	row.last_phase = p->last_phase;
	if (p->key == 2)
		row.flags |= LOCKDAG_ACQUIRE_ROUNDS;
	memcpy(held, &l->model->held.items[row.held], row.n_held * sizeof(*held));
	if (!lockdag_session_acquire_at(l->source->session, offset, &item))
		return 0;
	r = cli_load_context(l, &item.item, &row);
	if (r == 0)
		r = lockdag_model_add_acquire(l->model, &row, held);
	if (r >= 0)
		r = cli_load_interrupted(l, &item.item, r);
	return r < 0 ? r : 0;
}

static int load_repeat_discharge(
	struct cli_loaded *l, uint32_t original, uint32_t thread, const struct lockdag_presence *p)
{
	struct lockdag_discharge row = l->model->discharges.items[original];
	struct lockdag_held rows[LOCKDAG_MAX_ITEM_HELD];
	int r;

	row.thread = thread;
	row.first_phase = p->first_phase;
	row.last_phase = p->last_phase;
	memcpy(rows, &l->model->held.items[row.held], row.n_held * sizeof(*rows));
	r = lockdag_model_add_discharge(l->model, &row, rows);
	return r < 0 ? r : 0;
}

static int load_repeat(struct cli_loaded *l, const struct cli_sighting *s)
{
	const struct cli_item *original = items_find(l, s->offset);
	uint32_t thread = cli_map_at(&l->threads, s->presence.thread);

	if (!original || thread == LOCKDAG_NONE) {
		l->skipped++;
		return 0;
	}
	return original->discharge ? load_repeat_discharge(l, original->row, thread, &s->presence)
				   : load_repeat_acquire(l, original->row, s->offset, thread,
					     &s->presence);
}

/* ------------------------------------------------------------------ all */

static int has_something(void *arg, const struct lockdag_session_acquire *x)
{
	(void)arg;
	(void)x;
	return 1;
}

static int has_edges_acquire(void *arg, const struct lockdag_session_acquire *a)
{
	(void)arg;
	return a->item.n_held || a->item.handler || a->item.context;
}

bool cli_load_has_edges(const struct lockdag_session *session)
{
	const struct lockdag_session_visitor visitor = {
		.acquire = has_edges_acquire,
		.misuse = has_something,
		.discharge = has_something, /* a wake-up may be lost */
	};

	return lockdag_session_walk(session, &visitor, NULL) != 0;
}

static int load_declared(void *arg, const struct lockdag_item_declared *d)
{
	struct cli_loaded *l = arg;
	char before[256], after[256];
	int r;

	if (!lockdag_session_text(l->source->session, d->before, before, sizeof(before)) ||
		!lockdag_session_text(l->source->session, d->after, after, sizeof(after))) {
		l->skipped++;
		return 0;
	}
	r = lockdag_model_add_declared(l->model, before, after);
	return r == -ENOMEM ? r : 0; /* a name before itself says nothing */
}

int cli_load(struct cli_loaded *l, struct cli_source *source, struct lockdag_model *model,
	struct cli_stacks *stacks, struct lockdag_symbols *symbols)
{
	const struct lockdag_session_visitor visitor = {
		.acquire = load_acquire,
		.seen_by = load_sighting,
		.point = cli_load_point,
		.discharge = load_discharge,
		.misuse = load_misuse,
		.declared = load_declared,
	};
	int r;

	*l = (struct cli_loaded){
		.source = source, .model = model, .stacks = stacks, .symbols = symbols};
	r = cli_load_tables(l);
	if (r == 0)
		r = lockdag_session_walk(source->session, &visitor, l);
	if (r == 0)
		r = load_endings(l);
	for (size_t i = 0; r == 0 && i < l->sightings.n; i++)
		r = load_repeat(l, &l->sightings.items[i]);
	if (r == 0)
		r = cli_load_reaped(l);
	if (r == 0)
		r = cli_load_guards(l);
	if (r == 0)
		r = cli_load_orders(l);
	if (r == 0)
		r = cli_load_interrupts(l);
	if (r == 0)
		r = cli_load_forks(l);
	return r < 0 ? r : cli_load_blocked(l);
}

void cli_loaded_done(struct cli_loaded *l)
{
	free(l->processes.rows);
	free(l->threads.rows);
	free(l->modules.rows);
	free(l->births.rows);
	free(l->locks.rows);
	free(l->items);
	lockdag_vec_clear(&l->nested);
	lockdag_vec_clear(&l->sightings);
	lockdag_vec_clear(&l->ended);
	lockdag_vec_clear(&l->ends);
	lockdag_vec_clear(&l->points);
	lockdag_vec_clear(&l->reaped);
	lockdag_vec_clear(&l->pids);
	lockdag_vec_clear(&l->child_ends);
	lockdag_vec_clear(&l->handlers);
	lockdag_vec_clear(&l->interrupted);
	lockdag_vec_clear(&l->orphans);
	lockdag_vec_clear(&l->statics);
	lockdag_vec_clear(&l->futexes);
}
