// expect: misuse ; kind: robust-inconsistent ; locks: rob_lock ; note: the heir releases a robust mutex without making it consistent
#include "subject.h"

static pthread_mutex_t rob_lock;

static void *dies(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&rob_lock);
	return NULL;
}

static void *heir(void *arg)
{
	(void)arg;
	nap(60);
	if (pthread_mutex_lock(&rob_lock) != EOWNERDEAD)
		abort();
	pthread_mutex_unlock(&rob_lock);
	return NULL;
}

int main(void)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&rob_lock, &attr);
	run_two(dies, heir);
	return 0;
}
