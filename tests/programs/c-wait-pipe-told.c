// expect: clean ; kind: pipe-reply ; locks: lock_jobs wakeup ; note: who finds a job under the lock reads the byte that was written for it under the same lock
#include "subject.h"

static pthread_mutex_t lock_jobs = PTHREAD_MUTEX_INITIALIZER;
static int wakeup[2], jobs;

static void *taker(void *arg)
{
	char c;

	nap(120);
	pthread_mutex_lock(&lock_jobs);
	if (jobs) {
		jobs--;
		if (read(wakeup[0], &c, 1) != 1)
			abort();
	}
	pthread_mutex_unlock(&lock_jobs);
	return arg;
}

static void *giver(void *arg)
{
	pthread_mutex_lock(&lock_jobs);
	jobs++;
	if (write(wakeup[1], "j", 1) != 1)
		abort();
	pthread_mutex_unlock(&lock_jobs);
	return arg;
}

int main(void)
{
	if (pipe(wakeup))
		return 1;
	run_two(taker, giver);
	return 0;
}
