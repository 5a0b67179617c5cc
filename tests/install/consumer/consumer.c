/* SPDX-License-Identifier: MIT
 *
 * Two own locks in both orders, one thread after the other; "clean": in one order.
 */
#include <stdio.h>
#include <string.h>

#include "spin.h"

static struct spin a, b;
static int clean;

static void *forward(void *arg)
{
	spin_lock(&a, "a");
	spin_lock(&b, "b");
	spin_unlock(&b);
	spin_unlock(&a);
	return arg;
}

static void *backward(void *arg)
{
	if (clean)
		return forward(arg);
	spin_lock(&b, "b");
	spin_lock(&a, "a");
	lockdag_assert_held(&a);
	spin_unlock(&a);
	spin_unlock(&b);
	return arg;
}

/* Both are alive at once, and the locks are not taken at once. */
static void *first(void *turn)
{
	forward(NULL);
	__atomic_store_n((int *)turn, 1, __ATOMIC_RELAXED);
	return NULL;
}

static void *second(void *turn)
{
	while (!__atomic_load_n((int *)turn, __ATOMIC_RELAXED))
		sched_yield();
	return backward(NULL);
}

int main(int argc, char **argv)
{
	pthread_t threads[2];
	int turn = 0;

	clean = argc > 1 && !strcmp(argv[1], "clean");
	pthread_create(&threads[0], NULL, first, &turn);
	pthread_create(&threads[1], NULL, second, &turn);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	puts("done");
	return 0;
}
