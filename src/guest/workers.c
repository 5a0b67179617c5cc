/* SPDX-License-Identifier: MIT
 *
 * workers.h. Time is the pool's own: it goes on with each piece of work that is queued, and with each
 * wait of work for what it has queued. All tables are changed under workers_locked alone.
 */
#include "guest/workers_table.h"

#include "guest/hooks.h"

/* ------------------------------------------------------------------ waits */

/* Is what is waited for still to come, as far as can be seen? */
static bool workers_is_pending(const void *event, uint32_t key, uint32_t monitor)
{
	enum lockdag_lock_type type = guest_class_row(guest_key_row(key)->class_id)->type;

	if (guest_worker.future == event)
		return lockdag_load_relaxed((const uint32_t *)event) << 1 != 1 << 1;
	if (type == LOCKDAG_LOCK_SEMAPHORE)
		return !lockdag_load_relaxed((const uint32_t *)event);
	return type == LOCKDAG_LOCK_CONDITION && monitor != LOCKDAG_KEY_NONE;
}

static bool workers_waits_since(uint32_t thread, uint64_t since)
{
	for (uint32_t i = 0; i < WORKERS_WAITS; i++)
		if (workers_waits[i].pool && workers_waits[i].thread == thread)
			return workers_waits[i].since < since;
	return false;
}

/* Has this thread looked at nothing since it queued, but at what its wait needs? Then it runs no work of
 * the queue meanwhile. */
static bool workers_is_blind(const struct workers_pool *p, uint32_t monitor)
{
	const struct guest_worker *w = &guest_worker;

	if (!w->watch || !p->queue_lock || w->asked_queue)
		return false;
	return monitor == LOCKDAG_KEY_NONE ? !w->asked_other
					   : w->asked_other == 1 && w->asked_last == monitor;
}

/* Is what this thread has queued certainly in the queue yet? All other workers are idle, or have waited
 * since before. Then who waits now does not run it himself. */
static bool workers_is_queued(
	const struct workers_pool *p, const struct lockdag_block *t, const void *idle_at)
{
	uint32_t rows = lockdag_load_relaxed(&guest_process.writer.header->n_threads);

	for (uint32_t i = guest_process.first_thread; i < rows; i++) {
		const struct lockdag_session_thread *row = guest_thread_row(i);
		const struct lockdag_block *other;

		if (i == t->thread || !workers_is_row(p, row) || !workers_is_alive(row))
			continue;
		other = (const struct lockdag_block *)(guest_process.writer.base + row->block);
		if ((lockdag_load_acquire(&other->waiting) & ~UINT64_C(3)) != /* pairs with: guest_cond_begin */
				((uint64_t)idle_at & ~UINT64_C(3)) &&
			!workers_waits_since(i, guest_worker.queued_at))
			return false;
	}
	return true;
}

static void workers_open(struct workers_pool *p, struct lockdag_block *t, const void *event,
	uint32_t key, bool plain)
{
	enum lockdag_lock_type type = guest_class_row(guest_key_row(key)->class_id)->type;
	struct workers_wait *w = workers_waits;

	while (w < workers_waits + WORKERS_WAITS && w->pool)
		w++;
	if (w == workers_waits + WORKERS_WAITS)
		return;
	p->plain |= plain;
	*w = (struct workers_wait){ workers_number(p), t->thread, event, ++p->time,
		guest_worker.queued_at, !guest_worker.counted, 0,
		type != LOCKDAG_LOCK_CONDITION && type != LOCKDAG_LOCK_SEMAPHORE };
	guest_workers_n_waits++;
	guest_worker.open = w;
	guest_worker.under_way = 1;
}

/* Has anybody signalled p's event who is no worker of own? Then it may be a queue's. */
static bool workers_has_outsiders(const struct workers_pool *p, const struct workers_pool *own)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < WORKERS_SUBMITTERS; i++) {
		if (!p->submitters[i].thread)
			continue;
		n += p->submitters[i].n;
		if (!workers_is_row(own, guest_thread_row(p->submitters[i].thread - 1)))
			return true;
	}
	return n != p->external;
}

/* Its workers are known now: what they have queued did not come from outside. */
static void workers_forget_own(struct workers_pool *p)
{
	for (struct workers_submitter *s = p->submitters; s < p->submitters + WORKERS_SUBMITTERS; s++) {
		if (!s->thread || !workers_is_row(p, guest_thread_row(s->thread - 1)))
			continue;
		p->external -= s->n;
		*s = (struct workers_submitter){ 0 };
	}
}

/* An idle worker, or a thread that may turn out to be one. */
static void workers_idle(
	struct workers_pool *p, struct lockdag_block *t, uint32_t monitor, unsigned flags)
{
	const struct lockdag_session_thread *row = guest_thread_row(t->thread);

	if (!p->routine && workers_lock()) {
		p->routine = row->start_routine;
		p->site = row->create_site;
		p->caller = row->create_caller;
		workers_look(t, &p->idle);
		workers_forget_own(p);
		workers_unlock();
	}
	if (row->flags & LOCKDAG_THREAD_MAIN || !workers_is_worker(p, t) || flags & GUEST_TIMED)
		p->no = 1;
	if (monitor != LOCKDAG_KEY_NONE)
		p->queue_lock = monitor + 1;
	else if (!p->queue_lock)
		guest_worker.learns = workers_number(p);
	guest_worker.watch = p->queue_lock ? 0 : 1;
	guest_worker.idle = p->no ? 0 : workers_number(p);
	guest_worker.under_way = !p->no;
}

static bool workers_may_be_nested(const struct workers_pool *p, const struct workers_pool *asked,
	unsigned flags, uint32_t timeout_ms)
{
	return p != asked && !p->no && !p->reached && p->external &&
		!(flags & GUEST_TRY) && !(flags & GUEST_TIMED && timeout_ms < 10000);
}

LOCKDAG_COLD void guest_workers_wait_slow(struct lockdag_block *t, const void *event, uint32_t key,
	uint32_t monitor, unsigned flags, uint32_t timeout_ms, struct guest_site site)
{
	struct guest_worker *w = &guest_worker;
	struct workers_pool *p = workers_find(key), *own = w->queued ? &workers_pools[w->queued - 1] : NULL;
	struct guest_worker_stack stack;
	bool plain, blind;

	if (w->queued_last && workers_pools[w->queued_last - 1].no)
		w->queued_last = 0; /* nobody asks any more */
	blind = own && workers_is_blind(own, monitor);
	guest_workers_waits_elsewhere();
	w->waited_at = w->queued_last ? workers_pools[w->queued_last - 1].time : UINT64_MAX;
	if (!p && t->top == t->held && workers_may_add(key) && workers_lock()) {
		p = workers_add(key);
		workers_unlock();
	}
	if (p ? p->no : !workers_may_add(key))
		w->dull = key + UINT64_C(1);
	if (p && p->no && !own)
		return;
	/* A queue's: who waits there is idle, whatever he did before. */
	if (p && (!own || p == own || workers_has_outsiders(p, own))) {
		if (t->top == t->held)
			workers_idle(p, t, monitor, flags);
		w->queued = 0;
		if (p->external && workers_is_worker(p, t))
			w->counted = 0;
		return;
	}
	/* The end of a thread or a process has no key; it is nothing that was queued. */
	if (!own || LOCKDAG_KEY_ROW(key) == LOCKDAG_KEY_NONE ||
		!workers_may_be_nested(own, p, flags, timeout_ms))
		return;
	plain = own->plain || own->fixed || blind || (workers_is_queued(own, t, (const void *)guest_key_row(own->key)->address) &&
				      workers_is_pending(event, key, monitor));
	workers_look(t, &stack);
	if (!workers_is_nested(own, &stack) || !workers_lock())
		return;
	workers_open(own, t, event, key, plain);
	workers_unlock();
	w->event = event;
	w->key = key;
	w->monitor = monitor;
	w->flags = flags;
	w->timeout_ms = timeout_ms;
	w->site = site;
}

/* ------------------------------------------------------------------ what is recorded */

static void *workers_object(const struct workers_pool *p)
{
	if (p->fixed)
		return p->object;
	return (void *)(UINT64_C(5) << 60 | UINT64_C(1) << 32 | (uint64_t)workers_number(p) << 4);
}

static bool workers_key(struct lockdag_block *t, const struct workers_pool *p, struct guest_site site,
	uint32_t *ret_key)
{
	void *object = workers_object(p);

	if (guest_lookup(object, LOCKDAG_LOCK_POOL, ret_key))
		return true;
	if (!guest_identify(t, object, LOCKDAG_LOCK_POOL, true, workers_count(p), site, ret_key))
		return false;
	guest_key_row(*ret_key)->with = LOCKDAG_KEY_ROW(p->key) + 1;
	return true;
}

/* Who waited held a worker of the pool all the time. */
static void workers_record_wait(struct lockdag_block *t, const struct workers_pool *p)
{
	const struct guest_worker *w = &guest_worker;
	uint32_t key;

	if (!workers_key(t, p, w->site, &key))
		return;
	guest_tried(t, workers_object(p), key, LOCKDAG_READ_RECURSIVE, w->site.ip, w->site.sp,
		GUEST_LOOK_UP);
	t->monitor = w->monitor;
	guest_ask(t, (void *)(uintptr_t)w->event, w->key, LOCKDAG_EXCLUSIVE, w->flags | GUEST_WAIT,
		w->timeout_ms, 0, w->site.ip, w->site.sp, GUEST_LOOK_UP);
	t->monitor = LOCKDAG_KEY_NONE;
	guest_release(t, workers_object(p), LOCKDAG_N_LOCK_TYPES);
}

/* Who is about to signal had to get a worker of the pool first. What it holds now it did not hold
 * then. */
static void workers_record_worker(
	struct lockdag_block *t, const struct workers_pool *p, struct guest_site site)
{
	struct lockdag_held_slot *held = t->held;
	uint32_t key;

	if (!workers_key(t, p, site, &key))
		return;
	t->held = t->top;
	guest_ask(t, workers_object(p), key, LOCKDAG_EXCLUSIVE, 0, 0, 0, site.ip, site.sp, GUEST_LOOK_UP);
	t->held = held;
}

LOCKDAG_COLD void guest_workers_waited(struct lockdag_block *t)
{
	struct workers_wait *w = guest_worker.open;
	struct workers_pool *p;
	bool by_worker;

	guest_worker.under_way = 0;
	if (!w) {
		guest_worker.back_pool = guest_worker.idle;
		guest_worker.back_at = workers_pools[guest_worker.idle - 1].time;
		return;
	}
	p = &workers_pools[w->pool - 1];
	by_worker = w->by_worker;
	guest_worker.open = NULL;
	guest_worker.queued = 0;
	if (!workers_lock())
		return;
	guest_worker.counted |= by_worker;
	p->time++;
	w->pool = 0;
	guest_workers_n_waits--;
	workers_unlock();
	if (p->reached && !p->fixed && by_worker && guest_tls.block == t)
		workers_record_wait(t, p);
}

/* ------------------------------------------------------------------ signals */

static struct workers_submitter *workers_submitter(struct workers_pool *p, uint32_t thread)
{
	struct workers_submitter *unused = NULL;

	for (struct workers_submitter *s = p->submitters; s < p->submitters + WORKERS_SUBMITTERS; s++) {
		if (s->thread == thread + 1)
			return s;
		if (!s->thread && !unused)
			unused = s;
	}
	if (unused)
		unused->thread = thread + 1;
	return unused;
}

/* Can what s has queued last be there yet when thread queues something now? It was there already, and nothing
 * tells that it has waited for that since. */
static bool workers_is_beside(const struct workers_submitter *s, uint32_t thread)
{
	return s->thread == thread + 1 ||
		(thread < s->rows && (workers_is_alive(guest_thread_row(s->thread - 1)) ||
					     guest_worker.waited_at < s->time));
}

/* How many pieces of work can be there at once, now that thread has queued one. */
static void workers_count_capacity(struct workers_pool *p, uint32_t thread)
{
	uint32_t capacity = 0, one_each = 0, gated = 0;

	for (struct workers_submitter *s = p->submitters; s < p->submitters + WORKERS_SUBMITTERS; s++) {
		if (!s->thread || s->waited || !workers_is_beside(s, thread))
			continue;
		gated |= s->gated;
		if (s->gated)
			continue;
		capacity += s->most;
		one_each++;
	}
	if (capacity + gated > p->capacity)
		p->capacity = capacity + gated;
	if (one_each + gated > p->one_each)
		p->one_each = one_each + gated;
}

/* Is a lock held besides the queue's? Then it may let in one at a time. */
static bool workers_is_gated(const struct workers_pool *p, const struct lockdag_block *t)
{
	for (const struct lockdag_held_slot *held = t->held; held < t->top; held++)
		if (LOCKDAG_KEY_ROW(LOCKDAG_META_KEY(held->meta)) + 1 != p->queue_lock)
			return true;
	return false;
}

/* Looks at what this thread asks for from now on; in a phase of its own, so that all of it is new. */
static void workers_watch(struct lockdag_block *t)
{
	struct guest_worker *w = &guest_worker;

	w->asked_other = w->asked_queue = 0;
	w->watch = w->budget_used < WORKERS_BUDGET ? WORKERS_WATCH : 0;
	if (!w->watch)
		return;
	w->budget_used++;
	t->phase++;
}

/* Work comes from outside the pool. */
static void workers_external(struct workers_pool *p, struct lockdag_block *t)
{
	struct guest_worker *w = &guest_worker;
	struct workers_submitter *s = workers_submitter(p, t->thread);
	bool clean = w->watch && w->queued_last == workers_number(p) && !w->asked_other &&
		w->asked_queue <= 1;

	p->time++;
	if (!p->external++)
		p->first_rows = lockdag_load_relaxed(&guest_process.writer.header->n_threads);
	if (s) {
		s->waited |= !s->n++ && w->waited;
		s->rows = lockdag_load_relaxed(&guest_process.writer.header->n_threads);
		s->time = p->time;
		s->now = clean ? s->now + 1 : 1;
		if (s->now > s->most)
			s->most = s->now;
		s->gated |= workers_is_gated(p, t);
		workers_count_capacity(p, t->thread);
	}
	w->queued_last = workers_number(p);
	workers_watch(t);
}

/* Work queues more work to its own pool. */
static void workers_internal(struct workers_pool *p, struct lockdag_block *t)
{
	struct guest_worker *w = &guest_worker;

	w->queued_at = ++p->time;
	w->queued = workers_number(p);
	workers_look(t, &w->stack);
	workers_watch(t);
}

/* As many pieces of work as there are workers can be there at once, each to wait for more of them. */
static void workers_judge(struct workers_pool *p, const struct workers_wait *w)
{
	uint32_t capacity = w->unseen ? p->one_each : p->capacity, others, n = workers_count(p);

	if (p->no || p->reached || !p->plain || n < 2 || p->nested > p->external)
		return;
	others = p->external - p->nested;
	if (capacity >= others + n && p->nested >= n)
		p->reached = 1;
}

/* Ends waits of work for what it had queued. The pool that this worker is of, once it is known for one
 * whose work can keep it from going on; else NULL. */
static const struct workers_pool *workers_ends(const struct lockdag_block *t, const void *event)
{
	const struct workers_pool *reached = NULL;

	for (struct workers_wait *w = workers_waits; w < workers_waits + WORKERS_WAITS; w++) {
		struct workers_pool *p = w->pool ? &workers_pools[w->pool - 1] : NULL;

		if (!p || w->event != event || w->thread == t->thread)
			continue;
		if (!workers_is_worker(p, t)) {
			p->no = 1;
			continue;
		}
		/* What it does it has taken from the queue since: it may be what was queued. */
		if (guest_worker.back_pool != w->pool || guest_worker.back_at < w->queued_at)
			continue;
		if (!w->by_worker) {
			w->by_worker = 1;
			p->nested += w->counts;
			workers_judge(p, w);
		}
		if (p->reached && !p->no)
			reached = p;
	}
	return reached;
}

LOCKDAG_COLD void guest_workers_signal_slow(
	struct lockdag_block *t, const void *event, uint32_t key, struct guest_site site)
{
	const struct workers_pool *reached = NULL;
	struct workers_pool *p = workers_find(key);

	if (p ? p->no : !workers_may_add(key)) {
		guest_worker.dull = key + UINT64_C(1);
		if (!guest_workers_n_waits)
			return;
	}
	if (lockdag_load_relaxed(&workers_lost) || !workers_lock())
		return;
	p = workers_add(key);
	if (p && !p->no) {
		if (workers_is_worker(p, t))
			workers_internal(p, t);
		else
			workers_external(p, t);
		p->no |= p->time > WORKERS_TIME && !p->nested;
	}
	if (guest_workers_n_waits)
		reached = workers_ends(t, event);
	workers_unlock();
	if (reached)
		workers_record_worker(t, reached, site);
}

LOCKDAG_COLD void guest_workers_asked(const struct lockdag_block *t,
	const struct lockdag_held_slot *slot, struct lockdag_cache_slot *cache)
{
	struct guest_worker *w = &guest_worker;
	uint32_t row = LOCKDAG_KEY_ROW(LOCKDAG_META_KEY(slot->meta));
	uint32_t pool = w->queued ? w->queued : w->queued_last;

	if (LOCKDAG_META_FLAGS(slot->meta) & GUEST_WAIT)
		return;
	if (w->learns) {
		workers_pools[w->learns - 1].queue_lock = row + 1;
		w->learns = w->watch = 0;
		return;
	}
	w->watch--;
	w->asked_last = row;
	if (pool && workers_pools[pool - 1].queue_lock == row + 1)
		w->asked_queue++;
	else
		w->asked_other++;
	/* So that the next one like it is looked at, too: in a phase before, but of this iteration. */
	if (t->phase > t->iteration)
		cache->phase = t->phase - 1;
}

/* ------------------------------------------------------------------ pools of GLib's
 *
 * Their size is said, and where items begin and end; and nobody but the pool takes items from it. */

uint32_t guest_workers_pool(void *object, uint32_t n)
{
	struct workers_pool *p = NULL;

	if (n < 2 || workers_n == WORKERS_POOLS || !workers_lock())
		return 0;
	if (workers_n < WORKERS_POOLS)
		p = &workers_pools[workers_n++];
	if (p)
		*p = (struct workers_pool){ .key = LOCKDAG_KEY_NONE, .object = object, .fixed = n };
	workers_unlock();
	return p ? workers_number(p) : 0;
}

void guest_workers_push(struct lockdag_block *t, uint32_t pool)
{
	struct workers_pool *p = &workers_pools[pool - 1];

	if (p->no || !workers_lock())
		return;
	if (workers_is_worker(p, t))
		workers_internal(p, t);
	else
		workers_external(p, t);
	p->no |= p->time > WORKERS_TIME && !p->nested;
	workers_unlock();
}

void guest_workers_run(struct lockdag_block *t, uint32_t pool)
{
	struct guest_worker *w = &guest_worker;
	struct workers_pool *p = &workers_pools[pool - 1];
	uint32_t i = 0;

	w->runs = w->back_pool = pool;
	w->back_at = p->time;
	w->queued = w->counted = 0;
	if (p->no || workers_has_run(p, guest_thread_row(t->thread)) || !workers_lock())
		return;
	while (i < WORKERS_SUBMITTERS && p->ran[i])
		i++;
	if (i < WORKERS_SUBMITTERS)
		p->ran[i] = t->thread + 1;
	workers_unlock();
}

void guest_workers_ran(void)
{
	guest_worker.runs = guest_worker.queued = 0;
}

void guest_workers_resized(uint32_t pool)
{
	workers_pools[pool - 1].no = 1;
}
