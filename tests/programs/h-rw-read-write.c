// expect: hazard ; kind: rwlock-order ; locks: rw_users rw_groups ; note: read then write, crosswise
#include "subject.h"

static pthread_rwlock_t rw_users = PTHREAD_RWLOCK_INITIALIZER;
static pthread_rwlock_t rw_groups = PTHREAD_RWLOCK_INITIALIZER;

static void *first(void *arg)
{
	(void)arg;
	pthread_rwlock_rdlock(&rw_users);
	pthread_rwlock_wrlock(&rw_groups);
	pthread_rwlock_unlock(&rw_groups);
	pthread_rwlock_unlock(&rw_users);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	pthread_rwlock_rdlock(&rw_groups);
	pthread_rwlock_wrlock(&rw_users);
	pthread_rwlock_unlock(&rw_users);
	pthread_rwlock_unlock(&rw_groups);
	return NULL;
}

int main(void)
{
	run_two(first, second);
	return 0;
}
