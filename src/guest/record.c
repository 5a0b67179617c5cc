/* SPDX-License-Identifier: MIT
 *
 * What is new is written down here, once: the first few threads with a tag (chain of held locks,
 * lock, mode, call site) get a record with stacks of their own, further threads a place in a ring.
 * Everything is lock-free; t->busy keeps a signal handler that comes in the middle from writing
 * into the same chunk.
 *
 * An item is filled in, linked to its tag, then published; the reader sees published items only,
 * and takes links for hints.
 */
#include "guest/guest.h"

#include "base/hash.h"
#include "guest/loops.h"
#include "guest/misuse.h"
#include "guest/places.h"
#include "guest/signals.h"
#include "guest/unwind.h"
#include "guest/workers.h"

enum {
	RECORD_PAIRS = 16384, /* same-class pairs of a class that are told apart */
	RECORD_TOUCHED = 128, /* acquisitions and waits of an iteration in one item */
	RECORD_STAYS = 3,     /* presences of one thread for a tag: before, between and after others' lives */
};

static struct lockdag_presence *record_presence(uint64_t reference)
{
	return (struct lockdag_presence *)(guest_process.writer.base + reference * 16);
}

static uint64_t *record_frames(const struct lockdag_item_acquire *item)
{
	return (uint64_t *)((struct lockdag_item_held *)(item + 1) + item->n_held);
}

/* A presence lies 16 bytes into its item, which has the slot's tag; or deep in a ring. */
static bool record_is_of(const struct lockdag_cache_slot *slot, enum lockdag_item_kind kind)
{
	const struct lockdag_item_acquire *item = guest_item(slot->presence - 1);

	return item->kind == kind && item->tag == slot->tag;
}

/* The acquire item that a cache slot stands for, offset / 16; 0: none (a discharge, a mere mark). */
static uint64_t record_acquire_of(const struct lockdag_cache_slot *slot)
{
	const struct lockdag_hash_entry *e;
	bool is_new;
	uint64_t at;

	if (record_is_of(slot, LOCKDAG_ITEM_ACQUIRE))
		return slot->presence - 1;
	if (record_is_of(slot, LOCKDAG_ITEM_DISCHARGE))
		return 0;
	e = lockdag_write_set(
		&guest_process.writer, lockdag_session_layout.tag_set, slot->tag, &is_new);
	at = e ? guest_places_find(e, LOCKDAG_NONE).acquire / 16 : 0;
	return at && guest_item(at)->kind == LOCKDAG_ITEM_ACQUIRE ? at : 0;
}

/* The wait whose end began the thread's iteration: its item's offset / 16, or 0. */
static uint32_t record_began(const struct lockdag_block *t)
{
	const struct lockdag_hash_entry *e;
	bool is_new;

	if (!t->began)
		return 0;
	e = lockdag_write_set(
		&guest_process.writer, lockdag_session_layout.tag_set, t->began, &is_new);
	return e ? (uint32_t)(guest_places_find(e, t->thread).acquire / 16) : 0;
}

/* Slot number i of those that a thread's cache has, or had to give up; NULL behind the last. */
static const struct lockdag_cache_slot *record_cached(const struct lockdag_block *t, uint32_t i)
{
	if (i < LOCKDAG_CACHE_SLOTS)
		return &t->cache[i];
	return i - LOCKDAG_CACHE_SLOTS < t->n_evicted ? &t->evicted[i - LOCKDAG_CACHE_SLOTS] : NULL;
}

bool guest_has_asked(const struct lockdag_block *t, uint32_t row)
{
	const struct lockdag_cache_slot *slot;

	for (uint32_t i = 0; (slot = record_cached(t, i)); i++) {
		const uint64_t at = slot->tag && slot->presence ? record_acquire_of(slot) : 0;

		if (at && guest_item(at)->presence.key == row)
			return true;
	}
	return false;
}

/* ------------------------------------------------------------------ a record with stacks */

/* frames[common ..] of the asking stack are callers of the held lock's acquirer too: those whose
 * stack pointer lies beyond the one the lock was taken at. */
static uint16_t record_common(
	const struct guest_stack_frame *frames, size_t n, const struct lockdag_held_slot *held)
{
	size_t i = 0;

	if (n && frames[0].sp == held->sp)
		i = 1; /* taken by the same function: its own frame is held->ip */
	while (i < n && frames[i].sp <= held->sp)
		i++;
	return (uint16_t)i;
}

static uint64_t record_held_item(const struct lockdag_held_slot *held)
{
	/* A presence lies 16 bytes into an acquire item, or deep in a ring. */
	const struct lockdag_item_acquire *item;

	uint64_t reference = held->presence;

	if (reference < 2)
		return 0;
	item = guest_item(reference - 1);
	/* Before a slot of a ring is another one, with 1 as its key, where an item has half its tag. */
	return item->kind == LOCKDAG_ITEM_ACQUIRE && item->tag >> 32 != 1 ? (reference - 1) * 16 : 0;
}

static void record_held(struct lockdag_item_held *to, const struct lockdag_held_slot *from,
	const struct guest_stack_frame *frames, size_t n)
{
	uint32_t key = LOCKDAG_META_KEY(from->meta);

	to->serial = LOCKDAG_SLOT_SERIAL(from);
	to->frame = guest_frame(from->ip);
	to->key = LOCKDAG_KEY_ROW(key);
	to->mode = LOCKDAG_META_MODE(from->meta);
	to->flags = LOCKDAG_META_FLAGS(from->meta);
	to->common = record_common(frames, n, from);
	to->item = record_held_item(from);
}

static bool record_is_marked(uint32_t slot)
{
	return slot < LOCKDAG_CACHE_SLOTS && guest_turns.marks[slot / 64] >> slot % 64 & 1;
}

/* What a thread did in its current iteration stands in its cache: slots with a phase of it. Writes a
 * row for each to rows (NULL: only counts) and returns how many. */
static uint32_t record_touched(struct lockdag_block *t, struct lockdag_item_held *rows)
{
	const struct lockdag_cache_slot *slot;
	const bool turns = guest_turns_count(t);
	uint32_t n = 0;

	for (uint32_t i = 0; n < RECORD_TOUCHED && (slot = record_cached(t, i)); i++) {
		const bool now = slot->phase >= t->iteration;
		const struct lockdag_item_acquire *item;
		uint64_t at;

		if (!slot->tag || !slot->presence || (!now && !(turns && record_is_marked(i))))
			continue;
		at = record_acquire_of(slot);
		if (!at || guest_item(at)->handler != t->handler)
			continue;
		if (rows) {
			item = guest_item(at);
			rows[n] = (struct lockdag_item_held){
				.serial = item->serial,
				.frame = *record_frames(item),
				.key = item->presence.key,
				.mode = item->mode,
				.flags = (uint8_t)(item->flags | (now ? 0 : GUEST_TURN)),
				.item = at * 16,
			};
		}
		n++;
	}
	return n;
}

__thread struct guest_turns guest_turns __attribute__((tls_model("initial-exec")));

void guest_turns_mark(struct lockdag_block *t)
{
	for (uint32_t i = 0; i < LOCKDAG_CACHE_SLOTS; i++) {
		const struct lockdag_cache_slot *slot = &t->cache[i];
		const uint64_t bit = UINT64_C(1) << i % 64;
		uint64_t at;

		if (!slot->tag || slot->phase < guest_turns.since || !slot->presence ||
			guest_turns.marks[i / 64] & bit)
			continue;
		at = record_acquire_of(slot);
		if (!at || guest_item(at)->handler != t->handler ||
			guest_item(at)->flags & (GUEST_TRY | GUEST_WAIT))
			continue;
		guest_turns.marks[i / 64] |= bit;
		guest_turns.digest += lockdag_hash_mix(slot->tag);
	}
}

static struct lockdag_item_acquire *record_write(struct lockdag_block *t, uint16_t kind,
	const struct lockdag_held_slot *slot, uint64_t tag, uint32_t timeout_ms)
{
	struct guest_stack_frame frames[LOCKDAG_MAX_FRAMES];
	struct lockdag_writer *w = &guest_process.writer;
	bool cut, discharge = kind == LOCKDAG_ITEM_DISCHARGE;
	size_t n = guest_unwind(
		t->stack_low, t->stack_high, frames, LOCKDAG_MAX_FRAMES, NULL, &cut);
	uint32_t n_held = discharge ? record_touched(t, NULL) : guest_depth(t);
	uint32_t dropped = 0, size, key = LOCKDAG_META_KEY(slot->meta);
	struct lockdag_item_acquire *item;
	struct lockdag_item_held *rows;
	uint64_t *to;

	if (cut)
		lockdag_write_lost(w, LOCKDAG_LOST_UNWIND);
	if (!n) {
		frames[0] = (struct guest_stack_frame){ slot->ip, slot->sp };
		n = 1;
	}
	if (n_held > LOCKDAG_MAX_ITEM_HELD) {
		dropped = n_held - LOCKDAG_MAX_ITEM_HELD;
		n_held = LOCKDAG_MAX_ITEM_HELD;
	}
	size = (uint32_t)(sizeof(*item) + n_held * sizeof(struct lockdag_item_held) +
		n * sizeof(uint64_t) + 15) & ~15u;
	item = lockdag_write_item(w, guest_thread_row(t->thread), &t->chunk, size);
	if (!item)
		return NULL;
	*item = (struct lockdag_item_acquire){
		.kind = kind,
		.n_held = (uint16_t)n_held,
		.size = size,
		.tag = tag,
		.presence = { t->thread, t->phase, t->phase, LOCKDAG_KEY_ROW(key) },
		.address = slot->lock,
		.serial = key == LOCKDAG_KEY_NONE ? t->joining : LOCKDAG_SLOT_SERIAL(slot),
		.timeout_ms = timeout_ms,
		.mode = LOCKDAG_META_MODE(slot->meta),
		.flags = LOCKDAG_META_FLAGS(slot->meta),
		.n_frames = (uint16_t)n,
		.n_dropped = dropped,
		.monitor = t->monitor,
		.iteration = t->iteration,
		.rule = discharge ? record_began(t) : 0,
		.signals = t->signals,
		.handler = t->handler,
		.context = t->context,
	};
	rows = (struct lockdag_item_held *)(item + 1);
	if (discharge)
		record_touched(t, rows);
	for (uint32_t i = 0; !discharge && i < n_held; i++)
		record_held(&rows[i], &t->held[dropped + i], frames, n);
	to = record_frames(item);
	for (size_t i = 0; i < n; i++)
		to[i] = guest_frame(frames[i].ip);
	return item;
}

/* ------------------------------------------------------------------ tags */

/* What the forking thread holds, with its stack as it was called. Its offset; 0: there was no room. */
uint64_t guest_record_fork(struct lockdag_block *t, const struct guest_fork *f)
{
	struct lockdag_writer *w = &guest_process.writer;
	uint32_t size = (uint32_t)(sizeof(struct lockdag_item_acquire) +
		f->depth * sizeof(struct lockdag_item_held) + f->n_frames * sizeof(uint64_t) + 15) &
		~15u;
	struct lockdag_item_acquire *item;
	struct lockdag_item_held *rows;
	uint64_t *to;

	if (!guest_busy_begin(t, (uint64_t)__builtin_dwarf_cfa()))
		return 0;
	item = lockdag_write_item(w, guest_thread_row(t->thread), &t->chunk, size);
	if (!item) {
		guest_busy_end(t);
		return 0;
	}
	*item = (struct lockdag_item_acquire){
		.kind = LOCKDAG_ITEM_FORK,
		.n_held = (uint16_t)f->depth,
		.size = size,
		.presence = { t->thread, f->phase, f->phase, LOCKDAG_KEY_NONE },
		.n_frames = (uint16_t)f->n_frames,
		.monitor = LOCKDAG_KEY_NONE,
		.serial = lockdag_load_relaxed(&w->header->n_keys),
		.rule = f->number,
	};
	rows = (struct lockdag_item_held *)(item + 1);
	for (uint32_t i = 0; i < f->depth; i++)
		record_held(&rows[i], &f->held[i], f->frames, f->n_frames);
	to = record_frames(item);
	for (size_t i = 0; i < f->n_frames; i++)
		to[i] = guest_frame(f->frames[i].ip);
	lockdag_write_publish(w, t->chunk, size);
	guest_busy_end(t);
	return (uint64_t)((char *)item - w->base);
}

static struct lockdag_presence *record_new(struct lockdag_block *t, uint16_t kind,
	const struct lockdag_held_slot *slot, struct lockdag_hash_entry *e, uint32_t timeout_ms)
{
	struct lockdag_writer *w = &guest_process.writer;
	uint32_t count = lockdag_load_relaxed(&e->a);
	struct lockdag_item_acquire *item;

	if (count <= GUEST_PLACES_FULL)
		count = lockdag_add_relaxed(&e->a, 1);
	if (count >= GUEST_PLACES_FULL)
		return guest_places_share(t, e, count);
	item = record_write(t, kind, slot, e->key, timeout_ms);
	if (!item)
		return NULL;
	lockdag_write_publish(w, t->chunk, item->size);
	guest_places_link(e, item, &item->next);
	lockdag_add_relaxed(&w->header->n_acquires, 1);
	lockdag_write_news(w);
	return &item->presence;
}

/* ------------------------------------------------------------------ the door */

static bool record_same_pair_class(const struct lockdag_session_key *asked, uint32_t held_key)
{
	return guest_key_row(held_key)->class_id == asked->class_id;
}

/* Locks of one class that share a key are told apart while the class has few pairs; then only by
 * which address is higher. */
uint64_t guest_which(
	struct lockdag_block *t, const void *lock, uint32_t key, uint32_t serial)
{
	const struct lockdag_session_key *row = guest_key_row(key);
	struct lockdag_session_class *class = guest_class_row(row->class_id);
	uint64_t tag = 0;

	for (const struct lockdag_held_slot *held = t->held; held < t->top; held++) {
		uint32_t held_key = LOCKDAG_META_KEY(held->meta);

		if (!record_same_pair_class(row, held_key))
			continue;
		if (lockdag_load_relaxed(&class->pairs) < RECORD_PAIRS)
			tag = lockdag_hash_mix(
				tag ^ LOCKDAG_SLOT_SERIAL(held) ^ (uint64_t)serial << 32 ^ held_key);
		else
			tag = tag * 3 + ((uint64_t)lock < held->lock ? 1 : 2);
	}
	return tag;
}

/* Locks that another thread has released are no longer held, whatever this thread's slots say. The
 * slot that asks moves down with the depth. */
static bool record_prune(struct lockdag_block *t)
{
	struct lockdag_held_slot asked = *t->top;
	bool pruned = false;

	for (struct lockdag_held_slot *held = t->top; held-- > t->held;) {
		if (!guest_was_released(t, held))
			continue;
		lockdag_or_relaxed(&guest_key_row(LOCKDAG_META_KEY(held->meta))->flags,
			LOCKDAG_KEY_FOREIGN);
		guest_remove(t, held);
		pruned = true;
	}
	if (pruned) {
		asked.chain = guest_chain(t->top[-1].chain, LOCKDAG_META_KEY(asked.meta),
			LOCKDAG_META_MODE(asked.meta));
		*t->top = asked;
	}
	return pruned;
}

static void record_pairs_count(struct lockdag_block *t, uint32_t key)
{
	const struct lockdag_session_key *row = guest_key_row(key);

	if (!(key & LOCKDAG_KEY_MANY)) /* also LOCKDAG_KEY_NONE, which has no row */
		return;
	for (const struct lockdag_held_slot *held = t->held; held < t->top; held++)
		if (record_same_pair_class(row, LOCKDAG_META_KEY(held->meta)) &&
			lockdag_add_relaxed(&guest_class_row(row->class_id)->pairs, 1) ==
				RECORD_PAIRS)
			lockdag_write_lost(&guest_process.writer, LOCKDAG_LOST_PAIRS);
}

/* Has a thread that this one made lived and ended since it was last there? Then what it does now can
 * be after all that the other did, and what it did before it. The same where it has waited for others at a
 * barrier or semaphore that orders; what holds nothing is in no cycle, and needs no such order. */
static bool record_is_apart(const struct lockdag_block *t, const struct lockdag_presence *p)
{
	return LOCKDAG_UNLIKELY(p->last_phase < t->lived) ||
		LOCKDAG_UNLIKELY(p->last_phase < t->passed && t->top != t->held);
}

/* The presence of this thread for the tag: found, or written now; NULL: there was no room. */
static struct lockdag_presence *record_find_or_write(struct lockdag_block *t, uint16_t kind,
	const struct lockdag_held_slot *slot, uint64_t tag, uint32_t timeout_ms)
{
	struct guest_places found = { 0 };
	struct lockdag_presence *p;
	struct lockdag_hash_entry *e;
	bool is_new;

	e = lockdag_write_set(
		&guest_process.writer, lockdag_session_layout.tag_set, tag ? tag : 1, &is_new);
	if (!e)
		return NULL;
	if (!is_new)
		found = guest_places_find(e, t->thread);
	p = found.mine;
	if (p && kind == LOCKDAG_ITEM_ACQUIRE && record_is_apart(t, p)) {
		if (found.n_mine >= RECORD_STAYS && p->last_phase < t->passed) {
			struct lockdag_presence *stay = guest_places_stay(t, e, &found);

			if (stay)
				return stay;
			if (found.stays) /* the last one, in which all rounds that follow are one */
				found.stays->slots[LOCKDAG_RING_SLOTS - 1].key = 2;
		}
		if (found.n_mine < RECORD_STAYS)
			p = NULL;
	}
	if (p) {
		lockdag_store_relaxed(&p->last_phase, t->phase);
		return p;
	}
	record_pairs_count(t, LOCKDAG_META_KEY(slot->meta));
	return record_new(t, kind, slot, e, timeout_ms);
}

/* ------------------------------------------------------------------ the cache
 *
 * Two tags may want one slot, by the low bits of where they are asked for. What the thread has asked
 * for in this iteration must be known when it signals, so that who has to leave is kept apart. */

static struct lockdag_cache_slot *record_evicted(const struct lockdag_block *t, uint64_t tag)
{
	for (uint64_t i = 0; i < t->n_evicted; i++)
		if (t->evicted[i].tag == tag)
			return (struct lockdag_cache_slot *)&t->evicted[i];
	return NULL;
}

/* The tag takes the place of old. */
static void record_evict(
	struct lockdag_block *t, const struct lockdag_cache_slot *old, uint64_t tag)
{
	struct lockdag_cache_slot *place = record_evicted(t, tag);

	if (!old->tag || !old->presence || old->phase < t->iteration) {
		if (place)
			*place = t->evicted[--t->n_evicted];
		return;
	}
	for (uint64_t i = 0; !place && i < t->n_evicted; i++)
		if (t->evicted[i].phase < t->iteration)
			place = &t->evicted[i];
	if (!place && t->n_evicted < LOCKDAG_EVICTED_SLOTS)
		place = &t->evicted[t->n_evicted++];
	if (place)
		*place = *old;
}

bool guest_is_evicted(const struct lockdag_block *t, uint64_t tag)
{
	return record_evicted(t, tag);
}

/* Was the tag asked for in this iteration? */
static bool record_is_touched(
	const struct lockdag_block *t, const struct lockdag_cache_slot *cache, uint64_t tag)
{
	if (cache->tag != tag)
		cache = record_evicted(t, tag);
	return cache && cache->phase >= t->iteration;
}

static void record_fill(struct lockdag_block *t, struct lockdag_cache_slot *cache, uint64_t tag,
	const struct lockdag_presence *p)
{
	const size_t at = (size_t)(cache - t->cache);

	if (cache->tag != tag) {
		record_evict(t, cache, tag);
		guest_turns.marks[at / 64] &= ~(UINT64_C(1) << at % 64);
	}
	*cache = (struct lockdag_cache_slot){
		.tag = tag, .presence = p ? guest_reference(p) : 0, .phase = t->phase };
}

/* Was a handler left without a sign of it (by an exception)? The slot that asks moves down. */
static bool record_left_handler(struct lockdag_block *t)
{
	struct lockdag_held_slot asked = *t->top;
	uint32_t handlers = t->handlers;

	guest_signals_left(t, asked.sp);
	if (t->handlers == handlers)
		return false;
	asked.chain = guest_chain(
		t->top[-1].chain, LOCKDAG_META_KEY(asked.meta), LOCKDAG_META_MODE(asked.meta));
	*t->top = asked;
	return true;
}

/* The presence that the cache knows for the tag, where only the phase is new; else NULL. */
static struct lockdag_presence *record_again(
	const struct lockdag_block *t, const struct lockdag_cache_slot *cache, uint64_t tag)
{
	struct lockdag_presence *p;

	if (cache->tag != tag || !cache->presence)
		return NULL;
	p = record_presence(cache->presence);
	if (p->thread != t->thread || record_is_apart(t, p))
		return NULL;
	lockdag_store_relaxed(&p->last_phase, t->phase);
	return p;
}

static void record_slot(struct lockdag_block *t, uint64_t tag, uint32_t timeout_ms)
{
	struct lockdag_held_slot *slot = t->top;
	uint64_t chain = slot->chain;
	struct lockdag_cache_slot *cache = &t->cache[LOCKDAG_CACHE_AT(tag)];
	struct lockdag_presence *p;

	slot->presence = 0;
	if (t->handlers && record_left_handler(t)) {
		slot = t->top;
		tag += slot->chain - chain;
		chain = slot->chain;
		cache = &t->cache[LOCKDAG_CACHE_AT(tag)];
	}
	if (!guest_busy_begin(t, slot->sp))
		return;
	guest_loops_asked(t, slot, tag);
	p = record_again(t, cache, tag);
	if (!p && t->top != t->held && record_prune(t)) {
		slot = t->top;
		tag += slot->chain - chain;
		cache = &t->cache[LOCKDAG_CACHE_AT(tag)];
	}
	if (!p)
		p = record_find_or_write(t, LOCKDAG_ITEM_ACQUIRE, slot, tag, timeout_ms);
	if (!record_is_touched(t, cache, tag))
		t->digest += lockdag_hash_mix(tag);
	record_fill(t, cache, tag, p);
	slot->presence = cache->presence;
	if (LOCKDAG_UNLIKELY(guest_worker.watch))
		guest_workers_asked(t, slot, cache);
	guest_busy_end(t);
	if (t->top != t->held)
		guest_misuse_relock(t);
}

void guest_cache_mark(struct lockdag_block *t, uint64_t tag)
{
	if (!guest_busy_begin(t, (uint64_t)__builtin_dwarf_cfa()))
		return;
	record_fill(t, &t->cache[LOCKDAG_CACHE_AT(tag)], tag, NULL);
	guest_busy_end(t);
}

LOCKDAG_COLD void guest_record(struct lockdag_block *t, uint64_t tag, uint32_t timeout_ms)
{
	if (LOCKDAG_UNLIKELY(t->next_lock))
		guest_next_asked(t, &tag);
	record_slot(t, tag, timeout_ms);
	if (LOCKDAG_UNLIKELY(t->next_lock))
		guest_next_keep(t);
}

/* An acquisition, as it were, of the lock that was taken last: it is among those that are held. */
LOCKDAG_COLD void guest_record_state(struct lockdag_block *t, struct guest_site site)
{
	struct lockdag_held_slot slot = t->top[-1];
	uint64_t tag = lockdag_hash_mix(slot.chain ^ lockdag_hash_mix(t->signals + site.ip));
	struct lockdag_cache_slot *cache = &t->cache[LOCKDAG_CACHE_AT(tag)];

	if ((cache->tag == tag && cache->phase == t->phase) ||
		!guest_busy_begin(t, (uint64_t)__builtin_dwarf_cfa()))
		return;
	slot.meta = LOCKDAG_META(
		LOCKDAG_META_KEY(slot.meta), LOCKDAG_META_MODE(slot.meta), GUEST_TRY);
	slot.ip = site.ip;
	slot.sp = site.sp;
	record_fill(t, cache, tag, record_find_or_write(t, LOCKDAG_ITEM_ACQUIRE, &slot, tag, 0));
	guest_busy_end(t);
}

/* Is the presence in an item of its own, of that kind and for that event? It may lie deep in a ring. */
static bool record_is_for(uint32_t presence, enum lockdag_item_kind kind, const void *event)
{
	const struct lockdag_item_acquire *item = guest_item(presence - UINT64_C(1));

	return presence > 1 && item->kind == kind && item->address == (uint64_t)event;
}

/* Nobody but its thread writes to the item of a wait. */
LOCKDAG_COLD void guest_record_ended(
	const struct lockdag_block *t, const void *event, uint32_t wait, uint32_t discharge)
{
	struct lockdag_item_acquire *item = guest_item(wait - UINT64_C(1));
	const uint32_t ended =
		record_is_for(discharge, LOCKDAG_ITEM_DISCHARGE, event) ? discharge - 1 : LOCKDAG_NONE;

	if (record_is_for(wait, LOCKDAG_ITEM_ACQUIRE, event) && item->presence.thread == t->thread &&
		item->rule != ended)
		lockdag_store_relaxed(&item->rule, item->rule ? LOCKDAG_NONE : ended);
}

LOCKDAG_COLD void guest_record_discharge(
	struct lockdag_block *t, const void *event, uint32_t key, uint64_t tag, struct guest_site site)
{
	const struct lockdag_held_slot slot = {
		.lock = (uint64_t)event,
		.ip = site.ip,
		.sp = site.sp,
		.meta = LOCKDAG_META(key, LOCKDAG_EXCLUSIVE, 0),
		.extra = key & LOCKDAG_KEY_MANY ? (uint32_t)guest_serial(event, key) : 0,
	};
	struct lockdag_cache_slot *cache = &t->cache[LOCKDAG_CACHE_AT(tag)];
	struct lockdag_presence *p;

	if (!guest_busy_begin(t, site.sp))
		return;
	t->monitor = LOCKDAG_KEY_NONE;
	p = record_again(t, cache, tag);
	record_fill(t, cache, tag,
		p ? p : record_find_or_write(t, LOCKDAG_ITEM_DISCHARGE, &slot, tag, 0));
	if (t->began && cache->presence && record_is_of(cache, LOCKDAG_ITEM_DISCHARGE) &&
		!guest_item(cache->presence - 1)->rule) /* it was written in the first iteration */
		guest_item(cache->presence - 1)->rule = record_began(t);
	guest_busy_end(t);
}
