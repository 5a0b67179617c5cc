// expect: hazard ; kind: mutex-order ; locks: queue_lock stats_lock ; note: a condition wait takes its mutex again while another one is still held
#include "subject.h"

static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t stats_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready = PTHREAD_COND_INITIALIZER;

static void *first(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&queue_lock);
	pthread_mutex_lock(&stats_lock);
	struct timespec t = deadline(CLOCK_REALTIME, 20);
	pthread_cond_timedwait(&ready, &queue_lock, &t);
	pthread_mutex_unlock(&stats_lock);
	pthread_mutex_unlock(&queue_lock);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	pthread_mutex_lock(&queue_lock);
	pthread_mutex_lock(&stats_lock);
	pthread_mutex_unlock(&stats_lock);
	pthread_mutex_unlock(&queue_lock);
	return NULL;
}

int main(void)
{
	run_two(first, second);
	return 0;
}
