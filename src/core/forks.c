/* SPDX-License-Identifier: MIT
 *
 * A fork child has copies of all locks, but of the threads only the one that forked: what another one
 * held at that moment is never released in it. So a lock that another thread of the parent takes, and
 * that the forking one does not hold over the fork, may not be asked for in the child; whether
 * anybody held it this time is chance.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "core/find.h"

struct forks {
	struct find *f;
	uint32_t *of_process;  /* the fork that a process began as, or LOCKDAG_NONE */
	uint32_t *first, *next; /* acquisitions of each lock, in lists */
	struct forks_best {
		uint32_t child, holder, fork; /* acquisitions, and the fork; child LOCKDAG_NONE: none */
		enum lockdag_ruled ruled;
	} * best; /* of each class */
};

static int forks_init(struct forks *x, struct find *f)
{
	const struct lockdag_model *m = f->m;
	size_t n = m->processes.n + m->locks.n + m->acquires.n + 1;
	uint32_t *memory = malloc(n * sizeof(*memory));

	*x = (struct forks){.f = f, .of_process = memory};
	x->best = malloc((f->classes.items.n + 1) * sizeof(*x->best));
	if (!memory || !x->best)
		return -ENOMEM;
	memset(memory, 0xff, n * sizeof(*memory));
	memset(x->best, 0xff, (f->classes.items.n + 1) * sizeof(*x->best));
	x->first = memory + m->processes.n;
	x->next = x->first + m->locks.n;
	for (uint32_t i = 0; i < m->forks.n; i++)
		x->of_process[m->forks.items[i].process] = i;
	for (size_t i = m->acquires.n; i-- > 0;) {
		uint32_t lock = m->acquires.items[i].lock;

		x->next[i] = x->first[lock];
		x->first[lock] = (uint32_t)i;
	}
	return 0;
}

static void forks_done(struct forks *x)
{
	free(x->of_process);
	free(x->best);
}

static bool forks_one_lock(const struct lockdag_model *m, uint32_t lock, uint64_t x, uint64_t y)
{
	return !(m->locks.items[lock].flags & LOCKDAG_LOCK_MANY) || (x && x == y);
}

/* Did the forking thread hold the lock over the fork? Then it is the child's. */
static bool forks_holds(const struct lockdag_model *m, const struct lockdag_fork *fork,
	const struct lockdag_acquire *a)
{
	for (uint32_t i = 0; i < fork->n_held; i++) {
		const struct lockdag_held *h = &m->held.items[fork->held + i];

		if (h->lock == a->lock && forks_one_lock(m, a->lock, h->serial, a->serial))
			return true;
	}
	return false;
}

/* Has the child tried the lock? Then it need not wait to know that it is free. */
static bool forks_tries(const struct forks *x, const struct lockdag_acquire *a)
{
	const struct lockdag_model *m = x->f->m;

	for (uint32_t i = x->first[a->lock]; i != LOCKDAG_NONE; i = x->next[i]) {
		const struct lockdag_acquire *b = &m->acquires.items[i];

		if (b->flags & LOCKDAG_ACQUIRE_TRY && b->thread == a->thread &&
			forks_one_lock(m, a->lock, b->serial, a->serial))
			return true;
	}
	return false;
}

/* Can h hold the lock in the moment of the fork, and stop the child's a by it? */
static enum lockdag_ruled forks_judge(const struct forks *x, const struct lockdag_fork *fork,
	const struct lockdag_acquire *h, const struct lockdag_acquire *a)
{
	struct evidence *e = &x->f->evidence;
	const struct lockdag_acquire at = {.thread = fork->thread,
		.held = fork->held,
		.n_held = fork->n_held,
		.first_phase = fork->phase,
		.last_phase = fork->phase};

	/* Nobody owns a semaphore: the child may post it as well as who took it. */
	if (lock_birth(x->f->m, a->lock)->type == LOCKDAG_LOCK_SEMAPHORE)
		return LOCKDAG_RULED_EVENT;
	if (filters_times_out(a))
		return LOCKDAG_RULED_TIMED;
	if (filters_gate(e, h, &at, true) != LOCKDAG_NONE)
		return LOCKDAG_RULED_GATE;
	if (filters_ordered(e, h, &at) != filters_ordered(e, &at, h))
		return LOCKDAG_RULED_ORDERED;
	return LOCKDAG_RULED_NOT;
}

/* Who holds the lock of child's acquisition in the process that forked: keeps the best one. */
static void forks_try_holders(struct forks *x, uint32_t child, uint32_t fork)
{
	const struct lockdag_model *m = x->f->m;
	const struct lockdag_acquire *a = &m->acquires.items[child];
	const struct lockdag_fork *row = &m->forks.items[fork];
	struct forks_best *best = &x->best[x->f->classes.of_lock[a->lock]];

	for (uint32_t i = x->first[a->lock]; i != LOCKDAG_NONE; i = x->next[i]) {
		const struct lockdag_acquire *h = &m->acquires.items[i];
		const struct lockdag_thread *t = &m->threads.items[h->thread];
		enum lockdag_ruled ruled;

		if (h->thread == row->thread ||
			t->process != m->threads.items[row->thread].process ||
			t->first_fork > row->number || t->last_fork < row->number ||
			events_is_wait(h) || !forks_one_lock(m, a->lock, h->serial, a->serial) ||
			filters_joint(a->mode, h->mode) != JOINT_BLOCKS)
			continue;
		ruled = forks_judge(x, row, h, a);
		if (best->child != LOCKDAG_NONE && best->ruled <= ruled)
			continue;
		*best = (struct forks_best){child, i, fork, ruled};
	}
}

/* libc makes its own locks anew in the child. */
static bool forks_is_made_anew(const struct lockdag_model *m, uint32_t lock)
{
	enum lockdag_lock_type type = lock_birth(m, lock)->type;

	return type == LOCKDAG_LOCK_LOADER || type == LOCKDAG_LOCK_EXIT ||
	       type == LOCKDAG_LOCK_STREAM;
}

static void forks_try(struct forks *x, uint32_t child)
{
	const struct lockdag_model *m = x->f->m;
	const struct lockdag_acquire *a = &m->acquires.items[child];
	uint32_t process = m->threads.items[a->thread].process;

	if (x->of_process[process] == LOCKDAG_NONE || lock_is_shared(m, a->lock) ||
		forks_is_made_anew(m, a->lock) || events_is_wait(a) ||
		!filters_waits(x->f->m, a) || forks_tries(x, a))
		return;
	/* The parent has it as a copy of its own parent's, and so on. */
	for (size_t i = 0; i < m->forks.n && process != m->locks.items[a->lock].process; i++) {
		uint32_t fork = x->of_process[process];

		if (fork == LOCKDAG_NONE || forks_holds(m, &m->forks.items[fork], a))
			return;
		forks_try_holders(x, child, fork);
		process = m->threads.items[m->forks.items[fork].thread].process;
	}
}

/* Does a thread of the child wait for the lock now, which nobody of the child has ever held? Makes its
 * acquisition the child's. */
static bool forks_happened(const struct find *f, struct forks_best *best)
{
	const struct lockdag_model *m = f->m;
	const struct lockdag_acquire *child = &m->acquires.items[best->child];
	uint32_t process = m->threads.items[child->thread].process, stuck = LOCKDAG_NONE;

	for (size_t i = 0; i < m->blocked.n; i++) {
		const struct lockdag_acquire *a = &m->acquires.items[m->blocked.items[i].acquire];

		if (a->lock == child->lock && !events_is_wait(a) &&
			m->threads.items[a->thread].process == process)
			stuck = m->blocked.items[i].acquire;
	}
	for (size_t i = 0; stuck != LOCKDAG_NONE && i < m->acquires.n; i++) {
		const struct lockdag_acquire *a = &m->acquires.items[i];

		for (uint32_t k = 0; k < a->n_held; k++)
			if (m->held.items[a->held + k].lock == child->lock &&
				m->threads.items[a->thread].process == process)
				return false;
	}
	if (stuck != LOCKDAG_NONE)
		best->child = stuck;
	return stuck != LOCKDAG_NONE;
}

static int forks_add(struct find *f, struct forks_best *best)
{
	bool happened = !best->ruled && forks_happened(f, best);
	struct verdict v = {.grade = best->ruled ? LOCKDAG_UNLIKELY
				     : happened	 ? LOCKDAG_HAPPENED
						 : LOCKDAG_POSSIBLE,
		.ruled = best->ruled,
		.n = 1,
		.seed = lockdag_hash_string(LOCKDAG_HASH_SEED, "fork"),
		.writer = LOCKDAG_NONE};

	v.exemplars[0][0] = (struct lockdag_exemplar){best->child,
		f->m->acquires.items[best->holder].n_held, f->m->acquires.items[best->child].n_held,
		LOCKDAG_NONE, best->holder};
	v.n_exemplars[0] = 1;
	v.way[0].through = LOCKDAG_THROUGH_FORK;
	v.way[0].by = best->fork;
	return describe_add(f, &v);
}

int forks_find(struct find *f)
{
	struct forks x;
	int r;

	if (!f->m->forks.n)
		return 0;
	r = forks_init(&x, f);
	for (uint32_t i = 0; !r && i < f->m->acquires.n; i++)
		forks_try(&x, i);
	for (size_t i = 0; !r && i < f->classes.items.n; i++) {
		if (x.best[i].child != LOCKDAG_NONE)
			r = forks_add(f, &x.best[i]);
	}
	forks_done(&x);
	return r;
}

/* ------------------------------------------------------------------ why */

char *forks_sentence(const struct find *f, const struct verdict *v, const char *lock)
{
	const struct lockdag_exemplar *e = &v->exemplars[0][0];
	const struct lockdag_fork *fork = &f->m->forks.items[v->way[0].by];
	const struct lockdag_acquire *holder = &f->m->acquires.items[e->holder];
	const char *but = "";
	char a[256], b[256], c[256];

	if (v->grade == LOCKDAG_HAPPENED)
		return lockdag_textf("thread %s of the child waits for `%s`, which was taken when "
				     "thread %s forked, and which thread %s of the parent takes: in "
				     "the child nobody can release it",
			lockdag_model_thread_name(f->m, exemplar_asking(f, e)->thread, c, sizeof(c)),
			lock, lockdag_model_thread_name(f->m, fork->thread, b, sizeof(b)),
			lockdag_model_thread_name(f->m, holder->thread, a, sizeof(a)));

	if (v->ruled == LOCKDAG_RULED_TIMED)
		but = "; but the child's wait times out in under 10 s";
	else if (v->ruled == LOCKDAG_RULED_GATE)
		but = "; but it holds a lock over the fork that the other takes it under";
	else if (v->ruled == LOCKDAG_RULED_ORDERED)
		but = "; but create, join or another point of order puts the fork before or after "
		      "that";
	else if (v->ruled)
		but = "; but it is no lock that its holder releases";
	return lockdag_textf(
		"thread %s takes `%s`, and when thread %s forks at that moment, the child has "
		"the lock taken and nobody to release it; thread %s of the child asks for it%s",
		lockdag_model_thread_name(f->m, holder->thread, a, sizeof(a)), lock,
		lockdag_model_thread_name(f->m, fork->thread, b, sizeof(b)),
		lockdag_model_thread_name(f->m, exemplar_asking(f, e)->thread, c, sizeof(c)), but);
}
