/* SPDX-License-Identifier: MIT */
#include "guest/misuse.h"

#include "base/hash.h"
#include "guest/unwind.h"

enum { MISUSE_MAX_THREADS = 65536 }; /* looked at in a search for who holds a lock */

struct guest_misuse guest_misuse_of(
	enum lockdag_misuse_rule rule, const void *lock, uint32_t key, struct guest_site site)
{
	return (struct guest_misuse){
		.rule = rule,
		.lock = lock,
		.key = key,
		.with = LOCKDAG_KEY_NONE,
		.other.thread = LOCKDAG_NONE,
		.other_with = LOCKDAG_KEY_NONE,
		.site = site,
	};
}

/* A slot's acquisition, when its stack is on record. */
static uint64_t misuse_item_of(const struct lockdag_held_slot *slot)
{
	const struct lockdag_item_acquire *item;
	uint64_t at = (uint64_t)slot->presence - 1;

	if (slot->presence < 2 || (at + 1) * 16 >= lockdag_load_relaxed(
			&guest_process.writer.header->heap_next))
		return 0;
	item = (const struct lockdag_item_acquire *)(guest_process.writer.base + at * 16);
	return item->kind == LOCKDAG_ITEM_ACQUIRE ? at * 16 : 0;
}

static void misuse_fill_other(struct lockdag_item_held *to, const struct guest_misuse *m,
	const struct guest_stack_frame *frames, size_t n, bool mine)
{
	size_t common = mine ? 0 : n;

	while (mine && common < n && frames[common].sp <= m->other.slot.sp)
		common++;
	*to = (struct lockdag_item_held){
		.frame = guest_frame(m->other.slot.ip),
		.key = LOCKDAG_KEY_ROW(m->other_with),
		.mode = LOCKDAG_META_MODE(m->other.slot.meta),
		.common = (uint16_t)common,
		.item = misuse_item_of(&m->other.slot),
	};
}

static void misuse_item(struct lockdag_block *t, const struct guest_misuse *m, uint64_t tag)
{
	struct guest_stack_frame frames[LOCKDAG_MAX_FRAMES];
	struct lockdag_writer *w = &guest_process.writer;
	bool cut, other = m->other.slot.ip != 0;
	size_t n = m->frame ? 0
			    : guest_unwind(t->stack_low, t->stack_high, frames,
				      LOCKDAG_MAX_FRAMES, NULL, &cut);
	size_t n_frames = m->frame == GUEST_NO_PLACE ? 0 : n ? n : 1;
	uint32_t size = (uint32_t)(sizeof(struct lockdag_item_acquire) +
				other * sizeof(struct lockdag_item_held) +
				n_frames * sizeof(uint64_t) + 15) & ~15u;
	struct lockdag_item_acquire *item =
		lockdag_write_item(w, guest_thread_row(t->thread), &t->chunk, size);
	struct lockdag_item_held *rows;
	uint64_t *to;

	if (!item)
		return;
	*item = (struct lockdag_item_acquire){
		.kind = LOCKDAG_ITEM_MISUSE,
		.n_held = other,
		.size = size,
		.tag = tag,
		.presence = { t->thread, t->phase, t->phase, LOCKDAG_KEY_ROW(m->key) },
		.address = (uint64_t)m->lock,
		.n_frames = (uint16_t)n_frames,
		.monitor = LOCKDAG_KEY_ROW(m->with),
		.rule = m->rule,
		.other = m->other.thread,
	};
	rows = (struct lockdag_item_held *)(item + 1);
	if (other)
		misuse_fill_other(rows, m, frames, n, m->other.thread == t->thread);
	to = (uint64_t *)(rows + other);
	if (n_frames)
		to[0] = m->frame ? m->frame : guest_frame(m->site.ip);
	for (size_t i = 0; i < n; i++)
		to[i] = guest_frame(frames[i].ip);
	lockdag_write_publish(w, t->chunk, size);
	lockdag_write_news(w);
}

LOCKDAG_COLD void guest_misuse_write(struct lockdag_block *t, const struct guest_misuse *m)
{
	uint64_t tag = lockdag_hash_mix(
		lockdag_hash_mix((uint64_t)m->key << 32 ^ m->with ^ (uint64_t)m->rule << 8 ^
			UINT64_C(0x6d6973757365) << 16) ^ m->site.ip ^ m->frame);
	struct lockdag_hash_entry *e;
	bool is_new;

	if (!guest_busy_begin(t, m->site.sp))
		return;
	e = lockdag_write_set(
		&guest_process.writer, lockdag_session_layout.tag_set, tag ? tag : 1, &is_new);
	if (e && is_new)
		misuse_item(t, m, tag);
	guest_busy_end(t);
}

LOCKDAG_COLD void guest_misuse_write_lock(
	struct lockdag_block *t, struct guest_misuse *m, enum lockdag_lock_type type)
{
	if (guest_lookup(m->lock, type, &m->key) ||
		guest_identify(t, (void *)(uintptr_t)m->lock, type, false, 1, m->site, &m->key))
		guest_misuse_write(t, m);
}

/* ------------------------------------------------------------------ the other threads */

/* The block of a thread of this process that is not t; NULL: it has none. */
static const struct lockdag_block *misuse_block(const struct lockdag_block *t, uint32_t row)
{
	const struct lockdag_session_thread *thread = guest_thread_row(row);
	uint64_t block = lockdag_load_relaxed(&thread->block);

	if (!lockdag_load_acquire(&thread->state) || /* pairs with: thread_commit_thread */
		thread->process != guest_process.row || !block || row == t->thread)
		return NULL;
	return (const struct lockdag_block *)(guest_process.writer.base + block);
}

static uint32_t misuse_n_threads(void)
{
	uint32_t n = lockdag_load_relaxed(&guest_process.writer.header->n_threads);

	return n < MISUSE_MAX_THREADS ? n : MISUSE_MAX_THREADS;
}

/* The slots of another thread, which goes on meanwhile: they may be stale, but are there. */
static uint32_t misuse_slots(
	const struct lockdag_block *other, const struct lockdag_held_slot **ret_held)
{
	const struct lockdag_held_slot *held = lockdag_load_relaxed(&other->held);
	const struct lockdag_held_slot *top = lockdag_load_relaxed(&other->top);
	uint64_t bytes = (uint64_t)top - (uint64_t)held;

	*ret_held = held;
	return bytes > LOCKDAG_MAX_HELD * sizeof(*held) ? 0 : (uint32_t)(bytes / sizeof(*held));
}

struct guest_holder guest_find_holder(const struct lockdag_block *t, const void *lock)
{
	struct guest_holder found = { .thread = LOCKDAG_NONE };

	for (uint32_t i = 0, n = misuse_n_threads(); i < n; i++) {
		const struct lockdag_block *other = misuse_block(t, i);
		const struct lockdag_held_slot *held;
		uint32_t depth = other ? misuse_slots(other, &held) : 0;

		for (uint32_t k = 0; k < depth; k++)
			if (lockdag_load_relaxed(&held[k].lock) == (uint64_t)lock)
				return (struct guest_holder){ i, held[k] };
	}
	return found;
}

uint32_t guest_count_holders(const struct lockdag_block *t, const void *lock)
{
	uint32_t found = 0;

	for (uint32_t i = 0, n = misuse_n_threads(); i < n; i++) {
		const struct lockdag_block *other = misuse_block(t, i);
		const struct lockdag_held_slot *held;
		uint32_t depth = other ? misuse_slots(other, &held) : 0;

		for (uint32_t k = 0; k < depth; k++)
			found += lockdag_load_relaxed(&held[k].lock) == (uint64_t)lock;
	}
	return found;
}

void guest_find_held_within(struct lockdag_block *t, uint64_t low, uint64_t high,
	struct guest_site site, void (*call)(struct lockdag_block *t, uint32_t thread,
		const struct lockdag_held_slot *held, struct guest_site site))
{
	for (uint32_t i = 0, n = misuse_n_threads(); i < n; i++) {
		const struct lockdag_block *other = misuse_block(t, i);
		const struct lockdag_held_slot *held;
		uint32_t depth = other ? misuse_slots(other, &held) : 0;

		for (uint32_t k = 0; k < depth; k++) {
			struct lockdag_held_slot slot = held[k];

			if (slot.lock >= low && slot.lock < high)
				call(t, i, &slot, site);
		}
	}
}

struct guest_holder guest_find_waiter(const struct lockdag_block *t, const void *event,
	bool (*wanted)(const struct lockdag_held_slot *slot, const void *arg), const void *arg)
{
	struct guest_holder found = { .thread = LOCKDAG_NONE };

	for (uint32_t i = 0, n = misuse_n_threads(); i < n; i++) {
		const struct lockdag_block *other = misuse_block(t, i);
		const struct lockdag_held_slot *top;

		if (!other || (lockdag_load_relaxed(&other->waiting) & ~UINT64_C(3)) !=
				((uint64_t)event & ~UINT64_C(3)))
			continue;
		top = lockdag_load_relaxed(&other->top);
		found.slot = *top;
		if (wanted && !wanted(&found.slot, arg))
			continue;
		found.thread = i;
		return found;
	}
	return found;
}

bool guest_misuse_all_watched(void)
{
	static const uint8_t losses[] = { LOCKDAG_LOST_THREAD, LOCKDAG_LOST_CLASS, LOCKDAG_LOST_KEY,
		LOCKDAG_LOST_HEAP, LOCKDAG_LOST_SHADOW, LOCKDAG_LOST_DEPTH, LOCKDAG_LOST_HANDLER,
		LOCKDAG_LOST_FORK, LOCKDAG_LOST_DEEPBIND, LOCKDAG_LOST_DLMOPEN };

	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(losses); i++)
		if (lockdag_load_relaxed(&guest_process.writer.header->lost[losses[i]]))
			return false;
	return true;
}
