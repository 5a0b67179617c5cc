// expect: clean ; kind: signal-lock ; locks: lock_a lock_b ; note: a profiler's timer all over threads with locks; its handler takes none
#include "context.h"

#include <sys/time.h>

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER, lock_b = PTHREAD_MUTEX_INITIALIZER;

static volatile sig_atomic_t n;

static void on_signal(int number)
{
	(void)number;
	n++;
}

static void *worker(void *arg)
{
	(void)arg;
	for (int i = 0; i < 100000; i++)
		nested(&lock_a, &lock_b);
	return NULL;
}

int main(void)
{
	struct itimerval often = { { 0, 1000 }, { 0, 1000 } };
	pthread_t t[3];

	install(SIGPROF, on_signal, SA_RESTART);
	setitimer(ITIMER_PROF, &often, NULL);
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, worker, NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	return 0;
}
