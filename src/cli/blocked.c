/* SPDX-License-Identifier: MIT
 *
 * Blocked threads as rows of the model: what each holds and asks for. A wait for an event is there
 * only when its process has come to a stop (stopped.h): then the signal is due from all the others.
 */
#include <errno.h>

#include "base/hash.h"
#include "cli/load.h"

#define BLOCKED_MAX_DUES 4096 /* signals that are due: threads that wait times all others */

/* An acquisition that may serve as this thread's, or be built for it. */
struct blocked_build {
	struct lockdag_acquire row;
	struct lockdag_held held[LOCKDAG_MAX_ITEM_HELD];
	bool many; /* some lock stands for several */
	uint32_t process;
};

/* One call, and its callers when its acquisition was recorded. */
static int blocked_stack(struct cli_loaded *l, const struct blocked_build *b,
	const struct lockdag_held_slot *slot, uint32_t *ret_stack)
{
	uint64_t frame = cli_source_frame(l->source, b->process, slot->ip);
	struct lockdag_session_acquire item;

	if (slot->presence &&
		lockdag_session_acquire_at(l->source->session,
			((uint64_t)slot->presence - 1) * 16, &item) &&
		item.item.n_frames && item.frames[0] == frame)
		return cli_load_stack(l, item.frames, item.item.n_frames, ret_stack);
	return cli_load_stack(l, &frame, slot->ip ? 1 : 0, ret_stack);
}

/* Which of the locks that share a key: told by the address, as all blocked threads are looked at
 * in one moment. */
static uint64_t blocked_serial(const struct cli_loaded *l, uint32_t lock, uint64_t address)
{
	if (!(l->model->locks.items[lock].flags & LOCKDAG_LOCK_MANY))
		return 0;
	return lockdag_hash_mix(address) | UINT64_C(1) << 63;
}

static int blocked_lock(struct cli_loaded *l, struct blocked_build *b,
	const struct lockdag_held_slot *slot, uint64_t address, struct lockdag_held *ret)
{
	int r = cli_load_lock(l, LOCKDAG_KEY_ROW(LOCKDAG_META_KEY(slot->meta)), &ret->lock);
	bool *nested;

	if (r < 0 || ret->lock == LOCKDAG_NONE)
		return r;
	nested = cli_source_known(&l->nested, ret->lock);
	if (nested)
		*nested = true;
	ret->mode = LOCKDAG_META_MODE(slot->meta);
	if ((unsigned)ret->mode >= LOCKDAG_N_MODES)
		ret->mode = LOCKDAG_EXCLUSIVE;
	ret->flags = LOCKDAG_META_FLAGS(slot->meta) &
		     (LOCKDAG_ACQUIRE_TRY | LOCKDAG_ACQUIRE_TIMED | LOCKDAG_ACQUIRE_REWAIT);
	ret->serial = blocked_serial(l, ret->lock, address);
	b->many = b->many || ret->serial;
	if (LOCKDAG_META_KEY(slot->meta) & LOCKDAG_KEY_OWNED)
		ret->serial = slot->extra;
	return blocked_stack(l, b, slot, &ret->stack);
}

/* The end of a child, by what it is now. */
static int blocked_child(struct cli_loaded *l, const struct blocked_build *b, uint64_t pid,
	struct lockdag_held *ret)
{
	uint64_t serial = 0;
	uint32_t lock;
	int r;

	ret->lock = LOCKDAG_NONE;
	for (unsigned i = 0;; i++) {
		r = cli_load_child_end(
			l, b->process, LOCKDAG_END_PROCESS | pid, i, &lock, &serial);
		if (r < 0 || lock == LOCKDAG_NONE)
			return r;
		ret->lock = lock;
		ret->serial = serial;
	}
}

/* The event that is waited for; the slot tells where. */
static int blocked_event(struct cli_loaded *l, struct blocked_build *b,
	const struct lockdag_session_live *live, struct lockdag_held *ret)
{
	uint32_t key = (uint32_t)live->event;
	int r;

	*ret = (struct lockdag_held){.mode = LOCKDAG_EXCLUSIVE, .flags = LOCKDAG_ACQUIRE_WAIT};
	if (key == LOCKDAG_KEY_NONE && live->wait_kind == LOCKDAG_WAIT_OTHER) {
		r = blocked_child(l, b, live->event >> 32, ret);
	} else if (key == LOCKDAG_KEY_NONE) {
		r = cli_load_end(l, live->event >> 32, &ret->lock, &ret->serial);
	} else {
		r = cli_load_lock(l, LOCKDAG_KEY_ROW(key), &ret->lock);
		if (r >= 0 && ret->lock != LOCKDAG_NONE)
			ret->serial = blocked_serial(l, ret->lock, live->waiting);
		b->many = b->many || ret->serial;
	}
	if (r < 0 || ret->lock == LOCKDAG_NONE)
		return r;
	return blocked_stack(l, b, &live->asked, &ret->stack);
}

/* Between the slots of a signal handler and those of what it interrupted. */
static bool blocked_is_mark(const struct lockdag_held_slot *slot)
{
	return !slot->lock && LOCKDAG_KEY_ROW(LOCKDAG_META_KEY(slot->meta)) == LOCKDAG_KEY_NONE;
}

/* All held so far is not the innermost handler's own. */
static void blocked_interrupted(struct blocked_build *b)
{
	for (uint32_t i = 0; i < b->row.n_held; i++)
		b->held[i].flags |= LOCKDAG_ACQUIRE_HANDLER;
}

/* From the thread's live slots. *ret_ok: all of it was there. */
static int blocked_from_live(struct cli_loaded *l, const struct lockdag_session_live *live,
	struct blocked_build *b, bool *ret_ok)
{
	struct lockdag_held asked;
	int r = live->wait_kind == LOCKDAG_WAIT_EVENT || live->wait_kind == LOCKDAG_WAIT_OTHER
			? blocked_event(l, b, live, &asked)
			: blocked_lock(l, b, &live->asked, live->waiting, &asked);

	*ret_ok = r == 0 && asked.lock != LOCKDAG_NONE;
	for (uint32_t i = 0; r == 0 && *ret_ok && i < live->depth; i++) {
		struct lockdag_held *held = &b->held[b->row.n_held];

		if (blocked_is_mark(&live->held[i])) {
			blocked_interrupted(b);
			continue;
		}
		r = blocked_lock(l, b, &live->held[i], live->held[i].lock, held);
		if (r == 0 && held->lock != LOCKDAG_NONE)
			b->row.n_held++;
	}
	if (r < 0 || !*ret_ok)
		return r;
	b->row.lock = asked.lock;
	b->row.mode = asked.mode;
	b->row.serial = asked.serial;
	b->row.stack = asked.stack;
	b->row.flags = asked.flags & LOCKDAG_ACQUIRE_WAIT;
	b->row.monitor = LOCKDAG_NONE;
	return 0;
}

static bool blocked_equals(const struct lockdag_model *m, const struct lockdag_acquire *a,
	const struct blocked_build *b)
{
	if (a->thread != b->row.thread || a->lock != b->row.lock || a->n_held != b->row.n_held)
		return false;
	if (b->row.flags & LOCKDAG_ACQUIRE_WAIT && !b->many && a->serial != b->row.serial)
		return false; /* the end of another thread */
	for (uint32_t i = 0; i < a->n_held; i++)
		if (m->held.items[a->held + i].lock != b->held[i].lock)
			return false;
	return true;
}

/* The recorded acquisition of the same thread, lock and held set; LOCKDAG_NONE: there is none. */
static uint32_t blocked_recorded(const struct lockdag_model *m, const struct blocked_build *b)
{
	for (size_t i = 0; i < m->acquires.n; i++)
		if (blocked_equals(m, &m->acquires.items[i], b))
			return (uint32_t)i;
	return LOCKDAG_NONE;
}

/* Stacks of the recorded one are longer where the same calls were made. */
static void blocked_borrow(
	const struct lockdag_model *m, uint32_t recorded, struct blocked_build *b)
{
	const struct lockdag_acquire *a = &m->acquires.items[recorded];

	b->row.first_phase = a->first_phase;
	b->row.last_phase = a->last_phase;
	for (uint32_t i = 0; i < a->n_held; i++) {
		uint32_t from = m->held.items[a->held + i].stack, to = b->held[i].stack;

		if (from != LOCKDAG_NONE &&
			(to == LOCKDAG_NONE ||
				(m->stacks.items[from].raw[0] == m->stacks.items[to].raw[0] &&
					m->stacks.items[from].n_raw > m->stacks.items[to].n_raw)))
			b->held[i].stack = from;
	}
}

static int blocked_thread(struct cli_loaded *l, const struct cli_blocked *blocked)
{
	struct lockdag_session_thread row;
	struct blocked_build b = {0};
	uint32_t recorded;
	bool ok;
	int r;

	b.row.thread = cli_map_at(&l->threads, blocked->thread);
	if (b.row.thread == LOCKDAG_NONE ||
		!lockdag_session_thread(l->source->session, blocked->thread, &row))
		return 0;
	b.process = row.process;
	r = blocked_from_live(l, blocked->live, &b, &ok);
	if (r < 0 || !ok)
		return r;
	if (blocked->live->handler && blocked->live->handler <= 64) {
		r = cli_load_handler(l, l->model->threads.items[b.row.thread].process,
			blocked->live->handler, &b.row.handler);
		if (r < 0)
			return r;
		b.row.flags |= LOCKDAG_ACQUIRE_HANDLER;
		b.many = true; /* recorded ones have the handler's own locks alone */
	}
	recorded = blocked_recorded(l->model, &b);
	if (recorded != LOCKDAG_NONE && b.many)
		blocked_borrow(l->model, recorded, &b);
	r = recorded != LOCKDAG_NONE && !b.many
		    ? (int)recorded
		    : lockdag_model_add_acquire(l->model, &b.row, b.held);
	if (r < 0)
		return r;
	r = lockdag_model_add_blocked(l->model, b.row.thread, (uint32_t)r);
	return r < 0 ? r : 0;
}

/* Blocked thread `by` could have signalled what `wait` waits for, were it not blocked itself. */
static int blocked_due(struct lockdag_model *m, uint32_t wait, uint32_t by)
{
	const struct lockdag_acquire *event = &m->acquires.items[m->blocked.items[wait].acquire];
	const struct lockdag_acquire *a = &m->acquires.items[m->blocked.items[by].acquire];
	const struct lockdag_held asked = {a->lock, a->serial, a->mode, a->flags, a->stack};
	const struct lockdag_discharge due = {
		.thread = a->thread,
		.lock = event->lock,
		.serial = event->serial,
		.first_phase = a->last_phase,
		.last_phase = a->last_phase,
		.stack = LOCKDAG_NONE,
		.began = LOCKDAG_NONE,
		.n_held = 1,
		.due = true,
	};
	int r;

	if (wait == by ||
		m->threads.items[a->thread].process != m->threads.items[event->thread].process)
		return 0;
	r = lockdag_model_add_discharge(m, &due, &asked);
	return r < 0 ? r : 0;
}

static int blocked_dues(struct lockdag_model *m)
{
	size_t n = 0;
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < m->blocked.n; i++) {
		const struct lockdag_acquire *a = &m->acquires.items[m->blocked.items[i].acquire];
		enum lockdag_lock_type type =
			m->births.items[m->locks.items[a->lock].birth].type;

		if (!(a->flags & LOCKDAG_ACQUIRE_WAIT) || lockdag_lock_type_is_end(type))
			continue;
		for (uint32_t k = 0; r == 0 && k < m->blocked.n && n < BLOCKED_MAX_DUES; k++, n++)
			r = blocked_due(m, i, k);
	}
	return r;
}

int cli_load_blocked(struct cli_loaded *l)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < l->source->blocked.n; i++)
		r = blocked_thread(l, &l->source->blocked.items[i]);
	return r < 0 ? r : blocked_dues(l->model);
}
