// expect: clean ; kind: lock-condvar ; locks: lock_queue items lock_sum ; note: one producer and several consumers which take a lock of their own for each item
#include "subject.h"

#define CONSUMERS 3
#define ITEMS 60

static pthread_mutex_t lock_queue = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_sum = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t items = PTHREAD_COND_INITIALIZER;
static int used, closed;
static long sum;

static void *consumer(void *arg)
{
	for (;;) {
		pthread_mutex_lock(&lock_queue);
		while (!used && !closed)
			pthread_cond_wait(&items, &lock_queue);
		if (!used) {
			pthread_mutex_unlock(&lock_queue);
			return arg;
		}
		used--;
		pthread_mutex_unlock(&lock_queue);
		pthread_mutex_lock(&lock_sum);
		sum++;
		pthread_mutex_unlock(&lock_sum);
	}
}

int main(void)
{
	pthread_t t[CONSUMERS];

	for (int i = 0; i < CONSUMERS; i++)
		pthread_create(&t[i], NULL, consumer, NULL);
	for (int i = 0; i < ITEMS; i++) {
		pthread_mutex_lock(&lock_sum);
		sum += 2;
		pthread_mutex_unlock(&lock_sum);
		pthread_mutex_lock(&lock_queue);
		used++;
		pthread_cond_signal(&items);
		pthread_mutex_unlock(&lock_queue);
		if (i % 4 == 0)
			nap(2);
	}
	pthread_mutex_lock(&lock_queue);
	closed = 1;
	pthread_cond_broadcast(&items);
	pthread_mutex_unlock(&lock_queue);
	for (int i = 0; i < CONSUMERS; i++)
		pthread_join(t[i], NULL);
	return sum == 3 * ITEMS ? 0 : 1;
}
