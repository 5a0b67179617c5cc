// SPDX-License-Identifier: MIT
/* A wrapper takes the lock for two functions; only the second asks for more under it. */
#include <pthread.h>

#define APART __attribute__((noipa))

static pthread_mutex_t cache = PTHREAD_MUTEX_INITIALIZER, disk = PTHREAD_MUTEX_INITIALIZER;

APART static void take(pthread_mutex_t *m)
{
	pthread_mutex_lock(m);
	__asm__ volatile("");
}

APART static void drop(pthread_mutex_t *m)
{
	pthread_mutex_unlock(m);
	__asm__ volatile("");
}

APART static void lookup(void)
{
	take(&cache);
	drop(&cache);
}

APART static void commit(void)
{
	take(&cache);
	take(&disk);
	drop(&disk);
	drop(&cache);
}

APART static void flush(void)
{
	if (pthread_mutex_trylock(&disk)) /* so that it never really hangs */
		return;
	take(&cache);
	drop(&cache);
	drop(&disk);
}

static void *client(void *arg)
{
	lookup();
	commit();
	return arg;
}

static void *writer(void *arg)
{
	flush();
	return arg;
}

int main(void)
{
	pthread_t a, b;

	pthread_create(&a, NULL, client, NULL);
	pthread_create(&b, NULL, writer, NULL);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	return 0;
}
