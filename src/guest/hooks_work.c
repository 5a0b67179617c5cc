/* SPDX-License-Identifier: MIT
 *
 * include/lockdag/lockdag.h: work, and pools of a fixed number of workers that run it.
 *
 * Whoever runs a piece of work holds it. A pool is one more object, shared by all work that runs in it. That
 * work has to wait for a worker is a dependency only once it can come to that: when as many pieces of
 * work of the pool as it has workers, there at once, wait for work of the same pool. Then whoever waits
 * is recorded as what it stands for, too: the work waited for, which asks for the whole pool.
 */
#include "guest/hooks_event.h"

GUEST_EXPORT void lockdag_guest_pool(const void *pool, const char *name, unsigned workers);
GUEST_EXPORT void lockdag_guest_work_queued(const void *work, const char *name, const void *pool);
GUEST_EXPORT void lockdag_guest_work_begin(const void *work, const char *name);
GUEST_EXPORT void lockdag_guest_work_end(const void *work);
GUEST_EXPORT void lockdag_guest_work_waiting(const void *work, const char *name);

enum { WORK_POOLS = 64, WORK_TASKS = 1024, WORK_TRIES = 4096 };

/* Changed under work_locked alone. */
static struct work_pool {
	const void *pool;
	uint32_t workers;
	uint32_t reached; /* as many pieces of work as workers waited at once */
} work_pools[WORK_POOLS];

/* From queued to end; what has ended is remembered until its place is needed, for it may be waited for yet. */
static struct work_task {
	const void *work; /* NULL: free */
	struct work_pool *pool;
	uint32_t ended;
	uint32_t waits;	 /* for work of its pool */
	uint32_t others; /* that waited while this was there */
} work_tasks[WORK_TASKS];

static uint32_t work_locked;

/* A handler may come between: then nothing is known. */
static bool work_lock(void)
{
	for (int i = 0; i < WORK_TRIES; i++) {
		uint32_t open = 0;

		if (lockdag_cas_acq_rel(&work_locked, &open, 1))
			return true;
	}
	lockdag_write_lost(&guest_process.writer, LOCKDAG_LOST_POOL);
	return false;
}

static void work_unlock(void)
{
	lockdag_store_release(&work_locked, 0); /* pairs with: work_lock */
}

static struct work_pool *work_find_pool(const void *pool)
{
	for (struct work_pool *p = work_pools; pool && p < work_pools + WORK_POOLS; p++)
		if (p->pool == pool)
			return p;
	return NULL;
}

static struct work_task *work_find_task(const void *work)
{
	for (struct work_task *task = work_tasks; task < work_tasks + WORK_TASKS; task++)
		if (task->work == work)
			return task;
	return NULL;
}

static struct work_task *work_free_task(void)
{
	struct work_task *task = work_find_task(NULL);

	for (struct work_task *old = work_tasks; !task && old < work_tasks + WORK_TASKS; old++)
		task = old->ended ? old : NULL;
	return task;
}

static bool work_key(struct lockdag_block *t, const void *object, const char *name,
	struct guest_site site, uint32_t *ret_key)
{
	if (guest_plain_shadow(object, ret_key) || guest_lookup(object, LOCKDAG_LOCK_WORK, ret_key))
		return true;
	if (name)
		guest_name(object, name);
	return guest_event_key(t, object, LOCKDAG_LOCK_WORK, site, ret_key);
}

void lockdag_guest_pool(const void *pool, const char *name, unsigned workers)
{
	struct lockdag_block *t = guest_current();
	struct work_pool *p;
	uint32_t key;

	if (!t || !pool || !workers || !work_key(t, pool, name, GUEST_SITE(), &key) || !work_lock())
		return;
	p = work_find_pool(pool);
	for (p = p ? p : work_pools; p < work_pools + WORK_POOLS; p++) {
		if (p->pool && p->pool != pool)
			continue;
		*p = (struct work_pool){ pool, workers, 0 };
		break;
	}
	work_unlock();
}

void lockdag_guest_work_queued(const void *work, const char *name, const void *pool)
{
	struct lockdag_block *t = guest_current();
	struct work_task *task = NULL;
	struct work_pool *p;
	uint32_t key;

	if (!t || !work || !work_key(t, work, name, GUEST_SITE(), &key) || !work_lock())
		return;
	p = work_find_pool(pool);
	if (p) {
		task = work_find_task(work);
		task = task ? task : work_free_task();
	}
	if (task)
		*task = (struct work_task){ .work = work, .pool = p };
	work_unlock();
}

/* The pool that the work is queued to, or NULL. */
static const void *work_pool_of(const void *work)
{
	struct work_task *task;
	const void *pool;

	if (!work_lock())
		return NULL;
	task = work_find_task(work);
	pool = task ? task->pool->pool : NULL;
	work_unlock();
	return pool;
}

/* Whoever runs it holds it, and shares its pool; nobody waits for a worker to begin. */
void lockdag_guest_work_begin(const void *work, const char *name)
{
	const struct guest_site site = GUEST_SITE();
	struct lockdag_block *t = guest_current();
	const void *pool;
	uint32_t key;

	if (!t || !work || !work_key(t, work, name, site, &key))
		return;
	guest_tried(t, (void *)(uintptr_t)work, key, LOCKDAG_EXCLUSIVE, site.ip, site.sp, GUEST_LOOK_UP);
	t->running = (uint64_t)work;
	pool = work_pool_of(work);
	if (pool && work_key(t, pool, NULL, site, &key))
		guest_tried(t, (void *)(uintptr_t)pool, key, LOCKDAG_READ_RECURSIVE, site.ip, site.sp,
			GUEST_LOOK_UP);
}

void lockdag_guest_work_end(const void *work)
{
	struct lockdag_block *t = guest_current();
	const void *pool = work_pool_of(work);
	struct work_task *task;

	if (pool && work_lock()) {
		task = work_find_task(work);
		if (task)
			task->ended = 1;
		work_unlock();
	}
	if (!t)
		return;
	t->running = 0;
	if (pool)
		guest_release(t, pool, LOCKDAG_N_LOCK_TYPES);
	guest_release(t, work, LOCKDAG_N_LOCK_TYPES);
}

/* The work that this thread runs waits for work of its own pool. Returns the pool once that can keep all
 * workers waiting, else NULL. */
static const void *work_nested(const struct lockdag_block *t, const void *work)
{
	struct work_task *mine, *other;
	const void *pool = NULL;
	uint32_t now = 0;

	if (!t->running || !work_lock())
		return NULL;
	mine = work_find_task((const void *)t->running);
	other = work_find_task(work);
	if (mine && other && mine->pool == other->pool) {
		for (struct work_task *task = work_tasks; task < work_tasks + WORK_TASKS; task++) {
			if (!task->work || task->ended || task->pool != mine->pool || task == mine)
				continue;
			now += task->waits;
			task->others += !mine->waits;
		}
		mine->waits = 1;
		/* Of two, the one that was there with the other is enough; of more, all must be there. */
		if (now + 1 >= mine->pool->workers || (mine->pool->workers == 2 && mine->others))
			mine->pool->reached = 1;
		pool = mine->pool->reached ? mine->pool->pool : NULL;
	}
	work_unlock();
	return pool;
}

void lockdag_guest_work_waiting(const void *work, const char *name)
{
	const struct guest_site site = GUEST_SITE();
	struct lockdag_block *t = guest_current();
	void *object = (void *)(uintptr_t)work, *pool;
	uint32_t key, pool_key;

	if (!t || !work || !work_key(t, work, name, site, &key))
		return;
	pool = (void *)(uintptr_t)work_nested(t, work);
	if (pool && work_key(t, pool, NULL, site, &pool_key)) {
		guest_tried(t, object, key, LOCKDAG_EXCLUSIVE, site.ip, site.sp, GUEST_LOOK_UP);
		guest_ask(t, pool, pool_key, LOCKDAG_EXCLUSIVE, 0, 0, 0, site.ip, site.sp, GUEST_LOOK_UP);
		guest_release(t, object, LOCKDAG_N_LOCK_TYPES);
	}
	guest_before(t, object, key, LOCKDAG_EXCLUSIVE, site.ip, site.sp, GUEST_LOOK_UP);
	t->told = (uint64_t)work;
}
