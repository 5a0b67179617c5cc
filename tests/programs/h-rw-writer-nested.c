// expect: hazard ; kind: rwlock-order ; locks: rw_users lock_log ; note: read then mutex against mutex then write
#include "subject.h"

static pthread_rwlock_t rw_users = PTHREAD_RWLOCK_INITIALIZER;
static pthread_mutex_t lock_log = PTHREAD_MUTEX_INITIALIZER;

static void *first(void *arg)
{
	(void)arg;
	pthread_rwlock_rdlock(&rw_users);
	pthread_mutex_lock(&lock_log);
	pthread_mutex_unlock(&lock_log);
	pthread_rwlock_unlock(&rw_users);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	pthread_mutex_lock(&lock_log);
	pthread_rwlock_wrlock(&rw_users);
	pthread_rwlock_unlock(&rw_users);
	pthread_mutex_unlock(&lock_log);
	return NULL;
}

int main(void)
{
	run_two(first, second);
	return 0;
}
