// expect: misuse ; kind: relock ; locks: rw_up ; note: a reader asks to write what it reads
#include "subject.h"

static pthread_rwlock_t rw_up = PTHREAD_RWLOCK_INITIALIZER;

static void *reader(void *arg)
{
	(void)arg;
	pthread_rwlock_rdlock(&rw_up);
	pthread_rwlock_wrlock(&rw_up);
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
	run_two(reader, watch);
	return 0;
}
