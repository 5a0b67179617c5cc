// expect: hazard ; kind: lock-condvar ; locks: lock_grid done ; note: a worker takes its queue's mutex by the same helper, in the same function, to look for work and to say that it is done: the latter begins no iteration
#include "asleep.h"

static pthread_mutex_t lock_queue = PTHREAD_MUTEX_INITIALIZER, lock_grid = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t queued = PTHREAD_COND_INITIALIZER, done = PTHREAD_COND_INITIALIZER;
static int n_jobs, n_done, looked, worker_tid, main_tid;

static __attribute__((noinline)) void queue_lock(void)
{
	pthread_mutex_lock(&lock_queue);
}

static void *work(void *arg)
{
	(void)arg;
	for (int i = 0; i < 2; i++) {
		queue_lock();
		while (n_jobs == i) {
			will_sleep(&worker_tid);
			pthread_cond_wait(&queued, &lock_queue);
		}
		pthread_mutex_unlock(&lock_queue);
		pthread_mutex_lock(&lock_grid);
		pthread_mutex_unlock(&lock_grid);
		if (i == 1) {
			flag_set(&looked);
			await_asleep(&main_tid);
		}
		queue_lock();
		n_done++;
		pthread_cond_signal(&done);
		pthread_mutex_unlock(&lock_queue);
	}
	return NULL;
}

int main(void)
{
	pthread_t worker;

	pthread_create(&worker, NULL, work, NULL);
	await_asleep(&worker_tid);
	pthread_mutex_lock(&lock_queue);
	n_jobs = 2;
	pthread_cond_signal(&queued);
	pthread_mutex_unlock(&lock_queue);
	flag_await(&looked);
	pthread_mutex_lock(&lock_grid);
	pthread_mutex_lock(&lock_queue);
	will_sleep(&main_tid);
	while (n_done < 2)
		pthread_cond_wait(&done, &lock_queue);
	pthread_mutex_unlock(&lock_queue);
	pthread_mutex_unlock(&lock_grid);
	pthread_join(worker, NULL);
	return 0;
}
