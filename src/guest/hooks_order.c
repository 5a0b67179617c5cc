/* SPDX-License-Identifier: MIT
 *
 * Must-order: what makes one thread's doings come before another's in every run. Barriers whose
 * count is their parties, once routines, and semaphores from 0 with one poster and one waiter (the
 * semaphores' points are written in hooks_sem.c). Each leaves *points* in the threads it touches;
 * the judge makes an order of them. Only the first LOCKDAG_MAX_POINTS of an object are kept: what
 * comes later is not ordered by it, which errs on the side of reporting.
 */
#include "guest/hooks.h"

#define REAL(name) (guest_reals()->name)

void guest_point(struct lockdag_block *t, enum lockdag_point_what what, uint32_t key,
	uint32_t number, uint32_t first, uint32_t last, uint64_t sp)
{
	struct lockdag_writer *w = &guest_process.writer;
	struct lockdag_item_point *p;

	if (!guest_busy_begin(t, sp))
		return;
	p = lockdag_write_item(w, guest_thread_row(t->thread), &t->chunk, sizeof(*p));
	if (p) {
		*p = (struct lockdag_item_point){
			.kind = LOCKDAG_ITEM_POINT,
			.what = (uint16_t)what,
			.size = sizeof(*p),
			.key = LOCKDAG_KEY_ROW(key),
			.number = number,
			.thread = t->thread,
			.first = first,
			.last = last,
		};
		lockdag_write_publish(w, t->chunk, sizeof(*p));
		lockdag_write_news(w);
	}
	guest_busy_end(t);
}

/* ------------------------------------------------------------------ barriers */

GUEST_EXPORT int pthread_barrier_init(pthread_barrier_t *restrict b,
	const pthread_barrierattr_t *restrict attributes, unsigned count)
{
	const struct guest_site site = GUEST_SITE();
	int r = REAL(pthread_barrier_init)(b, attributes, count);

	if (!r)
		guest_born(b, LOCKDAG_LOCK_BARRIER, count, site);
	return r;
}

GUEST_EXPORT int pthread_barrier_destroy(pthread_barrier_t *b)
{
	guest_gone(b, LOCKDAG_LOCK_BARRIER);
	return REAL(pthread_barrier_destroy)(b);
}

/* Nobody arrives for the next round before everybody has arrived for this one, so the number of an
 * arrival tells its round. */
static void order_arrive(struct lockdag_block *t, const pthread_barrier_t *b, uint64_t sp)
{
	struct lockdag_session_key *row;
	uint32_t key, round;

	if (!guest_lookup(b, LOCKDAG_LOCK_BARRIER, &key) || key & LOCKDAG_KEY_MANY)
		return;
	row = guest_key_row(key);
	if (!row->value || lockdag_load_relaxed(&row->n_posts) / row->value >= LOCKDAG_MAX_POINTS)
		return;
	round = lockdag_add_relaxed(&row->n_posts, 1) / row->value;
	guest_point(t, LOCKDAG_POINT_BARRIER, key, round, 0, t->phase, sp);
	t->phase++;
}

GUEST_EXPORT int pthread_barrier_wait(pthread_barrier_t *b)
{
	struct lockdag_block *t = guest_current();
	int r;

	if (!t)
		return REAL(pthread_barrier_wait)(b);
	order_arrive(t, b, GUEST_SP());
	lockdag_store_relaxed(&t->waiting, (uint64_t)b | LOCKDAG_WAIT_OTHER);
	r = guest_real.pthread_barrier_wait(b);
	lockdag_store_relaxed(&t->waiting, 0);
	return r;
}

/* ------------------------------------------------------------------ once */

/* The routine to run, of the innermost call of this thread. */
struct order_once {
	void (*routine)(void);
	struct lockdag_block *t;
	uint32_t key;
	uint64_t sp;
	bool ran;
};

static __thread struct order_once *order_innermost __attribute__((tls_model("initial-exec")));

static void order_run(void)
{
	struct order_once *o = order_innermost;
	uint32_t first = ++o->t->phase;

	o->ran = true;
	o->routine();
	guest_point(o->t, LOCKDAG_POINT_ONCE_RAN, o->key, 0, first, o->t->phase, o->sp);
	o->t->phase++;
}

/* Whether this thread has told that it saw the routine done; tells it from now on. */
static bool order_saw_before(struct lockdag_block *t, uint32_t key)
{
	uint64_t tag = guest_chain(~GUEST_CHAIN_BASE, key, 0);
	struct lockdag_cache_slot *slot = &t->cache[tag % LOCKDAG_CACHE_SLOTS];

	if (slot->tag == tag)
		return true;
	*slot = (struct lockdag_cache_slot){ .tag = tag, .phase = t->phase };
	return false;
}

static int order_once(void *control, void (*routine)(void),
	int (*real)(void *, void (*)(void)), struct guest_site site)
{
	struct order_once o = { .routine = routine, .t = guest_current(), .sp = site.sp }, *outer;
	int r;

	if (!o.t || (!guest_lookup(control, LOCKDAG_LOCK_ONCE, &o.key) &&
			    !guest_identify(o.t, control, LOCKDAG_LOCK_ONCE, false, 1, site, &o.key)))
		return real(control, routine);
	outer = order_innermost;
	order_innermost = &o;
	r = real(control, order_run);
	order_innermost = outer;
	if (!r && !o.ran && !(o.key & LOCKDAG_KEY_MANY) && !order_saw_before(o.t, o.key)) {
		o.t->phase++;
		guest_point(o.t, LOCKDAG_POINT_ONCE_SAW, o.key, 0, o.t->phase, o.t->phase, site.sp);
	}
	return r;
}

static int order_real_once(void *control, void (*routine)(void))
{
	return REAL(pthread_once)(control, routine);
}

static int order_real_call_once(void *control, void (*routine)(void))
{
	REAL(call_once)(control, routine);
	return 0;
}

GUEST_EXPORT int pthread_once(pthread_once_t *control, void (*routine)(void))
{
	return order_once(control, routine, order_real_once, GUEST_SITE());
}

GUEST_EXPORT void call_once(once_flag *flag, void (*routine)(void))
{
	order_once(flag, routine, order_real_call_once, GUEST_SITE());
}
