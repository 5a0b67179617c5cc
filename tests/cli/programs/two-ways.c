// SPDX-License-Identifier: MIT
/* A wrapper takes the lock for two functions; only the second asks for more under it. */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define APART __attribute__((noipa))

static pthread_mutex_t cache = PTHREAD_MUTEX_INITIALIZER, disk = PTHREAD_MUTEX_INITIALIZER;

static atomic_int over;

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
	take(&disk);
	take(&cache);
	drop(&cache);
	drop(&disk);
}

static void *client(void *arg)
{
	lookup();
	commit();
	atomic_store(&over, 1);
	return arg;
}

static void *writer(void *arg)
{
	while (!atomic_load(&over)) /* so that they never meet */
		usleep(1000);
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
