/* SPDX-License-Identifier: MIT
 *
 * Must-order: what makes one thread's doings come before another's in every run. Barriers whose
 * count is their parties, once routines, semaphores from 0 with one poster and one waiter (the
 * semaphores' points are written in hooks_sem.c), futures (hooks_cxx.c) and the latches among the
 * futexes (hooks_futex.c). Each leaves *points* in the threads it touches;
 * the judge makes an order of them. Only the first LOCKDAG_MAX_POINTS of an object are kept: what
 * comes later is not ordered by it, which errs on the side of reporting.
 */
#include "guest/hooks_event.h"

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
	guest_gone(b, LOCKDAG_LOCK_BARRIER, GUEST_SITE());
	return REAL(pthread_barrier_destroy)(b);
}

/* Nobody arrives for the next round before everybody has arrived for this one, so the number of an
 * arrival tells its round. */
static bool order_arrive(struct lockdag_block *t, uint32_t key, uint64_t sp)
{
	struct lockdag_session_key *row;
	uint32_t round;

	if (key & LOCKDAG_KEY_MANY)
		return false;
	row = guest_key_row(key);
	if (!row->value || lockdag_load_relaxed(&row->n_posts) / row->value >= LOCKDAG_MAX_POINTS)
		return false;
	round = lockdag_add_relaxed(&row->n_posts, 1) / row->value;
	guest_point(t, LOCKDAG_POINT_BARRIER, key, round, 0, t->phase, sp);
	t->phase++;
	return true;
}

GUEST_EXPORT int pthread_barrier_wait(pthread_barrier_t *b)
{
	struct lockdag_block *t = guest_current();
	uint32_t key;
	bool counted;
	int r;

	if (!t || !guest_lookup(b, LOCKDAG_LOCK_BARRIER, &key))
		return REAL(pthread_barrier_wait)(b);
	/* An arrival lets the others go, and waits for them. */
	guest_event_signal(t, b, key, GUEST_SITE());
	guest_event_wait(t, b, key, LOCKDAG_KEY_NONE, 0, 0, 0, GUEST_SITE());
	counted = order_arrive(t, key, GUEST_SP());
	r = guest_real.pthread_barrier_wait(b);
	guest_event_waited(t);
	if (counted)
		t->passed = t->phase;
	return r;
}

/* ------------------------------------------------------------------ what comes about once */

void guest_point_set(struct lockdag_block *t, uint32_t key, uint64_t sp)
{
	struct lockdag_session_key *row = guest_key_row(key);

	if (key & LOCKDAG_KEY_MANY || lockdag_load_relaxed(&row->flags) & LOCKDAG_KEY_POSTERS)
		return;
	if (lockdag_add_relaxed(&row->n_posts, 1)) { /* it comes about more than once */
		lockdag_or_relaxed(&row->flags, LOCKDAG_KEY_POSTERS);
		return;
	}
	guest_point(t, LOCKDAG_POINT_SET, key, 0, 0, t->phase, sp);
	t->phase++;
}

void guest_point_got(struct lockdag_block *t, uint32_t key, uint64_t sp)
{
	struct lockdag_session_key *row = guest_key_row(key);

	if (key & LOCKDAG_KEY_MANY || lockdag_load_relaxed(&row->flags) & LOCKDAG_KEY_POSTERS ||
		lockdag_load_relaxed(&row->n_waits) >= LOCKDAG_MAX_POINTS)
		return;
	lockdag_add_relaxed(&row->n_waits, 1);
	t->phase++;
	guest_point(t, LOCKDAG_POINT_GOT, key, 0, t->phase, t->phase, sp);
}

/* ------------------------------------------------------------------ once
 *
 * A lock that its first taker holds while the routine runs, and that the others ask for. Asking is
 * recorded whether or not the routine was done already: in another run it would not have been. */

/* The routine to run, of the innermost call of this thread. */
struct order_once {
	void (*routine)(void);
	struct lockdag_block *t;
	void *control;
	struct guest_site site;
	enum lockdag_lock_type type;
	uint32_t key;
	bool ran;
};

static __thread struct order_once *order_innermost __attribute__((tls_model("initial-exec")));

static void order_run(void)
{
	struct order_once *o = order_innermost;
	uint32_t first = ++o->t->phase;

	o->ran = true;
	guest_after(o->t, o->control, o->type, LOCKDAG_EXCLUSIVE, o->site.ip, o->site.sp, true);
	o->routine();
	guest_release(o->t, o->control, LOCKDAG_N_LOCK_TYPES);
	guest_point(o->t, LOCKDAG_POINT_ONCE_RAN, o->key, 0, first, o->t->phase, o->site.sp);
	o->t->phase++;
	lockdag_store_relaxed(&guest_key_row(o->key)->n_posts, 1);
}

/* Has it run, and is as new now? Then it is another one at the same address: once controls have no end
 * that would be seen (those of std::promise come and go). */
static void order_forget_old(void *control, enum lockdag_lock_type type)
{
	uint32_t key;

	if (!lockdag_load_relaxed((const uint32_t *)control) && guest_lookup(control, type, &key) &&
		lockdag_load_relaxed(&guest_key_row(key)->n_posts))
		guest_forget(control);
}

bool guest_saw_done(struct lockdag_block *t, uint32_t key, bool from_now_on)
{
	uint64_t tag = guest_chain(~GUEST_CHAIN_BASE, key, 0);

	if (t->cache[LOCKDAG_CACHE_AT(tag)].tag == tag)
		return true;
	if (from_now_on)
		guest_cache_mark(t, tag);
	return false;
}

void guest_once_saw(struct lockdag_block *t, uint32_t key, uint64_t sp)
{
	if (key & LOCKDAG_KEY_MANY || guest_saw_done(t, key, true))
		return;
	t->phase++;
	guest_point(t, LOCKDAG_POINT_ONCE_SAW, key, 0, t->phase, t->phase, sp);
}

static int order_once(void *control, void (*routine)(void),
	int (*real)(void *, void (*)(void)), enum lockdag_lock_type type, struct guest_site site)
{
	struct order_once o = { .routine = routine, .t = guest_current(), .control = control,
		.site = site, .type = type }, *outer;
	struct lockdag_block *t = o.t;
	int r;

	if (t)
		order_forget_old(control, type);
	if (!t || !guest_event_key(t, control, type, site, &o.key))
		return real(control, routine);
	guest_before(t, control, o.key, LOCKDAG_EXCLUSIVE, site.ip, site.sp, GUEST_LOOK_UP);
	outer = order_innermost;
	order_innermost = &o;
	r = real(control, order_run);
	order_innermost = outer;
	lockdag_store_relaxed(&t->waiting, 0);
	if (!r && !o.ran)
		guest_once_saw(t, o.key, site.sp);
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
	return order_once(control, routine, order_real_once, LOCKDAG_LOCK_ONCE, GUEST_SITE());
}

GUEST_EXPORT void call_once(once_flag *flag, void (*routine)(void))
{
	order_once(flag, routine, order_real_call_once, LOCKDAG_LOCK_ONCE_FLAG, GUEST_SITE());
}
