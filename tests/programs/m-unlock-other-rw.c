// expect: misuse ; kind: unlock-not-owner ; locks: rw_table ; note: a write lock is released by a thread that never took it
#include "subject.h"

static pthread_rwlock_t rw_table = PTHREAD_RWLOCK_INITIALIZER;

static void *owner(void *arg)
{
	(void)arg;
	pthread_rwlock_wrlock(&rw_table);
	nap(200);
	return NULL;
}

static void *thief(void *arg)
{
	(void)arg;
	nap(80);
	pthread_rwlock_unlock(&rw_table);
	return NULL;
}

int main(void)
{
	run_two(owner, thief);
	return 0;
}
