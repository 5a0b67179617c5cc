/* SPDX-License-Identifier: MIT
 *
 * Locks before our constructor and after our destructor. As a library (-DLIBRARY): its constructor
 * takes order_a -> order_b. The program: main takes nothing; a destructor, or an atexit handler,
 * takes order_b -> order_a in another thread that was there all along.
 */
#include "hard.h"

#ifdef LIBRARY
pthread_mutex_t order_a = PTHREAD_MUTEX_INITIALIZER, order_b = PTHREAD_MUTEX_INITIALIZER;
static pthread_t early;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void *early_run(void *arg)
{
	nap(120);
	nest(&order_b, &order_a);
	return arg;
}

__attribute__((constructor)) static void begin(void)
{
	MUST(!pthread_create(&early, NULL, early_run, NULL));
	nest(&order_a, &order_b);
}

__attribute__((destructor)) static void end(void)
{
	pthread_join(early, NULL);
	LOCK(&gate);
	UNLOCK(&gate);
	MUST(write(1, "ended\n", 6) == 6);
}
#else
extern pthread_mutex_t order_a, order_b;
static pthread_mutex_t late_a = PTHREAD_MUTEX_INITIALIZER, late_b = PTHREAD_MUTEX_INITIALIZER;

static void *late_run(void *arg)
{
	nap(60);
	nest(&late_a, &late_b);
	nap(500);
	return arg;
}

static void at_exit(void)
{
	nap(120);
	nest(&late_b, &late_a);
	MUST(write(1, "atexit\n", 7) == 7);
}

int main(void)
{
	pthread_t t;

	MUST(&order_a != &order_b);
	MUST(!pthread_create(&t, NULL, late_run, NULL));
	atexit(at_exit);
	return 0;
}
#endif
