// expect: clean ; kind: unlock-not-owner ; locks: chk_lock rec_lock ; note: error-checking and recursive mutexes refuse a stranger, and the caller looks at that
#include "subject.h"

static pthread_mutex_t chk_lock, rec_lock;

static void make(pthread_mutex_t *lock, int type)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, type);
	pthread_mutex_init(lock, &attr);
	pthread_mutexattr_destroy(&attr);
}

static void *owner(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&chk_lock);
	pthread_mutex_lock(&rec_lock);
	nap(150);
	pthread_mutex_unlock(&rec_lock);
	pthread_mutex_unlock(&chk_lock);
	return NULL;
}

static void *stranger(void *arg)
{
	(void)arg;
	nap(60);
	if (pthread_mutex_unlock(&chk_lock) != EPERM || pthread_mutex_unlock(&rec_lock) != EPERM)
		abort();
	return NULL;
}

int main(void)
{
	make(&chk_lock, PTHREAD_MUTEX_ERRORCHECK);
	make(&rec_lock, PTHREAD_MUTEX_RECURSIVE);
	run_two(owner, stranger);
	if (pthread_mutex_unlock(&chk_lock) != EPERM)
		abort();
	return 0;
}
