// expect: clean ; kind: lock-condvar ; locks: lock answered ; note: one helper makes the lock of every stage; whoever answers takes its own stage's lock first, and only who shuts down takes the asker's
#include "subject.h"

struct stage {
	pthread_mutex_t lock;
};

static pthread_mutex_t lock_queue = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t asked = PTHREAD_COND_INITIALIZER;
static pthread_cond_t answered = PTHREAD_COND_INITIALIZER;
static int question, answer, flushing;
static struct stage *sink, *source;

static struct stage *stage_new(void)
{
	struct stage *s = calloc(1, sizeof(*s));

	pthread_mutex_init(&s->lock, NULL);
	return s;
}

static void *asker(void *arg)
{
	pthread_mutex_lock(&sink->lock);
	pthread_mutex_lock(&lock_queue);
	question = 1;
	pthread_cond_signal(&asked);
	while (!answer && !flushing)
		pthread_cond_wait(&answered, &lock_queue);
	pthread_mutex_unlock(&lock_queue);
	pthread_mutex_unlock(&sink->lock);
	return arg;
}

static void *answerer(void *arg)
{
	pthread_mutex_lock(&source->lock);
	pthread_mutex_lock(&lock_queue);
	while (!question && !flushing)
		pthread_cond_wait(&asked, &lock_queue);
	answer = 1;
	pthread_cond_signal(&answered);
	pthread_mutex_unlock(&lock_queue);
	pthread_mutex_unlock(&source->lock);
	return arg;
}

int main(void)
{
	pthread_t a, b;
	int done = 0;

	sink = stage_new();
	source = stage_new();
	pthread_create(&b, NULL, answerer, NULL);
	pthread_create(&a, NULL, asker, NULL);
	while (!done) {
		nap(5);
		pthread_mutex_lock(&lock_queue);
		done = answer;
		pthread_mutex_unlock(&lock_queue);
	}
	/* First told, then waited for, then flushed: what is in the queue goes with a signal. */
	pthread_mutex_lock(&lock_queue);
	flushing = 1;
	pthread_cond_signal(&asked);
	pthread_cond_signal(&answered);
	pthread_mutex_unlock(&lock_queue);
	pthread_mutex_lock(&sink->lock);
	pthread_mutex_lock(&lock_queue);
	question = answer = 0;
	pthread_cond_signal(&answered);
	pthread_mutex_unlock(&lock_queue);
	pthread_mutex_unlock(&sink->lock);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	return 0;
}
