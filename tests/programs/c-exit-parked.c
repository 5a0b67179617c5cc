// expect: clean ; kind: exit-held ; locks: park_lock whole_lock ; note: a lock that parks idle workers is held for good, another one by main over the whole run, and the program ends well
#include "subject.h"

static pthread_mutex_t park_lock = PTHREAD_MUTEX_INITIALIZER, whole_lock = PTHREAD_MUTEX_INITIALIZER;

static void *worker(void *arg)
{
	pthread_mutex_lock(&park_lock);
	pthread_mutex_unlock(&park_lock);
	return arg;
}

static __attribute__((noinline)) void park(void)
{
	pthread_t t;
	char room[300];

	__asm__ volatile("" ::"r"(room) : "memory");
	pthread_mutex_lock(&park_lock);
	pthread_create(&t, NULL, worker, NULL);
	pthread_detach(t);
}

static __attribute__((noinline)) void serve(void)
{
	nap(60);
	exit(0);
}

int main(void)
{
	pthread_mutex_lock(&whole_lock);
	park();
	serve();
	return 0;
}
