/* SPDX-License-Identifier: MIT
 *
 * A library that annotates itself only when it is built for ThreadSanitizer, and calls without looking.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#ifndef __SANITIZE_THREAD__
#error "the annotations are not compiled in"
#endif
#include <lockdag/tsan.h>

static int a, b, clean;

static void take(int *lock)
{
	__tsan_mutex_pre_lock(lock, 0);
	while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE))
		sched_yield();
	__tsan_mutex_post_lock(lock, 0, 1);
}

static void leave(int *lock)
{
	__tsan_mutex_pre_unlock(lock, 0);
	__atomic_store_n(lock, 0, __ATOMIC_RELEASE);
	__tsan_mutex_post_unlock(lock, 0);
}

static void both(int *outer, int *inner)
{
	take(outer);
	take(inner);
	leave(inner);
	leave(outer);
}

static void *first(void *turn)
{
	both(&a, &b);
	__atomic_store_n((int *)turn, 1, __ATOMIC_RELAXED);
	return NULL;
}

static void *second(void *turn)
{
	while (!__atomic_load_n((int *)turn, __ATOMIC_RELAXED))
		sched_yield();
	both(clean ? &a : &b, clean ? &b : &a);
	return NULL;
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
