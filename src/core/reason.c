/* SPDX-License-Identifier: MIT
 *
 * Why a finding has its grade, in one sentence that names the lock, thread or order it rests on.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/find.h"

#define NAME_SIZE 256

struct reason {
	struct find *f;
	const struct verdict *v;
	size_t start;
	const struct lockdag_finding_lock *locks;
	const struct nests *nests;
};

static const struct lockdag_acquire *reason_acquire(const struct reason *r, size_t link)
{
	return exemplar_asking(r->f, &r->v->exemplars[(link + r->start) % r->v->n][0]);
}

/* What link stands under, as reason_acquire() is what it asks for. */
static struct lockdag_held reason_under(const struct reason *r, size_t link)
{
	return exemplar_under(r->f, &r->v->exemplars[(link + r->start) % r->v->n][0]);
}

static bool reason_is_event(const struct reason *r, size_t link)
{
	return r->v->exemplars[(link + r->start) % r->v->n][0].held == LOCKDAG_NONE;
}

static const char *reason_thread(const struct reason *r, size_t link, char *buffer)
{
	return lockdag_model_thread_name(
		r->f->m, reason_acquire(r, link)->thread, buffer, NAME_SIZE);
}

static const char *reason_asked(const struct reason *r, size_t link)
{
	return r->locks[(link + 1) % r->v->n].name;
}

/* Different threads among the first exemplars; lists them in text when that is not NULL. */
static size_t reason_threads(const struct reason *r, struct lockdag_text *text)
{
	size_t n = 0;

	for (size_t i = 0; i < r->v->n; i++) {
		char name[NAME_SIZE];
		size_t k = 0;

		while (reason_acquire(r, k)->thread != reason_acquire(r, i)->thread)
			k++;
		if (k < i)
			continue;
		if (text)
			lockdag_text_addf(text, "%s%s", n ? ", " : "", reason_thread(r, i, name));
		n++;
	}
	return n;
}

static char *reason_one_thread(const struct reason *r)
{
	struct lockdag_text names = {0};
	size_t n = reason_threads(r, &names);
	char *list = lockdag_text_take(&names), *s = NULL;

	if (list && r->v->n == 2)
		s = lockdag_textf("only thread %s takes both orders", list);
	else if (list && n == 1)
		s = lockdag_textf("only thread %s takes all %zu orders", list, r->v->n);
	else if (list)
		s = lockdag_textf("only %zu threads (%s) take the %zu orders", n, list, r->v->n);
	free(list);
	return s;
}

/* A semaphore that all of the cycle's threads together would have to hold more often than it can be. */
static char *reason_room(const struct reason *r)
{
	const struct lockdag_model *m = r->f->m;

	for (size_t i = 0; i < r->v->n; i++) {
		const struct lockdag_acquire *a = reason_acquire(r, i);

		for (uint32_t h = 0; h < a->n_held; h++) {
			const struct lockdag_held *row = &m->held.items[a->held + h];
			uint32_t room = filters_room(m, row), n = 0;
			char name[NAME_SIZE];

			for (size_t k = 0; room && k < r->v->n; k++)
				n += filters_holds(m, reason_acquire(r, k), row->lock);
			if (n <= room)
				continue;
			lockdag_model_lock_name(m, row->lock, name, sizeof(name));
			return lockdag_textf(
				"`%s` starts at %u, and this cycle needs %u threads that hold it at once",
				name, room, n);
		}
	}
	return lockdag_textf("%s", "the orders were taken under a common lock");
}

static char *reason_gate(const struct reason *r)
{
	for (size_t i = 0; i < r->v->n; i++) {
		for (size_t k = i + 1; k < r->v->n; k++) {
			uint32_t gate = filters_gate(
				&r->f->evidence, reason_acquire(r, i), reason_acquire(r, k), true);
			char name[NAME_SIZE], a[NAME_SIZE], b[NAME_SIZE];

			if (gate == LOCKDAG_NONE)
				continue;
			lockdag_model_lock_name(r->f->m, gate, name, sizeof(name));
			if (r->v->n == 2)
				return lockdag_textf("both orders were taken under `%s`", name);
			return lockdag_textf("%s and %s both hold `%s` in this cycle, which only "
					     "one of them can at a time",
				reason_thread(r, i, a), reason_thread(r, k, b), name);
		}
	}
	return reason_room(r);
}

static char *reason_order_of(const struct reason *r, size_t first, size_t second)
{
	const struct lockdag_acquire *x = reason_acquire(r, first);
	const struct lockdag_acquire *y = reason_acquire(r, second);
	char a[NAME_SIZE], b[NAME_SIZE];

	reason_thread(r, first, a);
	reason_thread(r, second, b);
	if (order_let_in(&r->f->evidence.order, x, y))
		return lockdag_textf("thread %s was created with the lock held that it has had and asks for "
				     "again, and thread %s did its part before it let go of that",
			b, a);
	switch (order_explain(
		&r->f->evidence.order, x->thread, x->last_phase, y->thread, y->first_phase)) {
	case ORDER_CREATED_LATER:
		return lockdag_textf(
			"thread %s was created after thread %s had done its part", b, a);
	case ORDER_JOINED_BY:
		return lockdag_textf(
			"thread %s did its part after thread %s had been joined", b, a);
	case ORDER_JOINED_BEFORE:
		return lockdag_textf("thread %s was created after thread %s had been joined", b, a);
	case ORDER_BY_POINT:
		return lockdag_textf("a barrier, a once routine or a post that is waited for puts "
				     "the part of thread %s before that of thread %s",
			a, b);
	default:
		return lockdag_textf(
			"create and join put the part of thread %s before that of thread %s", a, b);
	}
}

static char *reason_ordered(const struct reason *r)
{
	for (size_t i = 0; i < r->v->n; i++) {
		for (size_t k = 0; k < r->v->n; k++) {
			const struct lockdag_acquire *x = reason_acquire(r, i);
			const struct lockdag_acquire *y = reason_acquire(r, k);

			if (x->thread == y->thread)
				continue;
			if (filters_ordered(&r->f->evidence, x, y))
				return reason_order_of(r, i, k);
			if (filters_take_turns(&r->f->evidence, x, y))
				return lockdag_textf("%s", "the threads took turns, by barriers or posts that "
							   "are waited for, in all rounds that were "
							   "looked at one by one");
		}
	}
	return lockdag_textf("%s",
		"where threads of both roles ran in one process, create and join put "
		"them one after the other");
}

static char *reason_timed(const struct reason *r)
{
	for (size_t i = 0; i < r->v->n; i++) {
		const struct lockdag_acquire *a = reason_acquire(r, i);
		char name[NAME_SIZE];

		if (filters_times_out(a))
			return lockdag_textf("thread %s waits for `%s` for %u ms at the most",
				reason_thread(r, i, name), reason_asked(r, i), a->timeout_ms);
	}
	return lockdag_textf("%s", "one of the waits times out in under 10 s");
}

static char *reason_semaphore_of(
	const struct reason *r, uint32_t lock, bool event, const char *name)
{
	uint32_t value = r->f->m->locks.items[lock].value;

	if (r->v->ruled == LOCKDAG_RULED_COUNT && event && value != LOCKDAG_NONE)
		return lockdag_textf("`%s` starts at %u: a wait for it need not wait for this post",
			name, value);
	if (!event && filters_semaphore(&r->f->evidence, lock) == LOCKDAG_RULED_EVENT)
		return lockdag_textf(value ? "`%s` is posted by threads that did not wait for it"
					   : "`%s` starts at 0: it is an event that another thread "
					     "posts, no lock",
			name);
	if (value == LOCKDAG_NONE)
		return lockdag_textf("the initial value of `%s` is not known: there may be room "
				     "for all of its users",
			name);
	return lockdag_textf("`%s` starts at %u, room for all of its users (%zu)", name, value,
		filters_users(&r->f->evidence, lock));
}

/* Does the semaphore, as an event or as a lock, rule the cycle out? */
static bool reason_rules(const struct reason *r, uint32_t lock, bool event)
{
	return (event ? events_semaphore(&r->f->events, lock)
		      : filters_semaphore(&r->f->evidence, lock)) == r->v->ruled;
}

static char *reason_semaphore(const struct reason *r)
{
	for (size_t i = 0; i < r->v->n; i++) {
		uint32_t held = reason_under(r, i).lock, asked = reason_acquire(r, i)->lock;
		bool under_event = reason_is_event(r, i);
		bool waits = events_is_wait(reason_acquire(r, i));

		if (reason_rules(r, held, under_event))
			return reason_semaphore_of(r, held, under_event, r->locks[i].name);
		if (reason_rules(r, asked, waits))
			return reason_semaphore_of(r, asked, waits, reason_asked(r, i));
	}
	return lockdag_textf("%s", "one of the locks is a semaphore with room for all");
}

static char *reason_no_writer(const struct reason *r)
{
	for (size_t i = 0; i < r->v->n; i++) {
		if (filters_joint(reason_acquire(r, i)->mode,
			    reason_under(r, (i + 1) % r->v->n).mode) == JOINT_NEEDS_WRITER)
			return lockdag_textf(
				"`%s` is held and asked for by readers: a writer would "
				"have to queue between them, and none was seen that can",
				reason_asked(r, i));
	}
	return lockdag_textf("%s", "a writer would have to queue, and none was seen that can");
}

static char *reason_private(const struct reason *r)
{
	for (size_t i = 0; i < r->v->n; i++) {
		size_t k = (i + 1) % r->v->n;
		const struct lockdag_thread *threads = r->f->m->threads.items;
		const struct lockdag_acquire *x = reason_acquire(r, i), *y = reason_acquire(r, k);

		if (threads[x->thread].process != threads[y->thread].process &&
			!lock_is_shared(r->f->m, x->lock))
			return lockdag_textf(
				"the orders were taken in different processes, which do "
				"not share `%s`, by threads %s",
				reason_asked(r, i),
				filters_forked_apart(&r->f->evidence, x->thread, y->thread)
					? "of which one is in the fork and the other in what was forked"
					: "that may be the same one");
	}
	return lockdag_textf("%s", "the orders were taken in different processes by threads that "
				   "may be the same one");
}

/* How many locks the thread of a link took between, where the finding has no room for them. */
static void reason_between(const struct reason *r, size_t link, struct lockdag_text *t)
{
	char name[NAME_SIZE];

	if (r->nests->dropped[link])
		lockdag_text_addf(t, " (%s takes %zu more in between)",
			reason_thread(r, link, name), r->nests->dropped[link]);
}

/* "the two", or which two where the finding names more. */
static void reason_two(const struct reason *r, struct lockdag_text *t)
{
	if (r->nests->n[0] || r->nests->n[1])
		lockdag_text_addf(t, "`%s` and `%s`", r->locks[0].name, r->locks[1].name);
	else
		lockdag_text_add(t, "the two");
}

/* "thread T holds `a` while it waits for `e`, thread U asks for `a` before it signals `e`" */
static void reason_waits(const struct reason *r, struct lockdag_text *t)
{
	for (size_t i = 0; i < r->v->n; i++) {
		const struct lockdag_acquire *a = reason_acquire(r, i);
		const char *asks = events_is_wait(a) ? "waits for" : "asks for";
		const char *under = r->locks[i].name;
		char name[NAME_SIZE];

		lockdag_text_addf(t, "%sthread %s ", i ? ", " : "", reason_thread(r, i, name));
		if (!reason_is_event(r, i))
			lockdag_text_addf(
				t, "holds `%s` while it %s `%s`", under, asks, reason_asked(r, i));
		else if (lockdag_lock_type_is_end(r->locks[i].type))
			lockdag_text_addf(t, "%s `%s` before it ends", asks, reason_asked(r, i));
		else
			lockdag_text_addf(t, "%s `%s` %s it %s `%s`", asks, reason_asked(r, i),
				a->flags & LOCKDAG_ACQUIRE_TURN
					? "when a timer of its loop is due, also while somebody waits until"
					: "before",
				r->locks[i].type == LOCKDAG_LOCK_SEMAPHORE ? "posts"
				: r->locks[i].type == LOCKDAG_LOCK_BARRIER ? "arrives at"
									   : "signals",
				under);
	}
}

static bool reason_has_event(const struct reason *r)
{
	for (size_t i = 0; i < r->v->n; i++) {
		if (reason_is_event(r, i))
			return true;
	}
	return false;
}

/* Does a discharge wait for nothing of the cycle, in none of its threads? */
static bool reason_is_free(const struct reason *r, const struct lockdag_discharge *d)
{
	for (size_t i = 0; i < r->v->n; i++) {
		const struct lockdag_exemplar *e = &r->v->exemplars[(i + r->start) % r->v->n][0];

		if (reason_acquire(r, i)->thread == d->thread)
			return false;
		for (uint32_t k = 0; k < d->n_held; k++) {
			const struct lockdag_held *row = &r->f->m->held.items[d->held + k];

			if (!(row->flags & LOCKDAG_ACQUIRE_TRY) &&
				r->f->classes.of_lock[row->lock] == r->locks[i].class_id &&
				!events_asks_other(&r->f->events, d, row, e->acquire, e->held))
				return false;
		}
	}
	return true;
}

/* One of the cycle's own threads has ended this wait whenever it ended, before it came to what it is stuck in. */
static char *reason_ended_before(const struct reason *r, size_t i)
{
	const struct lockdag_exemplar *e = &r->v->exemplars[(i + r->start) % r->v->n][0];
	const uint32_t ended = events_ended(&r->f->events, e->acquire);
	char a[NAME_SIZE], b[NAME_SIZE];

	if (ended == LOCKDAG_NONE)
		return NULL;
	return lockdag_textf("whenever the wait for `%s` of thread %s came to its end, another signal of thread "
			     "%s had ended it, given before that thread asks for a lock of the cycle",
		reason_asked(r, i), reason_thread(r, i, b),
		lockdag_model_thread_name(
			r->f->m, r->f->m->discharges.items[ended].thread, a, sizeof(a)));
}

static char *reason_another_waker(const struct reason *r)
{
	for (size_t i = 0; i < r->v->n; i++) {
		size_t first, end;

		if (!events_is_wait(reason_acquire(r, i)))
			continue;
		events_wakers(&r->f->events, reason_acquire(r, i), &first, &end);
		for (; first < end; first++) {
			const struct lockdag_discharge *d =
				&r->f->m->discharges.items[r->f->events.wakers[first].discharge];
			char a[NAME_SIZE], b[NAME_SIZE];

			if (reason_is_free(r, d))
				return lockdag_textf("thread %s can end the wait for `%s` of "
						     "thread %s as well",
					lockdag_model_thread_name(r->f->m, d->thread, a, sizeof(a)),
					reason_asked(r, i), reason_thread(r, i, b));
		}
	}
	for (size_t i = 0; i < r->v->n; i++) {
		char *text = events_is_wait(reason_acquire(r, i)) ? reason_ended_before(r, i) : NULL;

		if (text)
			return text;
	}
	return lockdag_textf("%s", "one of the waits can be ended by another thread as well");
}

static char *reason_parts(const struct reason *r)
{
	for (size_t i = 0; i < r->v->n; i++) {
		uint32_t asked = reason_acquire(r, i)->lock;
		uint32_t under = reason_under(r, (i + 1) % r->v->n).lock;
		char a[NAME_SIZE], b[NAME_SIZE];

		if (!parts_differ(&r->f->parts, asked, under))
			continue;
		lockdag_model_lock_name(r->f->m, asked, a, sizeof(a));
		lockdag_model_lock_name(r->f->m, under, b, sizeof(b));
		return lockdag_textf(
			"`%s` and `%s` are locks of one class, but one is only ever "
			"held over others of it, the other only taken inside such a one",
			a, b);
	}
	return lockdag_textf("%s", "locks of one class play different parts in it");
}

/* The link whose exemplar asked for another lock of its class than the next one holds: it stands
 * for a habit (find_add_habits). n: there is none. */
static size_t reason_habit(const struct reason *r)
{
	for (size_t i = 0; r->v->instances && i < r->v->n; i++) {
		size_t at = (i + r->start) % r->v->n, after = (at + 1) % r->v->n;
		const struct lockdag_acquire *asks = exemplar_asking(r->f, &r->v->exemplars[at][0]);
		struct lockdag_held next = exemplar_under(r->f, &r->v->exemplars[after][0]);

		if (asks->lock != next.lock)
			return i;
	}
	return r->v->n;
}

/* The link whose thread keeps a worker of a pool of a known size while it waits, of a cycle of two; n: none. */
static size_t reason_pool(const struct reason *r)
{
	for (size_t i = 0; r->v->n == 2 && i < 2; i++) {
		uint32_t held = reason_under(r, i).lock;

		if (!reason_is_event(r, i) && reason_is_event(r, 1 - i) &&
			r->locks[i].type == LOCKDAG_LOCK_POOL &&
			r->f->m->locks.items[held].value > 1 && events_is_wait(reason_acquire(r, i)))
			return i;
	}
	return r->v->n;
}

static char *reason_workers(const struct reason *r, size_t link)
{
	const char *pool = r->locks[link].name, *event = reason_asked(r, link);
	char a[NAME_SIZE], b[NAME_SIZE];

	return lockdag_textf("the %u workers of `%s` can all wait for `%s` at once, with the work that is to "
			     "signal it still in the queue: thread %s waits for `%s`, and so keeps its "
			     "worker, thread %s was a worker of `%s` when it signalled `%s`",
		r->f->m->locks.items[reason_under(r, link).lock].value, pool, event,
		reason_thread(r, link, a), event, reason_thread(r, 1 - link, b), pool, event);
}

static char *reason_possible(const struct reason *r)
{
	struct lockdag_text t = {0};
	char a[NAME_SIZE], b[NAME_SIZE];

	if (reason_pool(r) < r->v->n)
		return reason_workers(r, reason_pool(r));
	if (reason_has_event(r)) {
		reason_waits(r, &t);
		lockdag_text_addf(&t,
			"; no lock is common to %s, and none is before another by create or join",
			r->v->n == 2 ? "both" : "any two of them");
		for (size_t i = 0; i < r->v->n; i++)
			reason_between(r, i, &t);
		return lockdag_text_take(&t);
	}

	if (r->v->n == 1)
		return lockdag_textf(
			"thread %s reads `%s` again while it holds it, and a writer that "
			"queues in between stops both",
			reason_thread(r, 0, a), r->locks[0].name);
	if (reason_habit(r) < r->v->n)
		return lockdag_textf("`%s` and its like are taken in one order of address "
				     "everywhere but by thread %s; that pair was not met "
				     "the other way round yet",
			r->locks[0].name, reason_thread(r, (reason_habit(r) + 1) % r->v->n, a));
	if (r->v->n == 2) {
		lockdag_text_addf(&t, "threads %s and %s take ", reason_thread(r, 0, a),
			reason_thread(r, 1, b));
		reason_two(r, &t);
		lockdag_text_add(&t, " in opposite order, with no lock common to both and neither "
				     "before the other by create or join");
	} else {
		lockdag_text_addf(&t,
			"%zu threads close the cycle, with no lock common to any two of them and "
			"none before another by create or join",
			r->v->n);
	}
	for (size_t i = 0; i < r->v->n; i++)
		reason_between(r, i, &t);
	return lockdag_text_take(&t);
}

/* What leads from the wait for the cycle's lock i to the thread that is asked for it. */
static const char *reason_leads(const struct reason *r, size_t i)
{
	size_t at = (r->start + i) % r->v->n;

	if (lockdag_lock_type_is_end(r->locks[i].type))
		return ", and ";
	return r->v->exemplars[at][0].held == LOCKDAG_NONE
		       ? ", which only blocked threads could signal: "
		       : ", which is held: ";
}

static char *reason_happened(const struct reason *r)
{
	struct lockdag_text t = {0};

	for (size_t i = 0; i < r->v->n; i++) {
		char name[NAME_SIZE];

		lockdag_text_addf(&t, "%s%s waits for `%s`", i ? reason_leads(r, i) : "thread ",
			reason_thread(r, i, name), reason_asked(r, i));
	}
	lockdag_text_add(&t, r->v->n == 1 ? ", which it holds itself" : ", which closes the wait");
	return lockdag_text_take(&t);
}

char *reason_sentence(struct find *f, const struct verdict *v, size_t start,
	const struct lockdag_finding_lock *locks, const struct nests *nests)
{
	const struct reason r = {f, v, start, locks, nests};
	char *special = NULL;

	for (size_t i = 0; i < v->n && !special; i++) {
		if (v->way[i].through == LOCKDAG_THROUGH_HANDLER)
			special = contexts_sentence(f, v, start, locks);
		else if (v->way[i].through == LOCKDAG_THROUGH_FORK)
			special = forks_sentence(f, v, locks[0].name);
	}
	if (special)
		return special;

	if (v->grade == LOCKDAG_HAPPENED)
		return reason_happened(&r);
	switch (v->ruled) {
	case LOCKDAG_RULED_NOT:
		return reason_possible(&r);
	case LOCKDAG_RULED_ONE_THREAD:
		return reason_one_thread(&r);
	case LOCKDAG_RULED_GATE:
		return reason_gate(&r);
	case LOCKDAG_RULED_ORDERED:
		return reason_ordered(&r);
	case LOCKDAG_RULED_TIMED:
		return reason_timed(&r);
	case LOCKDAG_RULED_EVENT:
	case LOCKDAG_RULED_COUNT:
		return reason_semaphore(&r);
	case LOCKDAG_RULED_NO_WRITER:
		return reason_no_writer(&r);
	case LOCKDAG_RULED_ANOTHER_WAKER:
		return reason_another_waker(&r);
	case LOCKDAG_RULED_PARTS:
		return reason_parts(&r);
	case LOCKDAG_RULED_INSTANCES:
		return lockdag_textf("%s",
			"no thread asks for the very lock that the next one holds, only for others "
			"of its class");
	case LOCKDAG_RULED_RING:
		return lockdag_textf("%s", "several threads go round the ring by the same code, and all of its "
					   "places would have to be taken at once");
	case LOCKDAG_RULED_EVENTS_ONLY:
		return lockdag_textf("%s", "the threads only wait for each other's signals and "
					   "ends, with no lock held: "
					   "which of them come first is not recorded");
	case LOCKDAG_RULED_PRIVATE:
		return reason_private(&r);
	case LOCKDAG_RULED_DIRECTED: /* contexts_sentence() */
	default:
		return lockdag_textf("%s",
			"each set of observations of it leaves two of them with one "
			"thread, under a common lock, or in order");
	}
}
