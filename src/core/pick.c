/* SPDX-License-Identifier: MIT */
#include "core/pick.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define PICK_BUDGET_EACH 100000 /* pairs looked at in one search */
#define PICK_BUDGET_LEAST 1000  /* the same, when the budget of all cycles is spent */
#define PICK_MAX_WRITERS 256    /* of one class that are tried at one joint */
#define BIT(ruled) (1u << (ruled))

static const struct lockdag_acquire *pick_acquire(const struct pick *p, const struct arc *a)
{
	return events_asking(p->events, a->acquire);
}

/* ------------------------------------------------------------------ candidates */

/* Equal for observations that no filter can tell apart. */
static uint64_t pick_signature(const struct pick *p, const struct arc *arc)
{
	const struct lockdag_model *m = p->e->m;
	const struct lockdag_acquire *a = pick_acquire(p, arc);
	uint64_t h = lockdag_hash_mix(a->thread);

	h = lockdag_hash_mix(h ^ ((uint64_t)a->first_phase << 32 | a->last_phase));
	h = lockdag_hash_mix(h ^ ((uint64_t)a->lock << 8 | (uint64_t)a->mode << 1 |
					 (uint64_t)filters_times_out(a)));
	h = lockdag_hash_mix(h ^ a->serial);
	h = lockdag_hash_mix(h ^ ((uint64_t)a->handler << 32 | a->flags));
	h = lockdag_hash_mix(h ^ arc->held);
	if (arc->held == LOCKDAG_NONE) {
		const struct lockdag_held event = arc_under(p->events, arc);

		h = lockdag_hash_mix(h ^ event.lock);
		h = lockdag_hash_mix(h ^ event.serial);
	}
	for (uint32_t i = 0; i < a->n_held; i++) {
		const struct lockdag_held *held = &m->held.items[a->held + i];

		h = lockdag_hash_mix(h ^ ((uint64_t)held->lock << 8 | (uint64_t)held->mode));
	}
	return h;
}

/* Puts key into an open-addressing set of cap (a power of two, never full); false: it was in. */
static bool pick_set_add(uint64_t *set, size_t cap, uint64_t key)
{
	size_t i = (size_t)lockdag_hash_mix(key) & (cap - 1);

	key += key == 0;
	for (; set[i]; i = (i + 1) & (cap - 1)) {
		if (set[i] == key)
			return false;
	}
	set[i] = key;
	return true;
}

/* Different observations of the link, one of each thread first. */
static int pick_candidates(struct pick *p, const struct link *l, struct pick_candidates *c)
{
	size_t cap = 2 * PICK_MAX_CANDIDATES, kept = 0;
	uint64_t *seen = NULL;
	uint32_t *arcs;

	while (cap < 2 * (size_t)l->n)
		cap *= 2;
	arcs = malloc((size_t)l->n * sizeof(*arcs));
	seen = calloc(2 * cap, sizeof(*seen));
	if (!arcs || !seen) {
		free(arcs);
		free(seen);
		return -ENOMEM;
	}
	for (unsigned round = 0; round < 2; round++) {
		for (uint32_t i = l->first; i < l->first + l->n; i++) {
			const struct arc *a = &p->g->arcs.items[i];

			if (kept == PICK_MAX_CANDIDATES) {
				p->bounded = true;
				break;
			}
			if (!round &&
				!pick_set_add(seen, cap, (uint64_t)pick_acquire(p, a)->thread + 1))
				continue;
			if (pick_set_add(seen + cap, cap, pick_signature(p, a)))
				arcs[kept++] = i;
		}
	}
	free(seen);
	c->arcs = arcs;
	c->n = kept;
	return 0;
}

void pick_clear(struct pick *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->candidates[i].arcs);
	memset(p->candidates, 0, p->n * sizeof(p->candidates[0]));
	p->n = 0;
}

/* ------------------------------------------------------------------ the filters, applied */

enum lockdag_ruled pick_unary(struct pick *p, const struct arc *a)
{
	const struct lockdag_acquire *x = pick_acquire(p, a);
	uint32_t lock = arc_under(p->events, a).lock;
	enum lockdag_ruled held = a->held == LOCKDAG_NONE ? events_semaphore(p->events, lock)
							  : filters_semaphore(p->e, lock);
	enum lockdag_ruled asked = events_is_wait(x) ? events_semaphore(p->events, x->lock)
						     : filters_semaphore(p->e, x->lock);

	if (held == LOCKDAG_RULED_EVENT || asked == LOCKDAG_RULED_EVENT)
		return LOCKDAG_RULED_EVENT;
	if (held != LOCKDAG_RULED_NOT || asked != LOCKDAG_RULED_NOT)
		return LOCKDAG_RULED_COUNT;
	return filters_times_out(x) ? LOCKDAG_RULED_TIMED : LOCKDAG_RULED_NOT;
}

/* Is the pick what a signal handler asks for? It runs in whatever thread the pick before it says. */
static bool pick_in_handler(const struct pick *p, size_t i)
{
	return p->picks[i]->held == LOCKDAG_NONE &&
	       pick_acquire(p, p->picks[i])->flags & LOCKDAG_ACQUIRE_HANDLER;
}

static size_t pick_before(const struct pick *p, size_t i)
{
	return (i ? i : p->n) - 1;
}

/* The handler asks for what its own thread holds: it is stuck if that is the very lock, and one that
 * its owner cannot take again. */
static bool pick_interrupts_itself(
	const struct pick *p, const struct lockdag_acquire *asks, const struct lockdag_held *under)
{
	const struct lockdag_model *m = p->e->m;
	const struct lockdag_birth *b = lock_birth(m, asks->lock);
	struct instance x, y;

	return b->type != LOCKDAG_LOCK_GLIB_REC_MUTEX &&
	       !(b->attributes & (LOCKDAG_LOCK_RECURSIVE | LOCKDAG_LOCK_ERRORCHECK)) &&
	       instance_get(m, asks->lock, asks->serial, asks->thread, &x) &&
	       instance_get(m, under->lock, under->serial, asks->thread, &y) &&
	       instance_equal(&x, &y);
}

/* Does pick i's asking wait for what pick k holds, or is to bring about? */
static enum filters_joint pick_joint(const struct pick *p, size_t i, size_t k)
{
	const struct lockdag_acquire *asks = pick_acquire(p, p->picks[i]);
	struct lockdag_held under = arc_under(p->events, p->picks[k]);
	bool event = p->picks[k]->held == LOCKDAG_NONE;

	if (events_is_wait(asks) != event)
		return JOINT_FREE;
	if (p->n == 2 && pick_in_handler(p, i) && !pick_interrupts_itself(p, asks, &under))
		return JOINT_FREE;
	if (!event && filters_one_owner(p->e->m, asks->lock, asks->serial, &under))
		return JOINT_FREE;
	if (!event)
		return filters_joint(asks->mode, under.mode);
	return events_meet(p->events, asks, &under, pick_acquire(p, p->picks[k])->thread)
		       ? JOINT_BLOCKS
		       : JOINT_FREE;
}

bool pick_private_joint(const struct pick *p, size_t i, size_t j)
{
	const struct lockdag_model *m = p->e->m;
	const struct arc *a = p->picks[i], *b = p->picks[j];
	bool a_asks = !lock_is_shared(m, pick_acquire(p, a)->lock);
	bool b_asks = !lock_is_shared(m, pick_acquire(p, b)->lock);
	bool a_holds = !lock_is_shared(m, arc_under(p->events, a).lock);
	bool b_holds = !lock_is_shared(m, arc_under(p->events, b).lock);
	bool after = (i + 1) % p->n == j, before = (j + 1) % p->n == i;

	if (!after && !before)
		return a_asks || b_asks || a_holds || b_holds;
	return (after && (a_asks || b_holds)) || (before && (b_asks || a_holds));
}

/* Does pick i ask for a lock that plays another part than the one pick k holds? */
static bool pick_parts_differ(const struct pick *p, size_t i, size_t k)
{
	return parts_differ(p->parts, pick_acquire(p, p->picks[i])->lock,
		arc_under(p->events, p->picks[k]).lock);
}

/* Does pick i ask for another lock of the class than the one pick k holds, as far as is known? Only
 * where the class alone is not enough: see pick_wants_instances() and core/makers.h. */
static bool pick_instances_differ(const struct pick *p, size_t i, size_t k)
{
	const struct lockdag_model *m = p->e->m;
	const struct lockdag_acquire *asks = pick_acquire(p, p->picks[i]);
	const struct lockdag_acquire *holds = pick_acquire(p, p->picks[k]);
	struct lockdag_held under;
	struct instance a, b;

	if (events_is_wait(asks) || p->picks[k]->held == LOCKDAG_NONE ||
		(!p->by_instance && !p->makers->objects[p->classes->of_lock[asks->lock]]))
		return false;
	under = arc_under(p->events, p->picks[k]);
	/* In one process that does what both did, they are one lock if there is only one of the kind. */
	if (m->threads.items[asks->thread].process != m->threads.items[holds->thread].process)
		return (p->by_helper || !p->by_instance) && !lock_is_shared(m, asks->lock) &&
		       (!p->e->sole[asks->lock] || !p->e->sole[under.lock]);
	return instance_get(m, asks->lock, asks->serial, asks->thread, &a) &&
	       instance_get(m, under.lock, under.serial, holds->thread, &b) &&
	       !instance_equal(&a, &b);
}

/* Is reason one that the search may pass over? Notes that it was met. */
static bool pick_passes(struct pick *p, enum lockdag_ruled reason)
{
	if (reason == LOCKDAG_RULED_NOT)
		return true;
	p->met |= BIT(reason);
	return p->relaxed & BIT(reason);
}

/* Was the handler's signal seen where the interrupted one could have got it too: in its thread or one
 * of its kind, or sent to the process? */
static bool pick_is_delivered(const struct pick *p, size_t handler)
{
	const struct lockdag_thread *threads = p->e->m->threads.items;
	const struct lockdag_acquire *a = pick_acquire(p, p->picks[handler]);
	uint32_t to = pick_acquire(p, p->picks[pick_before(p, handler)])->thread;
	const char *x = threads[a->thread].role, *y = threads[to].role;

	return !(a->flags & LOCKDAG_ACQUIRE_DIRECTED) || a->thread == to ||
	       (x && y && !strcmp(x, y));
}

/* May picks i and k stand in one deadlock? A handler's is of its interrupted thread, wherever it was
 * seen: only what it holds itself can be in the way of the others. */
static enum lockdag_ruled pick_pair(const struct pick *p, size_t i, size_t k)
{
	const struct lockdag_acquire *x = pick_acquire(p, p->picks[i]);
	const struct lockdag_acquire *y = pick_acquire(p, p->picks[k]);
	bool x_handler = pick_in_handler(p, i), y_handler = pick_in_handler(p, k);

	if ((x_handler && pick_before(p, i) == k) || (y_handler && pick_before(p, k) == i)) {
		/* Of a cycle of two, either may be before the other. */
		return pick_is_delivered(p, x_handler ? i : k) ? LOCKDAG_RULED_NOT
							       : LOCKDAG_RULED_DIRECTED;
	}
	if (!x_handler && !y_handler)
		return filters_pair(p->e, x, y, pick_private_joint(p, i, k));
	return filters_gate(p->e, x, y, false) != LOCKDAG_NONE ? LOCKDAG_RULED_GATE
								: LOCKDAG_RULED_NOT;
}

/* Do picks 0 .. k hold a semaphore of pick k more often than there is room in it? */
static bool pick_overfills(const struct pick *p, size_t k)
{
	const struct lockdag_model *m = p->e->m;
	const struct lockdag_acquire *a = pick_acquire(p, p->picks[k]);

	for (uint32_t i = 0; i < a->n_held; i++) {
		const struct lockdag_held *row = &m->held.items[a->held + i];
		uint32_t room = filters_room(m, row), n = 0;

		for (size_t j = 0; room && j <= k; j++)
			n += filters_holds(m, pick_acquire(p, p->picks[j]), row->lock);
		if (n > room)
			return true;
	}
	return false;
}

/* Can pick k stand beside picks 0 .. k-1? */
static bool pick_fits(struct pick *p, size_t k)
{
	if (k > 0 && pick_joint(p, k - 1, k) == JOINT_FREE)
		return false;
	if (k + 1 == p->n && pick_joint(p, k, 0) == JOINT_FREE)
		return false;
	if (((k > 0 && pick_parts_differ(p, k - 1, k)) ||
		    (k + 1 == p->n && pick_parts_differ(p, k, 0))) &&
		!pick_passes(p, LOCKDAG_RULED_PARTS))
		return false;
	if (((k > 0 && pick_instances_differ(p, k - 1, k)) ||
		    (k + 1 == p->n && pick_instances_differ(p, k, 0))) &&
		!pick_passes(p, LOCKDAG_RULED_INSTANCES))
		return false;
	if (!pick_passes(p, pick_unary(p, p->picks[k])))
		return false;
	for (size_t i = 0; i < k; i++) {
		if (p->left)
			p->left--;
		if (!pick_passes(p, pick_pair(p, i, k)))
			return false;
	}
	return !pick_overfills(p, k) || pick_passes(p, LOCKDAG_RULED_GATE);
}

/* ------------------------------------------------------------------ queued writers */

static bool pick_writer_fits(struct pick *p, size_t joint, uint32_t writer, size_t n_chosen)
{
	const struct lockdag_model *m = p->e->m;
	const struct lockdag_acquire *w = &m->acquires.items[writer];
	const struct lockdag_acquire *asks = pick_acquire(p, p->picks[joint]);
	bool private = !lock_is_shared(m, w->lock);
	struct instance a, b;

	if (filters_times_out(w) && !(p->relaxed & BIT(LOCKDAG_RULED_TIMED)))
		return false;
	if (p->same_instance &&
		(!instance_get(m, w->lock, w->serial, w->thread, &a) ||
			!instance_get(m, asks->lock, asks->serial, asks->thread, &b) ||
			!instance_equal(&a, &b)))
		return false;
	for (size_t i = 0; i < p->n; i++) {
		if (!pick_in_handler(p, i) &&
			filters_pair(p->e, w, pick_acquire(p, p->picks[i]), private))
			return false;
	}
	for (size_t i = 0; i < n_chosen; i++) {
		if (filters_pair(p->e, w, &m->acquires.items[p->chosen_writers[i]], private))
			return false;
	}
	return true;
}

/* A writer for each joint from this one on that needs one, all in threads of their own. */
static bool pick_writers(struct pick *p, size_t joint, size_t n_chosen)
{
	size_t low = 0, high = p->writers->n;
	uint32_t class_id;

	while (joint < p->n && pick_joint(p, joint, (joint + 1) % p->n) != JOINT_NEEDS_WRITER)
		joint++;
	if (joint == p->n)
		return true;
	class_id = p->classes->of_lock[pick_acquire(p, p->picks[joint])->lock];
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (p->writers->items[middle].class_id < class_id)
			low = middle + 1;
		else
			high = middle;
	}
	for (size_t i = low; i < p->writers->n && i < low + PICK_MAX_WRITERS; i++) {
		const struct writer *w = &p->writers->items[i];

		if (w->class_id != class_id)
			break;
		p->left -= p->left > p->n ? p->n : p->left;
		if (!p->left || !pick_writer_fits(p, joint, w->acquire, n_chosen))
			continue;
		p->chosen_writers[n_chosen] = w->acquire;
		if (pick_writers(p, joint + 1, n_chosen + 1))
			return true;
	}
	return false;
}

/* ------------------------------------------------------------------ other wakers */

bool pick_holds_worker(const struct lockdag_model *m, const struct lockdag_acquire *a)
{
	for (uint32_t k = 0; k < a->n_held; k++) {
		const struct lockdag_held *held = &m->held.items[a->held + k];

		if (lock_birth(m, held->lock)->type == LOCKDAG_LOCK_POOL && held->mode != LOCKDAG_EXCLUSIVE)
			return true;
	}
	return false;
}

/* Did the thread of this pick signal with the pick's lock taken already? Then it has, before it
 * waits. */
static bool pick_signals_first(
	const struct pick *p, const struct arc *pick, const struct lockdag_discharge *d)
{
	const struct lockdag_held under = arc_under(p->events, pick);

	for (uint32_t k = 0; pick->held != LOCKDAG_NONE && k < d->n_held; k++) {
		const struct lockdag_held *row = &p->e->m->held.items[d->held + k];

		if (row->lock == under.lock && row->serial == under.serial)
			return true;
	}
	return false;
}

static bool pick_is_through_pool(const struct pick *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->picks[i]->held != LOCKDAG_NONE &&
			lock_birth(p->e->m, arc_under(p->events, p->picks[i]).lock)->type == LOCKDAG_LOCK_POOL)
			return true;
	return false;
}

/* Is the thread a worker of a pool that the cycle goes through, as the one that pick i has kept waiting is?
 * Then it may wait as that one does. */
static bool pick_is_worker(const struct pick *p, const struct lockdag_acquire *a, uint32_t thread)
{
	const struct lockdag_thread *threads = p->e->m->threads.items;
	const char *role = threads[thread].role, *other = threads[a->thread].role;

	return role && other && !strcmp(role, other) && pick_holds_worker(p->e->m, a) &&
	       pick_is_through_pool(p);
}

/* Had the discharge's thread asked for nothing before that this pick holds or waits for? */
static bool pick_leaves(const struct pick *p, const struct arc *pick, const struct lockdag_discharge *d)
{
	const struct lockdag_model *m = p->e->m;

	for (uint32_t k = 0; k < d->n_held; k++) {
		const struct lockdag_held *row = &m->held.items[d->held + k];

		/* It has waited for the end of one that is stuck. */
		if (lock_birth(m, row->lock)->type == LOCKDAG_LOCK_THREAD &&
			row->serial == (uint64_t)pick_acquire(p, pick)->thread + 1)
			return false;
		if (!(row->flags & LOCKDAG_ACQUIRE_TRY) &&
			p->classes->of_lock[row->lock] == pick->from &&
			!events_asks_other(p->events, d, row, pick->acquire, pick->held))
			return false;
	}
	return true;
}

/* Has the discharge ended this wait whenever that ended, earlier in the iteration in which its thread is stuck
 * before it signals once more? */
static bool pick_ended_before(
	const struct pick *p, const struct arc *wait, uint32_t discharge, const struct arc *own)
{
	const struct lockdag_model *m = p->e->m;
	const struct lockdag_discharge *stuck;

	if (events_ended(p->events, wait->acquire) != discharge || own->acquire < m->acquires.n)
		return false;
	stuck = &m->discharges.items[p->events->more[own->acquire - m->acquires.n].discharge];
	return stuck->first_phase == m->discharges.items[discharge].first_phase;
}

/* Can the discharge come although the picks are stuck: by a thread that is none of theirs, with
 * nothing asked for before that they hold or wait for, and neither over before the wait begins nor
 * begun after it is over? Or has one of theirs made it on its way to its own wait: with the pick's lock taken
 * already, or before it came to where it is stuck? */
static bool pick_wakes(const struct pick *p, const struct arc *wait, uint32_t discharge)
{
	const struct lockdag_acquire *a = pick_acquire(p, wait);
	const struct lockdag_discharge *d = &p->e->m->discharges.items[discharge];
	const struct lockdag_acquire as = {
		.thread = d->thread, .first_phase = d->first_phase, .last_phase = d->last_phase};
	const struct arc *own = NULL;

	if (pick_is_worker(p, a, d->thread))
		return false;
	for (size_t i = 0; i < p->n; i++) {
		if (pick_acquire(p, p->picks[i])->thread == d->thread)
			own = p->picks[i];
		else if (!pick_leaves(p, p->picks[i], d))
			return false;
	}
	if (own)
		return d->thread != a->thread &&
		       (pick_signals_first(p, own, d) || pick_ended_before(p, wait, discharge, own));
	return filters_ordered(p->e, &as, a) == filters_ordered(p->e, a, &as);
}

/* Is there a pick whose wait somebody else can end? */
static bool pick_rescued(struct pick *p)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct lockdag_acquire *a = pick_acquire(p, p->picks[i]);
		size_t first, end;

		if (!events_is_wait(a))
			continue;
		events_wakers(p->events, a, &first, &end);
		for (; first < end; first++) {
			p->left -= p->left > 0;
			if (pick_wakes(p, p->picks[i], p->events->wakers[first].discharge))
				return true;
		}
	}
	return false;
}

/* Are the nodes of the cycle events, all of them? Beside a condition, ends of threads are no more
 * than that: who joined a thread knows that its waits are over, whatever he signals then. Posts are
 * counted, so that one after the join may have been the one that was wanted. */
static bool pick_all_events(const struct pick *p)
{
	bool joins = false, conditions = false, events = false;

	for (size_t i = 0; i < p->n; i++) {
		for (size_t k = 0; k < p->candidates[i].n; k++) {
			const struct arc *a = &p->g->arcs.items[p->candidates[i].arcs[k]];
			enum lockdag_lock_type type;

			if (a->held != LOCKDAG_NONE)
				return false;
			type = lock_birth(p->e->m, arc_under(p->events, a).lock)->type;
			joins |= lockdag_lock_type_is_end(type);
			events |= !lockdag_lock_type_is_end(type);
			conditions |= type == LOCKDAG_LOCK_CONDITION;
		}
	}
	return events && (!joins || conditions);
}

/* Classes that are made by one call: so many, and it is a helper's, or a base class's constructor's. */
#define PICK_HELPER_CLASSES 3

/* The call that initialised the lock: of all locks that one helper makes the same. 0: not known. */
static uint64_t pick_site(const struct lockdag_model *m, uint32_t lock)
{
	const struct lockdag_birth *birth = lock_birth(m, lock);

	/* A lock with a key of its own, a variable's, is of that class whoever initialised it. */
	if (m->locks.items[lock].key || birth->how != LOCKDAG_BIRTH_INIT ||
		birth->stack == LOCKDAG_NONE || !m->stacks.items[birth->stack].n_raw)
		return 0;
	return m->stacks.items[birth->stack].raw[0];
}

/* Does this call make locks of many classes? */
static bool pick_is_helper(const struct pick *p, uint64_t site)
{
	uint32_t classes[PICK_HELPER_CLASSES];
	size_t n = 0;

	for (uint32_t i = 0; site && n < PICK_HELPER_CLASSES && i < p->e->m->locks.n; i++) {
		size_t k = 0;

		while (k < n && classes[k] != p->classes->of_lock[i])
			k++;
		if (k == n && pick_site(p->e->m, i) == site)
			classes[n++] = p->classes->of_lock[i];
	}
	return n == PICK_HELPER_CLASSES;
}

/* Is the class not enough for this cycle? An event is known by its instance, and who signals it by what
 * he did for that one: another lock of the waiter's class is none of his business (a worker's own, where
 * the waiter holds another worker's). And locks that one helper initialises for many callers are classes
 * only because the callers differ. */
static bool pick_wants_instances(struct pick *p)
{
	const struct lockdag_model *m = p->e->m;
	uint64_t site = 0;
	bool one_site = true;

	p->by_helper = false;
	for (size_t i = 0; i < p->n; i++) {
		const struct arc *a = &p->g->arcs.items[p->candidates[i].arcs[0]];
		uint32_t lock = arc_under(p->events, a).lock;

		if (a->held == LOCKDAG_NONE)
			return !events_is_handler(p->events, lock);
		if (!i)
			site = pick_site(m, lock);
		one_site = one_site && site && pick_site(m, lock) == site;
	}
	p->by_helper = one_site && pick_is_helper(p, site);
	return p->by_helper;
}

/* ------------------------------------------------------------------ the search */

static bool pick_extend(struct pick *p, size_t k)
{
	if (k == p->n) {
		p->chosen_writers[0] = LOCKDAG_NONE;
		if (!pick_writers(p, 0, 0)) {
			p->chosen_writers[0] = LOCKDAG_NONE;
			if (!pick_passes(p, LOCKDAG_RULED_NO_WRITER))
				return false;
		}
		return !pick_rescued(p) || pick_passes(p, LOCKDAG_RULED_ANOTHER_WAKER);
	}
	for (size_t i = 0; i < p->candidates[k].n; i++) {
		if (!p->left) {
			p->bounded = true;
			return false;
		}
		p->left--;
		p->picks[k] = &p->g->arcs.items[p->candidates[k].arcs[i]];
		if (pick_fits(p, k) && pick_extend(p, k + 1))
			return true;
	}
	return false;
}

static bool pick_search(struct pick *p, unsigned relaxed)
{
	size_t most = p->budget ? PICK_BUDGET_EACH : PICK_BUDGET_LEAST;
	bool found;

	p->relaxed = relaxed;
	p->left = most;
	if (p->events_only && !pick_passes(p, LOCKDAG_RULED_EVENTS_ONLY))
		return false;
	if (p->is_ring && !pick_passes(p, LOCKDAG_RULED_RING))
		return false;
	found = pick_extend(p, 0);
	p->budget -= most - p->left < p->budget ? most - p->left : p->budget;
	return found;
}

/* What stands against the cycle: the one reason without which it would be possible. The one that
 * says most comes first: a gate lock explains more than "one thread" does. */
static bool pick_rule_out(struct pick *p)
{
	static const enum lockdag_ruled reasons[] = {LOCKDAG_RULED_NO_WRITER, LOCKDAG_RULED_TIMED,
		LOCKDAG_RULED_COUNT, LOCKDAG_RULED_EVENT, LOCKDAG_RULED_EVENTS_ONLY,
		LOCKDAG_RULED_ANOTHER_WAKER, LOCKDAG_RULED_PARTS, LOCKDAG_RULED_RING, LOCKDAG_RULED_INSTANCES,
		LOCKDAG_RULED_DIRECTED,
		LOCKDAG_RULED_ORDERED,
		LOCKDAG_RULED_GATE, LOCKDAG_RULED_PRIVATE, LOCKDAG_RULED_ONE_THREAD};
	const unsigned events = BIT(LOCKDAG_RULED_EVENTS_ONLY) | BIT(LOCKDAG_RULED_ANOTHER_WAKER);
	const unsigned single = BIT(LOCKDAG_RULED_NO_WRITER) | BIT(LOCKDAG_RULED_TIMED) |
				BIT(LOCKDAG_RULED_COUNT) | BIT(LOCKDAG_RULED_EVENT) | events;
	unsigned met = p->met;

	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(reasons); i++) {
		p->ruled = reasons[i];
		if (met & BIT(reasons[i]) && pick_search(p, BIT(reasons[i])))
			return true;
	}
	/* Several reasons, those of single observations among them. */
	for (size_t i = 3; i < LOCKDAG_ARRAY_SIZE(reasons); i++) {
		p->ruled = reasons[i];
		if ((events | BIT(LOCKDAG_RULED_EVENT)) & BIT(reasons[i]) & ~p->met)
			continue;
		if (pick_search(p, single | BIT(reasons[i])))
			return true;
	}
	p->ruled = LOCKDAG_RULED_MIXED;
	return pick_search(p, ~0u);
}

int pick_judge(struct pick *p, const struct graph *g, const uint32_t *links, size_t n)
{
	p->g = g;
	p->links = links;
	p->n = n;
	for (size_t i = 0; i < n; i++) {
		int r = pick_candidates(p, &g->links.items[links[i]], &p->candidates[i]);

		if (r)
			return r;
	}
	p->met = 0;
	p->ruled = LOCKDAG_RULED_NOT;
	p->events_only = pick_all_events(p);
	p->by_instance = pick_wants_instances(p);
	p->is_ring = pick_is_ring(p);
	if (pick_search(p, 0) || pick_rule_out(p)) {
		p->writer = p->chosen_writers[0];
		return 1;
	}
	return 0;
}
