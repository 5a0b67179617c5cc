/* SPDX-License-Identifier: MIT
 *
 * Core against a slow, obvious checker. Random programs of 2 to 4 threads over 2 to 6 locks
 * (mutexes, reader-writer locks, try-locks, releases in any order, create and join by thread 0, in
 * some of them a semaphore from 0 with one poster and one waiter) are turned into what a recorder
 * would have seen of them, with its waits, posts, points of must-order and guards, and given to
 * core; and all their schedules are run. Each deadlock that a schedule reaches must be covered by a
 * finding that is POSSIBLE or more and whose locks are all in it. The other way round nothing is
 * promised, but counted.
 *
 * LOCKDAG_STREAMS: number of programs (100000). LOCKDAG_SEED: of the first one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

#define MAX_THREADS 4
#define MAX_LOCKS 6
#define MAX_OPS 14
#define MAX_STATES 65536

enum op_kind { OP_LOCK, OP_TRY, OP_UNLOCK, OP_CREATE, OP_JOIN, OP_POST, OP_WAIT };

/* Rows of the model's locks behind the program's: the ends of threads, and the semaphore. */
#define ROW_END MAX_LOCKS
#define ROW_SEM (MAX_LOCKS + MAX_THREADS)

struct op {
	enum op_kind kind;
	unsigned char what; /* lock or thread */
	enum lockdag_mode mode;
};

struct program {
	unsigned n_threads, n_locks;
	bool rwlock[MAX_LOCKS], fair[MAX_LOCKS];
	bool created[MAX_THREADS]; /* by thread 0; else it runs from the start */
	struct op ops[MAX_THREADS][MAX_OPS + 2 * MAX_THREADS + 4];
	bool sem;
	unsigned poster, waiter;
	unsigned n_ops[MAX_THREADS];
};

/* ------------------------------------------------------------------ making programs */

static void program_add(
	struct program *p, unsigned t, enum op_kind kind, unsigned what, enum lockdag_mode mode)
{
	p->ops[t][p->n_ops[t]++] = (struct op){kind, (unsigned char)what, mode};
}

static enum lockdag_mode program_mode(struct program *p, unsigned lock, uint64_t *state)
{
	if (!p->rwlock[lock] || support_random(state, 2))
		return LOCKDAG_EXCLUSIVE;
	return p->fair[lock] ? LOCKDAG_READ : LOCKDAG_READ_RECURSIVE;
}

/* A thread never asks for a lock that it holds: relocking has tests of its own. */
static void program_thread(struct program *p, unsigned t, unsigned most, uint64_t *state)
{
	unsigned held[MAX_LOCKS], n_held = 0, depth = 2 + support_random(state, 2);
	unsigned n = 2 + support_random(state, most - 1);

	for (unsigned i = 0; i < n; i++) {
		unsigned lock = support_random(state, p->n_locks), k = 0;

		while (k < n_held && held[k] != lock)
			k++;
		if (k == n_held && n_held < depth && n_held + 1 < n - i) {
			program_add(p, t, support_random(state, 8) ? OP_LOCK : OP_TRY, lock,
				program_mode(p, lock, state));
			held[n_held++] = lock;
		} else if (n_held) {
			k = support_random(state, 3) ? n_held - 1 : support_random(state, n_held);
			program_add(p, t, OP_UNLOCK, held[k], LOCKDAG_EXCLUSIVE);
			memmove(&held[k], &held[k + 1], (n_held - k - 1) * sizeof(*held));
			n_held--;
		}
	}
	while (n_held)
		program_add(p, t, OP_UNLOCK, held[--n_held], LOCKDAG_EXCLUSIVE);
}

/* Puts op into thread t at a place not before from; returns the place behind it. */
static unsigned program_insert(struct program *p, unsigned t, unsigned from, enum op_kind kind,
	unsigned what, uint64_t *state)
{
	unsigned at = from + support_random(state, p->n_ops[t] - from + 1);

	memmove(&p->ops[t][at + 1], &p->ops[t][at], (p->n_ops[t] - at) * sizeof(struct op));
	p->ops[t][at] = (struct op){kind, (unsigned char)what, LOCKDAG_EXCLUSIVE};
	p->n_ops[t]++;
	return at + 1;
}

/* One or two posts, and no more waits than posts. */
static void program_semaphore(struct program *p, uint64_t *state)
{
	unsigned posts = 1 + support_random(state, 2), waits = 1 + support_random(state, posts);

	p->sem = true;
	p->poster = support_random(state, p->n_threads);
	p->waiter = (p->poster + 1 + support_random(state, p->n_threads - 1)) % p->n_threads;
	while (posts--)
		program_insert(p, p->poster, 0, OP_POST, 0, state);
	while (waits--)
		program_insert(p, p->waiter, 0, OP_WAIT, 0, state);
}

static void program_make(struct program *p, uint64_t *state)
{
	bool readers = support_random(state, 2);

	memset(p, 0, sizeof(*p));
	p->n_threads = 2 + support_random(state, MAX_THREADS - 1);
	p->n_locks = 2 + support_random(state, MAX_LOCKS - 1);
	for (unsigned i = 0; i < p->n_locks; i++) {
		p->rwlock[i] = readers && support_random(state, 2);
		p->fair[i] = support_random(state, 2);
	}
	for (unsigned t = 0; t < p->n_threads; t++)
		program_thread(p, t, p->n_threads == 4 ? 8 : MAX_OPS, state);
	for (unsigned t = 1; t < p->n_threads; t++) {
		unsigned at;

		p->created[t] = support_random(state, 2);
		if (!p->created[t])
			continue;
		at = program_insert(p, 0, 0, OP_CREATE, t, state);
		if (support_random(state, 2))
			program_insert(p, 0, at, OP_JOIN, t, state);
	}
	if (support_random(state, 3) == 0)
		program_semaphore(p, state);
}

/* ------------------------------------------------------------------ what a recorder sees */

/* The lock row of a wait. */
static uint32_t record_event(const struct op *op)
{
	return op->kind == OP_WAIT ? ROW_SEM : ROW_END + op->what;
}

static void record_discharge(struct lockdag_model *m, unsigned t, uint32_t phase,
	const struct lockdag_held *asked, uint32_t n)
{
	const struct lockdag_discharge d = {.thread = t,
		.lock = ROW_SEM,
		.last_phase = phase,
		.stack = LOCKDAG_NONE,
		.began = LOCKDAG_NONE,
		.n_held = n};

	assert_true(lockdag_model_add_discharge(m, &d, asked) >= 0);
}

/* The recorder knows of one iteration only, from the thread's start. */
static void record_thread(const struct program *p, unsigned t, struct lockdag_model *m)
{
	struct lockdag_held held[MAX_LOCKS], asked[MAX_OPS + 2 * MAX_THREADS + 4];
	uint32_t n_held = 0, n_asked = 0, phase = 0;

	for (unsigned i = 0; i < p->n_ops[t]; i++) {
		const struct op *op = &p->ops[t][i];
		struct lockdag_acquire a = {.thread = t,
			.lock = op->what,
			.mode = op->mode,
			.flags = op->kind == OP_TRY ? LOCKDAG_ACQUIRE_TRY : 0,
			.first_phase = phase,
			.last_phase = phase,
			.stack = LOCKDAG_NONE,
			.n_held = n_held};
		uint32_t k = 0;

		if (op->kind == OP_JOIN || op->kind == OP_WAIT) {
			a.lock = record_event(op);
			a.serial = op->kind == OP_JOIN ? op->what + 1u : 0;
			a.flags = LOCKDAG_ACQUIRE_WAIT;
			a.monitor = LOCKDAG_NONE;
			assert_true(lockdag_model_add_acquire(m, &a, held) >= 0);
			asked[n_asked++] = (struct lockdag_held){.lock = a.lock,
				.serial = a.serial,
				.flags = a.flags,
				.stack = LOCKDAG_NONE};
			phase++;
		} else if (op->kind == OP_POST) {
			record_discharge(m, t, phase++, asked, n_asked);
		} else if (op->kind == OP_CREATE) {
			phase++;
		} else if (op->kind == OP_UNLOCK) {
			while (held[k].lock != op->what)
				k++;
			memmove(&held[k], &held[k + 1], (n_held - k - 1) * sizeof(*held));
			n_held--;
		} else {
			assert_true(lockdag_model_add_acquire(m, &a, held) >= 0);
			held[n_held++] = asked[n_asked++] = (struct lockdag_held){.lock = op->what,
				.mode = op->mode,
				.flags = a.flags,
				.stack = LOCKDAG_NONE};
		}
	}
}

static bool record_is_point(const struct op *op)
{
	return op->kind == OP_CREATE || op->kind == OP_JOIN || op->kind == OP_POST ||
	       op->kind == OP_WAIT;
}

/* What is before the n-th post is before what is after the n-th wait. */
static void record_orders(const struct program *p, struct lockdag_model *m)
{
	uint32_t phase = 0, wait = 0, wait_phase = 0;
	const struct op *waits = p->ops[p->waiter];

	for (unsigned i = 0; p->sem && i < p->n_ops[p->poster]; i++) {
		const struct op *op = &p->ops[p->poster][i];
		struct lockdag_order o = {
			.from_thread = p->poster, .from_last = phase, .to_thread = p->waiter};

		phase += record_is_point(op);
		if (op->kind != OP_POST)
			continue;
		while (wait < p->n_ops[p->waiter] && waits[wait].kind != OP_WAIT)
			wait_phase += record_is_point(&waits[wait++]);
		if (wait == p->n_ops[p->waiter])
			return;
		wait++;
		o.to_phase = ++wait_phase;
		assert_true(lockdag_model_add_order(m, &o) >= 0);
	}
}

/* The locks that thread 0 holds from op create to op join. */
static void record_guards(
	const struct program *p, struct lockdag_model *m, unsigned create, unsigned join)
{
	for (unsigned lock = 0; lock < p->n_locks; lock++) {
		const struct op *taken = NULL;

		for (unsigned i = 0; i < join; i++) {
			const struct op *op = &p->ops[0][i];

			if (op->what != lock)
				continue;
			if (op->kind == OP_UNLOCK)
				taken = NULL;
			else if ((op->kind == OP_LOCK || op->kind == OP_TRY) && i < create)
				taken = op;
		}
		if (taken)
			assert_true(lockdag_model_add_guard(
					    m, p->ops[0][create].what, lock, 0, taken->mode) >= 0);
	}
}

static void record_all_guards(const struct program *p, struct lockdag_model *m)
{
	for (unsigned i = 0; i < p->n_ops[0]; i++) {
		for (unsigned k = i; p->ops[0][i].kind == OP_CREATE && k < p->n_ops[0]; k++) {
			if (p->ops[0][k].kind == OP_JOIN && p->ops[0][k].what == p->ops[0][i].what)
				record_guards(p, m, i, k);
		}
	}
}

static void record_threads(const struct program *p, struct lockdag_model *m)
{
	struct lockdag_thread rows[MAX_THREADS];
	uint32_t phase = 0;

	for (unsigned t = 0; t < p->n_threads; t++)
		rows[t] = (struct lockdag_thread){
			.tid = (int32_t)t, .parent = LOCKDAG_NONE, .joiner = LOCKDAG_NONE};
	for (unsigned i = 0; i < p->n_ops[0]; i++) {
		const struct op *op = &p->ops[0][i];

		if (op->kind == OP_CREATE) {
			rows[op->what].parent = 0;
			rows[op->what].create_phase = phase++;
		} else if (op->kind == OP_JOIN) {
			rows[op->what].joiner = 0;
			rows[op->what].join_phase = ++phase;
		} else {
			phase += record_is_point(op);
		}
	}
	for (unsigned t = 0; t < p->n_threads; t++)
		assert_true(lockdag_model_add_thread(m, &rows[t]) >= 0);
}

static struct lockdag_model *record(const struct program *p)
{
	const struct lockdag_process process = {.pid = 1};
	struct lockdag_model *m;

	assert_int_equal(lockdag_model_new(&m), 0);
	lockdag_model_add_run(m, NULL);
	lockdag_model_add_process(m, &process);
	record_threads(p, m);
	for (unsigned i = 0; i <= ROW_SEM; i++) {
		char name[2] = {(char)('A' + i), 0};
		bool rwlock = i < MAX_LOCKS && p->rwlock[i];
		struct lockdag_birth b = {.type = i == ROW_SEM   ? LOCKDAG_LOCK_SEMAPHORE
						  : i >= ROW_END ? LOCKDAG_LOCK_THREAD
						  : rwlock       ? LOCKDAG_LOCK_RWLOCK
								 : LOCKDAG_LOCK_MUTEX,
			.stack = LOCKDAG_NONE,
			.name = name,
			.key = name};
		struct lockdag_lock l = {.birth = i, .value = i != ROW_SEM};

		assert_true(lockdag_model_add_birth(m, &b) >= 0);
		assert_true(lockdag_model_add_lock(m, &l) >= 0);
	}
	for (unsigned t = 0; t < p->n_threads; t++)
		record_thread(p, t, m);
	record_orders(p, m);
	record_all_guards(p, m);
	return m;
}

/* ------------------------------------------------------------------ all schedules */

struct schedule {
	struct program program;
	const struct program *p;        /* the same */
	uint32_t seen[MAX_STATES / 32]; /* by mixed-radix number of the program counters */
	uint32_t queue[MAX_STATES];
	unsigned n_deadlocks;
	unsigned deadlocks[256]; /* sets of locks, as bits */
	/* The state at hand. */
	unsigned at[MAX_THREADS];
	unsigned char holds[MAX_THREADS][MAX_LOCKS]; /* mode + 1, 0: does not */
	bool started[MAX_THREADS];
	unsigned sem, posts; /* its value, and how many posts are still to come */
};

static uint32_t schedule_number(const struct schedule *s, const unsigned *at)
{
	uint32_t n = 0;

	for (unsigned t = 0; t < s->p->n_threads; t++)
		n = n * (s->p->n_ops[t] + 1) + at[t];
	return n;
}

static void schedule_decode(struct schedule *s, uint32_t n)
{
	memset(s->holds, 0, sizeof(s->holds));
	for (unsigned t = s->p->n_threads; t-- > 0; n /= s->p->n_ops[t] + 1) {
		s->at[t] = n % (s->p->n_ops[t] + 1);
		for (unsigned i = 0; i < s->at[t]; i++) {
			const struct op *op = &s->p->ops[t][i];

			if (op->kind == OP_UNLOCK)
				s->holds[t][op->what] = 0;
			else if (op->kind == OP_LOCK || op->kind == OP_TRY)
				s->holds[t][op->what] = (unsigned char)(op->mode + 1);
		}
	}
	s->sem = s->posts = 0;
	for (unsigned i = 0; s->p->sem && i < s->p->n_ops[s->p->poster]; i++) {
		if (s->p->ops[s->p->poster][i].kind == OP_POST)
			*(i < s->at[s->p->poster] ? &s->sem : &s->posts) += 1;
	}
	for (unsigned i = 0; s->p->sem && i < s->at[s->p->waiter]; i++)
		s->sem -= s->p->ops[s->p->waiter][i].kind == OP_WAIT;
	for (unsigned t = 0; t < s->p->n_threads; t++)
		s->started[t] = !s->p->created[t];
	for (unsigned i = 0; i < s->at[0]; i++) {
		if (s->p->ops[0][i].kind == OP_CREATE)
			s->started[s->p->ops[0][i].what] = true;
	}
}

static const struct op *schedule_next(const struct schedule *s, unsigned t)
{
	if (!s->started[t] || s->at[t] == s->p->n_ops[t])
		return NULL;
	return &s->p->ops[t][s->at[t]];
}

/* Does what u holds stop t's next op, readers counting as stopped by a queued writer or not? */
static bool schedule_stops(
	const struct schedule *s, const struct op *op, unsigned u, bool queued_writer)
{
	unsigned held = s->holds[u][op->what];

	if (!held)
		return false;
	if (op->mode == LOCKDAG_EXCLUSIVE || held - 1 == LOCKDAG_EXCLUSIVE)
		return true;
	return op->mode == LOCKDAG_READ && queued_writer;
}

/* Can t go on? A reader may always come before a writer does; a failed try is not followed. */
static bool schedule_enabled(const struct schedule *s, unsigned t)
{
	const struct op *op = schedule_next(s, t);

	if (!op)
		return false;
	if (op->kind == OP_JOIN)
		return s->at[op->what] == s->p->n_ops[op->what];
	if (op->kind == OP_WAIT)
		return s->sem > 0;
	for (unsigned u = 0; u < s->p->n_threads; u++) {
		if ((op->kind == OP_LOCK || op->kind == OP_TRY) && u != t &&
			schedule_stops(s, op, u, false))
			return false;
	}
	return true;
}

/* Is a third thread about to write the lock that reader t asks for and u holds? */
static bool schedule_writer(const struct schedule *s, const struct op *op, unsigned used)
{
	for (unsigned w = 0; w < s->p->n_threads; w++) {
		const struct op *next = schedule_next(s, w);

		if (!(used & 1u << w) && next && next->kind == OP_LOCK && next->what == op->what &&
			next->mode == LOCKDAG_EXCLUSIVE)
			return true;
	}
	return false;
}

/* Does t stand until u goes on? */
static bool schedule_behind(const struct schedule *s, unsigned t, unsigned u, bool queued_writer)
{
	const struct op *op = schedule_next(s, t);

	if (!op)
		return false;
	switch (op->kind) {
	case OP_LOCK:
		return schedule_stops(s, op, u, queued_writer);
	case OP_JOIN:
		return op->what == u && s->at[u] < s->p->n_ops[u];
	case OP_WAIT:
		return !s->sem && u == s->p->poster && s->posts;
	default:
		return false;
	}
}

/* Checks one ring of threads path[0] waits for path[1] ... waits for path[0]. */
static void schedule_ring(struct schedule *s, const unsigned *path, unsigned n)
{
	unsigned locks = 0, used = 0;

	for (unsigned i = 0; i < n; i++)
		used |= 1u << path[i];
	for (unsigned i = 0; i < n; i++) {
		const struct op *op = schedule_next(s, path[i]);

		if (!schedule_behind(s, path[i], path[(i + 1) % n],
			    op->kind == OP_LOCK && schedule_writer(s, op, used)))
			return;
		locks |= 1u << (op->kind == OP_LOCK ? op->what : record_event(op));
	}
	for (unsigned i = 0; i < s->n_deadlocks; i++) {
		if (s->deadlocks[i] == locks)
			return;
	}
	if (s->n_deadlocks < 256)
		s->deadlocks[s->n_deadlocks++] = locks;
}

/* All rings of threads from path[0], its smallest. */
static void schedule_rings(struct schedule *s, unsigned *path, unsigned n)
{
	unsigned v = path[n - 1];

	if (n > 1 && schedule_behind(s, v, path[0], true))
		schedule_ring(s, path, n);
	for (unsigned u = path[0] + 1; u < s->p->n_threads; u++) {
		unsigned k = 0;

		while (k < n && path[k] != u)
			k++;
		if (k < n || !schedule_behind(s, v, u, true))
			continue;
		path[n] = u;
		schedule_rings(s, path, n + 1);
	}
}

static bool schedule_all(struct schedule *s)
{
	unsigned at[MAX_THREADS] = {0};
	uint64_t states = 1;
	uint32_t n = 1;

	for (unsigned t = 0; t < s->p->n_threads; t++)
		states *= s->p->n_ops[t] + 1;
	if (states > MAX_STATES)
		return false;
	memset(s->seen, 0, sizeof(s->seen));
	s->n_deadlocks = 0;
	s->queue[0] = schedule_number(s, at);
	for (uint32_t i = 0; i < n; i++) {
		schedule_decode(s, s->queue[i]);
		for (unsigned t = 0; t < s->p->n_threads; t++) {
			unsigned path[MAX_THREADS] = {t};
			uint32_t next;

			schedule_rings(s, path, 1);
			if (!schedule_enabled(s, t))
				continue;
			memcpy(at, s->at, sizeof(at));
			at[t]++;
			next = schedule_number(s, at);
			if (s->seen[next / 32] & 1u << next % 32)
				continue;
			s->seen[next / 32] |= 1u << next % 32;
			s->queue[n++] = next;
		}
	}
	return true;
}

/* ------------------------------------------------------------------ the comparison */

struct counts {
	unsigned long programs, deadlocks, missed, possible, reached, order_changed;
};

static unsigned finding_locks(const struct lockdag_finding *f)
{
	unsigned locks = 0;

	for (size_t i = 0; i < f->n_locks; i++) {
		if (!f->locks[i].between)
			locks |= 1u << (f->locks[i].key[0] - 'A');
	}
	return locks;
}

static void compare(const struct schedule *s, const struct lockdag_findings *f, struct counts *c)
{
	for (unsigned k = 0; k < s->n_deadlocks; k++) {
		size_t i = 0;

		while (i < f->n && (f->items[i].grade < LOCKDAG_POSSIBLE ||
					   finding_locks(&f->items[i]) & ~s->deadlocks[k]))
			i++;
		c->deadlocks++;
		c->missed += i == f->n;
	}
	for (size_t i = 0; i < f->n && f->items[i].grade >= LOCKDAG_POSSIBLE; i++) {
		unsigned k = 0;

		while (k < s->n_deadlocks && s->deadlocks[k] != finding_locks(&f->items[i]))
			k++;
		c->possible++;
		c->reached += k < s->n_deadlocks;
	}
}

static void show(const char *what, const struct lockdag_model *m, const struct lockdag_findings *f,
	uint64_t seed)
{
	char *text = NULL, *found = NULL;

	lockdag_model_print(m, &text);
	lockdag_findings_print(m, f, &found);
	/* cmocka's print_error cuts long texts. */
	fprintf(stderr, "LOCKDAG_SEED=%llu %s:\n%s%s", (unsigned long long)seed, what, text, found);
	free(text);
	free(found);
}

static void one_program(struct schedule *s, uint64_t seed, struct counts *c)
{
	uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;
	unsigned long missed = c->missed;
	struct lockdag_findings *f = NULL, *g = NULL;
	struct lockdag_model *m, *other;

	program_make(&s->program, &state);
	s->p = &s->program;
	if (!schedule_all(s))
		return;
	m = record(s->p);
	assert_int_equal(lockdag_core_find(m, NULL, &f), 0);
	c->programs++;
	compare(s, f, c);
	if (c->missed > missed && missed < 3)
		show("misses a deadlock", m, f, seed);
	if (seed % 8 == 0) {
		other = support_permute(m, &state);
		assert_non_null(other);
		assert_int_equal(lockdag_core_find(other, NULL, &g), 0);
		if (!support_same_findings(f, g) && !c->order_changed++)
			show("depends on the order of its rows", other, g, seed);
		lockdag_findings_free(g);
		lockdag_model_free(other);
	}
	lockdag_findings_free(f);
	lockdag_model_free(m);
}

static uint64_t from_environment(const char *name, uint64_t standard)
{
	const char *value = getenv(name);

	return value ? strtoull(value, NULL, 0) : standard;
}

static void oracle_no_deadlock_is_missed(void **state)
{
	uint64_t n = from_environment("LOCKDAG_STREAMS", 100000);
	uint64_t seed = from_environment("LOCKDAG_SEED", 1);
	struct schedule *s = malloc(sizeof(*s));
	struct counts c = {0};

	(void)state;
	assert_non_null(s);
	for (uint64_t i = 0; i < n; i++)
		one_program(s, seed + i, &c);
	free(s);
	print_message(
		"%lu programs, %lu deadlocks reached, %lu missed; %lu possible cycles, %lu of "
		"them reached\n",
		c.programs, c.deadlocks, c.missed, c.possible, c.reached);
	assert_int_equal(c.missed, 0);
	assert_int_equal(c.order_changed, 0);
	assert_true(c.programs > n / 2);
	assert_true(n < 1000 || c.deadlocks > n / 20);
}

/* Programs whose findings once depended on the order of the rows. */
static void oracle_known_programs(void **state)
{
	static const uint64_t seeds[] = {55314800, 57478576};
	struct schedule *s = malloc(sizeof(*s));
	struct counts c = {0};

	(void)state;
	assert_non_null(s);
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(seeds); i++)
		one_program(s, seeds[i], &c);
	free(s);
	assert_int_equal(c.programs, LOCKDAG_ARRAY_SIZE(seeds));
	assert_int_equal(c.missed, 0);
	assert_int_equal(c.order_changed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(oracle_known_programs),
		cmocka_unit_test(oracle_no_deadlock_is_missed)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
