/* SPDX-License-Identifier: MIT
 *
 * For the small programs of tests/run-cases. They print nothing unless they say so, keep their
 * hazards latent by sleeping (which orders nothing that a validator may believe in), and end within
 * a second.
 */
#ifndef SUBJECT_H
#define SUBJECT_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static inline void nap(int ms)
{
	struct timespec t = { ms / 1000, (ms % 1000) * 1000000L };

	while (nanosleep(&t, &t) && errno == EINTR) {
	}
}

/* Runs both at once; each sleeps by itself when it must come later. */
static inline void run_two(void *(*first)(void *), void *(*second)(void *))
{
	pthread_t a, b;

	pthread_create(&a, NULL, first, NULL);
	pthread_create(&b, NULL, second, NULL);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
}

static inline void run_three(
	void *(*first)(void *), void *(*second)(void *), void *(*third)(void *))
{
	pthread_t t;

	pthread_create(&t, NULL, third, NULL);
	run_two(first, second);
	pthread_join(t, NULL);
}

/* now + ms on a clock, for the timed ways to take a lock */
static inline struct timespec deadline(clockid_t clock, long ms)
{
	struct timespec t;

	clock_gettime(clock, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += ms % 1000 * 1000000L;
	if (t.tv_nsec >= 1000000000L) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000L;
	}
	return t;
}

#endif
