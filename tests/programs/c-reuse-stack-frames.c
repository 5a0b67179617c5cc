// expect: clean ; kind: address-reuse ; locks: lock_shared local ; note: locks with initialisers in stack frames, never destroyed; frames of two roles lie at one place
#include "subject.h"

static pthread_mutex_t lock_shared = PTHREAD_MUTEX_INITIALIZER;

static __attribute__((noinline)) void inner_role(void)
{
	pthread_mutex_t inner_local = PTHREAD_MUTEX_INITIALIZER;

	pthread_mutex_lock(&lock_shared);
	pthread_mutex_lock(&inner_local);
	pthread_mutex_unlock(&inner_local);
	pthread_mutex_unlock(&lock_shared);
}

static __attribute__((noinline)) void outer_role(void)
{
	pthread_mutex_t outer_local = PTHREAD_MUTEX_INITIALIZER;

	pthread_mutex_lock(&outer_local);
	pthread_mutex_lock(&lock_shared);
	pthread_mutex_unlock(&lock_shared);
	pthread_mutex_unlock(&outer_local);
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
