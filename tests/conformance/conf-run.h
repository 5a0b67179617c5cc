/* SPDX-License-Identifier: MIT
 *
 * Runs a notation with real locks: what conf-run.c and conf-run.cpp share. A kind is a set of
 * functions over one static array a letter, so that each letter is a class with a name.
 */
#ifndef LOCKDAG_TESTS_CONF_RUN_H
#define LOCKDAG_TESTS_CONF_RUN_H

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "notation.h"

/* type A[4], B[4], ...: in memory one array of NOTATION_N_LOCKS. */
#define SET_OF(type)                                                                               \
	struct {                                                                                   \
		type A[4], B[4], C[4], D[4], E[4], F[4], G[4], H[4], M[4], N[4], X[4], Y[4], Z[4]; \
	}

struct kind {
	const char *name;
	void *locks;
	size_t size;
	char way; /* w or r: the column's */
	void (*init)(void *lock, char letter);
	/* what: NOTATION_LOCK to NOTATION_LONG; way: w or r; true when it was got */
	bool (*lock)(void *lock, enum notation_do what, char way);
	void (*unlock)(void *lock, char way);
};

struct run_held {
	unsigned lock;
	char way;
};

static struct notation run_notation;
static const struct kind *run_kind, *run_plain; /* of the column; of M and N */
static pthread_t run_threads[NOTATION_N_THREADS];
static bool run_done[NOTATION_N_THREADS], run_created[NOTATION_N_THREADS],
	run_joined[NOTATION_N_THREADS];
static unsigned run_caller[NOTATION_N_THREADS];
static unsigned run_turn; /* whose turn it is: atomic, and all the order there is */

static inline void run_wait(unsigned self)
{
	struct timespec t = {0, 100000};

	while (__atomic_load_n(&run_turn, __ATOMIC_ACQUIRE) != self)
		nanosleep(&t, NULL);
}

static inline void run_give(unsigned other)
{
	__atomic_store_n(&run_turn, other, __ATOMIC_RELEASE);
}

static inline void run_let(unsigned self, unsigned other)
{
	if (run_done[other])
		return;
	run_caller[other] = self;
	run_give(other);
	run_wait(self);
}

static inline const struct kind *run_kind_of(unsigned lock)
{
	return notation_is_plain(lock) ? run_plain : run_kind;
}

static inline void *run_lock_of(unsigned lock)
{
	return (char *)run_kind_of(lock)->locks + lock * run_kind_of(lock)->size;
}

static inline void run_release(struct run_held *held, unsigned *n, unsigned i)
{
	run_kind_of(held[i].lock)->unlock(run_lock_of(held[i].lock), held[i].way);
	memmove(&held[i], &held[i + 1], (--*n - i) * sizeof(*held));
}

static inline void run_ask(const struct notation_step *s, struct run_held *held, unsigned *n)
{
	const struct kind *kind = run_kind_of(s->lock);
	char way = s->way == NOTATION_COLUMN ? kind->way : s->way == NOTATION_READ ? 'r' : 'w';

	if (!kind->lock(run_lock_of(s->lock), s->what, way))
		return;
	held[*n].lock = s->lock;
	held[(*n)++].way = way;
}

static void *run_part(void *arg);

static inline void run_create(unsigned thread)
{
	run_created[thread] = true;
	if (pthread_create(&run_threads[thread], NULL, run_part, (void *)(size_t)thread))
		abort();
}

static inline void run_join(unsigned self, unsigned thread)
{
	while (!run_done[thread])
		run_let(self, thread);
	pthread_join(run_threads[thread], NULL);
	run_joined[thread] = true;
}

static const int run_signals[NOTATION_N_SIGNALS + 1] = {0, SIGUSR1, SIGUSR2};
static __thread unsigned run_self;

static inline void run_mask(const struct notation_step *s)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, run_signals[s->signal]);
	pthread_sigmask(s->what == NOTATION_BLOCK ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

static inline void run_step(
	unsigned self, const struct notation_step *s, struct run_held *held, unsigned *n)
{
	switch (s->what) {
	case NOTATION_UNLOCK:
		for (unsigned i = *n; i-- > 0;) {
			if (held[i].lock == s->lock) {
				run_release(held, n, i);
				break;
			}
		}
		break;
	case NOTATION_UNLOCK_ALL:
		while (*n)
			run_release(held, n, *n - 1);
		break;
	case NOTATION_NEW:
		run_create(s->thread);
		break;
	case NOTATION_JOIN:
		run_join(self, s->thread);
		break;
	case NOTATION_TO:
		run_let(self, s->thread);
		break;
	case NOTATION_BACK:
		run_give(run_caller[self]);
		run_wait(self);
		break;
	case NOTATION_IN:
		break;
	case NOTATION_BLOCK:
	case NOTATION_UNBLOCK:
		run_mask(s);
		break;
	default:
		run_ask(s, held, n);
	}
}

static void run_steps(unsigned self)
{
	struct run_held held[NOTATION_N_STEPS];
	unsigned n = 0;

	for (unsigned i = 0; i < run_notation.n_steps[self]; i++)
		run_step(self, &run_notation.steps[self][i], held, &n);
	while (n)
		run_release(held, &n, n - 1);
}

static void run_handler(int number)
{
	(void)number;
	run_steps(run_self);
}

static inline void run_install(void)
{
	for (unsigned i = 1; i <= NOTATION_N_SIGNALS; i++) {
		struct sigaction action;

		memset(&action, 0, sizeof(action));
		action.sa_handler = run_handler;
		if (i == 1)
			sigaddset(&action.sa_mask, run_signals[2]);
		if (run_notation.handled[i])
			sigaction(run_signals[i], &action, NULL);
	}
}

static void *run_part(void *arg)
{
	unsigned self = (unsigned)(size_t)arg;
	const struct notation_step *first = &run_notation.steps[self][0];

	run_wait(self);
	run_self = self;
	if (run_notation.n_steps[self] && first->what == NOTATION_IN)
		raise(run_signals[first->signal]);
	else
		run_steps(self);
	run_done[self] = true;
	run_give(run_caller[self]);
	return NULL;
}

static inline void run_init(void)
{
	bool known[NOTATION_N_LOCKS] = {0};

	for (unsigned t = 1; t < run_notation.n_threads; t++) {
		for (unsigned i = 0; i < run_notation.n_steps[t]; i++) {
			const struct notation_step *s = &run_notation.steps[t][i];

			if (s->what > NOTATION_LONG || known[s->lock])
				continue;
			known[s->lock] = true;
			if (run_kind_of(s->lock)->init)
				run_kind_of(s->lock)->init(
					run_lock_of(s->lock), notation_letter(s->lock));
		}
	}
}

static inline int run_main(
	int argc, char **argv, const struct kind *kinds, size_t n_kinds, const struct kind *plain)
{
	if (argc != 3 || !notation_parse(argv[2], &run_notation))
		return 2;
	run_plain = plain;
	for (size_t i = 0; i < n_kinds; i++)
		run_kind = strcmp(kinds[i].name, argv[1]) ? run_kind : &kinds[i];
	if (!run_kind)
		return 3;
	run_init();
	run_install();
	for (unsigned t = 1; t < run_notation.n_threads; t++) {
		if (!run_notation.creator[t])
			run_create(t);
	}
	for (unsigned t = 1; t < run_notation.n_threads; t++) {
		while (run_created[t] && !run_done[t])
			run_let(0, t);
	}
	for (unsigned t = 1; t < run_notation.n_threads; t++) {
		if (run_created[t] && !run_joined[t])
			pthread_join(run_threads[t], NULL);
	}
	return 0;
}

#endif
