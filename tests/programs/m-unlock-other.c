// expect: misuse ; kind: unlock-not-owner ; locks: box_lock ; note: a normal mutex is released by another thread than its owner
#include "subject.h"

static pthread_mutex_t box_lock = PTHREAD_MUTEX_INITIALIZER;

static void *owner(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&box_lock);
	nap(200);
	return NULL;
}

static void *thief(void *arg)
{
	(void)arg;
	nap(80);
	pthread_mutex_unlock(&box_lock);
	return NULL;
}

int main(void)
{
	run_two(owner, thief);
	return 0;
}
