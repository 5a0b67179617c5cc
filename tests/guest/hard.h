/* SPDX-License-Identifier: MIT
 *
 * For the programs of tests/guest: what they check by themselves, and inversions that stay latent.
 */
#ifndef HARD_H
#define HARD_H

#include "../programs/subject.h"

#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

/* What must be true, whatever NDEBUG says: else the program ends with status 99. */
#define MUST(truth)                                                                                \
	do {                                                                                       \
		if (!(truth)) {                                                                    \
			dprintf(2, "%s:%d: not so: %s (errno %d)\n", __FILE__, __LINE__, #truth,   \
				errno);                                                            \
			_exit(99);                                                                 \
		}                                                                                  \
	} while (0)

#define LOCK(m) MUST(pthread_mutex_lock(m) == 0)
#define UNLOCK(m) MUST(pthread_mutex_unlock(m) == 0)

static inline void nest(pthread_mutex_t *outer, pthread_mutex_t *inner)
{
	LOCK(outer);
	LOCK(inner);
	UNLOCK(inner);
	UNLOCK(outer);
}

struct abba {
	pthread_mutex_t *a, *b;
};

static void *abba_first(void *arg)
{
	struct abba *p = (struct abba *)arg;

	nest(p->a, p->b);
	nap(80);
	return NULL;
}

static void *abba_second(void *arg)
{
	struct abba *p = (struct abba *)arg;

	nap(40);
	nest(p->b, p->a);
	return NULL;
}

/* Two threads that could deadlock over a and b, and do not. */
static inline void abba(pthread_mutex_t *a, pthread_mutex_t *b)
{
	struct abba p = {a, b};
	pthread_t t[2];

	MUST(!pthread_create(&t[0], NULL, abba_first, &p));
	MUST(!pthread_create(&t[1], NULL, abba_second, &p));
	MUST(!pthread_join(t[0], NULL));
	MUST(!pthread_join(t[1], NULL));
}

/* The silent case beside it: both in one order. */
static inline void abab(pthread_mutex_t *a, pthread_mutex_t *b)
{
	struct abba p = {a, b};
	pthread_t t[2];

	MUST(!pthread_create(&t[0], NULL, abba_first, &p));
	MUST(!pthread_create(&t[1], NULL, abba_first, &p));
	MUST(!pthread_join(t[0], NULL));
	MUST(!pthread_join(t[1], NULL));
}

#endif
