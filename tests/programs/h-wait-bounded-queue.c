// expect: hazard ; kind: lock-condvar ; locks: lock_state not_empty ; note: an item is awaited with a lock held which the producer takes to make the item
#include "subject.h"

#define ROOM 2
#define ITEMS 6

static pthread_mutex_t lock_state = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_queue = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER;
static pthread_cond_t not_full = PTHREAD_COND_INITIALIZER;
static int used;

static void *producer(void *arg)
{
	for (int i = 0; i < ITEMS; i++) {
		pthread_mutex_lock(&lock_state);
		pthread_mutex_unlock(&lock_state);
		nap(60);
		pthread_mutex_lock(&lock_queue);
		while (used == ROOM)
			pthread_cond_wait(&not_full, &lock_queue);
		used++;
		pthread_cond_signal(&not_empty);
		pthread_mutex_unlock(&lock_queue);
	}
	return arg;
}

static void take(void)
{
	pthread_mutex_lock(&lock_queue);
	while (!used)
		pthread_cond_wait(&not_empty, &lock_queue);
	used--;
	pthread_cond_signal(&not_full);
	pthread_mutex_unlock(&lock_queue);
}

static void *consumer(void *arg)
{
	nap(30);
	pthread_mutex_lock(&lock_state);
	take();
	pthread_mutex_unlock(&lock_state);
	for (int i = 1; i < ITEMS; i++)
		take();
	return arg;
}

int main(void)
{
	run_two(producer, consumer);
	return 0;
}
