// expect: clean ; kind: completion ; locks: lock * ; note: each of two threads holds the lock of its own object while pool workers do its job, which it has queued before it waits
#include "subject.h"

struct heap {
	pthread_mutex_t lock, job_lock;
	pthread_cond_t job_done;
	int running;
};

static pthread_mutex_t lock_tasks = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;
static struct heap *tasks[8];
static int queued;

static void *worker(void *arg)
{
	for (;;) {
		struct heap *heap;

		pthread_mutex_lock(&lock_tasks);
		while (!queued)
			pthread_cond_wait(&more, &lock_tasks);
		heap = tasks[--queued];
		pthread_mutex_unlock(&lock_tasks);
		nap(20);
		pthread_mutex_lock(&heap->job_lock);
		heap->running--;
		pthread_cond_signal(&heap->job_done);
		pthread_mutex_unlock(&heap->job_lock);
	}
	return arg;
}

static void *isolate(void *arg)
{
	struct heap *heap = calloc(1, sizeof(*heap));

	pthread_mutex_init(&heap->lock, NULL);
	pthread_mutex_init(&heap->job_lock, NULL);
	pthread_cond_init(&heap->job_done, NULL);
	for (int i = 0; i < 6; i++) {
		pthread_mutex_lock(&heap->lock);
		pthread_mutex_lock(&heap->job_lock);
		heap->running = 1;
		pthread_mutex_unlock(&heap->job_lock);
		pthread_mutex_lock(&lock_tasks);
		tasks[queued++] = heap;
		pthread_cond_signal(&more);
		pthread_mutex_unlock(&lock_tasks);
		pthread_mutex_lock(&heap->job_lock);
		while (heap->running)
			pthread_cond_wait(&heap->job_done, &heap->job_lock);
		pthread_mutex_unlock(&heap->job_lock);
		pthread_mutex_unlock(&heap->lock);
		nap(10);
	}
	return arg;
}

int main(void)
{
	pthread_t t[2];

	for (int i = 0; i < 2; i++) {
		pthread_create(&t[i], NULL, worker, NULL);
		pthread_detach(t[i]);
	}
	run_two(isolate, isolate);
	return 0;
}
