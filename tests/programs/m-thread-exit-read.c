// expect: misuse ; kind: thread-exit-held ; locks: rw_left ; note: a thread ends with a read lock
#include "subject.h"

static pthread_rwlock_t rw_left = PTHREAD_RWLOCK_INITIALIZER;

static void *reader(void *arg)
{
	(void)arg;
	pthread_rwlock_rdlock(&rw_left);
	return NULL;
}

static void *other(void *arg)
{
	return arg;
}

int main(void)
{
	run_two(reader, other);
	return 0;
}
