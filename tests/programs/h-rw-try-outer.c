// expect: hazard ; kind: rwlock-order ; locks: rw_users rw_groups ; note: write locks, the outer one of one side by trywrlock, the inner of the other by clockwrlock
#include "subject.h"

static pthread_rwlock_t rw_users = PTHREAD_RWLOCK_INITIALIZER;
static pthread_rwlock_t rw_groups = PTHREAD_RWLOCK_INITIALIZER;

static void *first(void *arg)
{
	(void)arg;
	if (pthread_rwlock_trywrlock(&rw_users))
		return NULL;
	pthread_rwlock_wrlock(&rw_groups);
	pthread_rwlock_unlock(&rw_groups);
	pthread_rwlock_unlock(&rw_users);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	struct timespec t = deadline(CLOCK_MONOTONIC, 3600000);

	nap(60);
	pthread_rwlock_wrlock(&rw_groups);
	pthread_rwlock_clockwrlock(&rw_users, CLOCK_MONOTONIC, &t);
	pthread_rwlock_unlock(&rw_users);
	pthread_rwlock_unlock(&rw_groups);
	return NULL;
}

int main(void)
{
	run_two(first, second);
	return 0;
}
