/* SPDX-License-Identifier: MIT
 *
 * GThreadPool: each pool is an object of its own, held (shared) by every item from its start to its
 * end, and asked for (alone) by whoever frees the pool and waits for its items. So it needs no wait
 * that has blocked. libglib calls its pools' functions directly: the function is replaced when the
 * pool is made. GTask runs in a pool of libgio's, which nobody frees: its items are seen here, its
 * waits are conditions.
 */
#include "guest/hooks_event.h"

#define GLIB "libglib-2.0.so.0"

typedef void pool_function(void *item, void *data);
typedef void *pool_new(pool_function *, void *, int, int, void **);
typedef void *pool_new_full(pool_function *, void *, void (*)(void *), int, int, void **);

#define POOL_MAX 1024

/* What a pool's function was. A slot is free again after a free that has waited for the items: after
 * any other, they may still run. */
static struct pool_slot {
	uint32_t used;
	void *pool; /* NULL: not known yet, or not known any more */
	pool_function *function;
	void *data;
	uint32_t workers; /* what workers.c knows it by, or 0 */
} pool_slots[POOL_MAX];

/* An address for the pool's object where nothing can be, nor hooks_pipe.c's. */
static void *pool_object(const struct pool_slot *slot)
{
	return (void *)(UINT64_C(5) << 60 | (uint64_t)(slot - pool_slots) << 4);
}

static struct pool_slot *pool_take(struct lockdag_block *t, uint32_t threads, struct guest_site site)
{
	uint32_t key;

	for (struct pool_slot *slot = pool_slots; slot < pool_slots + POOL_MAX; slot++) {
		uint32_t unused = 0;

		if (lockdag_load_relaxed(&slot->used) ||
			!lockdag_cas_acq_rel(&slot->used, &unused, 1))
			continue;
		if (guest_identify(t, pool_object(slot), LOCKDAG_LOCK_POOL, true, threads, site, &key))
			return slot;
		lockdag_store_release(&slot->used, 0); /* pairs with: pool_take */
		return NULL;
	}
	lockdag_write_lost(&guest_process.writer, LOCKDAG_LOST_POOL);
	return NULL;
}

static struct pool_slot *pool_find(const void *pool)
{
	for (struct pool_slot *slot = pool_slots; pool && slot < pool_slots + POOL_MAX; slot++)
		if (lockdag_load_acquire(&slot->pool) == pool) /* pairs with: pool_made */
			return slot;
	return NULL;
}

/* One item, in a thread of the pool. What the thread did for the items before is no evidence. */
static void pool_item(void *item, void *data)
{
	struct pool_slot *slot = data;
	struct lockdag_block *t = guest_current();
	uint32_t key;

	if (t && guest_event_key(t, pool_object(slot), LOCKDAG_LOCK_POOL, GUEST_SITE(), &key)) {
		guest_new_iteration(t, 0);
		guest_tried(t, pool_object(slot), key, LOCKDAG_READ_RECURSIVE, GUEST_IP(),
			GUEST_SP(), GUEST_LOOK_UP);
	} else {
		t = NULL;
	}
	if (t && slot->workers)
		guest_workers_run(t, slot->workers);
	slot->function(item, slot->data);
	if (slot->workers)
		guest_workers_ran();
	if (t && guest_current() == t)
		guest_release(t, pool_object(slot), LOCKDAG_N_LOCK_TYPES);
}

static struct pool_slot *pool_make(
	pool_function *function, void *data, int threads, struct guest_site site)
{
	struct lockdag_block *t = function ? guest_current() : NULL;
	struct pool_slot *slot = t ? pool_take(t, threads > 0 ? (uint32_t)threads : 1, site) : NULL;

	if (slot) {
		slot->function = function;
		slot->data = data;
		slot->workers = threads > 0 ? guest_workers_pool(pool_object(slot), (uint32_t)threads) : 0;
	}
	return slot;
}

static void *pool_made(struct pool_slot *slot, void *pool)
{
	if (slot && pool)
		lockdag_store_release(&slot->pool, pool); /* pairs with: pool_find */
	else if (slot)
		lockdag_store_release(&slot->used, 0); /* pairs with: pool_take */
	return pool;
}

GUEST_EXPORT void *g_thread_pool_new(
	pool_function *function, void *data, int threads, int exclusive, void **error);
GUEST_EXPORT void *g_thread_pool_new(
	pool_function *function, void *data, int threads, int exclusive, void **error)
{
	static pool_new *real;
	struct pool_slot *slot = pool_make(function, data, threads, GUEST_SITE());

	if (!real)
		real = (pool_new *)guest_find("g_thread_pool_new", GLIB, GUEST_IP());
	if (slot)
		return pool_made(slot, real(pool_item, slot, threads, exclusive, error));
	return real(function, data, threads, exclusive, error);
}

GUEST_EXPORT void *g_thread_pool_new_full(pool_function *function, void *data,
	void (*item_free)(void *), int threads, int exclusive, void **error);
GUEST_EXPORT void *g_thread_pool_new_full(pool_function *function, void *data,
	void (*item_free)(void *), int threads, int exclusive, void **error)
{
	static pool_new_full *real;
	struct pool_slot *slot = pool_make(function, data, threads, GUEST_SITE());

	if (!real)
		real = (pool_new_full *)guest_find("g_thread_pool_new_full", GLIB, GUEST_IP());
	if (slot)
		return pool_made(slot, real(pool_item, slot, item_free, threads, exclusive, error));
	return real(function, data, item_free, threads, exclusive, error);
}

GUEST_EXPORT void g_thread_pool_free(void *pool, int immediate, int wait);
GUEST_EXPORT void g_thread_pool_free(void *pool, int immediate, int wait)
{
	static void (*real)(void *, int, int);
	struct pool_slot *slot = pool_find(pool);
	struct guest_wait w;
	bool watched = slot && wait && guest_wait_begin(&w, pool_object(slot), LOCKDAG_LOCK_POOL,
						LOCKDAG_EXCLUSIVE, 0, 0, GUEST_SITE());

	if (!real)
		real = (void (*)(void *, int, int))guest_find("g_thread_pool_free", GLIB, GUEST_IP());
	if (slot)
		lockdag_store_relaxed(&slot->pool, NULL); /* its address may be another's soon */
	real(pool, immediate, wait);
	if (watched)
		guest_wait_end(&w, false);
	if (slot && wait)
		lockdag_store_release(&slot->used, 0); /* pairs with: pool_take */
}

GUEST_EXPORT int g_thread_pool_push(void *pool, void *item, void **error);
GUEST_EXPORT int g_thread_pool_push(void *pool, void *item, void **error)
{
	static int (*real)(void *, void *, void **);
	struct lockdag_block *t = guest_current();
	struct pool_slot *slot = t ? pool_find(pool) : NULL;

	if (!real)
		real = (int (*)(void *, void *, void **))guest_find("g_thread_pool_push", GLIB, GUEST_IP());
	if (slot && slot->workers)
		guest_workers_push(t, slot->workers);
	return real(pool, item, error);
}

GUEST_EXPORT int g_thread_pool_set_max_threads(void *pool, int threads, void **error);
GUEST_EXPORT int g_thread_pool_set_max_threads(void *pool, int threads, void **error)
{
	static int (*real)(void *, int, void **);
	struct pool_slot *slot = guest_current() ? pool_find(pool) : NULL;

	if (!real)
		real = (int (*)(void *, int, void **))guest_find(
			"g_thread_pool_set_max_threads", GLIB, GUEST_IP());
	if (slot && slot->workers)
		guest_workers_resized(slot->workers);
	return real(pool, threads, error);
}
