/* SPDX-License-Identifier: MIT */
#include "core/filters.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct filters_sole {
	uint32_t class_id, process, lock;
};

static int filters_by_sole(const void *a, const void *b)
{
	const struct filters_sole *x = a, *y = b;

	if (x->class_id != y->class_id)
		return x->class_id < y->class_id ? -1 : 1;
	return x->process < y->process ? -1 : x->process > y->process;
}

/* Asked for only where a model has several processes. */
static int filters_find_sole(struct evidence *e)
{
	const struct lockdag_model *m = e->m;
	size_t n = m->processes.n > 1 ? m->locks.n : 0;
	struct filters_sole *all = malloc((n + 1) * sizeof(*all));

	e->sole = calloc(m->locks.n + 1, sizeof(*e->sole));
	if (!all || !e->sole) {
		free(all);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < n; i++) {
		all[i].class_id = e->classes->of_lock[i];
		all[i].process = m->locks.items[i].process;
		all[i].lock = i;
	}
	if (n)
		qsort(all, n, sizeof(*all), filters_by_sole);
	for (size_t i = 0; i < n; i++)
		e->sole[all[i].lock] = (!i || filters_by_sole(&all[i - 1], &all[i])) &&
				       (i + 1 == n || filters_by_sole(&all[i], &all[i + 1]));
	free(all);
	return 0;
}

static int filters_by_role(const void *a, const void *b)
{
	const struct filters_role *x = a, *y = b;

	if (x->process != y->process)
		return x->process < y->process ? -1 : 1;
	return strcmp(x->role, y->role);
}

static int filters_find_roles(struct evidence *e)
{
	const struct lockdag_model *m = e->m;

	e->roles = malloc((m->threads.n + 1) * sizeof(*e->roles));
	if (!e->roles)
		return -ENOMEM;
	for (uint32_t i = 0; i < m->threads.n; i++) {
		const struct lockdag_thread *t = &m->threads.items[i];

		if (t->role)
			e->roles[e->n_roles++] = (struct filters_role){t->process, i, t->role};
	}
	if (e->n_roles)
		qsort(e->roles, e->n_roles, sizeof(*e->roles), filters_by_role);
	return 0;
}

/* An exec'd program has its process's number, and is another program: what it does is no fork's. */
static int filters_find_forkers(struct evidence *e)
{
	const struct lockdag_model *m = e->m;
	size_t n = m->processes.n;

	e->forker = malloc((2 * n + 1) * sizeof(*e->forker));
	if (!e->forker)
		return -ENOMEM;
	memset(e->forker, 0xff, (2 * n + 1) * sizeof(*e->forker));
	e->goes_on = e->forker + n;
	for (uint32_t i = 0; i < m->threads.n; i++) {
		uint32_t child = m->threads.items[i].process, by = m->threads.items[i].parent;
		const struct lockdag_process *from, *to = &m->processes.items[child];

		if (by >= m->threads.n || m->threads.items[by].process == child)
			continue;
		from = &m->processes.items[m->threads.items[by].process];
		if (from->run != to->run || from->pid == to->pid)
			continue;
		e->forker[child] = by;
		e->goes_on[child] = i;
	}
	return 0;
}

static int filters_guard_add(
	struct evidence *e, const uint32_t *by_thread, uint32_t of, size_t *n, size_t *cap)
{
	const struct lockdag_model *m = e->m;

	for (uint32_t i = by_thread[of]; i < m->guards.n; i++) {
		const struct lockdag_guard *g = &m->guards.items[i];
		uint32_t holder = m->threads.items[of].parent;
		struct filters_guard *row;

		if (g->thread != of || holder >= m->threads.n)
			continue;
		if (!lockdag_vec_grow((void **)&e->guards, *n, cap, sizeof(*e->guards)))
			return -ENOMEM;
		row = &e->guards[(*n)++];
		row->row = (struct lockdag_held){g->lock, g->serial, g->mode, 0, LOCKDAG_NONE};
		row->holder = holder;
	}
	return 0;
}

/* A thread has its own guards, and those of its creator's life if its own is inside that. */
static int filters_find_guards(struct evidence *e)
{
	const struct lockdag_model *m = e->m;
	size_t n_threads = m->threads.n, n = 0, cap = 0;
	uint32_t *by_thread; /* first row of each */
	int r = 0;

	if (!m->guards.n)
		return 0;
	by_thread = malloc((n_threads + 1) * sizeof(*by_thread));
	e->first_guard = calloc(n_threads + 1, sizeof(*e->first_guard));
	if (!by_thread || !e->first_guard)
		r = -ENOMEM;
	if (by_thread)
		memset(by_thread, 0xff, (n_threads + 1) * sizeof(*by_thread));
	for (size_t i = m->guards.n; !r && i-- > 0;)
		by_thread[m->guards.items[i].thread] = (uint32_t)i;
	for (uint32_t t = 0; !r && t < n_threads; t++) {
		uint32_t of = t;

		for (size_t i = 0; !r && i < n_threads; i++) {
			const struct lockdag_thread *row = &m->threads.items[of];

			r = filters_guard_add(e, by_thread, of, &n, &cap);
			if (row->parent >= n_threads || row->joiner != row->parent)
				break;
			of = row->parent;
		}
		e->first_guard[t + 1] = (uint32_t)n;
	}
	free(by_thread);
	return r;
}

int evidence_init(struct evidence *e, const struct lockdag_model *m, const struct classes *classes)
{
	int r;

	*e = (struct evidence){.m = m, .classes = classes};
	e->role_twice = calloc(m->threads.n + 1, 1);
	r = e->role_twice ? filters_find_sole(e) : -ENOMEM;
	if (!r)
		r = filters_find_roles(e);
	if (!r)
		r = filters_find_forkers(e);
	if (!r)
		r = filters_find_guards(e);
	return r ? r : order_init(&e->order, m);
}

void evidence_done(struct evidence *e)
{
	order_done(&e->order);
	free(e->role_twice);
	free(e->sole);
	free(e->roles);
	free(e->forker);
	free(e->guards);
	free(e->first_guard);
	free(e->uses);
}

enum filters_joint filters_joint(enum lockdag_mode asked, enum lockdag_mode held)
{
	if (asked == LOCKDAG_EXCLUSIVE || held == LOCKDAG_EXCLUSIVE)
		return JOINT_BLOCKS;
	return asked == LOCKDAG_READ ? JOINT_NEEDS_WRITER : JOINT_FREE;
}

bool filters_one_owner(const struct lockdag_model *m, uint32_t lock, uint64_t serial,
	const struct lockdag_held *held)
{
	return serial && held->serial == serial &&
	       lock_birth(m, lock)->type == LOCKDAG_LOCK_FILE &&
	       lock_birth(m, held->lock)->type == LOCKDAG_LOCK_FILE;
}

/* One of many is never a gate, though its serial be known: which ones are told apart is the
 * recorder's limit. A lock that others release guards nothing. */
static bool filters_may_gate(const struct lockdag_model *m, uint32_t lock)
{
	const struct lockdag_lock *l = &m->locks.items[lock];

	if (l->flags & (LOCKDAG_LOCK_MANY | LOCKDAG_LOCK_FOREIGN))
		return false;
	return lock_birth(m, lock)->type != LOCKDAG_LOCK_SEMAPHORE || l->value == 1;
}

/* Are the two held rows one lock? Over two processes a private lock is not, unless the two are
 * thought of as one: then the only lock of its class here is the only one there. */
static bool filters_one_lock(
	const struct evidence *e, uint32_t x, uint32_t y, bool same_process, bool one_process)
{
	x = lock_itself(e->m, x);
	y = lock_itself(e->m, y);
	if (same_process || lock_is_shared(e->m, x))
		return x == y;
	if (!one_process)
		return false;
	return x == y ||
	       (e->classes->of_lock[x] == e->classes->of_lock[y] && e->sole[x] && e->sole[y]);
}

/* Row number i of what stands over an acquisition: what it holds, then its thread's guards; NULL
 * behind the last. */
static const struct lockdag_held *filters_over(
	const struct evidence *e, const struct lockdag_acquire *a, uint32_t i, uint32_t *ret_holder)
{
	const struct filters_guard *guard;

	*ret_holder = a->thread;
	if (i < a->n_held)
		return &e->m->held.items[a->held + i];
	i -= a->n_held;
	if (!e->guards || i >= e->first_guard[a->thread + 1] - e->first_guard[a->thread])
		return NULL;
	guard = &e->guards[e->first_guard[a->thread] + i];
	*ret_holder = guard->holder;
	return &guard->row;
}

uint32_t filters_gate(const struct evidence *e, const struct lockdag_acquire *a,
	const struct lockdag_acquire *b, bool one_process)
{
	const struct lockdag_model *m = e->m;
	bool same = m->threads.items[a->thread].process == m->threads.items[b->thread].process;
	const struct lockdag_held *x, *y;
	uint32_t holds_x, holds_y;

	for (uint32_t i = 0; (x = filters_over(e, a, i, &holds_x)); i++) {
		if (!filters_may_gate(m, x->lock))
			continue;
		for (uint32_t k = 0; (y = filters_over(e, b, k, &holds_y)); k++) {
			/* One holder's guard is over both at once. */
			if (holds_x != holds_y &&
				(x->mode == LOCKDAG_EXCLUSIVE || y->mode == LOCKDAG_EXCLUSIVE) &&
				filters_may_gate(m, y->lock) &&
				filters_one_lock(e, x->lock, y->lock, same, one_process) &&
				!filters_one_owner(m, x->lock, x->serial, y))
				return x->lock;
		}
	}
	return LOCKDAG_NONE;
}

uint32_t filters_room(const struct lockdag_model *m, const struct lockdag_held *row)
{
	const struct lockdag_lock *l = &m->locks.items[row->lock];

	if (lock_birth(m, row->lock)->type != LOCKDAG_LOCK_SEMAPHORE ||
		l->flags & (LOCKDAG_LOCK_MANY | LOCKDAG_LOCK_FOREIGN) ||
		l->value == LOCKDAG_NONE || l->value < 2)
		return 0;
	return l->value;
}

uint32_t filters_holds(
	const struct lockdag_model *m, const struct lockdag_acquire *a, uint32_t lock)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < a->n_held; i++)
		n += m->held.items[a->held + i].lock == lock;
	return n;
}

bool filters_ordered(
	struct evidence *e, const struct lockdag_acquire *a, const struct lockdag_acquire *b)
{
	return order_before(&e->order, a->thread, a->first_phase, a->last_phase, b->thread,
		       b->first_phase) ||
	       order_let_in(&e->order, a, b);
}

/* Were two threads of t's role alive at once in some process? Looks at near neighbours only:
 * threads that live together are made together. */
static bool filters_role_twice(struct evidence *e, uint32_t t)
{
	const struct lockdag_thread *threads = e->m->threads.items;
	uint32_t last[8];
	size_t n = 0;

	if (e->role_twice[t])
		return e->role_twice[t] == 2;
	e->role_twice[t] = 1;
	for (uint32_t i = 0; i < e->m->threads.n; i++) {
		if (!threads[i].role || strcmp(threads[i].role, threads[t].role))
			continue;
		for (size_t k = 0; k < n && k < LOCKDAG_ARRAY_SIZE(last); k++) {
			uint32_t other = last[k];

			if (threads[other].process == threads[i].process &&
				!order_threads_before(&e->order, other, i) &&
				!order_threads_before(&e->order, i, other)) {
				e->role_twice[t] = 2;
				return true;
			}
		}
		last[n++ % LOCKDAG_ARRAY_SIZE(last)] = i;
	}
	return false;
}

bool filters_roles_differ(struct evidence *e, uint32_t thread_a, uint32_t thread_b)
{
	const char *a = e->m->threads.items[thread_a].role;
	const char *b = e->m->threads.items[thread_b].role;

	if (!a || !b)
		return false;
	return strcmp(a, b) != 0 || filters_role_twice(e, thread_a);
}

/* The first of the process's threads of that role in e->roles, and with ret_end the one behind the last. */
static size_t filters_of_role(
	const struct evidence *e, uint32_t process, const char *role, size_t *ret_end)
{
	const struct filters_role key = {process, 0, role};
	size_t low = 0, high = e->n_roles, end;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (filters_by_role(&e->roles[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < e->n_roles && !filters_by_role(&e->roles[end], &key); end++)
		continue;
	*ret_end = end;
	return low;
}

/* The thread of the process ancestor that forked child, or whose fork went on to fork it; LOCKDAG_NONE */
static uint32_t filters_descends(const struct evidence *e, uint32_t child, uint32_t ancestor)
{
	for (size_t steps = 0; steps < e->m->processes.n && e->forker[child] != LOCKDAG_NONE; steps++) {
		uint32_t by = e->forker[child];

		child = e->m->threads.items[by].process;
		if (child == ancestor)
			return by;
	}
	return LOCKDAG_NONE;
}

static bool filters_has_role(
	const struct evidence *e, uint32_t process, const char *role, uint32_t but_for)
{
	size_t end, i = filters_of_role(e, process, role, &end);

	for (; i < end; i++)
		if (e->roles[i].thread != but_for)
			return true;
	return false;
}

bool filters_forked_apart(const struct evidence *e, uint32_t a, uint32_t b)
{
	const struct lockdag_thread *threads = e->m->threads.items;
	uint32_t by = filters_descends(e, threads[a].process, threads[b].process);
	uint32_t child = a, other = b;

	if (by == LOCKDAG_NONE) {
		by = filters_descends(e, threads[b].process, threads[a].process);
		child = b;
		other = a;
	}
	if (by == LOCKDAG_NONE || !threads[a].role || !threads[b].role)
		return false;
	return !filters_has_role(e, threads[child].process, threads[other].role,
		       e->goes_on[threads[child].process]) &&
	       !filters_has_role(e, threads[other].process, threads[child].role, by);
}

/* Is a, in its own process, before or after the whole of each thread of that role? */
static bool filters_role_ordered(
	struct evidence *e, const struct lockdag_acquire *a, const char *role)
{
	size_t end, first = filters_of_role(e, e->m->threads.items[a->thread].process, role, &end);

	for (size_t i = first; i < end; i++) {
		uint32_t t = e->roles[i].thread;

		if (!order_before(&e->order, a->thread, a->first_phase, a->last_phase, t, 0) &&
			!order_ends_before(&e->order, t, a->thread, a->first_phase))
			return false;
	}
	return end > first;
}

bool filters_roles_ordered(
	struct evidence *e, const struct lockdag_acquire *a, const struct lockdag_acquire *b)
{
	const struct lockdag_thread *threads = e->m->threads.items;
	const char *role_a = threads[a->thread].role, *role_b = threads[b->thread].role;

	if (!role_a || !role_b || !strcmp(role_a, role_b))
		return false;
	return filters_role_ordered(e, a, role_b) || filters_role_ordered(e, b, role_a);
}

/* Each is of many rounds whose points lead from the one's beginning to the other: that they meet would
 * have been seen in the rounds before, which are looked at one by one. */
bool filters_take_turns(
	struct evidence *e, const struct lockdag_acquire *a, const struct lockdag_acquire *b)
{
	return a->flags & b->flags & LOCKDAG_ACQUIRE_ROUNDS &&
	       order_before(&e->order, a->thread, 0, 0, b->thread, b->first_phase) &&
	       order_before(&e->order, b->thread, 0, 0, a->thread, a->first_phase);
}

enum lockdag_ruled filters_pair(struct evidence *e, const struct lockdag_acquire *a,
	const struct lockdag_acquire *b, bool private_joint)
{
	const struct lockdag_thread *threads = e->m->threads.items;
	bool two; /* of two processes, thought of as one */

	if (a->thread == b->thread)
		return LOCKDAG_RULED_ONE_THREAD;
	two = private_joint && threads[a->thread].process != threads[b->thread].process;
	if (two && (!filters_roles_differ(e, a->thread, b->thread) ||
			   filters_forked_apart(e, a->thread, b->thread)))
		return LOCKDAG_RULED_PRIVATE;
	if (filters_gate(e, a, b, private_joint) != LOCKDAG_NONE)
		return LOCKDAG_RULED_GATE;
	if (two && filters_roles_ordered(e, a, b))
		return LOCKDAG_RULED_ORDERED;
	if (!two && filters_take_turns(e, a, b))
		return LOCKDAG_RULED_ORDERED;
	/* Both before each other is nonsense in the records, which rules nothing out. */
	if (filters_ordered(e, a, b) != filters_ordered(e, b, a))
		return LOCKDAG_RULED_ORDERED;
	return LOCKDAG_RULED_NOT;
}

bool filters_times_out(const struct lockdag_acquire *a)
{
	return a->flags & LOCKDAG_ACQUIRE_TIMED && a->timeout_ms < FILTERS_SHORT_MS;
}

static int filters_by_use(const void *a, const void *b)
{
	const struct filters_use *x = a, *y = b;

	if (x->lock != y->lock)
		return x->lock < y->lock ? -1 : 1;
	return x->thread < y->thread ? -1 : x->thread > y->thread;
}

static bool filters_add_use(struct evidence *e, size_t *cap, uint32_t lock, uint32_t thread)
{
	if (lock_birth(e->m, lock)->type != LOCKDAG_LOCK_SEMAPHORE)
		return true;
	if (!lockdag_vec_grow((void **)&e->uses, e->n_uses, cap, sizeof(*e->uses)))
		return false;
	e->uses[e->n_uses++] = (struct filters_use){lock, thread};
	return true;
}

static bool filters_find_uses(struct evidence *e)
{
	const struct lockdag_model *m = e->m;
	size_t cap = 0, kept = 0;

	for (size_t i = 0; i < m->acquires.n; i++) {
		const struct lockdag_acquire *a = &m->acquires.items[i];

		if (!filters_add_use(e, &cap, a->lock, a->thread))
			return false;
		for (uint32_t k = 0; k < a->n_held; k++) {
			if (!filters_add_use(e, &cap, m->held.items[a->held + k].lock, a->thread))
				return false;
		}
	}
	if (e->n_uses)
		qsort(e->uses, e->n_uses, sizeof(*e->uses), filters_by_use);
	for (size_t i = 0; i < e->n_uses; i++) {
		if (!kept || filters_by_use(&e->uses[kept - 1], &e->uses[i]))
			e->uses[kept++] = e->uses[i];
	}
	e->n_uses = kept;
	return true;
}

size_t filters_users(struct evidence *e, uint32_t lock)
{
	size_t low = 0, high, n = 0;

	if (!e->uses_known)
		e->uses_failed = !filters_find_uses(e);
	e->uses_known = true;
	if (e->uses_failed)
		return SIZE_MAX; /* not ruling out is the safe side */
	high = e->n_uses;
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (e->uses[middle].lock < lock)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + n < e->n_uses && e->uses[low + n].lock == lock)
		n++;
	return n;
}

enum lockdag_ruled filters_semaphore(struct evidence *e, uint32_t lock)
{
	const struct lockdag_lock *l = &e->m->locks.items[lock];

	if (lock_birth(e->m, lock)->type != LOCKDAG_LOCK_SEMAPHORE)
		return LOCKDAG_RULED_NOT;
	if (l->flags & LOCKDAG_LOCK_FOREIGN || l->value == 0)
		return LOCKDAG_RULED_EVENT;
	if (l->value == LOCKDAG_NONE)
		return LOCKDAG_RULED_COUNT;
	/* One user more than there is room for is the least that can wait. Of one place there is
	 * never room for a second user, whoever that is. */
	if (l->value > 1 && l->value >= filters_users(e, lock))
		return LOCKDAG_RULED_COUNT;
	return LOCKDAG_RULED_NOT;
}

/* Does asking for row's lock wait, where the thread holds held[0 .. n)? */
static bool filters_row_waits(const struct lockdag_model *m, uint32_t thread,
	const struct lockdag_held *row, const struct lockdag_held *held, uint32_t n)
{
	const struct lockdag_birth *b = lock_birth(m, row->lock);
	bool again = b->type == LOCKDAG_LOCK_GLIB_REC_MUTEX ||
		     b->attributes & (LOCKDAG_LOCK_RECURSIVE | LOCKDAG_LOCK_ERRORCHECK);
	struct instance asked, other;

	if (row->flags & LOCKDAG_ACQUIRE_TRY)
		return false;
	if (!instance_get(m, row->lock, row->serial, thread, &asked))
		return true;
	for (uint32_t i = 0; i < n; i++) {
		if (!instance_get(m, held[i].lock, held[i].serial, thread, &other) ||
			!instance_equal(&asked, &other))
			continue;
		/* A second recursive read never waits: no writer can be in while the first is. */
		if (again || filters_joint(row->mode, held[i].mode) == JOINT_FREE ||
			filters_one_owner(m, row->lock, row->serial, &held[i]))
			return false;
	}
	return true;
}

bool filters_waits(const struct lockdag_model *m, const struct lockdag_acquire *a)
{
	const struct lockdag_held row = {a->lock, a->serial, a->mode, a->flags, a->stack};

	return filters_row_waits(
		m, a->thread, &row, a->n_held ? &m->held.items[a->held] : NULL, a->n_held);
}

bool filters_held_waits(const struct lockdag_model *m, const struct lockdag_acquire *a, uint32_t k)
{
	const struct lockdag_held *held = &m->held.items[a->held];

	return filters_row_waits(m, a->thread, &held[k], held, k);
}
