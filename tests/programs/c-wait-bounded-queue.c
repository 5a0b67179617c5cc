// expect: clean ; kind: lock-condvar ; locks: lock_queue not_empty not_full ; note: a bounded queue, two conditions and one mutex: each side waits for what the other signals
#include "subject.h"

#define ROOM 2
#define ITEMS 60

static pthread_mutex_t lock_queue = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER;
static pthread_cond_t not_full = PTHREAD_COND_INITIALIZER;
static int used;

static void *producer(void *arg)
{
	for (int i = 0; i < ITEMS; i++) {
		pthread_mutex_lock(&lock_queue);
		while (used == ROOM)
			pthread_cond_wait(&not_full, &lock_queue);
		used++;
		pthread_cond_signal(&not_empty);
		pthread_mutex_unlock(&lock_queue);
		if (i > ITEMS / 2)
			nap(2);
	}
	return arg;
}

static void *consumer(void *arg)
{
	for (int i = 0; i < ITEMS; i++) {
		pthread_mutex_lock(&lock_queue);
		while (!used)
			pthread_cond_wait(&not_empty, &lock_queue);
		used--;
		pthread_cond_signal(&not_full);
		pthread_mutex_unlock(&lock_queue);
		if (i < ITEMS / 2)
			nap(2);
	}
	return arg;
}

int main(void)
{
	run_two(producer, consumer);
	return 0;
}
