// expect: hang ; kind: thread-exit-held ; locks: lock_left ; verdict: orphan ; note: a thread ended with the lock
#include "../../programs/subject.h"

static pthread_mutex_t lock_left = PTHREAD_MUTEX_INITIALIZER;

static void *leaver(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_left);
	return NULL;
}

int main(void)
{
	pthread_t t;

	pthread_create(&t, NULL, leaver, NULL);
	pthread_join(t, NULL);
	pthread_mutex_lock(&lock_left);
	return 0;
}
