// expect: misuse ; kind: relock ; locks: self_lock ; note: a thread asks for the normal mutex that it holds; another one breaks it up before long
#include "subject.h"

static pthread_mutex_t self_lock = PTHREAD_MUTEX_INITIALIZER;

static void *self(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&self_lock);
	pthread_mutex_lock(&self_lock);
	return NULL;
}

static void *watch(void *arg)
{
	(void)arg;
	nap(60);
	_exit(0);
	return NULL;
}

int main(void)
{
	run_two(self, watch);
	return 0;
}
