/* SPDX-License-Identifier: MIT
 *
 * Two threads that wait for each other, and as many as asked for in a row behind them, each with a
 * mutex that the next one wants. Prints a line when all of them wait.
 *
 * usage: bench_hung THREADS
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HUNG_MAX 20000
#define HUNG_STACK 65536

static pthread_mutex_t hung_left = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t hung_right = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t hung_row[HUNG_MAX];
static int hung_here, hung_started;

static void hung_meet(void)
{
	__atomic_add_fetch(&hung_here, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&hung_here, __ATOMIC_SEQ_CST) < 2)
		usleep(1000);
}

static void *hung_one(void *arg)
{
	pthread_mutex_lock(&hung_left);
	hung_meet();
	pthread_mutex_lock(&hung_right);
	return arg;
}

static void *hung_other(void *arg)
{
	pthread_mutex_lock(&hung_right);
	hung_meet();
	pthread_mutex_lock(&hung_left);
	return arg;
}

static void *hung_behind(void *arg)
{
	size_t i = (size_t)(uintptr_t)arg;

	pthread_mutex_lock(&hung_row[i]);
	__atomic_add_fetch(&hung_started, 1, __ATOMIC_SEQ_CST);
	pthread_mutex_lock(i ? &hung_row[i - 1] : &hung_left);
	return NULL;
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 100;
	pthread_attr_t small;
	pthread_t t;

	n = n > HUNG_MAX ? HUNG_MAX : n;
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, HUNG_STACK);
	pthread_create(&t, &small, hung_one, NULL);
	pthread_create(&t, &small, hung_other, NULL);
	while (__atomic_load_n(&hung_here, __ATOMIC_SEQ_CST) < 2)
		usleep(1000);
	for (int i = 0; i < n; i++) {
		if (pthread_create(&t, &small, hung_behind, (void *)(uintptr_t)i))
			return 1;
		while (__atomic_load_n(&hung_started, __ATOMIC_SEQ_CST) <= i)
			sched_yield();
	}
	usleep(200000);
	puts("hung");
	fflush(stdout);
	pthread_join(t, NULL);
	return 0;
}
