// expect: clean ; kind: address-reuse ; locks: lock_shared lock ; note: two pointers of different types at one place: the lock that is initialised through the second must not get the name of the first
#include "subject.h"

struct outer {
	pthread_mutex_t outer_lock;
};

struct inner {
	pthread_mutex_t inner_lock;
};

static pthread_mutex_t lock_shared = PTHREAD_MUTEX_INITIALIZER;

static void *work(void *arg)
{
	void *place = malloc(256);

	(void)arg;
	for (int i = 0; i < 5; i++) {
		struct outer *o = place;
		struct inner *n = place;

		pthread_mutex_init(&o->outer_lock, NULL);
		pthread_mutex_lock(&o->outer_lock);
		pthread_mutex_lock(&lock_shared);
		pthread_mutex_unlock(&lock_shared);
		pthread_mutex_unlock(&o->outer_lock);
		pthread_mutex_destroy(&o->outer_lock);

		pthread_mutex_init(&n->inner_lock, NULL);
		pthread_mutex_lock(&lock_shared);
		pthread_mutex_lock(&n->inner_lock);
		pthread_mutex_unlock(&n->inner_lock);
		pthread_mutex_unlock(&lock_shared);
		pthread_mutex_destroy(&n->inner_lock);
	}
	free(place);
	return NULL;
}

int main(void)
{
	run_two(work, work);
	return 0;
}
