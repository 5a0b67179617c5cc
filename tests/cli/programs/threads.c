/* SPDX-License-Identifier: MIT
 *
 * Two threads, two mutexes.
 *
 *	threads order WAIT_MS	both orders, one after the other, then waits; ends with status 3
 *	threads hang		deadlocks
 *	threads self		a thread relocks the mutex it holds
 *	threads clean		one order
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static pthread_mutex_t cellar = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t attic = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t both_hold;

static void take(pthread_mutex_t *outer, pthread_mutex_t *inner, int meet)
{
	pthread_mutex_lock(outer);
	if (meet)
		pthread_barrier_wait(&both_hold);
	pthread_mutex_lock(inner);
	pthread_mutex_unlock(inner);
	pthread_mutex_unlock(outer);
}

static void *upwards(void *meet)
{
	take(&cellar, &attic, meet != NULL);
	return NULL;
}

static void *downwards(void *meet)
{
	if (!meet) {
		struct timespec late = {0, 20 * 1000 * 1000};

		nanosleep(&late, NULL);
	}
	take(&attic, &cellar, meet != NULL);
	return NULL;
}

static void *relock(void *unused)
{
	(void)unused;
	pthread_mutex_lock(&cellar);
	take(&cellar, &attic, 0);
	return NULL;
}

static void pair(void *(*a)(void *), void *(*b)(void *), void *meet)
{
	pthread_t threads[2];

	pthread_create(&threads[0], NULL, a, meet);
	pthread_create(&threads[1], NULL, b, meet);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "clean";

	pthread_barrier_init(&both_hold, NULL, 2);
	if (!strcmp(what, "hang"))
		pair(upwards, downwards, &both_hold);
	else if (!strcmp(what, "self"))
		pair(relock, upwards, NULL);
	else if (!strcmp(what, "order"))
		pair(upwards, downwards, NULL);
	else
		pair(upwards, upwards, NULL);
	if (argc > 2) {
		long ms = atol(argv[2]);
		struct timespec rest = {ms / 1000, ms % 1000 * 1000000};

		nanosleep(&rest, NULL);
	}
	return strcmp(what, "order") ? 0 : 3;
}
