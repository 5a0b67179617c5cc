// expect: hazard ; kind: lock-join ; locks: lock_slots join_user ; note: a thread_local object takes the mutex under which its thread is joined when it is destroyed
#include "subject.h"

static pthread_mutex_t lock_slots = PTHREAD_MUTEX_INITIALIZER;

struct slot {
	~slot()
	{
		pthread_mutex_lock(&lock_slots);
		pthread_mutex_unlock(&lock_slots);
	}
	int used = 0;
};
static thread_local slot mine;

static void *user(void *arg)
{
	(void)arg;
	mine.used++;
	return NULL;
}

int main()
{
	pthread_t t;

	pthread_create(&t, NULL, user, NULL);
	nap(60);
	pthread_mutex_lock(&lock_slots);
	pthread_join(t, NULL);
	pthread_mutex_unlock(&lock_slots);
	return 0;
}
