// expect: clean ; kind: address-reuse ; locks: lock_shared local ; note: locks of two roles live one after the other at one place of the stack
#include "subject.h"

static pthread_mutex_t lock_shared = PTHREAD_MUTEX_INITIALIZER;

static __attribute__((noinline)) void inner_role(void)
{
	pthread_mutex_t local;

	pthread_mutex_init(&local, NULL);
	pthread_mutex_lock(&lock_shared);
	pthread_mutex_lock(&local);
	pthread_mutex_unlock(&local);
	pthread_mutex_unlock(&lock_shared);
	pthread_mutex_destroy(&local);
}

static __attribute__((noinline)) void outer_role(void)
{
	pthread_mutex_t local;

	pthread_mutex_init(&local, NULL);
	pthread_mutex_lock(&local);
	pthread_mutex_lock(&lock_shared);
	pthread_mutex_unlock(&lock_shared);
	pthread_mutex_unlock(&local);
	pthread_mutex_destroy(&local);
}

static void *work(void *arg)
{
	(void)arg;
	for (int i = 0; i < 4; i++) {
		inner_role();
		outer_role();
	}
	return NULL;
}

int main(void)
{
	run_two(work, work);
	return 0;
}
