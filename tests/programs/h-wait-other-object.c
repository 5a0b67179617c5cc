// expect: hazard ; kind: lock-condvar ; locks: lock answered ; note: one helper makes the lock of every stage, and whoever answers takes the asker's as well as its own before it does
#include "subject.h"

struct stage {
	pthread_mutex_t lock;
};

static pthread_mutex_t lock_queue = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t answered = PTHREAD_COND_INITIALIZER;
static int looked, asks, answer;
static struct stage *sink, *source;

static struct stage *stage_new(void)
{
	struct stage *s = calloc(1, sizeof(*s));

	pthread_mutex_init(&s->lock, NULL);
	return s;
}

static void *asker(void *arg)
{
	while (!__atomic_load_n(&looked, __ATOMIC_ACQUIRE))
		nap(5);
	pthread_mutex_lock(&sink->lock);
	pthread_mutex_lock(&lock_queue);
	__atomic_store_n(&asks, 1, __ATOMIC_RELEASE);
	while (!answer)
		pthread_cond_wait(&answered, &lock_queue);
	pthread_mutex_unlock(&lock_queue);
	pthread_mutex_unlock(&sink->lock);
	return arg;
}

static void *answerer(void *arg)
{
	pthread_mutex_lock(&source->lock);
	pthread_mutex_unlock(&source->lock);
	pthread_mutex_lock(&sink->lock);
	__atomic_store_n(&looked, 1, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&sink->lock);
	while (!__atomic_load_n(&asks, __ATOMIC_ACQUIRE))
		nap(5);
	pthread_mutex_lock(&lock_queue);
	answer = 1;
	pthread_cond_signal(&answered);
	pthread_mutex_unlock(&lock_queue);
	return arg;
}

int main(void)
{
	sink = stage_new();
	source = stage_new();
	run_two(asker, answerer);
	return 0;
}
