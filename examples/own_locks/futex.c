/* SPDX-License-Identifier: MIT
 *
 * own-locks-futex [clean]: a cache over a disk, with hand-made locks. A flush takes the disk's lock and then
 * the cache's; a read takes them the other way round. With "clean", the flush does as the read does.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "futex_lock.h"

static struct futex_lock cache_lock, disk_lock;
static int cached, stored, clean;

static void *reader(void *arg)
{
	futex_lock(&cache_lock, "cache");
	futex_lock(&disk_lock, "disk");
	cached = stored;
	futex_unlock(&disk_lock);
	futex_unlock(&cache_lock);
	return arg;
}

static void *flusher(void *arg)
{
	const struct timespec later = {0, 50000000}; /* so that it does not really hang here */
	struct futex_lock *outer = clean ? &cache_lock : &disk_lock;
	struct futex_lock *inner = clean ? &disk_lock : &cache_lock;

	nanosleep(&later, NULL);
	futex_lock(outer, clean ? "cache" : "disk");
	futex_lock(inner, clean ? "disk" : "cache");
	stored = cached + 1;
	futex_unlock(inner);
	futex_unlock(outer);
	return arg;
}

int main(int argc, char **argv)
{
	pthread_t threads[2];

	clean = argc > 1 && !strcmp(argv[1], "clean");
	pthread_create(&threads[0], NULL, reader, NULL);
	pthread_create(&threads[1], NULL, flusher, NULL);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	printf("stored %d\n", stored);
	return 0;
}
