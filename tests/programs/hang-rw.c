// expect: hang ; kind: rwlock-order ; locks: rw_a rw_b ; note: a reader each, and each wants to write the other
#include "meet.h"

static pthread_rwlock_t rw_a = PTHREAD_RWLOCK_INITIALIZER;
static pthread_rwlock_t rw_b = PTHREAD_RWLOCK_INITIALIZER;

static void *first(void *arg)
{
	(void)arg;
	pthread_rwlock_rdlock(&rw_a);
	meet(2);
	pthread_rwlock_wrlock(&rw_b);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	pthread_rwlock_rdlock(&rw_b);
	meet(2);
	pthread_rwlock_wrlock(&rw_a);
	return NULL;
}

int main(void)
{
	run_two(first, second);
	return 0;
}
