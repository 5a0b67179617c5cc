/* SPDX-License-Identifier: MIT
 *
 * A flag is set and signalled. arguments: bare|locked
 *
 *   bare    without the mutex that the waiter looks at it under
 *   locked  under it
 */
#include "hard.h"

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready = PTHREAD_COND_INITIALIZER;
static volatile int set;
static bool locked;

static void *waiter(void *arg)
{
	(void)arg;
	LOCK(&guard);
	while (!set)
		pthread_cond_wait(&ready, &guard);
	UNLOCK(&guard);
	return NULL;
}

static void *signaller(void *arg)
{
	(void)arg;
	usleep(50000);
	if (locked)
		LOCK(&guard);
	set = 1;
	pthread_cond_signal(&ready);
	if (locked)
		UNLOCK(&guard);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t a, b;

	(void)argc;
	locked = !strcmp(argv[1], "locked");
	MUST(!pthread_create(&a, NULL, waiter, NULL));
	MUST(!pthread_create(&b, NULL, signaller, NULL));
	MUST(!pthread_join(a, NULL) && !pthread_join(b, NULL));
	puts("done");
	return 0;
}
