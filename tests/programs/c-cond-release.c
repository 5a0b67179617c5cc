// expect: clean ; kind: mutex-order ; locks: queue_lock stats_lock ; note: a condition wait lets its mutex go: the other order is not nested in it
#include "subject.h"

static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t stats_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready = PTHREAD_COND_INITIALIZER;
static int done;

static void *first(void *arg)
{
	(void)arg;
	struct timespec t;

	pthread_mutex_lock(&queue_lock);
	t = deadline(CLOCK_REALTIME, 100);
	while (!done && !pthread_cond_timedwait(&ready, &queue_lock, &t)) {
	}
	pthread_mutex_unlock(&queue_lock);
	pthread_mutex_lock(&stats_lock);
	pthread_mutex_unlock(&stats_lock);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(30);
	pthread_mutex_lock(&stats_lock);
	pthread_mutex_lock(&queue_lock);
	done = 1;
	pthread_cond_signal(&ready);
	pthread_mutex_unlock(&queue_lock);
	pthread_mutex_unlock(&stats_lock);
	return NULL;
}

int main(void)
{
	run_two(first, second);
	return 0;
}
